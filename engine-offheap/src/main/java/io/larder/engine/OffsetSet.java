package io.larder.engine;

import java.util.Arrays;

/** A set of offsets, none of which is 0; for one thread. It keeps the room that it has once needed. */
final class OffsetSet {
  private static final int FIRST_CAPACITY = 1 << 6;

  /** 2^64 by the golden ratio: a multiplication by it spreads what differs in few bits. */
  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

  // Open addressing, at most half full.
  private long[] table = new long[FIRST_CAPACITY];
  private int size;

  /** Adds an offset; false when it was there already. */
  boolean add(long offset) {
    int at = place(offset);
    if (table[at] == offset) {
      return false;
    }
    table[at] = offset;
    if (++size > table.length / 2) {
      grow();
    }
    return true;
  }

  /** Where an offset is, or would be. */
  private int place(long offset) {
    int at = Long.hashCode(offset * SPREAD) & (table.length - 1);
    while (table[at] != 0 && table[at] != offset) {
      at = (at + 1) & (table.length - 1);
    }
    return at;
  }

  private void grow() {
    long[] old = table;
    table = new long[2 * old.length];
    for (long offset : old) {
      if (offset != 0) {
        table[place(offset)] = offset;
      }
    }
  }

  /** Forgets all. */
  void clear() {
    if (size != 0) {
      Arrays.fill(table, 0);
      size = 0;
    }
  }
}
