package io.larder.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.larder.engine.Stage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * IDX-1, ENT-1: an overwrite is seen whole or not at all, and is never undone.
 *
 * <p>Each overwrite has another content and length, and is built in the block that the one before the last was in, so a
 * reader that is slow to copy has the value changed under its hands.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last overwrite")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "overwrites between looks, each seen whole")
@Outcome(id = Witness.TORN, expect = FORBIDDEN, desc = "an overwrite of the block during a look")
@Outcome(id = Witness.ABSENT, expect = FORBIDDEN, desc = "a miss during an overwrite")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "an overwrite seen, then what was before it")
@State
public class EntryOverwrite extends Scene {
  private static final byte[] KEY = Stage.key(1);
  private static final Generations VALUES = Generations.ofBytes(100);
  private static final Pool<Stage> STAGES = stages();

  public EntryOverwrite() {
    this(STAGES);
  }

  EntryOverwrite(Pool<Stage> stages) {
    super(stages);
    stage.put(KEY, VALUES.value(1));
  }

  @Actor
  public void writer() {
    for (int generation = 2; generation <= Generations.LAST; generation++) {
      stage.put(KEY, VALUES.value(generation));
    }
    writerIsDone();
  }

  @Actor
  public void reader(L_Result r) {
    r.r1 = watch(KEY, VALUES).verdict();
  }

  @Arbiter
  public void end() {
    leave();
  }

  /** The reader does not look at the stamp again after it has copied the value. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "no overwrite of the block in a look")
  @Outcome(
      id = {Witness.TORN, Witness.ABSENT, Witness.BACKWARD},
      expect = ACCEPTABLE_INTERESTING,
      desc = "an overwrite of the block during a look")
  @State
  public static class Broken extends EntryOverwrite {
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
