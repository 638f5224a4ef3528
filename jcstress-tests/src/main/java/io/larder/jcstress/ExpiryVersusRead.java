package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.engine.PutSpec;
import io.larder.engine.Stage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * What has expired is not seen again, whether it is still there, was replaced, or was removed in the background.
 *
 * <p>Each value expires at the next tick of the clock.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last tick")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "ticks and puts between looks")
@Outcome(id = Witness.TORN, expect = FORBIDDEN, desc = "a value read while its block was used again")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "a value seen after it was seen to have expired")
@State
public class ExpiryVersusRead extends Scene {
  private static final byte[] KEY = Stage.key(1);
  private static final Generations VALUES = Generations.ofBytes(100);
  private static final Pool<Stage> STAGES = stages();

  public ExpiryVersusRead() {
    super(STAGES);
  }

  @Actor
  public void writer() {
    PutSpec spec = new PutSpec();
    for (int generation = 1; generation <= Generations.LAST; generation++) {
      stage.put(KEY, VALUES.value(generation), spec.expiryMillis(generation));
      pause();
      tick(generation);
      if (generation % 2 == 0) {
        stage.expire();
      }
    }
    writerIsDone();
  }

  void tick(long millis) {
    stage.setMillis(millis);
  }

  @Actor
  public void reader(L_Result r) {
    r.r1 = watch(KEY, VALUES).verdictWithRemovals();
  }

  @Arbiter
  public void end() {
    leave();
  }

  /** The clock steps back a moment after each tick. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "no look between tick and step back")
  @Outcome(id = Witness.BACKWARD, expect = ACCEPTABLE_INTERESTING, desc = "a look before and one after a step back")
  @State
  public static class Broken extends ExpiryVersusRead {
    @Override
    void tick(long millis) {
      stage.setMillis(millis);
      pause();
      stage.setMillis(millis - 1);
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
