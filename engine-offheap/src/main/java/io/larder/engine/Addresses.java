package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;

/**
 * Where a fingerprint leads: the arithmetic from it to the partition, to a bucket, and from a slot to a block.
 *
 * <p>A record, so that the JIT compiler folds all of it where the record is a constant ({@link StoreGate}).
 */
record Addresses(
    int partitionMask,
    long partitionsOffset,
    int partitionBytes,
    long directoriesOffset,
    int directoryCapacity,
    int directoryBytes,
    long slabsOffset,
    long regionBytes,
    int slabShift,
    int bucketsShift,
    int bucketsMask,
    int unitShift) {

  static Addresses of(RegionGeometry geometry) {
    int bucketsShift = geometry.slabShift() - BucketLayout.BYTES_SHIFT;
    return new Addresses(
        geometry.partitionCount() - 1,
        geometry.partitionOffset(0),
        geometry.partitionBytes(),
        geometry.directoryOffset(0, 0),
        geometry.directoryCapacity(),
        geometry.directoryCapacity() * Integer.BYTES,
        geometry.slabsOffset(),
        geometry.regionBytes(),
        geometry.slabShift(),
        bucketsShift,
        (1 << bucketsShift) - 1,
        geometry.unitShift());
  }

  /** The number of the partition that a fingerprint belongs to. */
  int partition(long hash) {
    return (int) hash & partitionMask;
  }

  /** The offset of a partition's record. */
  long record(int partition) {
    return partitionsOffset + (long) partition * partitionBytes;
  }

  /** The offset of the directory of one of a partition's two tables. */
  long directory(int partition, int table) {
    return directoriesOffset + (long) ((partition << 1) | table) * directoryBytes;
  }

  /** The word of a directory that names the slab of a bucket. */
  long directoryWord(long directory, long index) {
    return directory + (index >>> bucketsShift) * Integer.BYTES;
  }

  /** The bucket, in the slab that a directory's word names. */
  long bucket(int reference, long index) {
    long beforeFirst = slabsOffset - (1L << slabShift);
    long slab = beforeFirst + (Integer.toUnsignedLong(reference) << slabShift);
    return slab + ((index & bucketsMask) << BucketLayout.BYTES_SHIFT);
  }

  /**
   * The home bucket of a fingerprint in a table that was complete when its shape was read: all its slabs are named
   * since; an offset before the slabs when the table is being taken down.
   */
  long bucketAtRest(Memory memory, int partition, long shape, long hash) {
    long index = PartitionLayout.home(hash, PartitionLayout.bucketCount(shape));
    int reference = memory.getInt(directoryWord(directory(partition, PartitionLayout.table(shape)), index));
    return bucket(reference, index);
  }

  /** The block that a slot or a link names; it may be anywhere if that was read during a race. */
  long block(int reference) {
    return Integer.toUnsignedLong(reference) << unitShift;
  }

  /** Whether an entry's header can lie at an offset. */
  boolean isInSlabs(long offset) {
    return Long.compareUnsigned(offset - slabsOffset, regionBytes - EntryLayout.HEADER_BYTES - slabsOffset) <= 0;
  }

  /** Whether {@code bytes} from an offset on lie among the slabs, the region's tail included. */
  boolean isInSlabs(long offset, long bytes) {
    // Not by one unsigned comparison: no slab has room for so many bytes as a caller's key may have.
    return offset >= slabsOffset && offset <= regionBytes - bytes;
  }
}
