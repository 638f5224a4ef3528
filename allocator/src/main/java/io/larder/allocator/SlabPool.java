package io.larder.allocator;

import java.util.function.IntConsumer;

/**
 * The slabs of a region that belong to nobody, shared by all partitions without a lock.
 *
 * <p>Any thread may take and give; neither blocks.
 *
 * <pre>
 * ALC-1  A free slab is handed to one taker
 *   Shared     : poolHead (tag and slab reference), poolNext and poolDepth in each descriptor, poolUntouched,
 *                slabsUnreserved, and the hands: a word of each partition that names the slab which its lock's holder
 *                is taking or giving
 *   Threads    : any number of takers and givers, also in other processes
 *   Invariant  : a slab is on the stack, or at or above poolUntouched, or taken, and only one of these. The last
 *                slabsUnreserved, which become fewer only, are not taken: they have no space yet
 *   Taker      : T1 acquire head   T2 next of its descriptor   T3 release the hand   T4 CAS head to (tag + 1, next)
 *                stack empty: T5 release the hand   T6 CAS poolUntouched to one more
 *   Giver      : G1 plain next and depth     G2 CAS head to (tag + 1, slab)
 *   Argument   : every change of the head raises its tag, so T4 succeeds only if no one else took or gave
 *                since T1, and then next is what the giver of that slab wrote (G1 happens-before G2, whose value T1
 *                read)
 *   Stale read : T2 may read the next of a slab that was taken meanwhile; T4 then fails
 *   Killed     : between T4 or T6 and the claim of the descriptor, or before G2, the slab is FREE by its descriptor and
 *                in no one's hands but the partition's word, from which repair knows of it, ALC-3
 *   Checked by : SlabPoolTest, SlabPoolInterleavingTest, CrashAtEveryStoreTest; jcstress SlabPoolHandover
 *
 * ALC-3  What a killed writer had in hand comes back once
 *   Repairer   : R1 acquire head     R2 walk the stack     R3 acquire the hands of the other partitions
 *                R4 acquire the descriptor's state     R5 head again, the same as in R1
 *   Argument   : with R5 nothing was taken or given between R1 and R5, so the slab was not on the stack all that time.
 *                Who else took it before R1 had named it in his hand before (T3), and takes it from there only after
 *                he has claimed it, which R4 sees. So, FREE and in no hand, it is nobody's, and only the holder of this
 *                partition's lock can know of it
 * </pre>
 */
public final class SlabPool {
  /** The answer of {@link #take} when there is none. */
  public static final int NONE = -1;

  private static final int REFERENCE_BITS = 32;
  private static final long REFERENCE_MASK = (1L << REFERENCE_BITS) - 1;

  /** So often repair looks at a pool that others change meanwhile, before it leaves a slab lost. */
  private static final int LOOKS_MAX = 1_000;

  private final Memory memory;
  private final RegionGeometry geometry;

  public SlabPool(Memory memory, RegionGeometry geometry) {
    this.memory = memory;
    this.geometry = geometry;
  }

