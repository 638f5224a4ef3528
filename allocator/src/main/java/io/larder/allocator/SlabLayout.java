package io.larder.allocator;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The descriptor of a slab, kept in a table apart from the slabs so that descriptors lie close together;
 * behind it follows the slab's bitmap, a bit for each block, set while the block is allocated.
 *
 * <p>The bitmap is the truth; {@code live} and {@code hint} can be computed from it. References to slabs are
 * their index plus one: zero means none.
 */
public final class SlabLayout {
  /** In the pool, or never used. */
  public static final int FREE = 0;

  /** Cut into blocks of one size class. */
  public static final int BLOCKS = 1;

  /** Blocks, of which the live ones are being moved or evicted: nothing new is allocated here. */
  public static final int DRAINING = 2;

  /** Given to its owner whole, for a purpose that the owner knows: a part of the index. */
  public static final int TABLE = 3;

  /** Taken from the pool and without space: nobody may touch it until it has been given some again. */
  public static final int RETIRED = 4;

  /** The descriptor without its bitmap. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_BYTE.withName("state"),
          ValueLayout.JAVA_BYTE.withName("sizeClass"),
          ValueLayout.JAVA_SHORT.withName("partition"),
          ValueLayout.JAVA_INT.withName("live"),
          ValueLayout.JAVA_INT.withName("hint"),
          ValueLayout.JAVA_INT.withName("poolNext"),
          ValueLayout.JAVA_INT.withName("ringPrevious"),
          ValueLayout.JAVA_INT.withName("ringNext"),
          ValueLayout.JAVA_INT.withName("partialPrevious"),
          ValueLayout.JAVA_INT.withName("partialNext"),
          ValueLayout.JAVA_LONG.withName("earliestExpiry"),
          ValueLayout.JAVA_LONG.withName("age"),
          ValueLayout.JAVA_INT.withName("poolDepth"),
          MemoryLayout.paddingLayout(12));

  public static final long STATE_OFFSET = offset("state");
  public static final long SIZE_CLASS_OFFSET = offset("sizeClass");
  public static final long PARTITION_OFFSET = offset("partition");
  public static final long LIVE_OFFSET = offset("live");
  public static final long HINT_OFFSET = offset("hint");
  public static final long POOL_NEXT_OFFSET = offset("poolNext");
  public static final long RING_PREVIOUS_OFFSET = offset("ringPrevious");
  public static final long RING_NEXT_OFFSET = offset("ringNext");
  public static final long PARTIAL_PREVIOUS_OFFSET = offset("partialPrevious");
  public static final long PARTIAL_NEXT_OFFSET = offset("partialNext");
  public static final long EARLIEST_EXPIRY_OFFSET = offset("earliestExpiry");
  public static final long AGE_OFFSET = offset("age");
  public static final long POOL_DEPTH_OFFSET = offset("poolDepth");
  public static final long BITMAP_OFFSET = LAYOUT.byteSize();

  private SlabLayout() {}

  /** The bytes of a descriptor with its bitmap. */
  public static int descriptorBytes(int slabBytes) {
    return (int) LAYOUT.byteSize() + slabBytes / SizeClasses.BLOCK_BYTES_MIN / Byte.SIZE;
  }

  /** The offset of a word of the bitmap, given the descriptor's. */
  public static long bitmapWord(long descriptor, int word) {
    return descriptor + BITMAP_OFFSET + (long) word * Long.BYTES;
  }

  private static long offset(String name) {
    return FieldOffset.of(LAYOUT, name);
  }
}
