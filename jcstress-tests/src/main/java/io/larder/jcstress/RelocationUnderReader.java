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
 * IDX-1, ENT-1: an entry that a sweep moves to another slab is found all the time, and whole.
 *
 * <p>The slab that it leaves goes to the pool, and at once serves another size class: a longer entry is written over
 * the place where it was.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "found whole in either block, or after a retry")
@Outcome(id = Witness.TORN, expect = FORBIDDEN, desc = "the old block read after it was written over")
@Outcome(id = Witness.ABSENT, expect = FORBIDDEN, desc = "the key compared after the old block was written over")
@Outcome(id = RelocationUnderReader.NOT_MOVED, expect = FORBIDDEN, desc = "no sweep moved it: a fault of the test")
@State
public class RelocationUnderReader extends Scene {
  static final String NOT_MOVED = "not moved";

  private static final int ROUNDS = 30;
  private static final byte[] KEY = Stage.key(1);
  private static final byte[] OTHER_KEY = Stage.key(2);
  private static final Generations VALUES = Generations.ofBytes(100);
  private static final byte[] OTHER_VALUE = filled(-1, 1000);
  private static final Pool<Stage> STAGES = stages();

  private int moves;

  public RelocationUnderReader() {
    this(STAGES);
  }

  RelocationUnderReader(Pool<Stage> stages) {
    super(stages);
    stage.put(KEY, VALUES.value(1));
  }

  @Actor
  public void writer() {
    for (int round = 0; round < ROUNDS; round++) {
      long before = stage.entry(KEY);
      // A hit, so that the sweep keeps it.
      stage.version(KEY);
      stage.sweep();
      stage.put(OTHER_KEY, OTHER_VALUE);
      stage.remove(OTHER_KEY);
      moves += stage.entry(KEY) != before ? 1 : 0;
    }
    writerIsDone();
  }

  @Actor
  public void reader(L_Result r) {
    r.r1 = watch(KEY, VALUES).verdict();
  }

  @Arbiter
  public void end(L_Result r) {
    if (moves != ROUNDS) {
      r.r1 = NOT_MOVED;
    }
    leave();
  }

  /** The reader does not look at the stamp again after it has copied the value, or compared the key. */
  @JCStressTest
  @Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "no sweep during a look")
  @Outcome(
      id = {Witness.TORN, Witness.ABSENT},
      expect = ACCEPTABLE_INTERESTING,
      desc = "the old block read after it was written over")
  @State
  public static class Broken extends RelocationUnderReader {
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
