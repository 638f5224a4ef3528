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
import org.jspecify.annotations.Nullable;

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
  private final Map<Integer, Blocks> found = new HashMap<>();

  /** As {@link #found}, without boxes: open addressing by the slab's number, at most half full. */
  private final Blocks[] table;

  /** The blocks of one slab: which are allocated, which are marked. */
  @SuppressWarnings("ArrayRecordComponent") // bits to be set; never compared
  private record Blocks(int slab, int sizeClass, int blockBytes, long[] allocated, long[] marked) {}

  /** Gathers the partition's slabs, and what is allocated there. */
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
    this.table = new Blocks[Integer.highestOneBit(2 * found.size() + 1) << 1];
    found.values().forEach(this::enter);
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
      found.computeIfAbsent(slab, this::read);
    }
  }

  private boolean isOwn(int slab) {
    return slab >= 0
        && slab < geometry.slabCount()
        && slabs.partition(slab) == partition
        && (slabs.state(slab) == SlabLayout.BLOCKS || slabs.state(slab) == SlabLayout.DRAINING);
  }

  private Blocks read(int slab) {
    int sizeClass = slabs.sizeClass(slab);
    long[] allocated = new long[(classes.blocksPerSlab(sizeClass) + Long.SIZE - 1) / Long.SIZE];
    for (int word = 0; word < allocated.length; word++) {
      allocated[word] = memory.getLong(SlabLayout.bitmapWord(geometry.descriptorOffset(slab), word));
    }
    return new Blocks(slab, sizeClass, classes.blockBytes(sizeClass), allocated, new long[allocated.length]);
  }

  private void enter(Blocks blocks) {
    int at = blocks.slab & (table.length - 1);
    while (table[at] != null) {
      at = (at + 1) & (table.length - 1);
    }
    table[at] = blocks;
  }

  private @Nullable Blocks blocksOf(long offset) {
    long slab = (offset - geometry.slabsOffset()) >>> geometry.slabShift();
    int at = (int) slab & (table.length - 1);
    for (Blocks blocks = table[at]; blocks != null; blocks = table[at]) {
      if (blocks.slab == slab) {
        return blocks;
      }
      at = (at + 1) & (table.length - 1);
    }
    return null;
  }

  private int inHand() {
    return memory.getInt(record + PartitionSlabsLayout.HAND_OFFSET) - 1;
  }

  /** Whether there is an allocated block of this partition at an offset. */
  public boolean isBlock(long offset) {
    Blocks blocks = blocksOf(offset);
    return blocks != null && indexIn(blocks, offset) >= 0;
  }

  /** The index of the allocated block that starts at an offset; -1 if none does. */
  private int indexIn(Blocks blocks, long offset) {
    int inSlab = (int) (offset - geometry.slabOffset(blocks.slab));
    int index = classes.blockIndex(blocks.sizeClass, inSlab);
    boolean starts = index < classes.blocksPerSlab(blocks.sizeClass) && index * blocks.blockBytes == inSlab;
    return starts && (blocks.allocated[index >>> 6] & 1L << index) != 0 ? index : -1;
  }

  /**
   * Marks a block as one that stays.
   *
   * @return false when it was marked already, or is no block of this partition
   */
  public boolean mark(long block) {
    Blocks blocks = blocksOf(block);
    int index = blocks == null ? -1 : indexIn(blocks, block);
    if (blocks == null || index < 0) {
      return false;
    }
    boolean fresh = (blocks.marked[index >>> 6] & 1L << index) == 0;
    blocks.marked[index >>> 6] |= 1L << index;
    return fresh;
  }

  /** Calls {@code visitor} for every slab of the partition. */
  public void forEachSlab(IntConsumer visitor) {
    found.keySet().forEach(visitor::accept);
  }

  /** Asks about each block that is allocated and not marked, and marks it if it shall stay. */
  public void keepUnmarked(LongPredicate stays) {
    for (Blocks blocks : found.values()) {
      for (int word = 0; word < blocks.marked.length; word++) {
        long left = blocks.allocated[word] & ~blocks.marked[word];
        for (; left != 0; left &= left - 1) {
          int index = (word << 6) + Long.numberOfTrailingZeros(left);
          if (stays.test(geometry.slabOffset(blocks.slab) + (long) index * blocks.blockBytes)) {
            blocks.marked[word] |= 1L << index;
          }
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
    List<Integer> ring = new ArrayList<>(found.keySet());
    ring.sort(Comparator.comparingLong(this::age).thenComparing(Comparator.naturalOrder()));
    found.values().forEach(this::open);
    slabs.relink(ring);
    giveBackHand();
    memory.putInt(record + PartitionSlabsLayout.TABLES_OFFSET, slabs.countTables());
    memory.setIntRelease(record + PartitionSlabsLayout.HAND_OFFSET, 0);
    memory.setIntRelease(record + PartitionSlabsLayout.LINKING_OFFSET, 0);
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

  private void open(Blocks blocks) {
    long descriptor = geometry.descriptorOffset(blocks.slab);
    int live = 0;
    for (int word = 0; word < blocks.marked.length; word++) {
      memory.putLong(SlabLayout.bitmapWord(descriptor, word), blocks.marked[word]);
      live += Long.bitCount(blocks.marked[word]);
    }
    memory.putInt(descriptor + SlabLayout.LIVE_OFFSET, live);
    memory.putInt(descriptor + SlabLayout.HINT_OFFSET, 0);
    memory.setIntRelease(
        descriptor + SlabLayout.STATE_OFFSET, SlabLayout.BLOCKS | blocks.sizeClass << 8 | partition << 16);
  }

  /** What was in hand and belongs to nobody goes to the pool; what belongs to the ring is in it again. */
  private void giveBackHand() {
    int slab = inHand();
    if (slab < 0 || slab >= geometry.slabCount() || found.containsKey(slab)) {
      return;
    }
    if (slabs.state(slab) == SlabLayout.TABLE && slabs.partition(slab) == partition && !slabs.isTable(slab)) {
      memory.setIntRelease(geometry.descriptorOffset(slab) + SlabLayout.STATE_OFFSET, partition << 16);
    }
    if (slabs.state(slab) == SlabLayout.FREE) {
      pool.giveIfLost(slab, partition);
    }
  }
}
