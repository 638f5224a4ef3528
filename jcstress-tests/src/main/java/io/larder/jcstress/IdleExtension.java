package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.engine.PutSpec;
import io.larder.engine.Stage;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * IDL-1: an access that moves the idle deadline of its entry changes no other entry that has come to lie there.
 *
 * <p>An entry is removed whose deadline the next access moves, and another one takes its block, with its value where
 * the deadline was. A reader gets the first.
 */
@JCStressTest
@Outcome(id = IdleExtension.INTACT, expect = ACCEPTABLE, desc = "moved in time, or not at all")
@Outcome(id = IdleExtension.CHANGED, expect = FORBIDDEN, desc = "moved in the bytes of the other entry's value")
@Outcome(id = IdleExtension.NEVER_MOVED, expect = FORBIDDEN, desc = "a deadline that stays: a fault of the test")
@Outcome(id = IdleExtension.NOT_REUSED, expect = FORBIDDEN, desc = "not in one block: a fault of the test")
@State
public class IdleExtension extends Scene {
  static final String INTACT = "intact";
  static final String CHANGED = "changed";
  static final String NEVER_MOVED = "never moved";
  static final String NOT_REUSED = "not reused";

  private static final int ROUNDS = 100;
  private static final long IDLE_MILLIS = 1_000;
  private static final byte[] KEY = Stage.key(1);
  private static final byte[] OTHER_KEY = {2};
  private static final int VALUE_BYTES = 60;
  private static final byte[] VALUE = filled(9, VALUE_BYTES);

  /** With a shorter key, and without the word of the deadline. */
  private static final byte[] OTHER_VALUE = filled(-1, VALUE_BYTES + 2 * Long.BYTES - 1);

  private static final Pool<Stage> STAGES = stages();

  private final byte[] otherRoom = new byte[OTHER_VALUE.length];
  private final PutSpec spec = new PutSpec();
  private long millis;

  public IdleExtension() {
    super(STAGES);
  }

  @Actor
  public void writer(L_Result r) {
    r.r1 = INTACT;
    for (int round = 0; round < ROUNDS; round++) {
      putDue();
      pause();
      stage.remove(KEY);
      stage.put(OTHER_KEY, OTHER_VALUE);
      pause();
      int length = stage.get(OTHER_KEY, otherRoom);
      if (length != OTHER_VALUE.length || !Arrays.equals(otherRoom, OTHER_VALUE)) {
        r.r1 = CHANGED;
      }
      stage.remove(OTHER_KEY);
    }
    writerIsDone();
  }

  /** Puts the entry, and lets so much time pass that an access moves its deadline. */
  private void putDue() {
    stage.put(KEY, VALUE, spec.timeToIdle(IDLE_MILLIS, millis));
    millis += IDLE_MILLIS / 2;
    stage.setMillis(millis);
  }

  @Actor
  public void reader() {
    while (goesOn()) {
      access();
    }
  }

  void access() {
    look(KEY);
  }

  @Arbiter
  public void end(L_Result r) {
    putDue();
    long block = stage.entry(KEY);
    long deadline = stage.expiry(KEY);
    stage.get(KEY, room);
    if (stage.expiry(KEY) <= deadline) {
      r.r1 = NEVER_MOVED;
    }
    stage.remove(KEY);
    stage.put(OTHER_KEY, OTHER_VALUE);
    if (stage.entry(OTHER_KEY) != block) {
      r.r1 = NOT_REUSED;
    }
    leave();
  }

  /** The deadline is moved where the entry was, which is not found again. */
  @JCStressTest
  @Outcome(id = IdleExtension.INTACT, expect = ACCEPTABLE, desc = "moved in time")
  @Outcome(
      id = IdleExtension.CHANGED,
      expect = ACCEPTABLE_INTERESTING,
      desc = "moved in the bytes of the other entry's value")
  @State
  public static class Broken extends IdleExtension {
    private final Stalls stalls = new Stalls();

    @Override
    void access() {
      stage.prolongCarelessly(KEY, stalls);
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
    public void end(L_Result r) {
      super.end(r);
    }
  }
}
