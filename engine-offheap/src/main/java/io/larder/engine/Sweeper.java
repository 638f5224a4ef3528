package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.SlabLayout;
import java.util.Arrays;

/**
 * Empties slabs, so that their space can serve any size class: drops what has expired, and moves the rest to other
 * slabs of the class. Compaction keeps all of that; a sweep, the last resort, evicts what is of a low rank.
 *
 * <p>A slab that is being emptied is closed for allocation, and its blocks are visited one by one; where that
 * stopped is in the partition's record, so it can go on in small steps. The next slab is the least occupied
 * of the few oldest: there is the least to lose or to copy.
 *
 * <p>A further block of a chained value shares the fate of its entry. One that fills a slab of its own is
 * never copied: the slab is made the youngest instead.
 *
 * <p>All methods are for the holder of the partition's lock; none allocates on the heap.
 */
final class Sweeper {
  /** How many of the oldest slabs the next one is chosen from. */
  private static final int CHOICE = 8;

  private static final int OCCUPANCY_STEPS = 8;

  /** A threshold that every rank is above. */
  private static final int KEEP_ALL = -1;

  private final Memory memory;
  private final Partition partition;
  private final PartitionSlabs slabs;
  private final Entries entries;
  private final StoreClock clock;
  private final int[] histogram;

  Sweeper(Memory memory, Partition partition, Entries entries, StoreClock clock) {
    this.memory = memory;
    this.partition = partition;
    this.slabs = partition.slabs;
    this.entries = entries;
    this.clock = clock;
    this.histogram = new int[PolicyBits.RANK_MAX + 1];
  }

  /**
   * Goes on emptying slabs over about {@code bytes} of them.
   *
   * @return whether there was anything to do
   */
  boolean step(long bytes) {
    return sweep(bytes, false, false);
  }

  /** As {@link #step}, but what has been put last stays where it is. */
  boolean stepBehindPut(long bytes) {
    return sweep(bytes, false, true);
  }

  /**
   * Empties one slab to its end.
   *
   * @param force evict everything, keep nothing
   * @return whether there was a slab to empty
   */
  boolean sweepSlab(boolean force) {
    return sweep(partition.classes.slabBytes(), force, false);
  }

  /** Whether a slab is being emptied. */
  boolean isSweeping() {
    return draining() != PartitionSlabs.NO_SLAB;
  }

  /**
   * Empties a slab whose blocks all find room in others of its class, and evicts nothing; or goes on with one that is
   * being emptied.
   *
   * @return whether there was one
   */
  boolean compact() {
    if (isSweeping()) {
      return sweepSlab(false);
    }
    int slab = findMovable();
    if (slab == PartitionSlabs.NO_SLAB) {
      return false;
    }
    begin(slab, KEEP_ALL, 0);
    drain(slab, partition.classes.slabBytes(), false);
    return true;
  }

  /** Of the slabs whose blocks have room elsewhere the one with the fewest bytes to move. */
  private int findMovable() {
    int best = PartitionSlabs.NO_SLAB;
    long fewest = Long.MAX_VALUE;
    for (int sizeClass = 0; sizeClass < partition.classes.whole(); sizeClass++) {
      int blocks = partition.classes.blocksPerSlab(sizeClass);
      int sparsest = PartitionSlabs.NO_SLAB;
      int liveLeast = blocks;
      int free = 0;
      int slab = slabs.firstPartial(sizeClass);
      for (int left = slabs.slabCount(); slab != PartitionSlabs.NO_SLAB && left > 0; left--) {
        int live = slabs.live(slab);
        free += blocks - live;
        if (live < liveLeast) {
          liveLeast = live;
          sparsest = slab;
        }
        slab = slabs.nextPartial(slab);
      }
      long bytes = (long) liveLeast * partition.classes.blockBytes(sizeClass);
      if (sparsest != PartitionSlabs.NO_SLAB && free - (blocks - liveLeast) >= liveLeast && bytes < fewest) {
        fewest = bytes;
        best = sparsest;
      }
    }
    return best;
  }