  /**
   * Takes a free slab: its index, or {@link #NONE}. Its content is unknown; its descriptor says {@link
   * SlabLayout#FREE}.
   *
   * @param hand the offset of the word that names what the caller is about to take: the reference stays there
   */
  public int take(long hand) {
    for (; ; ) {
      long head = memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET);
      int reference = (int) (head & REFERENCE_MASK);
      if (reference == 0) {
        return takeUntouched(hand);
      }
      int slab = reference - 1;
      if (!isFree(slab)) {
        // Taken since, and then the head has changed, too. Otherwise the list is damaged, and is cut.
        memory.compareAndSetLong(RegionLayout.POOL_HEAD_OFFSET, head, tagAfter(head));
        continue;
      }
      long next = memory.getInt(geometry.descriptorOffset(slab) + SlabLayout.POOL_NEXT_OFFSET) & REFERENCE_MASK;
      memory.setIntRelease(hand, reference);
      if (memory.compareAndSetLong(RegionLayout.POOL_HEAD_OFFSET, head, tagAfter(head) | next)) {
        return slab;
      }
    }
  }

  private int takeUntouched(long hand) {
    for (; ; ) {
      long untouched = memory.getLongAcquire(RegionLayout.POOL_UNTOUCHED_OFFSET);
      if (untouched < 0 || untouched >= end()) {
        memory.setIntRelease(hand, 0);
        return NONE;
      }
      memory.setIntRelease(hand, (int) untouched + 1);
      boolean untaken = isFree((int) untouched);
      if (memory.compareAndSetLong(RegionLayout.POOL_UNTOUCHED_OFFSET, untouched, untouched + 1) && untaken) {
        return (int) untouched;
      }
    }
  }

  /** Whether a slab is one that is free by its descriptor; what the list names is so, unless it has been damaged. */
  private boolean isFree(int slab) {
    return slab >= 0
        && slab < geometry.slabCount()
        && memory.getByte(geometry.descriptorOffset(slab) + SlabLayout.STATE_OFFSET) == SlabLayout.FREE;
  }

  /** Gives a slab back whose descriptor already says {@link SlabLayout#FREE}. */
  public void give(int slab) {
    long descriptor = geometry.descriptorOffset(slab);
    for (; ; ) {
      long head = memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET);
      memory.putInt(descriptor + SlabLayout.POOL_NEXT_OFFSET, (int) (head & REFERENCE_MASK));
      memory.putInt(descriptor + SlabLayout.POOL_DEPTH_OFFSET, depth(head) + 1);
      if (memory.compareAndSetLong(RegionLayout.POOL_HEAD_OFFSET, head, tagAfter(head) | (slab + 1))) {
        return;
      }
    }
  }

  private static long tagAfter(long head) {
    return (head & ~REFERENCE_MASK) + (1L << REFERENCE_BITS);
  }

  /** How many slabs are on the stack. */
  private int depth(long head) {
    int reference = (int) (head & REFERENCE_MASK);
    boolean none = reference <= 0 || reference > geometry.slabCount();
    return none ? 0 : memory.getInt(geometry.descriptorOffset(reference - 1) + SlabLayout.POOL_DEPTH_OFFSET);
  }

  /** How many slabs are free; may be off by those that are on their way. */
  public int freeCount() {
    long untouched = memory.getLongOpaque(RegionLayout.POOL_UNTOUCHED_OFFSET);
    long free = depth(memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET)) + end() - untouched;
    return Math.clamp(free, 0, geometry.slabCount());
  }

  /**
   * Gives a slab back that the killed holder of a partition's lock had in hand, if it is nobody's, ALC-3. For the
   * repair of that partition.
   *
   * @return whether it was; no also when that could not be found out, and then it may be lost
   */
  boolean giveIfLost(int slab, int partition) {
    long descriptor = geometry.descriptorOffset(slab);
    for (int look = 0; look < LOOKS_MAX; look++) {
      long head = memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET);
      boolean pooled = isPooled(slab, head);
      boolean held = isInHandOfOthers(slab, partition);
      int state = memory.getIntAcquire(descriptor + SlabLayout.STATE_OFFSET) & 0xFF;
      if (memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET) == head) {
        if (pooled || state != SlabLayout.FREE) {
          return false;
        }
        if (!held) {
          give(slab);
          return true;
        }
      }
      Thread.onSpinWait();
    }
    return false;
  }

  private boolean isPooled(int slab, long head) {
    int reference = (int) (head & REFERENCE_MASK);
    for (int left = geometry.slabCount(); reference != 0 && left > 0; left--) {
      if (reference == slab + 1) {
        return true;
      }
      reference =
          memory.getIntAcquire(geometry.descriptorOffset(reference - 1) + SlabLayout.POOL_NEXT_OFFSET);
      if (memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET) != head) {
        return true;
      }
    }
    return slab >= memory.getLongAcquire(RegionLayout.POOL_UNTOUCHED_OFFSET);
  }

  private boolean isInHandOfOthers(int slab, int partition) {
    for (int other = 0; other < geometry.partitionCount(); other++) {
      long hand = geometry.partitionSlabsOffset(other) + PartitionSlabsLayout.HAND_OFFSET;
      if (other != partition && memory.getIntAcquire(hand) == slab + 1) {
        return true;
      }
    }
    return false;
  }

  /** Tells {@code seen} every slab that the pool holds; nobody may take or give meanwhile. */
  public void forEachFree(IntConsumer seen) {
    int reference = (int) (memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET) & REFERENCE_MASK);
    while (reference != 0) {
      seen.accept(reference - 1);
      reference = memory.getInt(geometry.descriptorOffset(reference - 1) + SlabLayout.POOL_NEXT_OFFSET);
    }
    int untouched = (int) memory.getLongAcquire(RegionLayout.POOL_UNTOUCHED_OFFSET);
    for (int slab = untouched; slab < end(); slab++) {
      seen.accept(slab);
    }
  }

  // ---- slabs that have no space

  /** The slabs from this one on have never had space, and are not to be taken. */
  public int end() {
    long unreserved = memory.getLongAcquire(RegionLayout.SLABS_UNRESERVED_OFFSET);
    return geometry.slabCount() - Math.clamp(unreserved, 0, geometry.slabCount());
  }

  /** Lets the slabs below {@code end}, which have space and are all zero, be taken. For who resizes the region. */
  public void setEnd(int end) {
    memory.setLongRelease(RegionLayout.SLABS_UNRESERVED_OFFSET, geometry.slabCount() - end);
  }

  /** Whether a slab below {@link #end} has no space, or is about to lose it. */
  public boolean isRetired(int slab) {
    return (memory.getIntAcquire(geometry.descriptorOffset(slab) + SlabLayout.STATE_OFFSET) & 0xFF)
        == SlabLayout.RETIRED;
  }

  /** How many slabs have space; off by one for a moment while one loses it or gets it. */
  public int reservedCount() {
    int end = end();
    return end - Math.clamp(memory.getLongAcquire(RegionLayout.SLABS_RETIRED_OFFSET), 0, end);
  }

  /** How many slabs below {@link #end} have no space, or are about to lose it; looks at all of them. */
  public int countRetired() {
    int retired = 0;
    int end = end();
    for (int slab = 0; slab < end; slab++) {
      retired += isRetired(slab) ? 1 : 0;
    }
    return retired;
  }
}
