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
 * IDX-3: entries are found all the time while the index grows and shrinks under them.
 *
 * <p>The table of one slab is moved to one of two, home bucket by home bucket, and back. Twelve keys have the last home
 * bucket of the small table, so one of them lies in the bucket behind it, and their move is the last before the old
 * table's slab is given away: the next table is made of it.
 */
@JCStressTest
@Outcome(id = GrowthUnderReader.FOUND, expect = ACCEPTABLE, desc = "found in either table, or after a retry")
@Outcome(id = GrowthUnderReader.MISSED, expect = FORBIDDEN, desc = "sent to the old table, read after the move")
@State
public class GrowthUnderReader extends Scene {
  static final String FOUND = "found";
  static final String MISSED = "missed";

  private static final int ROUNDS = 4;
  private static final byte[][] KEYS = Stage.neighbours(12, Stage.HOME_BUCKETS - 1);
  private static final byte[] VALUE = filled(7, 12);
  private static final Pool<Stage> STAGES = stages();

  public GrowthUnderReader() {
    this(STAGES);
  }

  GrowthUnderReader(Pool<Stage> stages) {
    super(stages);
    for (byte[] key : KEYS) {
      stage.put(key, VALUE);
    }
  }

  @Actor
  public void writer() {
    for (int round = 0; round < ROUNDS; round++) {
      stage.grow();
      stage.shrink();
    }
    writerIsDone();
  }

  @Actor
  public void reader(L_Result r) {
    r.r1 = FOUND;
    for (int look = 0; goesOn(); look++) {
      if (look(KEYS[look % KEYS.length]) != VALUE.length) {
        r.r1 = MISSED;
      }
    }
  }

  @Arbiter
  public void end() {
    leave();
  }

  /** The reader does not look again whether its table was the right one. */
  @JCStressTest
  @Outcome(id = GrowthUnderReader.FOUND, expect = ACCEPTABLE, desc = "no move during a look")
  @Outcome(
      id = GrowthUnderReader.MISSED,
      expect = ACCEPTABLE_INTERESTING,
      desc = "sent to the old table, read after the move")
  @State
  public static class Broken extends GrowthUnderReader {
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
