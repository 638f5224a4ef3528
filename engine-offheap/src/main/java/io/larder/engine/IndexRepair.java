package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.SlabLayout;

/**
 * Mends the index of a partition after its writer was killed, anywhere: what the slots name is the truth, and tags,
 * distances and {@code pass} are made anew from it. IDX-1 to IDX-3 of {@link HashIndex} say what a kill can leave:
 * buckets with odd stamps, an entry in two slots, entries of a moved home bucket in both tables, wrong {@code pass}es.
 *
 * <p>Readers may look on: slots change under stamps as ever. It may be killed itself and begun again. For the holder of
 * the partition's lock.
 */
final class IndexRepair {
  private final Memory memory;
  private final Addresses where;
  private final Entries entries;
  private final PartitionSlabs slabs;
  private final Blocks blocks;
  private final int partition;
  private final long record;

  // The index as it was when the repair began.
  private long shape;
  private boolean resizing;
  private long moved;
  private long newCount;

  /** What was only touched goes here, so that the compiler does not leave it out. */
  int touched;

  // The bucket being looked at.
  private final int[] references = new int[BucketLayout.SLOTS];
  private final int[] tags = new int[BucketLayout.SLOTS];
  private final int[] distances = new int[BucketLayout.SLOTS];

  /** What a repair knows of the partition's blocks, and learns of them from the index. */
  interface Blocks {
    /** Whether an allocated block of the partition starts at an offset. */
    boolean isBlock(long offset);

    /** Marks such a block as named; false when it was already, and then the slot is emptied. */
    boolean mark(long block);

    /** Hears of a block that a slot goes on naming. */
    void see(long block);
  }

  IndexRepair(
      Memory memory,
      Addresses where,
      Entries entries,
      PartitionSlabs slabs,
      Blocks blocks,
      int partition) {
    this.memory = memory;
    this.where = where;
    this.entries = entries;
    this.slabs = slabs;
    this.blocks = blocks;
    this.partition = partition;
    this.record = where.record(partition);
  }

  private void begin() {
    shape = memory.getLongAcquire(record + PartitionLayout.SHAPE_OFFSET);
    resizing = (shape & PartitionLayout.RESIZING) != 0;
    long resize = memory.getLongAcquire(record + PartitionLayout.RESIZE_OFFSET);
    moved = resizing ? PartitionLayout.moved(resize) : 0;
    newCount = PartitionLayout.newCount(resize);
  }

  /** Mends both tables, and marks the blocks that they name. */
  void mend() {
    begin();
    int table = PartitionLayout.table(shape);
    mendTable(table, moved, PartitionLayout.bucketCount(shape) + HashIndex.SPILL_BUCKETS);
    if (resizing) {
      // What is in both tables counts in the old one, if it still stands there: its home bucket has not moved.
      mendTable(table ^ 1, 0, newCount + HashIndex.SPILL_BUCKETS);
    }
  }

  /** Mends what its writer has said that he was changing, IDX-4. */
  void mendWritten() {
    begin();
    long window = memory.getLong(record + PartitionLayout.WINDOW_OFFSET);
    if (memory.getInt(record + PartitionLayout.STEPPING_OFFSET) != 0) {
      mendStep();
    } else if (window != 0) {
      int table = PartitionLayout.windowTable(window);
      mendTable(table, PartitionLayout.windowFirst(window), PartitionLayout.windowLast(window) + 1);
    } else {
      mendReplaced(memory.getLong(record + PartitionLayout.REPLACING_OFFSET));
    }
  }

  /** A slot names one block or the other; only the stamp may be odd. */
  private void mendReplaced(long slot) {
    if (slot == HashIndex.NO_SLOT || !where.isInSlabs(slot)) {
      return;
    }
    int slab = slabs.slabOf(slot);
    long bucket = BucketLayout.bucketOf(slot);
    if (slabs.state(slab) == SlabLayout.TABLE && slabs.partition(slab) == partition) {
      long stamp = memory.getLong(bucket);
      if ((stamp & BucketLayout.WRITING) != 0) {
        memory.setLongRelease(bucket, BucketLayout.after(stamp));
      }
    }
  }

  /** A home bucket was being moved: the next one, or the last one, of which there may be guests left. */
  private void mendStep() {
    if (!resizing) {
      return;
    }
    int table = PartitionLayout.table(shape);
    long count = PartitionLayout.bucketCount(shape);
    mendTable(table, moved, Math.min(moved, count) + HashIndex.SPILL_BUCKETS + 1);
    if (moved < count) {
      mendTable(
          table ^ 1,
          HashIndex.firstNewHome(moved, count, newCount),
          HashIndex.lastNewIndex(moved, count, newCount) + 1);
    }
  }