  private boolean sweep(long bytes, boolean force, boolean sparesLast) {
    if (draining() == PartitionSlabs.NO_SLAB) {
      int slab = choose();
      if (slab == PartitionSlabs.NO_SLAB) {
        return false;
      }
      if (slabs.sizeClass(slab) == partition.classes.whole()) {
        decideWhole(slab, force, sparesLast);
        return true;
      }
      begin(slab);
    }
    if (force) {
      partition.putInt(PartitionLayout.DRAIN_THRESHOLD_OFFSET, PolicyBits.RANK_MAX);
      partition.putInt(PartitionLayout.DRAIN_QUOTA_OFFSET, 0);
    }
    drain(draining(), bytes, sparesLast);
    return true;
  }

  private int draining() {
    return partition.getInt(PartitionLayout.DRAINING_OFFSET) - 1;
  }

  private int choose() {
    int best = PartitionSlabs.NO_SLAB;
    int bestOccupancy = Integer.MAX_VALUE;
    int slab = slabs.oldest();
    for (int i = 0; i < CHOICE && slab != PartitionSlabs.NO_SLAB; i++) {
      int occupancy = OCCUPANCY_STEPS * slabs.live(slab) / partition.classes.blocksPerSlab(slabs.sizeClass(slab));
      if (occupancy < bestOccupancy) {
        best = slab;
        bestOccupancy = occupancy;
      }
      slab = slabs.younger(slab);
    }
    return best;
  }

  private void begin(int slab) {
    Arrays.fill(histogram, 0);
    int live = 0;
    for (int block = slabs.nextLive(slab, 0); block >= 0; block = slabs.nextLive(slab, block + 1)) {
      histogram[rank(slabs.blockOffset(slab, block))]++;
      live++;
    }
    int keepMax = partition.classes.blocksPerSlab(slabs.sizeClass(slab)) / 2;
    int threshold = threshold(keepMax);
    int above = 0;
    for (int rank = threshold + 1; rank < histogram.length; rank++) {
      above += histogram[rank];
    }
    // What is exactly at the threshold is kept while there is room; what was not referenced at all only where
    // that means to fill holes in other slabs with the few entries of a sparse one.
    begin(slab, threshold, threshold == 0 && live > keepMax ? 0 : keepMax - above);
  }

  private void begin(int slab, int threshold, int quota) {
    slabs.drain(slab);
    partition.putInt(PartitionLayout.DRAIN_THRESHOLD_OFFSET, threshold);
    partition.putInt(PartitionLayout.DRAIN_QUOTA_OFFSET, quota);
    partition.putInt(PartitionLayout.DRAIN_POSITION_OFFSET, 0);
    partition.putInt(PartitionLayout.DRAINING_OFFSET, slab + 1);
  }

  /** The highest rank of which not all can be kept. */
  private int threshold(int keepMax) {
    int kept = 0;
    int threshold = PolicyBits.RANK_MAX;
    while (threshold > 0 && kept + histogram[threshold] <= keepMax) {
      kept += histogram[threshold];
      threshold--;
    }
    return threshold;
  }

  private int rank(long block) {
    if (stays(block)) {
      return 0;
    }
    boolean continuation = entries.is(block, EntryLayout.CONTINUATION);
    if (continuation && !partition.hasOwner(block)) {
      return 0;
    }
    long entry = continuation ? entries.head(block) : block;
    return PolicyBits.rank(entries.policyBits(entry));
  }

  /** Whether a block is neither moved nor freed. */
  private boolean stays(long block) {
    return partition.isBuilding(block) || entries.is(block, EntryLayout.QUARANTINED);
  }

