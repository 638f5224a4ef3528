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
record DemoPlan(long budgetBytes, long warmupMillis, long measureMillis, int threads, long seed) {}
