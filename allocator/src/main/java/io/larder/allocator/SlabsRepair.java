package io.larder.allocator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.LongPredicate;

/**
 * Mends what a partition keeps about its slabs after its writer was killed, anywhere: from the bitmaps, and from what
 * the caller says of each block. Everything else is derived from these, and made anew.
 *
 * <p>Used once: {@link #mark} each block that the index or a chain refers to, say with {@link #keepUnmarked} what else
 * stays, then {@link #finish}. It may be killed itself at any point and begun again. For the holder of the partition's
 * lock; allocates in proportion to the bitmaps.
 *
 * <p>How it finds the partition's slabs: the ring is a doubly linked list, of which one operation at most was under
 * way. That leaves the way from the oldest slab on or the one from the youngest back broken at the slabs that it was
 * about, and between the two every slab is met but for the one in hand, whose name is in the partition's record. Only
 * after the death of a repairer are the descriptors of all slabs looked at.
 */
public final class SlabsRepair {
  private final Memory memory;
  private final RegionGeometry geometry;
  private final SizeClasses classes;
  private final SlabPool pool;
  private final PartitionSlabs slabs;
  private final int partition;
  private final long record;
  private final Map<Integer, long[]> marks = new HashMap<>();

  /** Gathers the partition's slabs, and closes what its writer had begun. */
  public SlabsRepair(
      Memory memory,
      RegionGeometry geometry,
      SizeClasses classes,
      SlabPool pool,
      PartitionSlabs slabs,
      int partition) {
    this.memory = memory;
    this.geometry = geometry;
    this.classes = classes;
    this.pool = pool;
    this.slabs = slabs;
    this.partition = partition;
    this.record = geometry.partitionSlabsOffset(partition);
    if (memory.getInt(record + PartitionSlabsLayout.RELINKING_OFFSET) != 0) {
      gatherAll();
    } else {
      gather(PartitionSlabsLayout.RING_OLDEST_OFFSET, SlabLayout.RING_NEXT_OFFSET);
      gather(PartitionSlabsLayout.RING_YOUNGEST_OFFSET, SlabLayout.RING_PREVIOUS_OFFSET);
      see(inHand());
    }
  }

  /** When a repair was killed the ring is anything: the descriptors of all slabs say whose they are. */
  private void gatherAll() {
    for (int slab = 0; slab < geometry.slabCount(); slab++) {
      see(slab);
    }
  }

  private void gather(long first, long nextField) {
    Set<Integer> met = new HashSet<>();
    int slab = memory.getInt(record + first) - 1;
    while (isOwn(slab) && met.add(slab)) {
      see(slab);
      slab = memory.getInt(geometry.descriptorOffset(slab) + nextField) - 1;
    }
  }

  private void see(int slab) {
    if (isOwn(slab)) {
      marks.computeIfAbsent(slab, seen -> new long[words(seen)]);
    }
  }

  private boolean isOwn(int slab) {
    return slab >= 0
        && slab < geometry.slabCount()
        && slabs.partition(slab) == partition
        && (slabs.state(slab) == SlabLayout.BLOCKS || slabs.state(slab) == SlabLayout.DRAINING);
  }

  private int inHand() {
    return memory.getInt(record + PartitionSlabsLayout.HAND_OFFSET) - 1;
  }

  private int words(int slab) {
    return (classes.blocksPerSlab(slabs.sizeClass(slab)) + Long.SIZE - 1) / Long.SIZE;
  }

  /** Whether there is an allocated block of this partition at an offset. */
  public boolean isBlock(long offset) {
    return slabs.isAllocated(offset) && marks.containsKey(slabs.slabOf(offset));
  }

  /** Whether a block has been marked. */
  public boolean isMarked(long block) {
    long[] marked = marks.get(slabs.slabOf(block));
    int index = index(block);
    return marked != null && (marked[index >>> 6] & 1L << index) != 0;
  }

  /**
   * Marks a block as one that stays.
   *
   * @return false when it was marked already, or is no block of this partition
   */
  public boolean mark(long block) {
    long[] marked = slabs.isAllocated(block) ? marks.get(slabs.slabOf(block)) : null;
    if (marked == null) {
      return false;
    }
    int index = index(block);
    boolean fresh = (marked[index >>> 6] & 1L << index) == 0;
    marked[index >>> 6] |= 1L << index;
    return fresh;
  }

  private int index(long block) {
    int slab = slabs.slabOf(block);
    return classes.blockIndex(slabs.sizeClass(slab), block - slabs.slabOffset(slab));
  }