  /**
   * Decides over a slab that is one block of a chained value: its entry goes, or the slab becomes the
   * youngest.
   */
  private void decideWhole(int slab, boolean force, boolean sparesLast) {
    long block = slabs.slabOffset(slab);
    if (partition.isBuilding(block)) {
      slabs.rejuvenate(slab);
      return;
    }
    if (!partition.hasOwner(block)) {
      slabs.free(block);
      return;
    }
    long entry = entries.head(block);
    if (!partition.isSound(entry)) {
      partition.quarantineEntry(entry);
    } else if (entries.isExpired(entry, clock)) {
      partition.removeEntry(entry, RemovalSink.Cause.EXPIRED);
    } else if ((force || PolicyBits.clock(entries.policyBits(entry)) == 0) && !(sparesLast && isLastPut(entry))) {
      partition.removeEntry(entry, RemovalSink.Cause.EVICTED);
    } else {
      slabs.rejuvenate(slab);
      if (memory.getInt(block + ContinuationLayout.POSITION_OFFSET) == 0) {
        entries.setPolicyBits(entry, PolicyBits.passed(entries.policyBits(entry)));
      }
    }
  }

  /** Whether nothing has been put into the partition since. */
  private boolean isLastPut(long entry) {
    return entries.version(entry) == partition.get(PartitionLayout.VERSION_OFFSET);
  }

  private void drain(int slab, long bytes, boolean sparesLast) {
    int blockBytes = partition.classes.blockBytes(slabs.sizeClass(slab));
    int position = partition.getInt(PartitionLayout.DRAIN_POSITION_OFFSET);
    long end = position + (bytes + blockBytes - 1) / blockBytes;
    int block = slabs.nextLive(slab, position);
    while (block >= 0 && block < end) {
      drainBlock(slabs.blockOffset(slab, block), sparesLast);
      block = slabs.nextLive(slab, block + 1);
    }
    if (block >= 0) {
      partition.putInt(PartitionLayout.DRAIN_POSITION_OFFSET, block);
      return;
    }
    beginReopening(slab);
    partition.putInt(PartitionLayout.DRAINING_OFFSET, 0);
    boolean open = !slabs.endDrain(slab);
    endReopening();
    if (open) {
      slabs.rejuvenate(slab);
    }
  }

  /** Says that a closed slab is to be opened again, REP-2. */
  private void beginReopening(int slab) {
    partition.putInt(PartitionLayout.REOPENING_OFFSET, slab + 1);
    memory.releaseFence();
  }

  private void endReopening() {
    memory.releaseFence();
    partition.putInt(PartitionLayout.REOPENING_OFFSET, 0);
  }

  private void drainBlock(long block, boolean sparesLast) {
    if (stays(block)) {
      return;
    }
    boolean continuation = entries.is(block, EntryLayout.CONTINUATION);
    if (continuation && !partition.hasOwner(block)) {
      slabs.free(block);
      return;
    }
    long entry = continuation ? entries.head(block) : block;
    if (!partition.isSound(entry)) {
      partition.quarantineEntry(entry);
    } else if (entries.isExpired(entry, clock)) {
      partition.removeEntry(entry, RemovalSink.Cause.EXPIRED);
    } else if ((!keeps(entry) || !move(block, entry, continuation)) && !(sparesLast && isLastPut(entry))) {
      partition.removeEntry(entry, RemovalSink.Cause.EVICTED);
    }
  }

  private boolean keeps(long entry) {
    int rank = PolicyBits.rank(entries.policyBits(entry));
    int threshold = partition.getInt(PartitionLayout.DRAIN_THRESHOLD_OFFSET);
    if (rank > threshold) {
      return true;
    }
    int quota = partition.getInt(PartitionLayout.DRAIN_QUOTA_OFFSET);
    if (rank < threshold || quota <= 0) {
      return false;
    }
    partition.putInt(PartitionLayout.DRAIN_QUOTA_OFFSET, quota - 1);
    return true;
  }

  /** Moves a block to another slab of its class; false when there is no room for it. */
  private boolean move(long block, long entry, boolean continuation) {
    long slot = partition.slotOf(entry);
    if (slot == HashIndex.NO_SLOT) {
      return false;
    }
    int sizeClass = slabs.sizeClass(slabs.slabOf(block));
    long to = slabs.allocate(sizeClass);
    if (to == PartitionSlabs.NO_BLOCK) {
      boolean added = PolicyBits.rank(entries.policyBits(entry)) > 0 && slabs.addSlab(sizeClass);
      to = added ? slabs.allocate(sizeClass) : PartitionSlabs.NO_BLOCK;
      if (to == PartitionSlabs.NO_BLOCK) {
        return false;
      }
    }
    boolean chained = entries.is(entry, EntryLayout.CHAINED);
    if (continuation) {
      moveContinuation(block, to, entry, slot);
    } else {
      moveEntry(block, to, slot, chained);
    }
    slabs.free(block);
    slabs.nameNone();
    partition.add(PartitionLayout.RELOCATIONS_OFFSET, 1);
    return true;
  }

