package io.larder.cli;

/**
 * One run of the demo.
 *
 * @param budgetBytes what the cache may use
 * @param warmupMillis time at the start that is checked but not measured
 * @param measureMillis time that is measured
 * @param threads number of threads
 * @param seed of popularity and access patterns: the same seed asks for the same objects
 */
record DemoPlan(long budgetBytes, long warmupMillis, long measureMillis, int threads, long seed) {
  private static final int WARMUP_SHARE = 5;
  private static final long WARMUP_MILLIS_MAX = 3_000;

  /** A run of which so many seconds are measured. */
  static DemoPlan of(long budgetBytes, int seconds, int threads, long seed) {
    long measureMillis = seconds * 1_000L;
    long warmupMillis = Math.min(WARMUP_MILLIS_MAX, measureMillis / WARMUP_SHARE);
    return new DemoPlan(budgetBytes, warmupMillis, measureMillis, threads, seed);
  }
}
