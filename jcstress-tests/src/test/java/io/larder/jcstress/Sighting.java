package io.larder.jcstress;

/** What the reader of a test of two processes makes of its looks. For one thread. */
final class Sighting {
  /** A reader goes on until it has met the writer so often. */
  static final long CHANGES_MIN = 200;

  /** It goes on for so many times the looks that it was asked for. */
  private static final long PATIENCE = 1_000;

  private final Play play;
  private final Board board;

  /** By key, the count that was seen last, and the least that may be seen from now on. */
  private final long[] last;

  private final long[] floor;

  private long looks;
  private long changes;
  private long torn;
  private long backward;
  private long lost;

  Sighting(Play play, Board board) {
    this.play = play;
    this.board = board;
    this.last = new long[play.keys()];
    this.floor = new long[play.keys()];
  }

  boolean goesOn(long look, long looksMin) {
    boolean convicted = torn + backward + lost > 0;
    return !convicted && (look < looksMin || (changes < CHANGES_MIN && look < looksMin * PATIENCE));
  }

  /**
   * Takes the outcome of a look.
   *
   * @param before what was announced for the key before it
   * @param length of what was read; negative for a miss
   */
  void saw(int key, long before, byte[] read, int length) {
    looks++;
    if (length < 0) {
      missed(key, before);
    } else {
      found(key, before, Counted.count(play, key, read, length));
    }
  }

  private void missed(int key, long before) {
    boolean thereAllTheTime = Board.state(before) == Board.THERE && board.announcedAcquire(key) == before;
    if (!play.removes() || thereAllTheTime) {
      lost++;
    }
    // What was there before must not come back.
    floor[key] = Math.max(floor[key], last[key] + 1);
    note(key, 0);
  }

  private void found(int key, long before, long count) {
    if (count == Counted.TORN) {
      torn++;
      return;
    }
    floor[key] = Math.max(floor[key], leastAfter(before));
    if (count < floor[key]) {
      backward++;
    }
    floor[key] = Math.max(floor[key], count);
    note(key, count);
  }

  /** The least count that a value can have which is found after an announcement. */
  private static long leastAfter(long announced) {
    return switch (Board.state(announced)) {
      case Board.THERE -> Board.count(announced);
      // What was put in the round of its removal, or before, was removed.
      case Board.GONE -> Board.count(announced) + 1;
      default -> 0;
    };
  }

  private void note(int key, long count) {
    if (count != last[key]) {
      changes++;
    }
    last[key] = count;
  }

  @Override
  public String toString() {
    return "looks=" + looks + " changes=" + changes + " torn=" + torn + " backward=" + backward + " lost=" + lost;
  }
}
