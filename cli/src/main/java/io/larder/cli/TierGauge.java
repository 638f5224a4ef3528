package io.larder.cli;

/** What is sampled while {@code demo tiers} runs. What counts counts from the beginning of the run. */
enum TierGauge {
  /** Milliseconds since the beginning. */
  AT,
  MEMORY_ENTRIES,
  /** Bytes of the memory in use. */
  MEMORY_USED,
  FILE_ENTRIES,
  /** Bytes of the file in use. */
  FILE_USED,
  MEMORY_HITS,
  FILE_HITS,
  MISSES,
  PROMOTIONS,
  DEMOTIONS,
  /** Keys and values of the demotions as the cache has them. */
  DEMOTED_BYTES,
  /** The same as they were written. */
  WRITTEN_BYTES,
  CLEAN_SKIPS,
  SUPERSEDED,
  DROPPED,
  FILE_EVICTIONS,
  /** The 99th percentile of the gets since the sample before, in nanoseconds. */
  GET_P99,
  /** Values that were not the source's. */
  WRONG
}
