package io.larder.engine;

import io.larder.allocator.FieldOffset;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The store's record of a partition. The first line is what readers look at, the second the lock; the rest is
 * written under the lock only. The allocator's part follows.
 */
public final class PartitionLayout {
  /** The record. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("shape"),
          ValueLayout.JAVA_LONG.withName("resize"),
          MemoryLayout.paddingLayout(48),
          ValueLayout.JAVA_LONG.withName("lock"),
          MemoryLayout.paddingLayout(56),
          ValueLayout.JAVA_LONG.withName("version"),
          ValueLayout.JAVA_LONG.withName("entries"),
          ValueLayout.JAVA_LONG.withName("leases"),
          ValueLayout.JAVA_LONG.withName("payloadBytes"),
          ValueLayout.JAVA_LONG.withName("building"),
          ValueLayout.JAVA_INT.withName("draining"),
          ValueLayout.JAVA_INT.withName("drainPosition"),
          ValueLayout.JAVA_INT.withName("drainThreshold"),
          ValueLayout.JAVA_INT.withName("drainQuota"),
          ValueLayout.JAVA_LONG.withName("quarantinedBytes"),
          ValueLayout.JAVA_LONG.withName("puts"),
          ValueLayout.JAVA_LONG.withName("removals"),
          ValueLayout.JAVA_LONG.withName("evictions"),
          ValueLayout.JAVA_LONG.withName("evictedBytes"),
          ValueLayout.JAVA_LONG.withName("expirations"),
          ValueLayout.JAVA_LONG.withName("rejections"),
          ValueLayout.JAVA_LONG.withName("corruptions"),
          ValueLayout.JAVA_LONG.withName("relocations"),
          ValueLayout.JAVA_LONG.withName("repairs"),
          ValueLayout.JAVA_LONG.withName("repairNanos"),
          ValueLayout.JAVA_LONG.withName("wholeRepairs"),
          ValueLayout.JAVA_LONG.withName("clearing"),
          ValueLayout.JAVA_LONG.withName("whole"),
          ValueLayout.JAVA_LONG.withName("window"),
          ValueLayout.JAVA_LONG.withName("replacing"),
          ValueLayout.JAVA_INT.withName("stepping"),
          ValueLayout.JAVA_INT.withName("reopening"),
          ValueLayout.JAVA_LONG.withName("counted"),
          ValueLayout.JAVA_LONG.withName("entriesAfter"),
          ValueLayout.JAVA_LONG.withName("leasesAfter"),
          ValueLayout.JAVA_LONG.withName("payloadBytesAfter"),
          ValueLayout.JAVA_LONG.withName("buildingAfter"),
          ValueLayout.JAVA_LONG.withName("queueHead"),
          ValueLayout.JAVA_LONG.withName("queueTail"),
          ValueLayout.JAVA_LONG.withName("queueMark"),
          ValueLayout.JAVA_LONG.withName("queueMarkVersion"),
          ValueLayout.JAVA_LONG.withName("queueFloor"),
          ValueLayout.JAVA_LONG.withName("handAt"),
          ValueLayout.JAVA_INT.withName("mixed"),
          ValueLayout.JAVA_INT.withName("mixedFor"),
          ValueLayout.JAVA_LONG.withName("scattered"),
          ValueLayout.JAVA_INT.withName("costLeast"),
          ValueLayout.JAVA_INT.withName("costMost"),
          ValueLayout.JAVA_LONG.withName("fateNext"));

  public static final long SHAPE_OFFSET = offset("shape");
  public static final long RESIZE_OFFSET = offset("resize");
  public static final long LOCK_OFFSET = offset("lock");
  public static final long VERSION_OFFSET = offset("version");
  public static final long ENTRIES_OFFSET = offset("entries");
  public static final long LEASES_OFFSET = offset("leases");
  public static final long PAYLOAD_BYTES_OFFSET = offset("payloadBytes");
  public static final long BUILDING_OFFSET = offset("building");
  public static final long DRAINING_OFFSET = offset("draining");
  public static final long DRAIN_POSITION_OFFSET = offset("drainPosition");
  public static final long DRAIN_THRESHOLD_OFFSET = offset("drainThreshold");
  public static final long DRAIN_QUOTA_OFFSET = offset("drainQuota");
  public static final long QUARANTINED_BYTES_OFFSET = offset("quarantinedBytes");
  public static final long PUTS_OFFSET = offset("puts");
  public static final long REMOVALS_OFFSET = offset("removals");
  public static final long EVICTIONS_OFFSET = offset("evictions");
  public static final long EVICTED_BYTES_OFFSET = offset("evictedBytes");
  public static final long EXPIRATIONS_OFFSET = offset("expirations");
  public static final long REJECTIONS_OFFSET = offset("rejections");
  public static final long CORRUPTIONS_OFFSET = offset("corruptions");
  public static final long RELOCATIONS_OFFSET = offset("relocations");
  public static final long REPAIRS_OFFSET = offset("repairs");
  public static final long REPAIR_NANOS_OFFSET = offset("repairNanos");
  public static final long WHOLE_REPAIRS_OFFSET = offset("wholeRepairs");
  public static final long CLEARING_OFFSET = offset("clearing");
  public static final long WHOLE_OFFSET = offset("whole");
  public static final long WINDOW_OFFSET = offset("window");
  public static final long REPLACING_OFFSET = offset("replacing");
  public static final long STEPPING_OFFSET = offset("stepping");
  public static final long REOPENING_OFFSET = offset("reopening");
  public static final long COUNTED_OFFSET = offset("counted");
  public static final long ENTRIES_AFTER_OFFSET = offset("entriesAfter");
  public static final long LEASES_AFTER_OFFSET = offset("leasesAfter");
  public static final long PAYLOAD_BYTES_AFTER_OFFSET = offset("payloadBytesAfter");
  public static final long BUILDING_AFTER_OFFSET = offset("buildingAfter");
  public static final long QUEUE_HEAD_OFFSET = offset("queueHead");
  public static final long QUEUE_TAIL_OFFSET = offset("queueTail");
  public static final long QUEUE_MARK_OFFSET = offset("queueMark");
  public static final long QUEUE_MARK_VERSION_OFFSET = offset("queueMarkVersion");
  public static final long QUEUE_FLOOR_OFFSET = offset("queueFloor");
  public static final long HAND_AT_OFFSET = offset("handAt");
  public static final long MIXED_OFFSET = offset("mixed");
  public static final long MIXED_FOR_OFFSET = offset("mixedFor");
  public static final long SCATTERED_OFFSET = offset("scattered");
  public static final long COST_LEAST_OFFSET = offset("costLeast");
  public static final long COST_MOST_OFFSET = offset("costMost");
  public static final long FATE_NEXT_OFFSET = offset("fateNext");

  /** The bytes of the record. */
  public static final int BYTES = (int) LAYOUT.byteSize();

