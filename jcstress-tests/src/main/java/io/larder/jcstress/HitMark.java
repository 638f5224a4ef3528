package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.engine.Stage;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * POL-1: counting a hit never changes what has come to lie where the entry was.
 *
 * <p>Two short entries are the only ones of a slab. They are removed, so the slab goes to the pool and at once serves a
 * longer entry, whose value lies where the second of them counted its references. A reader hits that one.
 */
@JCStressTest
@Outcome(id = HitMark.INTACT, expect = ACCEPTABLE, desc = "counted in time, or not at all")
@Outcome(id = HitMark.CHANGED, expect = FORBIDDEN, desc = "counted in the bytes of the longer entry's value")
@State
public class HitMark extends Scene {
  static final String INTACT = "intact";
  static final String CHANGED = "changed";

  private static final int ROUNDS = 50;
  private static final byte[] ANCHOR = Stage.key(1);
  private static final byte[] KEY = Stage.key(2);
  private static final byte[] OTHER_KEY = Stage.key(3);
  private static final byte[] SHORT_VALUE = filled(9, 12);
  private static final byte[] OTHER_VALUE = filled(-1, 500);
  private static final Pool<Stage> STAGES = stages();

  private final byte[] otherRoom = new byte[OTHER_VALUE.length];

  public HitMark() {
    this(STAGES);
  }

  HitMark(Pool<Stage> stages) {
    super(stages);
  }

  @Actor
  public void writer(L_Result r) {
    r.r1 = INTACT;
    for (int round = 0; round < ROUNDS; round++) {
      stage.put(ANCHOR, SHORT_VALUE);
      stage.put(KEY, SHORT_VALUE);
      stage.remove(ANCHOR);
      stage.remove(KEY);
      stage.put(OTHER_KEY, OTHER_VALUE);
      int length = stage.get(OTHER_KEY, otherRoom);
      if (length != OTHER_VALUE.length || !Arrays.equals(otherRoom, OTHER_VALUE)) {
        r.r1 = CHANGED;
      }
      stage.remove(OTHER_KEY);
    }
    writerIsDone();
  }

  @Actor
  public void reader() {
    while (goesOn()) {
      look(KEY);
    }
  }

  @Arbiter
  public void end() {
    leave();
  }

  /** The hit is stored without a comparison. */
  @JCStressTest
  @Outcome(id = HitMark.INTACT, expect = ACCEPTABLE, desc = "counted in time")
  @Outcome(
      id = HitMark.CHANGED,
      expect = ACCEPTABLE_INTERESTING,
      desc = "counted in the bytes of the longer entry's value")
  @State
  public static class Broken extends HitMark {
    private static final Pool<Stage> RASH = stagesOfRashReaders();

    public Broken() {
      super(RASH);
    }

    @Override
    @Actor
    public void writer(L_Result r) {
      super.writer(r);
    }

    @Override
    @Actor
    public void reader() {
      super.reader();
    }

    @Override
    @Arbiter
    public void end() {
      super.end();
    }
  }
}
