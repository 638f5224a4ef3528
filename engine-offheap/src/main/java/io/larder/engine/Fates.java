package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;

/**
 * What became of the keys that a partition holds no more, or has refused: the latest of it, in a ring of words.
 *
 * <p>A word is 24 bits of the fingerprint, four of a {@link Fate}, and 36 of the time in units of 64 ms since 1970,
 * which last to the year 2109. The bits of the fingerprint are its highest, which the number of the partition says
 * nothing about; so another key is taken for the one looked for with a probability of the ring's length divided by
 * 2^24, one in 2,048 for the longest ring.
 *
 * <p>A fate is written down by the holder of the partition's lock, before the index changes: who then finds the key
 * absent finds its fate. It is read without the lock; what is overwritten meanwhile is forgotten a moment earlier. A
 * kill loses the last fate, or leaves one of a key that is still there, where nobody looks for it. So nothing is
 * announced and nothing repaired, and any bytes are safe: they are a wrong answer at worst.
 */
final class Fates {
  /** The word of a key is one store of so many bytes. */
  static final int WORD_BYTES = Long.BYTES;

  private static final int FINGERPRINT_SHIFT = 40;
  private static final int CODE_SHIFT = 36;
  private static final int CODE_MASK = 0xF;
  private static final long TIME_MASK = (1L << CODE_SHIFT) - 1;

  /** The binary logarithm of the unit of time in milliseconds. */
  private static final int TIME_SHIFT = 6;

  /** Where there is no word. */
  static final long NONE = 0;

  private final Memory memory;
  private final StoreClock clock;
  private final long ring;
  private final long words;
  private final long next;

  Fates(Memory memory, RegionGeometry geometry, int partition, StoreClock clock) {
    this.memory = memory;
    this.clock = clock;
    this.ring = geometry.fatesOffset(partition);
    this.words = geometry.fatesBytes() / WORD_BYTES;
    this.next = geometry.partitionOffset(partition) + PartitionLayout.FATE_NEXT_OFFSET;
  }

  /** Under the lock: writes down what becomes of a key now. */
  void add(long hash, Fate fate) {
    add(hash, fate, clock.recentMillis());
  }

  /** Under the lock: writes down what became of a key at a time. */
  void add(long hash, Fate fate, long millis) {
    long at = next();
    memory.setLongOpaque(ring + at * WORD_BYTES, word(hash, fate, millis));
    memory.putLong(next, at + 1 == words ? 0 : at + 1);
  }

  /** Under the lock: writes down that all keys are removed now. */
  void addClearing() {
    add(0, Fate.CLEARED);
  }

  /** Without a lock: the newest word that is of a key, or of all keys; {@link #NONE} when there is none. */
  long newest(long hash) {
    long at = next();
    for (long left = words; left > 0; left--) {
      at = at == 0 ? words - 1 : at - 1;
      long word = memory.getLongOpaque(ring + at * WORD_BYTES);
      if (tellsOf(hash, word)) {
        return word;
      }
    }
    return NONE;
  }

  private static boolean tellsOf(long hash, long word) {
    Fate fate = fate(word);
    long fingerprint = word >>> FINGERPRINT_SHIFT;
    return fate == Fate.CLEARED ? fingerprint == 0 : fate != Fate.UNKNOWN && fingerprint == hash >>> FINGERPRINT_SHIFT;
  }

  /** Where the next word goes; the start of the ring where that has been damaged. */
  private long next() {
    long at = memory.getLongOpaque(next);
    return at >= 0 && at < words ? at : 0;
  }

  private static long word(long hash, Fate fate, long millis) {
    return (hash >>> FINGERPRINT_SHIFT << FINGERPRINT_SHIFT)
        | ((long) fate.code << CODE_SHIFT)
        | ((millis >>> TIME_SHIFT) & TIME_MASK);
  }

  /** The fate in a word. */
  static Fate fate(long word) {
    return Fate.of((int) (word >>> CODE_SHIFT) & CODE_MASK);
  }

  /** The time in a word, in milliseconds since 1970, less than 64 of them too early. */
  static long millis(long word) {
    return (word & TIME_MASK) << TIME_SHIFT;
  }
}
