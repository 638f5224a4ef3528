package io.larder.allocator;

/**
 * Blocks that overwrites have set free, one for each partition and class of small blocks. A spare is still
 * allocated, and named by the partition's record; the next overwrite takes it, and leaves the block of the entry
 * that it took the place of. So overwriting touches no bitmap and no list. A kill that loses a spare's name leaks
 * a block like any other.
 *
 * <p>All methods are for the holder of the partition's lock. A spare never lies in a slab that is drained, and it is
 * never the only block of its slab, which could go to the pool otherwise.
 */
public record Spares(
    Memory memory,
    long firstWord,
    int partitionBytes,
    long firstDescriptor,
    int descriptorBytes,
    long slabsOffset,
    int slabShift,
    int slabCount,
    int unitShift,
    SizeClasses sizeClasses,
    int classes) {

  /** Larger blocks are not kept: copying them costs more than a bitmap. */
  private static final int BLOCK_BYTES_MAX = 1024;

  /** The spares of a region. */
  public static Spares of(Memory memory, RegionGeometry geometry, SizeClasses sizeClasses) {
    int small = 0;
    while (small < sizeClasses.count() && sizeClasses.blockBytes(small) <= BLOCK_BYTES_MAX) {
      small++;
    }
    return new Spares(
        memory,
        geometry.partitionSlabsOffset(0) + PartitionSlabsLayout.SPARE_OFFSET,
        geometry.partitionBytes(),
        geometry.descriptorOffset(0),
        SlabLayout.descriptorBytes(geometry.slabBytes()),
        geometry.slabsOffset(),
        geometry.slabShift(),
        geometry.slabCount(),
        geometry.unitShift(),
        sizeClasses,
        small);
  }

  private long wordOfBoth(int partition) {
    return firstWord
        - PartitionSlabsLayout.SPARE_OFFSET
        + PartitionSlabsLayout.NEW_BLOCK_OFFSET
        + (long) partition * partitionBytes;
  }

  /** Names a block that takes the place of another, and this, as {@link PartitionSlabs} does for each: ALC-4. */
  public void nameBoth(int partition, long newBlock, long oldBlock) {
    memory.putLong(wordOfBoth(partition), ((oldBlock >>> unitShift) << Integer.SIZE) | (newBlock >>> unitShift));
  }

  /** Neither has to be named any more. */
  public void nameNone(int partition) {
    memory.setLongRelease(wordOfBoth(partition), 0);
  }

  private long word(int partition, int sizeClass) {
    return firstWord + (long) partition * partitionBytes + (long) sizeClass * Integer.BYTES;
  }

  /** The spare of a class, which stays it; {@link PartitionSlabs#NO_BLOCK} when there is none. */
  public long get(int partition, int sizeClass) {
    return Integer.toUnsignedLong(memory.getInt(word(partition, sizeClass))) << unitShift;
  }

  /** Takes the spare of a class; {@link PartitionSlabs#NO_BLOCK} when there is none. */
  public long take(int partition, int sizeClass) {
    long block = get(partition, sizeClass);
    if (block != PartitionSlabs.NO_BLOCK) {
      drop(partition, sizeClass);
    }
    return block;
  }

  /** Lets a class have no spare: to be called before anything refers to the one that it had. */
  public void drop(int partition, int sizeClass) {
    memory.putInt(word(partition, sizeClass), 0);
  }

  /** Makes a block that nothing refers to any more the spare of its class, which has none. */
  public void keep(int partition, int sizeClass, long block) {
    // Nobody who finds the spare after a kill may find the reference, too.
    memory.releaseFence();
    memory.putInt(word(partition, sizeClass), (int) (block >>> unitShift));
  }

  /**
   * Whether a block could become the spare of the class: it is an allocated block of the class and not its spare, and
   * its slab is not being drained and has other blocks. A slot that has been damaged may name anything, and what is
   * kept here is written to.
   */
  public boolean canKeep(int partition, int sizeClass, long block) {
    long slab = (block - slabsOffset) >>> slabShift;
    if (sizeClass >= classes || slab >= slabCount) {
      return false;
    }
    long descriptor = firstDescriptor + slab * descriptorBytes;
    // State, class and partition; above them the count of blocks.
    long head = memory.getLong(descriptor + SlabLayout.STATE_OFFSET);
    int open = SlabLayout.BLOCKS | sizeClass << 8 | partition << 16;
    if ((int) head != open || head >>> Integer.SIZE == 1 || get(partition, sizeClass) == block) {
      return false;
    }
    long inSlab = (block - slabsOffset) & ((1L << slabShift) - 1);
    int index = sizeClasses.blockIndex(sizeClass, inSlab);
    return (long) index * sizeClasses.blockBytes(sizeClass) == inSlab
        && (memory.getLong(SlabLayout.bitmapWord(descriptor, index >>> 6)) & 1L << index) != 0;
  }
}
