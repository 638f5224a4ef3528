package io.larder.allocator;

import java.util.Arrays;

/**
 * The block sizes that slabs of one size are cut into.
 *
 * <p>Sizes are multiples of the region's unit. They rise by the unit or by an eighth, whichever is more; from
 * 1 KiB on each is the largest that fits its count of blocks into a slab, so that little of the slab's end is
 * lost. The largest shared class fits eight blocks into a slab. One more class, {@link #whole()}, is a slab
 * of a single block: the bulk of a value that is kept in a chain.
 *
 * <p>Immutable; any thread.
 */
public final class SizeClasses {
  /** The smallest block: an entry header and a dozen bytes. It bounds the bitmap of a slab. */
  public static final int BLOCK_BYTES_MIN = 32;

  private static final int BLOCKS_MIN = 8;
  private static final int FITTED_BYTES_MIN = 1024;
  private static final int STEPS_PER_DOUBLING = 8;

  private final int[] blockBytes;
  private final int[] blockCount;
  private final long[] reciprocal;
  private final byte[] classByUnits;
  private final int unitShift;
  private final int slabBytes;

  private SizeClasses(int[] blockBytes, int unitShift, int slabBytes) {
    this.blockBytes = blockBytes;
    this.unitShift = unitShift;
    this.slabBytes = slabBytes;
    this.blockCount = new int[blockBytes.length];
    this.reciprocal = new long[blockBytes.length];
    for (int i = 0; i < blockBytes.length; i++) {
      blockCount[i] = slabBytes / blockBytes[i];
      reciprocal[i] = ((1L << 32) + blockBytes[i] - 1) / blockBytes[i];
    }
    int shared = blockBytes.length - 1;
    this.classByUnits = new byte[(blockBytes[shared - 1] >>> unitShift) + 1];
    int sizeClass = 0;
    for (int units = 0; units < classByUnits.length; units++) {
      while (blockBytes[sizeClass] < units << unitShift) {
        sizeClass++;
      }
      classByUnits[units] = (byte) sizeClass;
    }
  }

  /**
   * The classes for slabs of {@code slabBytes}, a power of two of 16 KiB to 1 MiB, in units of {@code 1 <<
   * unitShift} bytes, 8 to 1,024.
   */
  public static SizeClasses of(int slabBytes, int unitShift) {
    int unit = 1 << unitShift;
    int[] sizes = new int[256];
    int count = 0;
    int bytesMax = roundDown(slabBytes / BLOCKS_MIN, unit);
    int size = roundUp(BLOCK_BYTES_MIN, unit);
    while (size < bytesMax) {
      sizes[count++] = size;
      int next = size + Math.max(unit, Integer.highestOneBit(size) / STEPS_PER_DOUBLING);
      if (next >= FITTED_BYTES_MIN) {
        int blocks = Math.min((slabBytes + next - 1) / next, slabBytes / size - 1);
        while (roundDown(slabBytes / blocks, unit) <= size) {
          blocks--;
        }
        next = roundDown(slabBytes / blocks, unit);
      }
      size = next;
    }
    sizes[count++] = bytesMax;
    sizes[count++] = slabBytes;
    return new SizeClasses(Arrays.copyOf(sizes, count), unitShift, slabBytes);
  }

  /** How many classes there are, {@link #whole()} included; at most 127. */
  public int count() {
    return blockBytes.length;
  }

  /** The class whose single block is a whole slab: the last one. */
  public int whole() {
    return blockBytes.length - 1;
  }

  /** The largest block, in bytes, of a class that shares its slab. */
  public int sharedBytesMax() {
    return blockBytes[blockBytes.length - 2];
  }

  /** The smallest class whose blocks hold {@code bytes}, 0 to {@link #sharedBytesMax()}. */
  public int classFor(int bytes) {
    return classByUnits[(bytes + (1 << unitShift) - 1) >>> unitShift];
  }

  /** The bytes of a block of the class. */
  public int blockBytes(int sizeClass) {
    return blockBytes[sizeClass];
  }

  /** How many blocks a slab of the class holds. */
  public int blocksPerSlab(int sizeClass) {
    return blockCount[sizeClass];
  }

  /** The index of the block that starts {@code bytesIntoSlab} bytes into a slab of the class. */
  public int blockIndex(int sizeClass, long bytesIntoSlab) {
    // Exact for multiples of the block size below 2^32 / blockBytes blocks: the reciprocal is rounded up by
    // less than one part in 2^32.
    return (int) ((bytesIntoSlab * reciprocal[sizeClass]) >>> 32);
  }

  /** The bytes of a slab. */
  public int slabBytes() {
    return slabBytes;
  }

  private static int roundUp(int bytes, int unit) {
    return (bytes + unit - 1) & -unit;
  }

  private static int roundDown(int bytes, int unit) {
    return bytes & -unit;
  }
}
