package io.larder.engine;

import io.larder.allocator.FieldOffset;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * One cache line of the index: a stamp, eleven slots of four bytes, and a tag of one byte for each slot.
 *
 * <p>The stamp word holds a counter (odd while a writer changes the bucket) and two bits per slot that say
 * how many buckets behind its home bucket the slot's entry lies: 0, 1, 2, or {@link #DISTANCE_FAR} for three
 * and more. {@code pass} counts the entries whose home is this bucket or one before it and that lie in a
 * bucket behind it: a lookup goes on to the next bucket while it is not zero.
 *
 * <p>A slot is the entry's block in units of the region; 0 is empty, and its tag is 0 then. A tag is never 0
 * otherwise.
 *
 * <p>Budget: 64 bytes / (11 slots × a load of 0.67 to 0.80) = 7.3 to 8.7 bytes for an entry.
 */
public final class BucketLayout {
  /** How many slots a bucket has. */
  public static final int SLOTS = 11;

  /** The slots whose tags are in the first word of tags; the others' are in the tail word. */
  static final int SLOTS_LOW = 8;

  /** The bucket. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("stamp"),
          MemoryLayout.sequenceLayout(SLOTS_LOW, ValueLayout.JAVA_BYTE).withName("tags"),
          MemoryLayout.sequenceLayout(SLOTS, ValueLayout.JAVA_INT).withName("slots"),
          MemoryLayout.sequenceLayout(SLOTS - SLOTS_LOW, ValueLayout.JAVA_BYTE).withName("tagsTail"),
          ValueLayout.JAVA_BYTE.withName("pass"));

  public static final long STAMP_OFFSET = offset("stamp");
  public static final long TAGS_OFFSET = offset("tags");
  public static final long SLOTS_OFFSET = offset("slots");
  public static final long TAGS_TAIL_OFFSET = offset("tagsTail");
  public static final long PASS_OFFSET = offset("pass");

  /** The bytes of a bucket. */
  public static final int BYTES = (int) LAYOUT.byteSize();

  static final int BYTES_SHIFT = Integer.numberOfTrailingZeros(BYTES);

  /** The largest value of {@code pass}. */
  static final int PASS_MAX = 255;

  /** Set in the stamp while a writer changes the bucket. */
  static final long WRITING = 1;

  private static final int DISTANCE_SHIFT = Long.SIZE - 2 * SLOTS;
  private static final long COUNTER_MASK = (1L << DISTANCE_SHIFT) - 1;

  /** The distance of an entry that lies three or more buckets behind its home. */
  static final int DISTANCE_FAR = 3;

  /** {@code pass} in the tail word. */
  static final int TAIL_PASS_SHIFT = 24;

  // Between a low slot and the one that its neighbouring bit stands for.
  private static final int HIGH_SLOTS_SHIFT = Integer.numberOfTrailingZeros(SLOTS_LOW * Integer.BYTES);

  private static final long HIGH_SLOTS_OFFSET = SLOTS_OFFSET + (long) SLOTS_LOW * Integer.BYTES;

  // Below the highest of the bits that stand for the first slot.
  private static final int BITS_BELOW = Byte.SIZE - 2;

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final int TAIL_ONES = 0x010101;
  private static final int TAIL_HIGHS = 0x808080;

  static {
    assert BYTES == 64 && DISTANCE_SHIFT == 42;
  }

  private BucketLayout() {}

  private static long offset(String name) {
    return FieldOffset.of(LAYOUT, name);
  }

  /** The tag of a fingerprint: 1 to 255. */
  static int tag(long hash) {
    int tag = (int) (hash >>> 16) & 0xFF;
    return tag == 0 ? 1 : tag;
  }

  /** The tag in each byte of a word. */
  static long pattern(int tag) {
    return tag * ONES;
  }

  /**
   * The slots whose tags equal the pattern's, as a set of bits to be walked with {@link #candidate} and
   * {@code set & (set - 1)}. A slot may be in it although its tag differs by one, which the comparison of the
   * keys finds out. One set for all slots, so that no branch depends on where in the bucket an entry lies.
   *
   * @param tags the first word of tags
   * @param tail the tail word
   */
  static long candidates(long tags, int tail, long pattern) {
    return matches(tags, pattern) | Integer.toUnsignedLong(matchesTail(tail, pattern) >>> 1);
  }

  /** The offset of the first slot of a set of {@link #candidates}, in the bucket at {@code bucket}. */
  static long candidate(long bucket, long set) {
    // Of the low slots the bits are the highest of each byte, and their offsets 4 apart; of the others the bits are the
    // ones below those.
    long bit = Long.numberOfTrailingZeros(set);
    return bucket + HIGH_SLOTS_OFFSET - BITS_BELOW / 2 + (bit >>> 1) - ((bit & 1) << HIGH_SLOTS_SHIFT);
  }

  /**
   * The high bit of each byte of {@code tags} that equals the pattern's; bytes above an equal one may be
   * wrong by one.
   */
  private static long matches(long tags, long pattern) {
    long difference = tags ^ pattern;
    return (difference - ONES) & ~difference & HIGHS;
  }

  /** As {@link #matches(long, long)}, for the three tags of the tail word. */
  private static int matchesTail(int tail, long pattern) {
    int difference = tail ^ (int) pattern;
    return (difference - TAIL_ONES) & ~difference & TAIL_HIGHS;
  }

  /** The offset of a slot of the bucket at {@code bucket}. */
  static long slot(long bucket, int slot) {
    return bucket + SLOTS_OFFSET + (long) slot * Integer.BYTES;
  }

  /** The offset of a slot's tag. */
  static long tagOf(long bucket, int slot) {
    return slot < SLOTS_LOW ? bucket + TAGS_OFFSET + slot : bucket + TAGS_TAIL_OFFSET + slot - SLOTS_LOW;
  }

  /** Which slot of its bucket lies at the offset. */
  static int slotIndex(long slot) {
    return (int) ((slot & (BYTES - 1)) - SLOTS_OFFSET) >> 2;
  }

  /** The bucket that a slot lies in; buckets are aligned to their size. */
  static long bucketOf(long slot) {
    return slot & -BYTES;
  }

  /** The distance of a slot's entry from its home in buckets, {@link #DISTANCE_FAR} for three or more. */
  static int distance(long stamp, int slot) {
    return (int) (stamp >>> (DISTANCE_SHIFT + 2 * slot)) & DISTANCE_FAR;
  }

  /** The stamp with another distance for a slot. */
  static long withDistance(long stamp, int slot, int distance) {
    int shift = DISTANCE_SHIFT + 2 * slot;
    return (stamp & ~((long) DISTANCE_FAR << shift)) | ((long) Math.min(distance, DISTANCE_FAR) << shift);
  }

  /** The counter of a stamp: it grows with every change. */
  static long counter(long stamp) {
    return stamp & COUNTER_MASK;
  }

  /** The stamp after a complete change: the counter is two on, and even. */
  static long after(long stamp) {
    return (stamp & ~COUNTER_MASK) | ((stamp + 2) & COUNTER_MASK & ~WRITING);
  }
}