  /**
   * Mends the buckets of a table from {@code from} to before {@code to}. Those behind are looked at for what they say
   * of the {@code pass} of these.
   */
  private void mendTable(int table, long from, long to) {
    boolean present = table == PartitionLayout.table(shape);
    long count = present ? PartitionLayout.bucketCount(shape) : newCount;
    long first = present ? moved : 0;
    long begin = Math.max(from, first);
    long end = Math.min(to, count + HashIndex.SPILL_BUCKETS);
    if (begin >= end) {
      return;
    }
    long directory = where.directory(partition, table);
    int[] pass = new int[Math.toIntExact(end - begin)];
    long seen = Math.min(end, count) + HashIndex.SPILL_BUCKETS;
    for (long index = begin; index < seen; index++) {
      long bucket = bucket(directory, index);
      if (bucket >= 0 && index < end) {
        mendBucket(bucket, index, count, first);
        countPassed(index, begin, pass);
      } else if (bucket >= 0) {
        look(bucket, index, count);
        countPassed(index, begin, pass);
      }
    }
    memory.releaseFence();
    for (long index = begin; index < end; index++) {
      long bucket = bucket(directory, index);
      int expected = pass[(int) (index - begin)];
      if (bucket >= 0 && memory.getByte(bucket + BucketLayout.PASS_OFFSET) != expected) {
        memory.setByteOpaque(bucket + BucketLayout.PASS_OFFSET, expected);
      }
    }
  }

  /** Counts the entries of the bucket being looked at in those that they have passed. */
  private void countPassed(long index, long begin, int[] pass) {
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      long end = Math.min(index, begin + pass.length);
      for (long passed = Math.max(index - distances[slot], begin); passed < end; passed++) {
        pass[(int) (passed - begin)]++;
      }
    }
  }

  /** Finds out how far from home the entries of a bucket are, without changing anything. */
  private void look(long bucket, long index, long count) {
    long stamp = memory.getLong(bucket);
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      long entry = entries.offset(memory.getInt(BucketLayout.slot(bucket, slot)));
      distances[slot] = BucketLayout.distance(stamp, slot);
      if (distances[slot] == BucketLayout.DISTANCE_FAR) {
        long home = entries.canBeAt(entry, 0) ? PartitionLayout.home(entries.hash(entry), count) : index;
        distances[slot] = Math.clamp(index - home, 0, HashIndex.SPILL_BUCKETS);
      }
    }
  }

  private long bucket(long directory, long index) {
    if (index >>> where.bucketsShift() >= where.directoryCapacity()) {
      return -1;
    }
    int reference = memory.getInt(where.directoryWord(directory, index));
    return reference == 0 ? -1 : where.bucket(reference, index);
  }

  private void mendBucket(long bucket, long index, long count, long first) {
    long stamp = memory.getLong(bucket);
    boolean odd = (stamp & BucketLayout.WRITING) != 0;
    boolean wrong = odd;
    // All entries of a bucket are touched before any is looked at, so that the misses overlap.
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      int reference = memory.getInt(BucketLayout.slot(bucket, slot));
      references[slot] = reference;
      long entry = entries.offset(reference);
      touched ^= where.isInSlabs(entry) ? memory.getInt(entry + EntryLayout.VALUE_LENGTH_OFFSET) : 0;
    }
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      int reference = references[slot];
      tags[slot] = memory.getByte(BucketLayout.tagOf(bucket, slot));
      distances[slot] = BucketLayout.distance(stamp, slot);
      boolean stays = reference != 0 && stays(entries.offset(reference), slot, odd, index, count, first);
      references[slot] = stays ? reference : 0;
      if (stays) {
        blocks.see(entries.offset(reference));
      } else {
        wrong |= reference != 0 || tags[slot] != 0;
        tags[slot] = 0;
        distances[slot] = 0;
      }
    }
    if (wrong) {
      write(bucket, stamp);
    }
  }

  /** Whether a slot shall go on naming an entry; sees to its tag and its distance, in full. */
  private boolean stays(long entry, int slot, boolean odd, long index, long count, long first) {
    if (!entries.canBeAt(entry, 0) || !blocks.isBlock(entry) || entries.is(entry, EntryLayout.NO_ENTRY)) {
      return false;
    }
    if (odd || distances[slot] == BucketLayout.DISTANCE_FAR) {
      long hash = entries.hash(entry);
      long distance = index - PartitionLayout.home(hash, count);
      if (where.partition(hash) != partition || distance < 0 || distance > HashIndex.SPILL_BUCKETS) {
        return false;
      }
      tags[slot] = BucketLayout.tag(hash);
      distances[slot] = (int) distance;
    }
    return index - distances[slot] >= first && blocks.mark(entry);
  }

  private void write(long bucket, long stamp) {
    memory.setLongOpaque(bucket, stamp | BucketLayout.WRITING);
    memory.releaseFence();
    long after = BucketLayout.after(stamp);
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      memory.putInt(BucketLayout.slot(bucket, slot), references[slot]);
      memory.setByteOpaque(BucketLayout.tagOf(bucket, slot), tags[slot]);
      after = BucketLayout.withDistance(after, slot, distances[slot]);
    }
    memory.setLongRelease(bucket, after);
  }

  /** Frees the tables that nothing leads to any more; after the slabs have been mended. */
  void freeObsoleteTables() {
    int present = PartitionLayout.table(shape);
    long old = where.directory(partition, present);
    long other = where.directory(partition, present ^ 1);
    long movedChunks = moved >>> where.bucketsShift();
    long chunks = (PartitionLayout.bucketCount(shape) + HashIndex.SPILL_BUCKETS) >>> where.bucketsShift();
    for (long chunk = 0; chunk < where.directoryCapacity(); chunk++) {
      if (resizing ? chunk < movedChunks : chunk >= chunks) {
        slabs.freeTable(old + chunk * Integer.BYTES);
      }
      if (!resizing) {
        slabs.freeTable(other + chunk * Integer.BYTES);
      }
    }
  }
}
