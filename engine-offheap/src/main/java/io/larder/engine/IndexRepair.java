package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.SlabsRepair;
import java.util.function.LongConsumer;

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
  private final SlabsRepair blocks;
  private final int partition;
  private final long shape;
  private final boolean resizing;
  private final long moved;
  private final long newCount;

  /** What was only touched goes here, so that the compiler does not leave it out. */
  int touched;

  // The bucket being looked at.
  private final int[] references = new int[BucketLayout.SLOTS];
  private final int[] tags = new int[BucketLayout.SLOTS];
  private final int[] distances = new int[BucketLayout.SLOTS];

  IndexRepair(
      Memory memory, Addresses where, Entries entries, PartitionSlabs slabs, SlabsRepair blocks, int partition) {
    this.memory = memory;
    this.where = where;
    this.entries = entries;
    this.slabs = slabs;
    this.blocks = blocks;
    this.partition = partition;
    long record = where.record(partition);
    this.shape = memory.getLongAcquire(record + PartitionLayout.SHAPE_OFFSET);
    this.resizing = (shape & PartitionLayout.RESIZING) != 0;
    long resize = memory.getLongAcquire(record + PartitionLayout.RESIZE_OFFSET);
    this.moved = resizing ? PartitionLayout.moved(resize) : 0;
    this.newCount = PartitionLayout.newCount(resize);
  }

  /** Mends both tables, marks the blocks that they name, and tells {@code named} each of them. */
  void mend(LongConsumer named) {
    int table = PartitionLayout.table(shape);
    mendTable(where.directory(partition, table), PartitionLayout.bucketCount(shape), moved, named);
    if (resizing) {
      // What is in both tables counts in the old one, if it still stands there: its home bucket has not moved.
      mendTable(where.directory(partition, table ^ 1), newCount, 0, named);
    }
  }

  private void mendTable(long directory, long count, long first, LongConsumer named) {
    int[] pass = new int[Math.toIntExact(count - first) + HashIndex.SPILL_BUCKETS + 1];
    for (long index = first; index < count + HashIndex.SPILL_BUCKETS; index++) {
      long bucket = bucket(directory, index);
      if (bucket >= 0) {
        mendBucket(bucket, index, count, first, named, pass);
      }
    }
    memory.releaseFence();
    for (long index = first; index < count + HashIndex.SPILL_BUCKETS; index++) {
      long bucket = bucket(directory, index);
      int expected = pass[(int) (index - first)];
      if (bucket >= 0 && memory.getByte(bucket + BucketLayout.PASS_OFFSET) != expected) {
        memory.setByteOpaque(bucket + BucketLayout.PASS_OFFSET, expected);
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

  private void mendBucket(long bucket, long index, long count, long first, LongConsumer named, int[] pass) {
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
        named.accept(entries.offset(reference));
        for (long passed = index - distances[slot]; passed < index; passed++) {
          pass[(int) (passed - first)]++;
        }
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
