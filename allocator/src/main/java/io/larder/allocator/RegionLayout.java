package io.larder.allocator;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The superblock: the first page of a region, which says what the rest of it is.
 *
 * <p>All words but those from the free-slab pool's on are written once, before {@code ready}, and never change while
 * the region lives.
 */
public final class RegionLayout {
  /** {@code LARDER01} as the bytes of a little-endian word. */
  public static final long MAGIC = 0x31305245_4452414CL;

  /** The version of everything that this package and the store put into a region. */
  public static final int FORMAT_VERSION = 3;

  /** {@code ready} of a region that is complete. */
  public static final int READY = 1;

  /** The superblock. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("magic"),
          ValueLayout.JAVA_INT.withName("formatVersion"),
          ValueLayout.JAVA_INT.withName("ready"),
          ValueLayout.JAVA_LONG.withName("regionBytes"),
          ValueLayout.JAVA_INT.withName("slabBytes"),
          ValueLayout.JAVA_INT.withName("unitShift"),
          ValueLayout.JAVA_INT.withName("partitionCount"),
          ValueLayout.JAVA_INT.withName("partitionBytes"),
          ValueLayout.JAVA_LONG.withName("hashSeed"),
          ValueLayout.JAVA_LONG.withName("createdMillis"),
          MemoryLayout.paddingLayout(8),
          // A line of its own: writers of all partitions meet here.
          ValueLayout.JAVA_LONG.withName("poolHead"),
          ValueLayout.JAVA_LONG.withName("poolUntouched"),
          ValueLayout.JAVA_LONG.withName("slabsUnreserved"),
          ValueLayout.JAVA_LONG.withName("slabsRetired"),
          ValueLayout.JAVA_LONG.withName("slabsTarget"),
          ValueLayout.JAVA_LONG.withName("resizer"),
          MemoryLayout.paddingLayout(16));

  public static final long MAGIC_OFFSET = offset("magic");
  public static final long FORMAT_VERSION_OFFSET = offset("formatVersion");
  public static final long READY_OFFSET = offset("ready");
  public static final long REGION_BYTES_OFFSET = offset("regionBytes");
  public static final long SLAB_BYTES_OFFSET = offset("slabBytes");
  public static final long UNIT_SHIFT_OFFSET = offset("unitShift");
  public static final long PARTITION_COUNT_OFFSET = offset("partitionCount");
  public static final long PARTITION_BYTES_OFFSET = offset("partitionBytes");
  public static final long HASH_SEED_OFFSET = offset("hashSeed");
  public static final long CREATED_MILLIS_OFFSET = offset("createdMillis");
  public static final long POOL_HEAD_OFFSET = offset("poolHead");
  public static final long POOL_UNTOUCHED_OFFSET = offset("poolUntouched");
  public static final long SLABS_UNRESERVED_OFFSET = offset("slabsUnreserved");
  public static final long SLABS_RETIRED_OFFSET = offset("slabsRetired");
  public static final long SLABS_TARGET_OFFSET = offset("slabsTarget");
  public static final long RESIZER_OFFSET = offset("resizer");

  private RegionLayout() {}

  private static long offset(String name) {
    return FieldOffset.of(LAYOUT, name);
  }
}
