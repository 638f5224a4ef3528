package io.larder.cli;

import java.nio.file.Path;
import java.util.List;

/**
 * What the workers do on one file, or each on one of its own below a memory of its own.
 *
 * @param file the shared file; what those of the workers' own are named after
 * @param memoryBytes how large the memory above a file of one's own is; 0 where all share one
 * @param bytes the size of a file, when it is as large as it can be
 * @param keys how many keys there are, from 0
 * @param largeKeys how many of them have large values, the first ones
 * @param largeBytesMax the largest value
 * @param operationsPerSecond how fast a worker may go, so that the logs stay small
 * @param evicts whether the keys need more room than there is
 */
record TorturePlan(
    Path file,
    long memoryBytes,
    long bytes,
    int keys,
    int largeKeys,
    int largeBytesMax,
    int operationsPerSecond,
    boolean evicts) {
  /** The smallest file. */
  static final long BYTES_MIN = 16L << 20;

  /** The longest time to live in a shared file. */
  static final int TTL_MILLIS_MAX = 500;

  static final int SMALL_BYTES_MAX = 4 << 10;
  static final int LARGE_BYTES_MIN = 100 << 10;

  private static final int LARGE_BYTES_MAX = 1 << 20;
  private static final int COUNTERS = 4;
  private static final int EXPIRING_OF = 4;
  private static final int OPERATIONS_PER_SECOND = 80_000;
  private static final int ROOMY_KEYS = 1_000;
  private static final int TIGHT_LARGE_KEYS = 8;
  private static final long TIGHT_BYTES_MIN = 4L << 20;

  // What goes through a memory that is as small as it can be, and a buffer of which an entry takes a quarter at most.
  private static final long TIERED_MEMORY_BYTES = 1L << 20;
  private static final int TIERED_LARGE_BYTES_MAX = 60 << 10;
  private static final int TIERED_KEYS = 3_000;
  private static final long TIERED_TIGHT_BYTES = 2L << 20;
  private static final int TIERED_TIGHT_KEYS = 6_000;

  /** What has less than a second to live is not written to a second tier. */
  private static final int TIERED_TTL_MILLIS_MAX = 4_000;

  /** Large values take an eighth of the file at most, small ones far less. */
  static TorturePlan roomy(Path file, long bytes, int processes) {
    int largeKeys = Math.clamp(bytes / 8 / LARGE_BYTES_MAX, 2, 64);
    return new TorturePlan(
        file, 0, bytes, ROOMY_KEYS, largeKeys, LARGE_BYTES_MAX, OPERATIONS_PER_SECOND / processes, false);
  }

  /** A file of an eighth of the size, and keys for twice as much. */
  static TorturePlan tight(Path file, long roomyBytes, int processes) {
    long bytes = Math.max(TIGHT_BYTES_MIN, Math.min(roomyBytes / 8, 64L << 20));
    int keys = (int) (2 * bytes / 1024);
    return new TorturePlan(
        file,
        0,
        bytes,
        keys,
        TIGHT_LARGE_KEYS,
        (int) Math.min(LARGE_BYTES_MAX, bytes / 16),
        OPERATIONS_PER_SECOND / processes,
        true);
  }

  /** A file for each worker that has room for all keys, below a memory that has not. */
  static TorturePlan roomyTiers(Path file, long bytes, int processes) {
    return tiers(file, bytes, TIERED_KEYS, processes, false);
  }

  /** A file for each worker that has room for half of the keys, below a memory for a quarter. */
  static TorturePlan tightTiers(Path file, int processes) {
    return tiers(file, TIERED_TIGHT_BYTES, TIERED_TIGHT_KEYS, processes, true);
  }

  private static TorturePlan tiers(Path file, long bytes, int keys, int processes, boolean evicts) {
    return new TorturePlan(
        file,
        TIERED_MEMORY_BYTES,
        bytes,
        keys,
        TIGHT_LARGE_KEYS,
        TIERED_LARGE_BYTES_MAX,
        OPERATIONS_PER_SECOND / processes,
        evicts);
  }

  /** Whether each worker has a file of its own, as a second tier. */
  boolean hasTiers() {
    return memoryBytes > 0;
  }

  /** The file of a worker. */
  Path fileOf(int worker) {
    return hasTiers() ? file.resolveSibling(file.getFileName() + "." + worker) : file;
  }

  /** The longest time to live. */
  int ttlMillisMax() {
    return hasTiers() ? TIERED_TTL_MILLIS_MAX : TTL_MILLIS_MAX;
  }

  /** The smallest size that the workers give it: where nothing is to be evicted, there is room for all keys. */
  long bytesMin() {
    return evicts ? bytes / 2 : bytes / 4 * 3;
  }

  /** Whether a key is only ever incremented: the first small ones are. */
  boolean isCounter(int key) {
    return key >= largeKeys && key < largeKeys + COUNTERS;
  }

  /** Whether values of a key may have a time to live. To others null is a value like any other. */
  boolean mayExpire(int key) {
    return key % EXPIRING_OF == 0 && !isCounter(key);
  }

  /** As arguments of a worker. */
  List<String> arguments() {
    return List.of(
        file.toString(),
        Long.toString(memoryBytes),
        Long.toString(bytes),
        Integer.toString(keys),
        Integer.toString(largeKeys),
        Integer.toString(largeBytesMax),
        Integer.toString(operationsPerSecond),
        Boolean.toString(evicts));
  }

  static final int ARGUMENTS = 8;

  static TorturePlan of(String[] arguments) {
    return new TorturePlan(
        Path.of(arguments[0]),
        Long.parseLong(arguments[1]),
        Long.parseLong(arguments[2]),
        Integer.parseInt(arguments[3]),
        Integer.parseInt(arguments[4]),
        Integer.parseInt(arguments[5]),
        Integer.parseInt(arguments[6]),
        Boolean.parseBoolean(arguments[7]));
  }
}
