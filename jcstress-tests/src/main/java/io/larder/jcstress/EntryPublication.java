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
 * IDX-1: a new entry is seen complete or not at all.
 *
 * <p>The key is put and removed again and again, each time with another value and in the block that the removal has
 * freed: there, the bytes of the last value stand behind the same key until the new ones are written.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last put")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "puts and removals between looks, each entry seen whole")
@Outcome(id = Witness.TORN, expect = FORBIDDEN, desc = "the entry found before all of its value was written")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "the entry found while its block held a removed value")
@State
public class EntryPublication extends Scene {
  private static final byte[] KEY = Stage.key(1);
  private static final Generations VALUES = Generations.ofBytes(100);
  private static final Pool<Stage> STAGES = stages();

  public EntryPublication() {
    this(STAGES);
  }

  EntryPublication(Pool<Stage> stages) {
    super(stages);
  }

  @Actor
  public void writer() {
    for (int generation = 1; generation <= Generations.LAST; generation++) {
      stage.put(KEY, VALUES.value(generation));
      pause();
      stage.remove(KEY);
    }
    writerIsDone();
  }

  @Actor
  public void reader(L_Result r) {
    r.r1 = watch(KEY, VALUES).verdictWithRemovals();
  }

  @Arbiter
  public void end() {
    leave();
  }

  /** The writer names the entry in the index first, and writes its value then. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "no look between name and value")
  @Outcome(
      id = {Witness.TORN, Witness.BACKWARD},
      expect = ACCEPTABLE_INTERESTING,
      desc = "a look between name and value")
  @State
  public static class Broken extends EntryPublication {
    private static final Pool<Stage> LATE = stagesOfLateWriters();

    public Broken() {
      super(LATE);
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
