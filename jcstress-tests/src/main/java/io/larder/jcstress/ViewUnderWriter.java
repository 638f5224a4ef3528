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
 * IDX-1: what a look at a value in place has made of it counts only if the value was there all the time.
 *
 * <p>The looks copy the value in two halves and stall between them, while the value is overwritten again and again.
 */
@JCStressTest
@Outcome(id = Witness.STILL, expect = ACCEPTABLE, desc = "all looks before the first or after the last overwrite")
@Outcome(id = Witness.CHANGING, expect = ACCEPTABLE, desc = "overwrites between looks, each seen whole")
@Outcome(id = Witness.TORN, expect = FORBIDDEN, desc = "an overwrite of the block during a look")
@Outcome(id = Witness.ABSENT, expect = FORBIDDEN, desc = "a miss during an overwrite")
@Outcome(id = Witness.BACKWARD, expect = FORBIDDEN, desc = "an overwrite seen, then what was before it")
@State
public class ViewUnderWriter extends Scene {
  private static final byte[] KEY = Stage.key(1);
  private static final Generations VALUES = Generations.ofBytes(100);
  private static final Pool<Stage> STAGES = stages();

  private final Stalls stalls = new Stalls();

  public ViewUnderWriter() {
    super(STAGES);
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
    Witness witness = new Witness(VALUES);
    while (goesOn()) {
      witness.saw(room, viewed(KEY, stalls));
    }
    r.r1 = witness.verdict();
  }

  int viewed(byte[] key, Stalls pauses) {
    return stage.view(key, room, pauses);
  }

  @Arbiter
  public void end() {
    leave();
  }

  /** Nobody looks at the stamp again when the look has ended. */
  @JCStressTest
  @Outcome(id = {Witness.STILL, Witness.CHANGING}, expect = ACCEPTABLE, desc = "no overwrite of the block in a look")
  @Outcome(
      id = {Witness.TORN, Witness.ABSENT, Witness.BACKWARD},
      expect = ACCEPTABLE_INTERESTING,
      desc = "an overwrite of the block during a look")
  @State
  public static class Broken extends ViewUnderWriter {
    @Override
    int viewed(byte[] key, Stalls pauses) {
      return stage.viewCarelessly(key, room, pauses);
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