  private void moveEntry(long entry, long to, long slot, boolean chained) {
    memory.copy(entry, to, entries.usedBytes(entry));
    entries.setPolicyBits(to, PolicyBits.passed(entries.policyBits(entry)));
    int reference = entries.reference(to);
    partition.noteExpiry(to);
    if (chained) {
      // Killed in between, the pieces name the new block and the index the old one: repair goes by the index.
      beginMoving(entry);
      nameHead(to, reference);
    } else {
      slabs.nameOld(entry);
    }
    partition.index.replace(slot, reference);
  }

  /** Lets all further blocks of an entry name a block as its first. */
  private void nameHead(long entry, int reference) {
    for (long next = entries.firstContinuation(entry); next != 0; next = entries.nextContinuation(next)) {
      memory.putInt(next + ContinuationLayout.HEAD_OFFSET, reference);
    }
  }

  /** Says that a block is about to be moved to the one that was allocated last, and is written, REP-2. */
  private void beginMoving(long block) {
    memory.releaseFence();
    slabs.nameOld(block);
    memory.releaseFence();
  }

  private void moveContinuation(long block, long to, long entry, long slot) {
    memory.copy(block, to, ContinuationLayout.HEADER_BYTES + entries.continuationLength(block));
    long link = linkTo(block, entry);
    partition.set(PartitionLayout.REPLACING_OFFSET, slot);
    beginMoving(block);
    long stamp = partition.index.beginChange(slot);
    memory.putInt(link, entries.reference(to));
    partition.index.endChange(slot, stamp);
  }

  /** The word that names a further block of an entry: in the one before it, or in the entry. */
  private long linkTo(long block, long entry) {
    long previous = entries.firstContinuation(entry);
    if (previous == block) {
      return entry + EntryLayout.chainOffset(entries.flags(entry));
    }
    while (entries.nextContinuation(previous) != block) {
      previous = entries.nextContinuation(previous);
    }
    return previous + ContinuationLayout.NEXT_OFFSET;
  }

  /**
   * Removes expired entries of a slab and learns its next expiry.
   *
   * @param removalsMax after so many removals it stops, to be called again
   * @return how many were removed
   */
  int expire(int slab, int removalsMax) {
    int state = slabs.state(slab);
    if (slabs.partition(slab) != partition.number || (state != SlabLayout.BLOCKS && state != SlabLayout.DRAINING)) {
      return 0;
    }
    long now = clock.millis();
    long earliest = slabs.earliestExpiry(slab);
    if (earliest == 0 || earliest > now) {
      return 0;
    }
    // Closed meanwhile, so that it does not go to the pool under our feet with its last block.
    if (state == SlabLayout.BLOCKS) {
      beginReopening(slab);
      slabs.drain(slab);
    }
    int removed = 0;
    long next = 0;
    for (int block = slabs.nextLive(slab, 0); block >= 0; block = slabs.nextLive(slab, block + 1)) {
      long entry = slabs.blockOffset(slab, block);
      if (entries.is(entry, EntryLayout.NO_ENTRY)) {
        continue;
      }
      long expiry = entries.expiryMillis(entry, clock);
      if (expiry == 0) {
        continue;
      }
      if (expiry > now || removed == removalsMax) {
        next = IdleTime.earlier(next, expiry > now ? entries.reclaimMillis(entry, clock) : expiry);
        continue;
      }
      partition.removeEntry(entry, RemovalSink.Cause.EXPIRED);
      removed++;
    }
    slabs.setEarliestExpiry(slab, next);
    if (state == SlabLayout.BLOCKS) {
      slabs.endDrain(slab);
      endReopening();
    }
    return removed;
  }
}
