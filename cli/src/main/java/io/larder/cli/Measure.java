package io.larder.cli;

/**
 * What a run of the demo finds out, by the names with which it travels from the process that ran to the one that
 * shows it.
 */
enum Measure {
  /** Entries at the end. */
  ENTRIES,
  /** Bytes of keys and values at the end. */
  PAYLOAD,
  /** Bytes that the cache counts against its budget. */
  ACCOUNTED,
  /** Bytes that are there for the cache, in and out of its budget. */
  HELD,
  /** Resident bytes of the whole process. */
  RESIDENT,
  /** Live heap after a collection. */
  LIVE_HEAP,
  /** The most that the heap may grow to. */
  HEAP_LIMIT,
  /** Measured reads. */
  READS,
  /** Those that found their object. */
  HITS,
  /** Measured writes: after misses, and overwrites. */
  WRITES,
  /** All values read, those before the measurement too; each was compared with the source. */
  CHECKED,
  /** Those that were not what the source says. */
  WRONG,
  GET_P50,
  GET_P99,
  GET_P999,
  PUT_P50,
  PUT_P99,
  PUT_P999,
  /** Bytes allocated per get. */
  GET_ALLOCATED,
  /** Bytes allocated per put. */
  PUT_ALLOCATED,
  /** Collections while measuring. */
  GC_COUNT,
  /** Their milliseconds. */
  GC_MILLIS,
  /** Length of the measurement in seconds. */
  SECONDS
}