  private static final int TABLE_BIT = 32;
  private static final int GENERATION_SHIFT = 34;
  private static final long COUNT_MASK = 0xFFFF_FFFFL;

  /** Set in {@code shape} while entries move from one table to the other. */
  static final long RESIZING = 1L << 33;

  // The word window: which buckets are being changed.
  private static final int WINDOW_INDEX_BITS = 30;
  private static final long WINDOW_INDEX_MASK = (1L << WINDOW_INDEX_BITS) - 1;
  private static final int WINDOW_TABLE_BIT = 2 * WINDOW_INDEX_BITS;
  private static final long WINDOW_OPEN = 1L << (WINDOW_TABLE_BIT + 1);

  /** {@code counted}: what the counters are going to be is written down, of the payload at least. */
  static final int PAYLOAD_COUNTED = 1;

  /** {@code counted}: so it is, of entries, leases and payload. */
  static final int ALL_COUNTED = 2;

  /** {@code counted}: {@code buildingAfter} holds as soon as the block to be built is {@code newBlock} no more. */
  static final int BUILDING_MORE = 3;

  /** {@code counted}: {@code buildingAfter} holds as soon as the entry that has been built is {@code newBlock}. */
  static final int BUILDING_FEWER = 4;

  /** {@code counted}: {@code buildingAfter} holds as soon as the block of a dead builder is {@code oldBlock}. */
  static final int BUILDING_FREED = 5;

  private PartitionLayout() {}

  private static long offset(String name) {
    return FieldOffset.of(LAYOUT, name);
  }

  /**
   * The word {@code shape}: how many home buckets the table has, which of the two it is, and a number that
   * every change raises.
   */
  static long shape(long previous, long bucketCount, int table, boolean resizing) {
    long generation = (previous >>> GENERATION_SHIFT) + 1;
    return (generation << GENERATION_SHIFT) | (resizing ? RESIZING : 0) | ((long) table << TABLE_BIT) | bucketCount;
  }

  static long bucketCount(long shape) {
    return shape & COUNT_MASK;
  }

  static int table(long shape) {
    return (int) (shape >>> TABLE_BIT) & 1;
  }

  /** The word {@code resize}: how many home buckets have moved, and how many the new table has. */
  static long resize(long moved, long newCount) {
    return (newCount << Integer.SIZE) | moved;
  }

  static long moved(long resize) {
    return resize & COUNT_MASK;
  }

  static long newCount(long resize) {
    return resize >>> Integer.SIZE;
  }

  /** The word {@code window} while the buckets {@code first} to {@code last} of a table are being changed; not 0. */
  static long window(int table, long first, long last) {
    return WINDOW_OPEN | ((long) table << WINDOW_TABLE_BIT) | (first << WINDOW_INDEX_BITS) | last;
  }

  static int windowTable(long window) {
    return (int) (window >>> WINDOW_TABLE_BIT) & 1;
  }

  static long windowFirst(long window) {
    return (window >>> WINDOW_INDEX_BITS) & WINDOW_INDEX_MASK;
  }

  static long windowLast(long window) {
    return window & WINDOW_INDEX_MASK;
  }

  /** The first upper half of a fingerprint whose home is a bucket. */
  static long position(long bucket, long bucketCount) {
    return ((bucket << Integer.SIZE) + bucketCount - 1) / bucketCount;
  }

  /**
   * The home bucket of a fingerprint in a table of {@code bucketCount} buckets: its upper half as a fraction
   * of the table. The order of fingerprints is kept whatever the count, so a table can be moved bucket by
   * bucket to one of any other size.
   */
  static long home(long hash, long bucketCount) {
    return ((hash >>> Integer.SIZE) * bucketCount) >>> Integer.SIZE;
  }
}
