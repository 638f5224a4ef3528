package io.larder.jmh;

import org.HdrHistogram.Histogram;

/**
 * How long entries stay beyond their time, from two cumulative curves: how many were due up to each millisecond, and
 * how many had gone at some moments.
 *
 * <p>The n-th to go is taken for the n-th that was due. When entries go in another order, the mean is still exact, and
 * the quantiles and the maximum are no larger than the true ones. For entries that are all due at one moment any order
 * is exact.
 *
 * <p>An entry counts as gone at the moment of the first look that misses it: the lag is too long by up to the time
 * between two looks. One that goes before the millisecond that it is due in has a lag of 0.
 *
 * <p>All entries are noted as due first, then looks are added in their order. Times are since any origin. For one
 * thread.
 */
final class Lags {
  private static final long MICROS_PER_MILLI = 1000;
  private static final long LAG_MICROS_MAX = 3_600_000_000L;
  private static final int DIGITS = 3;

  private final int[] dueByMilli;
  private final Histogram micros = new Histogram(LAG_MICROS_MAX, DIGITS);
  private long due;
  private long gone;
  private int milli;
  private long goneOfMilli;

  /**
   * Without entries.
   *
   * @param millis entries are due before this time
   */
  Lags(int millis) {
    this.dueByMilli = new int[millis];
  }

  /** Notes an entry that is due. */
  void addDue(int millis) {
    dueByMilli[millis]++;
    due++;
  }

  /**
   * Adds a look.
   *
   * @param nowMicros when
   * @param goneSoFar how many had gone at that moment, since the beginning
   * @throws IllegalStateException if they are fewer than at the look before, or more than there were
   */
  void addLook(long nowMicros, long goneSoFar) {
    if (goneSoFar < gone || goneSoFar > due) {
      throw new IllegalStateException("goneSoFar=" + goneSoFar + ", must be " + gone + ".." + due);
    }
    while (gone < goneSoFar) {
      long ofMilli = dueByMilli[milli] - goneOfMilli;
      if (ofMilli == 0) {
        milli++;
        goneOfMilli = 0;
        continue;
      }
      long count = Math.min(ofMilli, goneSoFar - gone);
      micros.recordValueWithCount(Math.clamp(nowMicros - milli * MICROS_PER_MILLI, 0, LAG_MICROS_MAX), count);
      goneOfMilli += count;
      gone += count;
    }
  }

  long due() {
    return due;
  }

  long gone() {
    return gone;
  }

  /** In milliseconds, as all the following. */
  double mean() {
    return micros.getMean() / MICROS_PER_MILLI;
  }

  double percentile(double percent) {
    return micros.getValueAtPercentile(percent) / (double) MICROS_PER_MILLI;
  }

  double max() {
    return micros.getMaxValue() / (double) MICROS_PER_MILLI;
  }
}
