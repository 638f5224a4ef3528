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

  private final Memory memory;
  private final long offset;
  private final int buckets;

  Ghosts(Memory memory, long offset, int bytes) {
    this.memory = memory;
    this.offset = offset;
    this.buckets = bytes / BUCKET_BYTES;
  }

  /** Forgets a key; returns the frequency that it had, 0 when it is not remembered. */
  int take(long hash, int epoch) {
    long bucket = bucket(hash, epoch);
    int fingerprint = fingerprint(hash);
    for (int slot = 1; slot < SLOTS; slot++) {
      int ghost = ghost(bucket, slot);
      if ((ghost & FINGERPRINT_MASK) == fingerprint && ghost != 0) {
        setGhost(bucket, slot, 0);
        return ghost & FREQUENCY_MASK;
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
    int place = 0;
    int least = FREQUENCY_MASK + 1;
    // Of those that are equally frequent one is as likely to go as another: where the search begins is in the hash.
    int slot = 1 + (int) (hash & Integer.MAX_VALUE) % (SLOTS - 1);
    for (int left = SLOTS - 1; left > 0 && least != 0; left--) {
      int found = ghost(bucket, slot) & FREQUENCY_MASK;
      if (found < least) {
        least = found;
        place = slot;
      }
      slot = slot + 1 == SLOTS ? 1 : slot + 1;
    }
    setGhost(bucket, place, fingerprint(hash) | Math.min(frequency, FREQUENCY_MASK));
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
