package io.larder.jcstress;

import io.larder.allocator.Memory;

/**
 * What the writer tells the reader beside the store: how far it is with each key, each in a word of its own that is
 * released after what it tells of, or before what it warns of. One writer.
 *
 * <p>It makes a look decidable: what was announced as there before the look, and is not announced as going after it,
 * was there all the time.
 */
final class Board {
  /** The bytes that it needs. */
  static final int BYTES = 4096;

  private static final int WORD_BYTES = 64;
  private static final long OVER_OFFSET = 0;

  private static final int STATE_BITS = 2;
  private static final int STATE_MASK = (1 << STATE_BITS) - 1;

  /** The key has never been put. 0, so what a new board says. */
  static final int UNKNOWN = 0;

  /** The put of the count has returned. */
  static final int THERE = 1;

  /** The removal of the count may have begun. */
  static final int GOING = 2;

  /** The removal of the count has returned. */
  static final int GONE = 3;

  private final Memory memory;
  private final long start;

  Board(Memory memory, long start) {
    this.memory = memory;
    this.start = start;
  }

  void announceRelease(int key, long count, int state) {
    memory.setLongRelease(word(key), count << STATE_BITS | state);
  }

  /** What is announced for a key, for {@link #count} and {@link #state}. */
  long announcedAcquire(int key) {
    return memory.getLongAcquire(word(key));
  }

  static long count(long announced) {
    return announced >>> STATE_BITS;
  }

  static int state(long announced) {
    return (int) announced & STATE_MASK;
  }

  /** The reader's last word. */
  void end() {
    memory.setLongRelease(start + OVER_OFFSET, 1);
  }

  boolean isOver() {
    return memory.getLongAcquire(start + OVER_OFFSET) != 0;
  }

  private long word(int key) {
    return start + (long) WORD_BYTES * (key + 1);
  }
}
