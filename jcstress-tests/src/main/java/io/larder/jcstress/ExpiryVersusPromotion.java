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
 * TIER-1: what has expired does not come back into the memory, nor does it live there any longer than below.
 *
 * <p>Each value is evicted and demoted, and then expires by the clock, and in every other case is removed for that in
 * the background, while the reader promotes whatever he finds below.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last put")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "ticks and puts between looks")
@Outcome(id = TierScene.STALE, expect = FORBIDDEN, desc = "the writer found a value that had expired")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "a value seen after a younger one")
@Outcome(id = Witness.TORN, expect = FORBIDDEN, desc = "bytes that are no value")
@State
public class ExpiryVersusPromotion extends TierScene {
  /** Longer than what is left of it must be for a value to be demoted. */
  private static final long LIFE_MILLIS = 10_000;

  private static final Pool<TierStage> STAGES = stages(TierStage.Flaw.NONE);

  public ExpiryVersusPromotion() {
    this(STAGES);
  }

  ExpiryVersusPromotion(Pool<TierStage> stages) {
    super(stages);
  }

  @Actor
  public void writer() {
    PutSpec spec = new PutSpec();
    for (int generation = 1; generation <= Generations.LAST; generation++) {
      long expiry = generation * LIFE_MILLIS;
      putBelow(generation, spec.expiryMillis(expiry));
      stage.setMillis(expiry);
      if (generation % 2 == 0) {
        stage.expire();
      }
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

  /** The tier below does not tell when a value expires. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "no promotion")
  @Outcome(
      id = {TierScene.STALE, Witness.BACKWARD},
      expect = ACCEPTABLE_INTERESTING,
      desc = "a promotion")
  @State
  public static class Broken extends ExpiryVersusPromotion {
    private static final Pool<TierStage> FLAWED = stages(TierStage.Flaw.NO_EXPIRY);

    public Broken() {
      super(FLAWED);
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
