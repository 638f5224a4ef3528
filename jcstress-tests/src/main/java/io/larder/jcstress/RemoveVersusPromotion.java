package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.TierStage;
import io.larder.engine.PutSpec;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * TIER-1: what has been removed does not come back into the memory.
 *
 * <p>Each value is evicted, demoted and removed, while the reader promotes whatever he finds below.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last put")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "puts and removals between looks")
@Outcome(id = TierScene.STALE, expect = FORBIDDEN, desc = "the writer found a value behind his removal")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "a value seen after a younger one")
@Outcome(id = Witness.TORN, expect = FORBIDDEN, desc = "bytes that are no value")
@State
public class RemoveVersusPromotion extends TierScene {
  private static final Pool<TierStage> STAGES = stages(TierStage.Flaw.NONE);

  public RemoveVersusPromotion() {
    this(STAGES);
  }

  RemoveVersusPromotion(Pool<TierStage> stages) {
    super(stages);
  }

  @Actor
  public void writer() {
    PutSpec spec = new PutSpec();
    for (int generation = 1; generation <= Generations.LAST; generation++) {
      putBelow(generation, spec);
      remove();
      expectNoneBefore(generation + 1);
    }
    writerIsDone();
  }

  @Actor
  public void reader() {
    watch();
  }

  @Arbiter
  public void end(L_Result r) {
    r.r1 = verdict();
  }

  /** The reader promotes what he has read whether or not it was removed since. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "no removal between read and promotion")
  @Outcome(
      id = {TierScene.STALE, Witness.BACKWARD},
      expect = ACCEPTABLE_INTERESTING,
      desc = "a removal between read and promotion")
  @State
  public static class Broken extends RemoveVersusPromotion {
    @Override
    int get(TierStage.Hand hand, byte[] key, byte[] room) {
      return stage.getCarelessly(hand, key, room);
    }

    @Override
    @Actor
    public void writer() {
      super.writer();
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
