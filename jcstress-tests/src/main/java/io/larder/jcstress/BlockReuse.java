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
 * IDX-1, ENT-1: a block that is used again is never read as what it was.
 *
 * <p>Two entries of one size take turns in a single block: one is removed, the other put. The reader looks for the
 * first.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last turn")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "turns between looks, the entry seen whole or absent")
@Outcome(id = Witness.TORN, expect = FORBIDDEN, desc = "the other entry's bytes read under this one's key")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "the entry seen again after its removal was seen")
@Outcome(id = BlockReuse.NOT_REUSED, expect = FORBIDDEN, desc = "not in one block: a fault of the test")
@State
public class BlockReuse extends Scene {
  static final String NOT_REUSED = "not reused";

  private static final byte[] KEY = Stage.key(1);
  private static final byte[] OTHER_KEY = Stage.key(2);
  private static final int VALUE_BYTES = 100;
  private static final Generations VALUES = Generations.alike(VALUE_BYTES);
  private static final byte[] OTHER_VALUE = filled(-1, VALUE_BYTES);
  private static final Pool<Stage> STAGES = stages();

  public BlockReuse() {
    this(STAGES);
  }

  BlockReuse(Pool<Stage> stages) {
    super(stages);
  }

  @Actor
  public void writer() {
    for (int generation = 1; generation <= Generations.LAST; generation++) {
      stage.put(KEY, VALUES.value(generation));
      pause();
      stage.remove(KEY);
      stage.put(OTHER_KEY, OTHER_VALUE);
      stage.remove(OTHER_KEY);
    }
    writerIsDone();
  }

  @Actor
  public void reader(L_Result r) {
    r.r1 = watch(KEY, VALUES).verdictWithRemovals();
  }

  @Arbiter
  public void end(L_Result r) {
    stage.put(KEY, VALUES.value(1));
    long block = stage.entry(KEY);
    stage.remove(KEY);
    stage.put(OTHER_KEY, OTHER_VALUE);
    if (stage.entry(OTHER_KEY) != block) {
      r.r1 = NOT_REUSED;
    }
    leave();
  }

  /** The reader does not look at the stamp again after it has copied the value. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "no turn during a look")
  @Outcome(
      id = {Witness.TORN, Witness.BACKWARD},
      expect = ACCEPTABLE_INTERESTING,
      desc = "the other entry's turn between find and copy")
  @State
  public static class Broken extends BlockReuse {
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
    public void end(L_Result r) {
      super.end(r);
    }
  }
}
