package io.larder.engine;

import io.larder.allocator.Memory;

/**
 * Remembers how often keys were asked for that a partition holds no more.
 *
 * <p>A table of buckets of 32 bytes: the epoch up to which it has been halved, and fifteen ghosts of 12 bits of the
 * fingerprint and a frequency of four. In a full bucket the least frequent goes, of several any. A ghost that is halved
 * to 0 is none. Another key may be taken for one, for one in some 270 that are looked up; it has too high a frequency
 * then.
 *
 * <p>It does what the counters of a Count-Min sketch do for W-TinyLFU (G. Einziger, R. Friedman, B. Manes, "TinyLFU: A
 * Highly Efficient Cache Admission Policy", ACM TOS 2017), in a quarter of the space: what is resident has its
 * frequency in its own header, and no key shares its counter with all others.
 *
 * <p>Whatever is in there is only a guess, so no crash can spoil it. For the holder of the partition's lock.
 */
final class Ghosts {
  /** The bytes of a bucket. */
  static final int BUCKET_BYTES = 32;

  private static final int SLOTS = BUCKET_BYTES / Short.BYTES;
  private static final int HOME_SHIFT = 40;
  private static final int FINGERPRINT_SHIFT = 10;
  private static final int FINGERPRINT_MASK = 0xFFF0;
  private static final int FREQUENCY_MASK = 0xF;
  private static final int STAMPED = 1 << 15;
  private static final int HALVINGS_MAX = 4;

  // Four ghosts in a word, compared at once.
  private static final int LANES = Long.BYTES / Short.BYTES;
  private static final long LANE_ONES = 0x0001000100010001L;
  private static final long LANE_LOW_BITS = LANE_ONES * Short.MAX_VALUE;
  private static final long LANE_FINGERPRINTS = ~(LANE_ONES * FREQUENCY_MASK);
  private static final long LANE_FREQUENCIES = LANE_ONES * FREQUENCY_MASK;
  private static final long LANE_GATHER = 0x0001000200040008L;
  private static final int LANE_GATHER_SHIFT = 48;

  private final Memory memory;
  private final long offset;
  private final int buckets;

  Ghosts(Memory memory, long offset, int bytes) {
    this.memory = memory;
    this.offset = offset;
    this.buckets = bytes / BUCKET_BYTES;
  }

  /** How many keys can be remembered. */
  int capacity() {
    return buckets * (SLOTS - 1);
  }

  /** Forgets a key; returns the frequency that it had, 0 when it is not remembered. */
  int take(long hash, int epoch) {
    long bucket = bucket(hash, epoch);
    long pattern = fingerprint(hash) * LANE_ONES;
    for (int first = 0; first < SLOTS; first += LANES) {
      long word = memory.getLong(bucket + (long) first * Short.BYTES);
      // Not the stamp, which takes the place of the first slot, and not what is empty.
      int slots = slotsEqual(word & LANE_FINGERPRINTS, pattern) & ~slotsWith(word, 0) & (first == 0 ? -2 : -1);
      if (slots != 0) {
        int slot = Integer.numberOfTrailingZeros(slots);
        setGhost(bucket, first + slot, 0);
        return (int) (word >>> (slot * Short.SIZE)) & FREQUENCY_MASK;
      }
    }
    return 0;
  }

  /** Remembers a key that had a frequency. */
  void put(long hash, int frequency, int epoch) {
    if (frequency == 0) {
      return;
    }
    long bucket = bucket(hash, epoch);
    // Of those that are equally frequent one is as likely to go as another: where the search begins is in the hash.
    int first = 1 + (int) (hash & Integer.MAX_VALUE) % (SLOTS - 1);
    setGhost(bucket, leastFrequent(bucket, first), fingerprint(hash) | Math.min(frequency, FREQUENCY_MASK));
  }

  /** The slot of the least frequent ghost, of several the first from {@code first} on. */
  private int leastFrequent(long bucket, int first) {
    // Not the stamp, which takes the place of the first slot.
    long word0 = memory.getLong(bucket) | FREQUENCY_MASK;
    long word1 = memory.getLong(bucket + Long.BYTES);
    long word2 = memory.getLong(bucket + 2L * Long.BYTES);
    long word3 = memory.getLong(bucket + 3L * Long.BYTES);
    int slots = 0;
    for (int frequency = 0; slots == 0; frequency++) {
      slots =
          slotsWith(word0, frequency)
              | (slotsWith(word1, frequency) << LANES)
              | (slotsWith(word2, frequency) << (2 * LANES))
              | (slotsWith(word3, frequency) << (3 * LANES));
      slots &= frequency == FREQUENCY_MASK ? -2 : -1;
    }
    int behind = slots & (-1 << first);
    return Integer.numberOfTrailingZeros(behind != 0 ? behind : slots);
  }

  /** Which of the four ghosts of a word have a frequency: a bit for each. */
  private static int slotsWith(long word, int frequency) {
    return slotsEqual(word & LANE_FREQUENCIES, frequency * LANE_ONES);
  }

  private static int slotsEqual(long word, long pattern) {
    long difference = word ^ pattern;
    long lowBits = (difference & LANE_LOW_BITS) + LANE_LOW_BITS;
    long equal = (~(difference | lowBits) >>> (Short.SIZE - 1)) & LANE_ONES;
    return (int) ((equal * LANE_GATHER) >>> LANE_GATHER_SHIFT);
  }

  private static int fingerprint(long hash) {
    return ((int) (hash >>> FINGERPRINT_SHIFT) << 4) & FINGERPRINT_MASK;
  }

  /** The bucket of a key, with its frequencies halved as often as is due. */
  private long bucket(long hash, int epoch) {
    long bucket = bucketOf((int) (hash >>> HOME_SHIFT));
    int stamp = ghost(bucket, 0);
    int now = STAMPED | (epoch & (STAMPED - 1));
    if (stamp != now) {
      if (stamp != 0) {
        halve(bucket, Math.min((now - stamp) & (STAMPED - 1), HALVINGS_MAX));
      }
      setGhost(bucket, 0, now);
    }
    return bucket;
  }

  /** The bucket of all keys that have the same 24 highest bits, and of others. */
  private long bucketOf(int highest) {
    return offset + (((long) highest * buckets) >>> (Long.SIZE - HOME_SHIFT)) * BUCKET_BYTES;
  }

  private void halve(long bucket, int times) {
    for (int slot = 1; slot < SLOTS; slot++) {
      int ghost = ghost(bucket, slot);
      int frequency = (ghost & FREQUENCY_MASK) >>> times;
      setGhost(bucket, slot, frequency == 0 ? 0 : (ghost & FINGERPRINT_MASK) | frequency);
    }
  }

  private int ghost(long bucket, int slot) {
    return memory.getShort(bucket + (long) slot * Short.BYTES);
  }

  private void setGhost(long bucket, int slot, int ghost) {
    memory.putShort(bucket + (long) slot * Short.BYTES, ghost);
  }
}
