package io.larder.engine;

import io.larder.allocator.DamagedRegionException;
import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabLayout;
import io.larder.allocator.SlabPool;
import java.util.HashSet;
import java.util.Set;

/**
 * Makes of a damaged partition one that {@link PartitionRepair} can mend: that takes shape, directories, descriptors
 * and bitmaps for the truth, as a kill leaves them whole. Here they are looked at. Which slabs the partition has is
 * found out from all descriptors instead of its ring; where its tables cannot be told any more all entries are lost.
 *
 * <p>Wrong bits may say that a slab of another partition is this one's. Then both write there, until one of them meets
 * what the other has written; values with checksums are misses then.
 *
 * <p>For the holder of the partition's lock. Readers may look on.
 */
final class PartitionMending {
  private static final int NOT_FOUND = -1;

  private final Memory memory;
  private final RegionGeometry geometry;
  private final SizeClasses classes;
  private final SlabPool pool;
  private final Partition partition;
  private final PartitionSlabs slabs;
  private final int number;
  private final long record;
  private final long slabsRecord;
  private final int bucketsShift;

  PartitionMending(
      Memory memory,
      RegionGeometry geometry,
      SizeClasses classes,
      SlabPool pool,
      Partition partition) {
    this.memory = memory;
    this.geometry = geometry;
    this.classes = classes;
    this.pool = pool;
    this.partition = partition;
    this.slabs = partition.slabs;
    this.number = partition.number;
    this.record = geometry.partitionOffset(number);
    this.slabsRecord = geometry.partitionSlabsOffset(number);
    this.bucketsShift = geometry.slabShift() - BucketLayout.BYTES_SHIFT;
  }

  /** Leaves what a repair that was killed would leave, {@link PartitionRepair}. */
  void prepare() {
    memory.setIntRelease(slabsRecord + PartitionSlabsLayout.RELINKING_OFFSET, 1);
    memory.setIntRelease(slabsRecord + PartitionSlabsLayout.HAND_OFFSET, 0);
    for (int slab = 0; slab < geometry.slabCount(); slab++) {
      if (isOwn(slab) && isOfBlocks(slab)) {
        checkBlocks(slab);
      }
    }
    checkIndex();
  }

  /** Begins the index anew, to be cleared, if its tables cannot be told any more: a kill does not do that. */
  void checkIndex() {
    if (!isIndexSound()) {
      memory.putLong(record + PartitionLayout.CLEARING_OFFSET, 1);
      memory.releaseFence();
      beginIndexAnew();
    }
  }

  private boolean isOwn(int slab) {
    return slabs.partition(slab) == number;
  }

  private boolean isOfBlocks(int slab) {
    return slabs.state(slab) == SlabLayout.BLOCKS || slabs.state(slab) == SlabLayout.DRAINING;
  }

  private boolean isTable(int slab) {
    return slabs.state(slab) == SlabLayout.TABLE;
  }

  private void claim(int slab, int state) {
    memory.setIntRelease(geometry.descriptorOffset(slab) + SlabLayout.STATE_OFFSET, state | number << 16);
  }

  private void giveBack(int slab) {
    claim(slab, SlabLayout.FREE);
    pool.give(slab);
  }

  /** A slab of no class has no blocks; and no block lies behind the last. */
  private void checkBlocks(int slab) {
    if (slabs.sizeClass(slab) >= classes.count()) {
      giveBack(slab);
      return;
    }
    int blocks = classes.blocksPerSlab(slabs.sizeClass(slab));
    int last = blocks & (Long.SIZE - 1);
    if (last != 0) {
      long word = SlabLayout.bitmapWord(geometry.descriptorOffset(slab), blocks >>> 6);
      memory.putLong(word, memory.getLong(word) & ((1L << last) - 1));
    }
  }

  // ---- the index

