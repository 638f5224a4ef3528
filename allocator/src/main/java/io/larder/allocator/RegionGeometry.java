package io.larder.allocator;

/**
 * Where everything lies in a region: computed from a few parameters, and the same for all who use the region.
 *
 * <pre>
 * superblock | partitions | slab descriptors | table directories | policy, one for each partition | selector |
 * fates, one for each partition | (page boundary) slabs | tail
 * </pre>
 *
 * <p>A block is referred to by its offset in units of {@code 1 << unitShift} bytes, in 32 bits. The unit is 8
 * bytes up to a region of 32 GiB and doubles with the region: 16 bytes up to 64 GiB, 1,024 bytes at 4 TiB,
 * the limit.
 *
 * @param regionBytes all bytes of the region: the hard limit of what the store can ever use
 * @param slabBytes a power of two
 * @param unitShift the binary logarithm of the unit of block references
 * @param partitionCount a power of two
 * @param partitionBytes the bytes of a partition's record, {@link PartitionSlabsLayout} included
 * @param slabCount how many slabs there are
 * @param directoryCapacity how many slabs one table directory can name; each partition has two
 */
public record RegionGeometry(
    long regionBytes,
    int slabBytes,
    int unitShift,
    int partitionCount,
    int partitionBytes,
    int slabCount,
    int directoryCapacity) {

  /** A page of the virtual memory of every machine that we run on, or a part of one. */
  public static final int PAGE_BYTES = 4096;

  /** The smallest region: it holds some thousand small entries. */
  public static final long REGION_BYTES_MIN = 1L << 20;

  /** The largest region: 32 bits of units of 1,024 bytes. */
  public static final long REGION_BYTES_MAX = 1L << 42;

  /** The space behind the last slab that a reader's look at an entry header may reach into. */
  private static final int TAIL_BYTES = 64;

  private static final int SLAB_BYTES_SMALL = 16 << 10;
  private static final int SLAB_BYTES = 64 << 10;
  private static final long SMALL_REGION_BYTES = 16L << 20;
  private static final int UNIT_SHIFT_MIN = 3;

  /** Enough for one open slab of each class in each partition without that becoming a tenth of the region. */
  private static final long PARTITION_SHARE_BYTES = 32L << 20;

  private static final int PARTITIONS_MAX = 64;

  /** A table, the next table, and two to hold entries. */
  private static final int SLABS_PER_PARTITION_MIN = 4;

  /** The tables that a partition has directories for: one, and another while the index is resized. */
  public static final int TABLES_PER_PARTITION = 2;
  private static final int DIRECTORY_CAPACITY_MAX = 1 << 20;

  /** What the eviction policy remembers takes so small a part of the region: 0.8 bytes for an entry of 124 bytes. */
  private static final int POLICY_SHARE = 192;

  private static final int POLICY_BYTES_MIN = 6 << 10;
  private static final int POLICY_BYTES_MAX = 1 << 28;

  /** What the policy is chosen by: no more for a large region, and little of a small one. */
  private static final int SELECTOR_SHARE = 64;

  private static final int SELECTOR_BYTES_MIN = 16 << 10;
  private static final int SELECTOR_BYTES_MAX = 96 << 10;

  /** What became of keys takes so small a part of the region. */
  private static final int FATES_SHARE = 2048;

  private static final int FATES_BYTES_MIN = 1 << 10;
  private static final int FATES_BYTES_MAX = 64 << 10;
  private static final int LINE_BYTES = 64;

  /**
   * The geometry for a region of {@code regionBytes}.
   *
   * @param partitionRecordBytes what the store keeps per partition in addition to {@link
   *     PartitionSlabsLayout}
   * @throws IllegalArgumentException when the size is outside {@link #REGION_BYTES_MIN} to {@link
   *     #REGION_BYTES_MAX}
   */
  public static RegionGeometry of(long regionBytes, int partitionRecordBytes) {
    return of(regionBytes, partitionsFor(regionBytes), partitionRecordBytes);
  }

  /**
   * As {@link #of(long, int)}, with a count of partitions, a power of two of 1 to 1,024.
   *
   * @throws IllegalArgumentException also when the count is another, or the region too small for it
   */
  public static RegionGeometry of(long regionBytes, int partitionCount, int partitionRecordBytes) {
    if (regionBytes < REGION_BYTES_MIN || regionBytes > REGION_BYTES_MAX) {
      throw new IllegalArgumentException(
          "memory=" + regionBytes + " bytes is outside " + REGION_BYTES_MIN + " to " + REGION_BYTES_MAX);
    }
    if (Integer.bitCount(partitionCount) != 1 || partitionCount < 1 || partitionCount > 1024) {
      throw new IllegalArgumentException("partitions=" + partitionCount + " is not a power of two of 1 to 1024");
    }
    int slabBytes = regionBytes < SMALL_REGION_BYTES ? SLAB_BYTES_SMALL : SLAB_BYTES;
    int unitShift = Math.max(UNIT_SHIFT_MIN, Long.SIZE - Long.numberOfLeadingZeros(regionBytes - 1) - Integer.SIZE);
    int partitionBytes = roundUp(partitionRecordBytes + (int) PartitionSlabsLayout.LAYOUT.byteSize(), 128);
    int slabs = (int) (regionBytes / slabBytes);
    RegionGeometry geometry;
    do {
      int directoryCapacity = roundUp(Math.clamp(2L * slabs / partitionCount, 4, DIRECTORY_CAPACITY_MAX), 16);
      geometry =
          new RegionGeometry(
              regionBytes, slabBytes, unitShift, partitionCount, partitionBytes, slabs--, directoryCapacity);
    } while (geometry.slabsEnd() + TAIL_BYTES > regionBytes);
    if (geometry.slabCount < (long) SLABS_PER_PARTITION_MIN * partitionCount) {
      throw new IllegalArgumentException(
          "partitions=" + partitionCount + " are too many for memory=" + regionBytes + " bytes: it makes "
              + Math.max(geometry.slabCount, 0) + " slabs of " + slabBytes + " bytes");
    }
    return geometry;
  }

  private static int partitionsFor(long regionBytes) {
    return Math.clamp(Long.highestOneBit(regionBytes / PARTITION_SHARE_BYTES), 1, PARTITIONS_MAX);
  }

  /** The offset of a partition's record. */
  public long partitionOffset(int partition) {
    return PAGE_BYTES + (long) partition * partitionBytes;
  }

  /** The offset of the slab-keeping part of a partition's record: behind the store's own. */
  public long partitionSlabsOffset(int partition) {
    return partitionOffset(partition) + partitionBytes - PartitionSlabsLayout.LAYOUT.byteSize();
  }

  private long descriptorsOffset() {
    return partitionOffset(partitionCount);
  }

  /** The offset of the descriptor of a slab, 0 to {@link #slabCount()}. */
  public long descriptorOffset(int slab) {
    return descriptorsOffset() + (long) slab * SlabLayout.descriptorBytes(slabBytes);
  }

  /**
   * The offset of the directory of table 0 or 1 of a partition: {@link #directoryCapacity()} words of 4
   * bytes.
   */
  public long directoryOffset(int partition, int table) {
    return descriptorOffset(slabCount)
        + (long) (partition * TABLES_PER_PARTITION + table) * directoryCapacity * Integer.BYTES;
  }

  /** The bytes that the eviction policy has for each partition; a multiple of 64. */
  public int policyBytes() {
    long share = Math.clamp(regionBytes / POLICY_SHARE / partitionCount, POLICY_BYTES_MIN, POLICY_BYTES_MAX);
    return (int) share & -LINE_BYTES;
  }

  /** The offset of what the eviction policy has for a partition; at the start of a cache line. */
  public long policyOffset(int partition) {
    long directoriesEnd = directoryOffset(partitionCount, 0);
    return ((directoriesEnd + LINE_BYTES - 1) & -LINE_BYTES) + (long) partition * policyBytes();
  }

  /** The bytes of the selector of policies; a multiple of 64. */
  public int selectorBytes() {
    return Math.clamp(regionBytes / SELECTOR_SHARE, SELECTOR_BYTES_MIN, SELECTOR_BYTES_MAX) & -LINE_BYTES;
  }

  /** The offset of the selector of policies, at the start of a cache line: there is one for the whole region. */
  public long selectorOffset() {
    return policyOffset(partitionCount);
  }

  /** The bytes in which each partition keeps what became of keys; a multiple of 64. */
  public int fatesBytes() {
    return Math.clamp(regionBytes / FATES_SHARE / partitionCount, FATES_BYTES_MIN, FATES_BYTES_MAX) & -LINE_BYTES;
  }

  /** The offset of where a partition keeps what became of keys; at the start of a cache line. */
  public long fatesOffset(int partition) {
    return selectorOffset() + selectorBytes() + (long) partition * fatesBytes();
  }

  /** The offset of the first slab. */
  public long slabsOffset() {
    return (fatesOffset(partitionCount) + PAGE_BYTES - 1) & -PAGE_BYTES;
  }

  /** The offset of a slab's first byte. */
  public long slabOffset(int slab) {
    return slabsOffset() + (long) slab * slabBytes;
  }

  /** The offset behind the last slab. */
  public long slabsEnd() {
    return slabOffset(slabCount);
  }

  /**
   * The size of the region when so many of its slabs have space, in bytes. What has space then is everything but the
   * other slabs.
   */
  public long bytesWith(int slabs) {
    return regionBytes - (long) (slabCount - slabs) * slabBytes;
  }

  /**
   * How many slabs have space when the region has a size: the most that fit.
   *
   * @throws IllegalArgumentException when the size is above {@link #regionBytes()}, or leaves the partitions too few
   */
  public int slabsWithin(long bytes) {
    int slabs = slabCount - (int) Math.ceilDiv(regionBytes - bytes, slabBytes);
    if (bytes > regionBytes || slabs < slabCountMin()) {
      throw new IllegalArgumentException(
          "size=" + bytes + " bytes is outside " + bytesWith(slabCountMin()) + " to the limit, " + regionBytes);
    }
    return slabs;
  }

  /** The fewest slabs with which the partitions can work. */
  public int slabCountMin() {
    return SLABS_PER_PARTITION_MIN * partitionCount;
  }

  /** The binary logarithm of {@link #slabBytes()}. */
  public int slabShift() {
    return Integer.numberOfTrailingZeros(slabBytes);
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }
}
