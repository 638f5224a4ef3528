package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.engine.Stage;
import io.larder.engine.StoreIterator;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * IDX-3: a walk sees what stays exactly once, while the index grows and shrinks under it.
 *
 * <p>Twelve of the keys have one home bucket, so one of them lies in the bucket behind it; the others are spread.
 */
@JCStressTest
@Outcome(id = WalkDuringGrowth.ONCE, expect = ACCEPTABLE, desc = "each entry seen in one of the tables")
@Outcome(id = WalkDuringGrowth.MISSED, expect = FORBIDDEN, desc = "a home bucket read after its entries had moved")
@Outcome(id = WalkDuringGrowth.TWICE, expect = FORBIDDEN, desc = "an entry seen in both tables")
@State
public class WalkDuringGrowth extends Scene {
  static final String ONCE = "once";
  static final String MISSED = "missed";
  static final String TWICE = "twice";

  private static final int ROUNDS = 8;
  private static final int LOOKS_PER_WALK = 100;
  private static final int KEYS = 60;
  private static final byte[][] NEIGHBOURS = Stage.neighbours(12, Stage.HOME_BUCKETS - 1);
  private static final Pool<Stage> STAGES = stages();

  public WalkDuringGrowth() {
    this(STAGES);
  }

  WalkDuringGrowth(Pool<Stage> stages) {
    super(stages);
    for (int number = 0; number < KEYS; number++) {
      byte[] key = number < NEIGHBOURS.length ? NEIGHBOURS[number] : Stage.key(-number);
      stage.put(key, new byte[] {(byte) number});
    }
  }

  @Actor
  public void writer() {
    for (int round = 0; round < ROUNDS; round++) {
      stage.grow();
      stage.shrink();
    }
    writerIsDone();
  }

  @Actor
  public void reader(L_Result r) {
    r.r1 = ONCE;
    while (goesOn(LOOKS_PER_WALK)) {
      long seen = 0;
      for (StoreIterator walk = stage.walk(); walk.next(); ) {
        walk.copyValue(room, 0);
        if ((seen & 1L << room[0]) != 0) {
          r.r1 = TWICE;
        }
        seen |= 1L << room[0];
      }
      if (seen != (1L << KEYS) - 1) {
        r.r1 = MISSED;
      }
    }
  }

  @Arbiter
  public void end() {
    leave();
  }

  /** The walker does not look again whether its table was the right one. */
  @JCStressTest
  @Outcome(id = WalkDuringGrowth.ONCE, expect = ACCEPTABLE, desc = "no move while a home bucket was read")
  @Outcome(
      id = {WalkDuringGrowth.MISSED, WalkDuringGrowth.TWICE},
      expect = ACCEPTABLE_INTERESTING,
      desc = "a move while a home bucket was read")
  @State
  public static class Broken extends WalkDuringGrowth {
    private static final Pool<Stage> BLIND = stagesOfBlindReaders();

    public Broken() {
      super(BLIND);
    }

    @Override
    @Actor
    public void writer() {
      super.writer();
    }

    @Override
    @Actor
    public void reader(L_Result r) {
      super.reader(r);
    }

    @Override
    @Arbiter
    public void end() {
      super.end();
    }
  }
}
