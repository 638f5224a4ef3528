package io.larder.cli;

import java.nio.file.Path;
import java.util.List;

/**
 * What the workers do on one file.
 *
 * @param file the shared file
 * @param bytes its size, when it is as large as it can be
 * @param keys how many keys there are, from 0
 * @param largeKeys how many of them have large values, the first ones
 * @param largeBytesMax the largest value
 * @param operationsPerSecond how fast a worker may go, so that the logs stay small
 * @param evicts whether the keys need more room than there is
 */
record TorturePlan(
    Path file, long bytes, int keys, int largeKeys, int largeBytesMax, int operationsPerSecond, boolean evicts) {
  /** The smallest file. */
  static final long BYTES_MIN = 16L << 20;

  static final int SMALL_BYTES_MAX = 4 << 10;
  static final int LARGE_BYTES_MIN = 100 << 10;

  private static final int LARGE_BYTES_MAX = 1 << 20;
  private static final int COUNTERS = 4;
  private static final int EXPIRING_OF = 4;
  private static final int OPERATIONS_PER_SECOND = 80_000;
  private static final int ROOMY_KEYS = 1_000;
  private static final int TIGHT_LARGE_KEYS = 8;
  private static final long TIGHT_BYTES_MIN = 4L << 20;

  /** Large values take an eighth of the file at most, small ones far less. */
  static TorturePlan roomy(Path file, long bytes, int processes) {
    int largeKeys = Math.clamp(bytes / 8 / LARGE_BYTES_MAX, 2, 64);
    return new TorturePlan(
        file, bytes, ROOMY_KEYS, largeKeys, LARGE_BYTES_MAX, OPERATIONS_PER_SECOND / processes, false);
  }

  /** A file of an eighth of the size, and keys for twice as much. */
  static TorturePlan tight(Path file, long roomyBytes, int processes) {
    long bytes = Math.max(TIGHT_BYTES_MIN, Math.min(roomyBytes / 8, 64L << 20));
    int keys = (int) (2 * bytes / 1024);
    return new TorturePlan(
        file,
        bytes,
        keys,
        TIGHT_LARGE_KEYS,
        (int) Math.min(LARGE_BYTES_MAX, bytes / 16),
        OPERATIONS_PER_SECOND / processes,
        true);
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
        Long.toString(bytes),
        Integer.toString(keys),
        Integer.toString(largeKeys),
        Integer.toString(largeBytesMax),
        Integer.toString(operationsPerSecond),
        Boolean.toString(evicts));
  }

  static final int ARGUMENTS = 7;

  static TorturePlan of(String[] arguments) {
    return new TorturePlan(
        Path.of(arguments[0]),
        Long.parseLong(arguments[1]),
        Integer.parseInt(arguments[2]),
        Integer.parseInt(arguments[3]),
        Integer.parseInt(arguments[4]),
        Integer.parseInt(arguments[5]),
        Boolean.parseBoolean(arguments[6]));
  }
}
