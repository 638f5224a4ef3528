package io.larder.jcstress;

import io.larder.engine.PutSpec;
import io.larder.engine.Stage;
import io.larder.engine.Store;

/**
 * The state of a test in which two writers want the same: for each of many keys both try a put that only one of them
 * may win, and look at the value then.
 */
abstract class Race {
  /** One won each key, and both saw its value; each has won some. */
  static final String SHARED = "one each, shared";

  /** One won each key, and both saw its value; the same writer has won all. */
  static final String ONE_SIDED = "one each, one-sided";

  /** Both have won a key. */
  static final String BOTH = "both won";

  /** None has won a key. */
  static final String NONE = "none won";

  /** One has won a key, but a writer saw another value than the winner's behind its own attempt. */
  static final String OTHER_VALUE = "other value";

  private static final int KEYS = 64;
  private static final Pool<Stage> STAGES = Scene.stages();

  final Stage stage = STAGES.take();
  private final long[] versions = new long[KEYS];
  private final Writer first = new Writer(1);
  private final Writer second = new Writer(2);

  Race() {
    stage.clear();
    for (int i = 0; i < KEYS; i++) {
      versions[i] = prepare(stage, Stage.key(i));
    }
  }

  /** Brings a key into the state that both writers expect: returns the version of its entry, or 0 for none. */
  abstract long prepare(Stage on, byte[] key);

  /** Tries to put; for the winner the result is positive. */
  abstract long attempt(byte[] key, long version, byte[] value, PutSpec spec);

  final void runFirst() {
    first.run();
  }

  final void runSecond() {
    second.run();
  }

  /** The verdict over both, and the end of the state. */
  final String verdict() {
    STAGES.give(stage);
    int wins = 0;
    for (int i = 0; i < KEYS; i++) {
      if (first.won[i] == second.won[i]) {
        return first.won[i] ? BOTH : NONE;
      }
      byte winner = first.won[i] ? first.mark : second.mark;
      if (first.seen[i] != winner || second.seen[i] != winner) {
        return OTHER_VALUE;
      }
      wins += first.won[i] ? 1 : 0;
    }
    return wins == 0 || wins == KEYS ? ONE_SIDED : SHARED;
  }

  /** One of the two. For its thread, until the verdict. */
  private final class Writer {
    private final byte mark;
    private final PutSpec spec = new PutSpec();
    private final byte[] value;
    private final byte[] room;
    private final boolean[] won = new boolean[KEYS];
    private final byte[] seen = new byte[KEYS];

    Writer(int mark) {
      this.mark = (byte) mark;
      this.value = Scene.filled(mark, 50);
      this.room = new byte[value.length];
    }

    void run() {
      for (int i = 0; i < KEYS; i++) {
        byte[] key = Stage.key(i);
        won[i] = attempt(key, versions[i], value, spec) > 0;
        seen[i] = stage.get(key, room) == Store.ABSENT ? 0 : room[0];
      }
    }
  }
}
