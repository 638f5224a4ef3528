package io.larder.jmh;

import java.util.Locale;

/** The capacities of caches, as shares of what a trace asks for. */
final class Capacity {
  /** Of the keys, or of the bytes, of a trace. */
  static final double[] PERCENTS = {0.1, 1, 5, 10, 25};

  /** A cache for fewer is not looked at. */
  static final int ENTRIES_MIN = 10;

  /** A bound in entries may be passed by this share for a moment. */
  private static final double OVERFULL = 1.01;

  private Capacity() {}

  /** So many percent of a number, rounded. */
  static long of(double percent, long all) {
    return Math.round(all * percent / 100);
  }

  /** Whether a cache holds more entries than it should: what it hits then compares with nothing. */
  static boolean exceeded(double entries, long capacity) {
    return entries > capacity * OVERFULL + 1;
  }

  /** {@code 0.1} or {@code 25}. */
  static String percent(double percent) {
    return percent == Math.rint(percent)
        ? Long.toString((long) percent)
        : String.format(Locale.ROOT, "%.1f", percent);
  }
}
