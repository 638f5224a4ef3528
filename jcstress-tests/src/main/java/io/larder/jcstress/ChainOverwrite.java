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
 * IDX-1, ENT-1: an overwrite of a value that lies in several blocks is seen whole or not at all.
 *
 * <p>The blocks of the one before the last are used again, in another order and for other pieces, while a slow reader
 * follows its chain.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last overwrite")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "overwrites between looks, each seen whole")
@Outcome(id = Witness.TORN, expect = FORBIDDEN, desc = "an overwrite of a block during a look")
@Outcome(id = Witness.ABSENT, expect = FORBIDDEN, desc = "a miss during an overwrite")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "an overwrite seen, then what was before it")
@State
public class ChainOverwrite extends Scene {
  private static final byte[] KEY = Stage.key(1);
  private static final Generations VALUES = Generations.ofBytes(4500);
  private static final Pool<Stage> STAGES = stages();

  public ChainOverwrite() {
    this(STAGES);
  }

  ChainOverwrite(Pool<Stage> stages) {
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

  /** The reader does not look at the stamp again after it has copied all pieces. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "no overwrite of a block during a look")
  @Outcome(
      id = {Witness.TORN, Witness.ABSENT, Witness.BACKWARD},
      expect = ACCEPTABLE_INTERESTING,
      desc = "an overwrite of a block during a look")
  @State
  public static class Broken extends ChainOverwrite {
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
