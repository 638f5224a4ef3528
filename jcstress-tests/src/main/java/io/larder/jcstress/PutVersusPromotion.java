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
 * TIER-1: what has been overwritten does not come back into the memory.
 *
 * <p>Each value is evicted and demoted, and then the next one is put, while the reader promotes whatever he finds
 * below.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last put")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "puts between looks")
@Outcome(id = TierScene.STALE, expect = FORBIDDEN, desc = "the writer found an older value behind his put")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "a value seen after a younger one")
@Outcome(id = Witness.TORN, expect = FORBIDDEN, desc = "bytes that are no value")
@State
public class PutVersusPromotion extends TierScene {
  private static final Pool<TierStage> STAGES = stages(TierStage.Flaw.NONE);

  public PutVersusPromotion() {
    this(STAGES);
  }

  PutVersusPromotion(Pool<TierStage> stages) {
    super(stages);
  }

  @Actor
  public void writer() {
    PutSpec spec = new PutSpec();
    for (int generation = 1; generation <= Generations.LAST; generation++) {
      putBelow(generation, spec);
      expectNoneBefore(generation);
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

  /** The reader promotes what he has read whether or not there was a put since. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "no put between read and promotion")
  @Outcome(
      id = {TierScene.STALE, Witness.BACKWARD},
      expect = ACCEPTABLE_INTERESTING,
      desc = "a put between read and promotion")
  @State
  public static class Broken extends PutVersusPromotion {
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
