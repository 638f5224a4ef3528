package io.larder.allocator;

/**
 * The doubly linked lists of a partition's slabs: the ring by age, and for each size class the slabs with a free block.
 * Which slab belongs where is for {@link PartitionSlabs} to know. For the holder of the partition's lock; no method
 * allocates.
 *
 * <pre>
 * ALC-5  A change of a list that a kill has interrupted is made again
 *   Words      : linkSlab, and linkPrevious and linkNext, its neighbours where it is in the list; linking: which way it
 *                goes, and which list it is
 *   Writer     : L1 fence     L2 linkSlab, linkPrevious, linkNext     L3 fence     L4 linking     L5 fence
 *                L6 the change     L7 release linking as 0
 *   Argument   : the change is made of these words alone. So made twice, or again over any part of it, it is made once;
 *                but for the age of a slab that becomes the youngest, which is larger than all before it in any case
 *   Killed     : before L4 nothing has changed; between L4 and L7 the repairer does L6 and L7. By L1 and L3 the words
 *                are not those of another change: L7 may come late, and with it nothing of what follows L1
 *   Checked by : CrashAtEveryStoreTest, WrittenRepairTest
 * </pre>
 */
final class SlabLists {
  // The word linking: one of the two ways, the bit of the ring, or else a class above them; 0 for none.
  private static final int IN = 1;
  private static final int OUT = 2;
  private static final int RING = 4;
  private static final int CLASS_SHIFT = 8;

  private final Memory memory;
  private final long record;
  private final long descriptors;
  private final int descriptorBytes;
  private final int slabCount;

  /** What was only touched goes here, so that the compiler does not leave it out. */
  int looked;

  SlabLists(Memory memory, RegionGeometry geometry, int partition) {
    this.memory = memory;
    this.record = geometry.partitionSlabsOffset(partition);
    this.descriptors = geometry.descriptorOffset(0);
    this.descriptorBytes = SlabLayout.descriptorBytes(geometry.slabBytes());
    this.slabCount = geometry.slabCount();
  }

  /** Makes a slab the first of its class's with a free block. */
  void linkPartial(int slab, int sizeClass) {
    change(IN | sizeClass << CLASS_SHIFT, slab + 1, 0, memory.getInt(partialHead(sizeClass)));
  }

  /** Takes a slab out of its class's with a free block. */
  void unlinkPartial(int slab, int sizeClass) {
    long descriptor = descriptor(slab + 1);
    change(
        OUT | sizeClass << CLASS_SHIFT,
        slab + 1,
        memory.getInt(descriptor + SlabLayout.PARTIAL_PREVIOUS_OFFSET),
        memory.getInt(descriptor + SlabLayout.PARTIAL_NEXT_OFFSET));
  }

  /** Makes a slab the youngest of the ring. */
  void append(int slab) {
    change(IN | RING, slab + 1, memory.getInt(record + PartitionSlabsLayout.RING_YOUNGEST_OFFSET), 0);
  }

  /** Takes a slab out of the ring. */
  void unlink(int slab) {
    long descriptor = descriptor(slab + 1);
    change(
        OUT | RING,
        slab + 1,
        memory.getInt(descriptor + SlabLayout.RING_PREVIOUS_OFFSET),
        memory.getInt(descriptor + SlabLayout.RING_NEXT_OFFSET));
  }

  /** Writes down what is about to be done, and does it. Slabs are named by index plus one, 0 is none. */
  private void change(int linking, int slab, int previous, int next) {
    touch(previous);
    touch(next);
    memory.releaseFence();
    memory.putInt(record + PartitionSlabsLayout.LINK_SLAB_OFFSET, slab);
    memory.putInt(record + PartitionSlabsLayout.LINK_PREVIOUS_OFFSET, previous);
    memory.putInt(record + PartitionSlabsLayout.LINK_NEXT_OFFSET, next);
    memory.releaseFence();
    memory.putInt(record + PartitionSlabsLayout.LINKING_OFFSET, linking);
    memory.releaseFence();
    make(linking, slab, previous, next);
  }

  /** The first touch of a page is where a kill is met most often: not while a list is being changed. */
  private void touch(int reference) {
    looked ^= reference == 0 ? 0 : memory.getInt(descriptor(reference) + SlabLayout.HINT_OFFSET);
  }

