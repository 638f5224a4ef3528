package io.larder.engine;

/**
 * Counts hits and misses without one line that all readers write.
 *
 * <p>A thread counts in the stripe of its number, a pair of cache lines. When there are more threads than stripes two
 * may share one, and an increment may be lost then: the sums are a little low, which the price of an atomic
 * increment per read would not be worth.
 *
 * <p>Any thread.
 */
@SuppressWarnings("ArrayRecordComponent") // a record to be a constant, {@link StoreGate}; never compared
record ReadCounters(long[] counts) {
  /** How many stripes there are; a power of two. */
  private static final int STRIPES = 64;

  // Two lines for each stripe, since processors fetch them in pairs, and two before them, so that the array's header
  // shares them with none.
  private static final int STRIPE_LONGS = 16;
  private static final int HITS = 0;
  private static final int MISSES = 1;
  private static final int UNCHANGED = 2;

  ReadCounters() {
    this(new long[(STRIPES + 2) * STRIPE_LONGS]);
  }

  void count(boolean hit) {
    counts[stripe() + (hit ? HITS : MISSES)]++;
  }

  /** Counts a hit that needed no lookup, as a {@link Sighting} was right; returns how many the stripe has. */
  long countUnchanged() {
    int counter = stripe() + UNCHANGED;
    long count = counts[counter] + 1;
    counts[counter] = count;
    return count;
  }

  private static int stripe() {
    return (((int) Thread.currentThread().threadId() & (STRIPES - 1)) + 1) * STRIPE_LONGS;
  }

  long hits() {
    return sum(HITS) + unchanged();
  }

  /** The hits that needed no lookup. */
  long unchanged() {
    return sum(UNCHANGED);
  }

  long misses() {
    return sum(MISSES);
  }

  private long sum(int counter) {
    long sum = 0;
    for (int stripe = 1; stripe <= STRIPES; stripe++) {
      sum += counts[stripe * STRIPE_LONGS + counter];
    }
    return sum;
  }
}
