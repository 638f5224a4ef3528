package io.larder.jmh.simulation;

import io.larder.jmh.trace.Mixing;

/**
 * How often keys were requested lately, counted up to 15 (G. Cormode, S. Muthukrishnan, "An improved data stream
 * summary: the count-min sketch and its applications", Journal of Algorithms 55, 2005). Each key has a counter in each
 * of four rows, which it shares with others: the least of its four is too high at times, but never too low. After ten
 * requests for each entry of the cache all counters are halved, so that what was popular once is forgotten.
 */
final class CountMinSketch {
  /** The highest count: counters have four bits. */
  static final int COUNT_MAX = 15;

  private static final int ROWS = 4;
  private static final int COUNTERS_PER_ENTRY = 4;
  private static final int WIDTH_MIN = 64;
  private static final int REQUESTS_PER_ENTRY = 10;

  private final byte[][] rows;
  private final int mask;
  private final long period;
  private long requests;

  /** For a cache of so many entries. */
  CountMinSketch(int capacity) {
    int width = Math.max(WIDTH_MIN, COUNTERS_PER_ENTRY * Integer.highestOneBit(2 * capacity - 1));
    this.rows = new byte[ROWS][width];
    this.mask = width - 1;
    this.period = (long) REQUESTS_PER_ENTRY * capacity;
  }

  /** How often a key was requested. */
  int count(int key) {
    long hash = Mixing.mix(key);
    int count = COUNT_MAX;
    for (int row = 0; row < ROWS; row++) {
      count = Math.min(count, rows[row][place(hash, row)]);
    }
    return count;
  }

  /** Counts a request. */
  void add(int key) {
    long hash = Mixing.mix(key);
    for (int row = 0; row < ROWS; row++) {
      int place = place(hash, row);
      rows[row][place] = (byte) Math.min(COUNT_MAX, rows[row][place] + 1);
    }
    requests++;
    if (requests == period) {
      halve();
    }
  }

  /** The two halves of the hash give one place in each row. */
  private int place(long hash, int row) {
    return ((int) (hash >>> Integer.SIZE) + row * ((int) hash | 1)) & mask;
  }

  private void halve() {
    for (byte[] row : rows) {
      for (int place = 0; place < row.length; place++) {
        row[place] >>= 1;
      }
    }
    requests /= 2;
  }
}