  private boolean isIndexSound() {
    long shape = memory.getLong(record + PartitionLayout.SHAPE_OFFSET);
    long count = PartitionLayout.bucketCount(shape);
    int table = PartitionLayout.table(shape);
    if (!isBucketCount(count) || !areDirectoriesSound()) {
      return false;
    }
    long moved = 0;
    if ((shape & PartitionLayout.RESIZING) != 0) {
      long resize = memory.getLong(record + PartitionLayout.RESIZE_OFFSET);
      long newCount = PartitionLayout.newCount(resize);
      moved = PartitionLayout.moved(resize);
      if (!isBucketCount(newCount) || moved > count) {
        return false;
      }
      long newLast = Math.min(moved * newCount / count, newCount - 1) + HashIndex.SPILL_BUCKETS;
      if (moved > 0 && !isComplete(table ^ 1, 0, newLast)) {
        return false;
      }
    }
    return isComplete(table, moved, count + HashIndex.SPILL_BUCKETS - 1);
  }

  private boolean isBucketCount(long count) {
    long buckets = count + HashIndex.SPILL_BUCKETS;
    long chunks = buckets >>> bucketsShift;
    return chunks >= 1 && chunks <= geometry.directoryCapacity() && chunks << bucketsShift == buckets;
  }

  /** Whether all that the directories name are tables of this partition, and each is named once. */
  private boolean areDirectoriesSound() {
    Set<Integer> named = new HashSet<>();
    for (int table = 0; table < RegionGeometry.TABLES_PER_PARTITION; table++) {
      for (int chunk = 0; chunk < geometry.directoryCapacity(); chunk++) {
        int slab = memory.getInt(word(table, chunk)) - 1;
        boolean none = slab == PartitionSlabs.NO_SLAB;
        if (!none
            && (slab < 0 || slab >= geometry.slabCount() || !isTable(slab) || !isOwn(slab) || !named.add(slab))) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean isComplete(int table, long first, long last) {
    for (long chunk = first >>> bucketsShift; chunk <= last >>> bucketsShift; chunk++) {
      if (memory.getInt(word(table, chunk)) == 0) {
        return false;
      }
    }
    return true;
  }

  private long word(int table, long chunk) {
    return geometry.directoryOffset(number, table) + chunk * Integer.BYTES;
  }

  /** Makes a table of one slab, which is empty; all other tables go back to the pool. */
  private void beginIndexAnew() {
    for (int table = 0; table < RegionGeometry.TABLES_PER_PARTITION; table++) {
      for (int chunk = 0; chunk < geometry.directoryCapacity(); chunk++) {
        memory.setIntRelease(word(table, chunk), 0);
      }
    }
    int first = NOT_FOUND;
    for (int slab = 0; slab < geometry.slabCount(); slab++) {
      if (isOwn(slab) && isTable(slab)) {
        if (first == NOT_FOUND) {
          first = slab;
        } else {
          giveBack(slab);
        }
      }
    }
    if (first == NOT_FOUND) {
      first = takeForTable();
    }
    claim(first, SlabLayout.TABLE);
    memory.zero(slabs.slabOffset(first), classes.slabBytes());
    memory.setIntRelease(word(0, 0), first + 1);
    memory.setIntRelease(slabsRecord + PartitionSlabsLayout.HAND_OFFSET, 0);
    long shape = memory.getLong(record + PartitionLayout.SHAPE_OFFSET);
    long count = (1L << bucketsShift) - HashIndex.SPILL_BUCKETS;
    memory.setLongRelease(
        record + PartitionLayout.SHAPE_OFFSET, PartitionLayout.shape(shape, count, 0, false));
  }

  /** A slab of the pool; or one of entries, which are lost now anyhow. */
  private int takeForTable() {
    int pooled = pool.take(slabsRecord + PartitionSlabsLayout.HAND_OFFSET);
    if (pooled != SlabPool.NONE) {
      return pooled;
    }
    for (int slab = 0; slab < geometry.slabCount(); slab++) {
      if (isOwn(slab) && isOfBlocks(slab) && !isBeingWritten(slab)) {
        return slab;
      }
    }
    throw new DamagedRegionException("partition " + number + " has no slab for its index");
  }

  private boolean isBeingWritten(int slab) {
    for (int block = slabs.nextLive(slab, 0); block >= 0; block = slabs.nextLive(slab, block + 1)) {
      if (partition.isBuilding(slabs.blockOffset(slab, block))) {
        return true;
      }
    }
    return false;
  }
}
