package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.engine.Sighting;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * L0-1: a value that is kept is not used any more once it has been overwritten in another table than the one in which
 * it was read, where nothing tells of that.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last write")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "what was kept was used only while it was there")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "what was kept used after a younger value was seen")
@Outcome(id = {Witness.TORN, Witness.ABSENT}, expect = FORBIDDEN, desc = "not a value")
@State
public class SightingVersusGrowth extends SightingScene {
  private static final int GENERATIONS_PER_TABLE = 7;

  private void put(int first) {
    for (int generation = first; generation < first + GENERATIONS_PER_TABLE; generation++) {
      stage.put(KEY, VALUES.value(Math.min(generation, Generations.LAST)));
      pause();
    }
  }

  @Actor
  public void writer() {
    for (int generation = 2; generation < Generations.LAST; generation += 2 * GENERATIONS_PER_TABLE) {
      stage.grow();
      put(generation);
      stage.shrink();
      put(generation + GENERATIONS_PER_TABLE);
    }
    writerIsDone();
  }

  @Actor
  public void reader(L_Result r) {
    r.r1 = watchKept();
  }

  @Arbiter
  public void end() {
    leave();
  }

  /** Nobody looks whether the table is still the right one. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "the stamp was of the table in use")
  @Outcome(id = Witness.BACKWARD, expect = ACCEPTABLE_INTERESTING, desc = "a stamp of a table that has gone")
  @State
  public static class Broken extends SightingVersusGrowth {
    @Override
    boolean isUnchanged(Sighting sighting) {
      return stage.isUnchangedByStamp(sighting);
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
