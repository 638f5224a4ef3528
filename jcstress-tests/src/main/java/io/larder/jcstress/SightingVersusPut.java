package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.engine.Sighting;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** L0-1: a value that is kept is not used any more once it has been overwritten. */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last write")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "what was kept was used only while it was there")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "what was kept used after a younger value was seen")
@Outcome(id = {Witness.TORN, Witness.ABSENT}, expect = FORBIDDEN, desc = "not a value")
@State
public class SightingVersusPut extends SightingScene {
  @Actor
  public void writer() {
    for (int generation = 2; generation <= Generations.LAST; generation++) {
      stage.put(KEY, VALUES.value(generation));
      pause();
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

  /** The words are read after the value. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "no overwrite between value and words")
  @Outcome(id = Witness.BACKWARD, expect = ACCEPTABLE_INTERESTING, desc = "the words of a younger value")
  @State
  public static class Broken extends SightingVersusPut {
    @Override
    @Nullable Sighting see(byte[] into) {
      return stage.seeCarelessly(KEY, into, stalls);
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
