package io.larder.jmh;

/**
 * What an entry of Caffeine, bounded by weight, takes of the heap: a {@code Long} as its key, a byte array as its
 * value. Objects have headers of 12 bytes, arrays of 16, references 4 (a heap below 32 GiB), and each is rounded up to
 * 8.
 */
final class CaffeineEntry {
  /** The largest value, so that the weight is an {@code int}. */
  static final int VALUE_BYTES_MAX = Integer.MAX_VALUE - 256;

  /** Header, key, value, previous and next of the eviction order, metadata, weight, the policy's weight: 40. */
  private static final int NODE_BYTES = 40;

  /** Of the {@code ConcurrentHashMap} below: header, hash, key, value, next: 28, rounded up. */
  private static final int MAP_NODE_BYTES = 32;

  /** A reference of 4 bytes in a table that doubles at three quarters: 5.3 to 10.7 an entry. */
  private static final int MAP_TABLE_BYTES = 8;

  /** A long of counters in the frequency sketch, which doubles: 8 to 16 an entry. */
  private static final int SKETCH_BYTES = 8;

  /** The header, and eight bytes at an address that is a multiple of eight. */
  private static final int KEY_BYTES = 24;

  private static final int ARRAY_HEADER_BYTES = 16;

  private CaffeineEntry() {}

  /** The bytes of an entry with a value of so many. */
  static int heapBytes(int valueBytes) {
    int array = (ARRAY_HEADER_BYTES + valueBytes + 7) & -8;
    return NODE_BYTES + MAP_NODE_BYTES + MAP_TABLE_BYTES + SKETCH_BYTES + KEY_BYTES + array;
  }
}
