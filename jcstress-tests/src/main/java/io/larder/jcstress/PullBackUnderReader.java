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
 * IDX-2: an entry that is pulled back towards its home bucket is found all the time.
 *
 * <p>Twelve keys have one home bucket of eleven slots, so the one that was put last lies in the next. A removal of
 * another one pulls it back while the reader looks for it; then the removed key is put again, to be the next that is
 * pulled back.
 */
@JCStressTest
@Outcome(id = PullBackUnderReader.FOUND, expect = ACCEPTABLE, desc = "found behind its home, at home, or after a retry")
@Outcome(id = PullBackUnderReader.MISSED, expect = FORBIDDEN, desc = "home read before, the next bucket after the pull")
@State
public class PullBackUnderReader extends Scene {
  static final String FOUND = "found";
  static final String MISSED = "missed";

  private static final int ROUNDS = 120;

  /** One more than a bucket has slots. */
  private static final byte[][] KEYS = Stage.neighbours(12, 100);

  private static final byte[] VALUE = filled(7, 12);
  private static final Pool<Stage> STAGES = stages();

  /** The last round that has left its key displaced; as many rounds later as there are keys it is removed again. */
  private volatile int displacing = KEYS.length - 1;

  public PullBackUnderReader() {
    this(STAGES);
  }

  PullBackUnderReader(Pool<Stage> stages) {
    super(stages);
    for (byte[] key : KEYS) {
      stage.put(key, VALUE);
    }
  }

  @Actor
  public void writer() {
    for (int round = KEYS.length; round < ROUNDS; round++) {
      byte[] key = KEYS[round % KEYS.length];
      stage.remove(key);
      stage.put(key, VALUE);
      displacing = round;
    }
    writerIsDone();
  }

  @Actor
  public void reader(L_Result r) {
    r.r1 = FOUND;
    while (goesOn()) {
      int round = displacing;
      boolean missed = look(KEYS[round % KEYS.length]) != VALUE.length;
      if (missed && displacing < round + KEYS.length - 1) {
        r.r1 = MISSED;
      }
    }
  }

  @Arbiter
  public void end() {
    leave();
  }

  /** The reader does not walk over the stamps again before it reports a miss. */
  @JCStressTest
  @Outcome(id = PullBackUnderReader.FOUND, expect = ACCEPTABLE, desc = "no pull between the two buckets of a look")
  @Outcome(
      id = PullBackUnderReader.MISSED,
      expect = ACCEPTABLE_INTERESTING,
      desc = "home read before, the next bucket after the pull")
  @State
  public static class Broken extends PullBackUnderReader {
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
