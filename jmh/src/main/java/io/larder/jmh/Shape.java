package io.larder.jmh;

/**
 * What a subject is asked to hold.
 *
 * <p>Every subject is told how much, also those that would do without: some need it to work at all (Chronicle Map),
 * and none shall evict while it is measured.
 *
 * @param entries number of entries
 * @param keyBytes length of every key, 8 to 64
 * @param valueBytes length of every value
 * @param presized whether tables may be made large enough at the start by the systems that can also grow
 */
record Shape(int entries, int keyBytes, int valueBytes, boolean presized) {
  private static final long BYTES_MIN = 64L << 20;

  /** What most benchmarks use: 24-byte keys, 100-byte values. */
  static Shape usual(int entries) {
    return new Shape(entries, 24, 100, true);
  }

  /** Small entries, 8 bytes each side, put into a system that starts small and has to grow if it can. */
  static Shape growing(int entries) {
    return new Shape(entries, 8, 8, false);
  }

  /** Bytes of all keys and values. */
  long payloadBytes() {
    return (long) entries * (keyBytes + valueBytes);
  }

  /** Room for a quarter more entries than there are, so that nobody evicts. */
  int entriesWithHeadroom() {
    return Math.toIntExact(entries + (long) entries / 4 + 64);
  }

  /**
   * Bytes for a system that is configured by bytes, so that it does not evict: payload and its own overhead, a
   * quarter on top, at least 64 MiB.
   *
   * @param overheadBytes what the system needs beside each entry, at most
   */
  long bytesWithHeadroom(int overheadBytes) {
    long needed = payloadBytes() + (long) overheadBytes * entries;
    return Math.max(needed + needed / 4, BYTES_MIN);
  }
}