  /**
   * For repair: makes the change that was under way, if there was one.
   *
   * @throws DamagedRegionException when what is written down is none
   */
  void mend() {
    int linking = memory.getInt(record + PartitionSlabsLayout.LINKING_OFFSET);
    if (linking == 0) {
      return;
    }
    int slab = memory.getInt(record + PartitionSlabsLayout.LINK_SLAB_OFFSET);
    int previous = memory.getInt(record + PartitionSlabsLayout.LINK_PREVIOUS_OFFSET);
    int next = memory.getInt(record + PartitionSlabsLayout.LINK_NEXT_OFFSET);
    if (!isList(linking) || slab == 0 || !isOther(slab, 0) || !isOther(previous, slab) || !isOther(next, slab)) {
      throw new DamagedRegionException(
          "linking=" + linking + " of slab " + slab + " between " + previous + " and " + next + " is nothing");
    }
    make(linking, slab, previous, next);
  }

  private static boolean isList(int linking) {
    int way = linking & ~RING & ((1 << CLASS_SHIFT) - 1);
    int sizeClass = linking >>> CLASS_SHIFT;
    return (way == IN || way == OUT)
        && sizeClass < PartitionSlabsLayout.CLASSES_MAX
        && (sizeClass == 0 || (linking & RING) == 0);
  }

  /** Whether a word names a slab, not this one, or none. */
  private boolean isOther(int reference, int slab) {
    return reference == 0 || (reference > 0 && reference <= slabCount && reference != slab);
  }

  private void make(int linking, int slab, int previous, int next) {
    if ((linking & RING) != 0) {
      makeInRing((linking & IN) != 0, slab, previous, next);
    } else {
      makeInPartial((linking & IN) != 0, linking >>> CLASS_SHIFT, slab, previous, next);
    }
    memory.setIntRelease(record + PartitionSlabsLayout.LINKING_OFFSET, 0);
  }

  private void makeInRing(boolean in, int slab, int previous, int next) {
    long descriptor = descriptor(slab);
    if (in) {
      long age = memory.getLong(record + PartitionSlabsLayout.AGE_NEXT_OFFSET);
      memory.putInt(descriptor + SlabLayout.RING_PREVIOUS_OFFSET, previous);
      memory.putInt(descriptor + SlabLayout.RING_NEXT_OFFSET, next);
      memory.putLong(descriptor + SlabLayout.AGE_OFFSET, age);
      memory.putLong(record + PartitionSlabsLayout.AGE_NEXT_OFFSET, age + 1);
    }
    long oldest = record + PartitionSlabsLayout.RING_OLDEST_OFFSET;
    memory.putInt(previous == 0 ? oldest : descriptor(previous) + SlabLayout.RING_NEXT_OFFSET, in ? slab : next);
    long youngest = record + PartitionSlabsLayout.RING_YOUNGEST_OFFSET;
    memory.putInt(next == 0 ? youngest : descriptor(next) + SlabLayout.RING_PREVIOUS_OFFSET, in ? slab : previous);
  }

  private void makeInPartial(boolean in, int sizeClass, int slab, int previous, int next) {
    long descriptor = descriptor(slab);
    if (in) {
      memory.putInt(descriptor + SlabLayout.PARTIAL_PREVIOUS_OFFSET, previous);
      memory.putInt(descriptor + SlabLayout.PARTIAL_NEXT_OFFSET, next);
    }
    long before = previous == 0 ? partialHead(sizeClass) : descriptor(previous) + SlabLayout.PARTIAL_NEXT_OFFSET;
    memory.putInt(before, in ? slab : next);
    if (next != 0) {
      memory.putInt(descriptor(next) + SlabLayout.PARTIAL_PREVIOUS_OFFSET, in ? slab : previous);
    }
  }

  private long partialHead(int sizeClass) {
    return record + PartitionSlabsLayout.PARTIAL_OFFSET + (long) sizeClass * Integer.BYTES;
  }

  /** Where the descriptor of a slab is that is named by index plus one. */
  private long descriptor(int reference) {
    return descriptors + (long) (reference - 1) * descriptorBytes;
  }
}
