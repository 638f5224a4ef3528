package io.larder.chronicle;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which keys have been accessed of late: a bit for each hash. Any thread, but for {@link #age()}.
 *
 * <p>Bits are many times as many as keys, so that few keys share one, and are forgotten bit by bit.
 */
final class Marks {
  private static final int BITS_PER_KEY = 16;
  private static final int WORDS_MIN = 64;
  private static final int WORDS_MAX = 1 << 24;

  /** In so many steps all bits are forgotten. */
  private static final int STEPS = 1 << 12;

  private static final int HASH_FACTOR = 0x9e3779b9;

  private final AtomicLongArray words;
  private int step;

  Marks(long keys) {
    long wanted = Math.clamp(keys * BITS_PER_KEY / Long.SIZE, WORDS_MIN, WORDS_MAX);
    words = new AtomicLongArray(Integer.highestOneBit((int) wanted));
  }

  /** Which bit of all a key has. */
  private long bit(byte[] key) {
    long mixed = Arrays.hashCode(key) * (long) HASH_FACTOR;
    return (mixed ^ mixed >>> Integer.SIZE) & (words.length() * (long) Long.SIZE - 1);
  }

  private static int word(long bit) {
    return (int) (bit / Long.SIZE);
  }

  /** Notes an access; says whether there was one before. */
  boolean mark(byte[] key) {
    long bit = bit(key);
    long mask = 1L << bit;
    return (words.getPlain(word(bit)) & mask) != 0
        || (words.getAndAccumulate(word(bit), mask, (old, more) -> old | more) & mask) != 0;
  }

  boolean isMarked(byte[] key) {
    long bit = bit(key);
    return (words.getPlain(word(bit)) & 1L << bit) != 0;
  }

  /** Forgets a key's accesses. */
  void forget(byte[] key) {
    long bit = bit(key);
    if (isMarked(key)) {
      words.getAndAccumulate(word(bit), ~(1L << bit), (old, rest) -> old & rest);
    }
  }

  /** Forgets a small part of all; one thread at a time. */
  void age() {
    int part = Math.max(words.length() / STEPS, 1);
    int first = step * part % words.length();
    for (int i = first; i < first + part; i++) {
      words.set(i, 0);
    }
    step = (step + 1) % STEPS;
  }
}
