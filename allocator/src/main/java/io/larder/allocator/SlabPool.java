package io.larder.allocator;

import java.util.function.IntConsumer;

/**
 * The slabs of a region that belong to nobody, shared by all partitions without a lock.
 *
 * <p>Any thread may take and give; neither blocks.
 *
 * <pre>
 * ALC-1  A free slab is handed to one taker
 *   Shared     : poolHead (tag and slab reference), poolNext in each descriptor, poolUntouched, poolFree
 *   Threads    : any number of takers and givers, also in other processes
 *   Invariant  : a slab is on the stack, or at or above poolUntouched, or taken, and only one of these
 *   Taker      : T1 acquire head   T2 next of its descriptor   T3 CAS head to (tag + 1, next)
 *                stack empty: T4 CAS poolUntouched to one more
 *   Giver      : G1 plain next     G2 CAS head to (tag + 1, slab)
 *   Argument   : every change of the head raises its tag, so T3 succeeds only if no one else took or gave
 *                since T1, and then
 *                next is what the giver of that slab wrote (G1 happens-before G2, whose value T1 read)
 *   Stale read : T2 may read the next of a slab that was taken meanwhile; T3 then fails
 *   Killed     : after T3 or T4 the slab is in no one's hands, FREE by its descriptor and unreachable: a leak
 *                that a walk over
 *                the descriptors finds; before G2 likewise. poolFree may then be off; the walk sets it
 *   Checked by : SlabPoolTest, SlabPoolInterleavingTest; jcstress SlabPoolHandover
 * </pre>
 */
public final class SlabPool {
  /** The answer of {@link #take()} when there is none. */
  public static final int NONE = -1;

  private static final int REFERENCE_BITS = 32;
  private static final long REFERENCE_MASK = (1L << REFERENCE_BITS) - 1;

  private final Memory memory;
  private final RegionGeometry geometry;

  public SlabPool(Memory memory, RegionGeometry geometry) {
    this.memory = memory;
    this.geometry = geometry;
  }

  /**
   * Takes a free slab: its index, or {@link #NONE}. Its content is unknown; its descriptor says {@link
   * SlabLayout#FREE}.
   */
  public int take() {
    for (; ; ) {
      long head = memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET);
      int reference = (int) (head & REFERENCE_MASK);
      if (reference == 0) {
        return takeUntouched();
      }
      int slab = reference - 1;
      long next = memory.getInt(geometry.descriptorOffset(slab) + SlabLayout.POOL_NEXT_OFFSET) & REFERENCE_MASK;
      if (memory.compareAndSetLong(RegionLayout.POOL_HEAD_OFFSET, head, tagAfter(head) | next)) {
        memory.getAndAddLong(RegionLayout.POOL_FREE_OFFSET, -1);
        return slab;
      }
    }
  }

  private int takeUntouched() {
    for (; ; ) {
      long untouched = memory.getLongAcquire(RegionLayout.POOL_UNTOUCHED_OFFSET);
      if (untouched >= geometry.slabCount()) {
        return NONE;
      }
      if (memory.compareAndSetLong(RegionLayout.POOL_UNTOUCHED_OFFSET, untouched, untouched + 1)) {
        memory.getAndAddLong(RegionLayout.POOL_FREE_OFFSET, -1);
        return (int) untouched;
      }
    }
  }

  /** Gives a slab back whose descriptor already says {@link SlabLayout#FREE}. */
  public void give(int slab) {
    for (; ; ) {
      long head = memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET);
      memory.putInt(geometry.descriptorOffset(slab) + SlabLayout.POOL_NEXT_OFFSET, (int) (head & REFERENCE_MASK));
      if (memory.compareAndSetLong(RegionLayout.POOL_HEAD_OFFSET, head, tagAfter(head) | (slab + 1))) {
        memory.getAndAddLong(RegionLayout.POOL_FREE_OFFSET, 1);
        return;
      }
    }
  }

  private static long tagAfter(long head) {
    return (head & ~REFERENCE_MASK) + (1L << REFERENCE_BITS);
  }

  /** How many slabs are free; may be off by those that are on their way. */
  public int freeCount() {
    return (int) Math.max(0, memory.getLongOpaque(RegionLayout.POOL_FREE_OFFSET));
  }

  /** Tells {@code seen} every slab that the pool holds; nobody may take or give meanwhile. */
  public void forEachFree(IntConsumer seen) {
    int reference = (int) (memory.getLongAcquire(RegionLayout.POOL_HEAD_OFFSET) & REFERENCE_MASK);
    while (reference != 0) {
      seen.accept(reference - 1);
      reference = memory.getInt(geometry.descriptorOffset(reference - 1) + SlabLayout.POOL_NEXT_OFFSET);
    }
    int untouched = (int) memory.getLongAcquire(RegionLayout.POOL_UNTOUCHED_OFFSET);
    for (int slab = untouched; slab < geometry.slabCount(); slab++) {
      seen.accept(slab);
    }
  }
}