  /** Calls {@code visitor} for every slab of the partition. */
  public void forEachSlab(IntConsumer visitor) {
    marks.keySet().forEach(visitor::accept);
  }

  /** Asks about each block that is allocated and not marked, and marks it if it shall stay. */
  public void keepUnmarked(LongPredicate stays) {
    for (int slab : List.copyOf(marks.keySet())) {
      for (int block = slabs.nextLive(slab, 0); block >= 0; block = slabs.nextLive(slab, block + 1)) {
        long offset = slabs.blockOffset(slab, block);
        if (!isMarked(offset) && stays.test(offset)) {
          mark(offset);
        }
      }
    }
  }

  /**
   * Writes everything anew: bitmaps, lists, counts; frees slabs without blocks, and what was in hand. There are no
   * spares and no slab is being drained afterwards.
   */
  public void finish() {
    memory.setIntRelease(record + PartitionSlabsLayout.RELINKING_OFFSET, 1);
    memory.releaseFence();
    for (int sizeClass = 0; sizeClass < PartitionSlabsLayout.CLASSES_MAX; sizeClass++) {
      memory.putInt(record + PartitionSlabsLayout.SPARE_OFFSET + (long) sizeClass * Integer.BYTES, 0);
      memory.putInt(record + PartitionSlabsLayout.PARTIAL_OFFSET + (long) sizeClass * Integer.BYTES, 0);
    }
    List<Integer> ring = new ArrayList<>(marks.keySet());
    ring.sort(Comparator.comparingLong(this::age).thenComparing(Comparator.naturalOrder()));
    for (int slab : ring) {
      open(slab);
    }
    slabs.relink(ring);
    giveBackHand();
    memory.putInt(record + PartitionSlabsLayout.TABLES_OFFSET, countTables());
    memory.setIntRelease(record + PartitionSlabsLayout.HAND_OFFSET, 0);
    memory.setIntRelease(record + PartitionSlabsLayout.RELINKING_OFFSET, 0);
    for (int slab : ring) {
      if (slabs.live(slab) == 0) {
        slabs.freeEmpty(slab);
      }
    }
  }

  private long age(int slab) {
    return memory.getLong(geometry.descriptorOffset(slab) + SlabLayout.AGE_OFFSET);
  }

  private void open(int slab) {
    long descriptor = geometry.descriptorOffset(slab);
    int live = 0;
    long[] marked = marks.getOrDefault(slab, new long[0]);
    for (int word = 0; word < marked.length; word++) {
      memory.putLong(SlabLayout.bitmapWord(descriptor, word), marked[word]);
      live += Long.bitCount(marked[word]);
    }
    memory.putInt(descriptor + SlabLayout.LIVE_OFFSET, live);
    memory.putInt(descriptor + SlabLayout.HINT_OFFSET, 0);
    int sizeClass = slabs.sizeClass(slab);
    memory.setIntRelease(
        descriptor + SlabLayout.STATE_OFFSET, SlabLayout.BLOCKS | sizeClass << 8 | partition << 16);
  }

  /** What was in hand and belongs to nobody goes to the pool; what belongs to the ring is in it again. */
  private void giveBackHand() {
    int slab = inHand();
    if (slab < 0 || slab >= geometry.slabCount() || marks.containsKey(slab)) {
      return;
    }
    if (slabs.state(slab) == SlabLayout.TABLE && slabs.partition(slab) == partition && !isNamed(slab)) {
      memory.setIntRelease(geometry.descriptorOffset(slab) + SlabLayout.STATE_OFFSET, partition << 16);
    }
    if (slabs.state(slab) == SlabLayout.FREE) {
      pool.giveIfLost(slab, partition);
    }
  }

  private boolean isNamed(int slab) {
    for (int table = 0; table < RegionGeometry.TABLES_PER_PARTITION; table++) {
      for (int chunk = 0; chunk < geometry.directoryCapacity(); chunk++) {
        if (named(table, chunk) == slab) {
          return true;
        }
      }
    }
    return false;
  }

  private int countTables() {
    int tables = 0;
    for (int table = 0; table < RegionGeometry.TABLES_PER_PARTITION; table++) {
      for (int chunk = 0; chunk < geometry.directoryCapacity(); chunk++) {
        tables += named(table, chunk) >= 0 ? 1 : 0;
      }
    }
    return tables;
  }

  private int named(int table, int chunk) {
    return memory.getInt(geometry.directoryOffset(partition, table) + (long) chunk * Integer.BYTES) - 1;
  }
}
