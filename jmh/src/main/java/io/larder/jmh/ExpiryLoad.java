package io.larder.jmh;

import java.util.SplittableRandom;

/**
 * The entries of the expiry benchmark: when each is due, and how long its value is. The same for every system.
 *
 * <p>Nearly all are due at random in a common window of time. A few are <i>marked</i>: groups of them, each spread over
 * the whole load, are due at one moment, one group after another. The payload of an unmarked entry is a multiple of
 * {@link #MODULUS} bytes, that of a marked one is a byte longer. So whoever knows by how much the payload of all has
 * shrunk knows how many of the marked ones have gone, as long as they are fewer than {@link #MODULUS}; and with a whole
 * group due at one moment it does not matter which.
 */
final class ExpiryLoad {
  /** Length of every key. */
  static final int KEY_BYTES = 24;

  /** No value is longer. */
  static final int VALUE_BYTES_MAX = 89;

  /** The milliseconds in which entries are due: from 0 on. */
  static final int WINDOW_MILLIS = 60_000;

  /** Marked entries that are due at one moment. */
  static final int GROUP = 15;

  /** What the payload of unmarked entries is a multiple of. */
  static final int MODULUS = 16;

  /** Between the moments of two groups. */
  static final int GROUP_MILLIS = 500;

  private static final int GROUPS = WINDOW_MILLIS / GROUP_MILLIS;
  private static final int MARKS_MAX = GROUPS * GROUP;
  private static final int VALUE_BYTES_MIN = 8;
  private static final int LENGTHS = 6;
  private static final long SEED = 47;

  private final int marks;
  private final int stride;

  /** For so many entries. */
  ExpiryLoad(int entries) {
    this.marks = Math.min(entries, MARKS_MAX);
    this.stride = entries / marks;
  }

  /** How many are marked. */
  int marks() {
    return marks;
  }

  boolean isMarked(int number) {
    return number % stride == 0 && number / stride < marks;
  }

  /** When the entry is due, in milliseconds since the window began. */
  int dueMillis(int number) {
    return isMarked(number)
        ? number / stride % GROUPS * GROUP_MILLIS + GROUP_MILLIS / 2
        : random(number).nextInt(WINDOW_MILLIS);
  }

  /** The length of the entry's value. */
  int valueBytes(int number) {
    return VALUE_BYTES_MIN + number % LENGTHS * MODULUS + (isMarked(number) ? 1 : 0);
  }

  /** How many marked entries have gone between two looks at the payload of all. */
  static int marksGone(long payloadBefore, long payloadNow) {
    return Math.floorMod(payloadBefore - payloadNow, MODULUS);
  }

  private static SplittableRandom random(int number) {
    return new SplittableRandom(SEED + number * 0x9E3779B97F4A7C15L);
  }
}
