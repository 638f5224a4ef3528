package io.larder.allocator;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/** What a partition keeps about its slabs; written under the partition's lock only. */
public final class PartitionSlabsLayout {
  /** More classes than any slab size gives. */
  public static final int CLASSES_MAX = 128;

  /** The record. Slabs are referred to by index plus one, blocks in units of the region. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT.withName("ringOldest"),
          ValueLayout.JAVA_INT.withName("ringYoungest"),
          ValueLayout.JAVA_INT.withName("slabs"),
          ValueLayout.JAVA_INT.withName("tables"),
          ValueLayout.JAVA_LONG.withName("ageNext"),
          ValueLayout.JAVA_INT.withName("hand"),
          ValueLayout.JAVA_INT.withName("relinking"),
          // Two that are written as one word, too.
          ValueLayout.JAVA_INT.withName("newBlock"),
          ValueLayout.JAVA_INT.withName("oldBlock"),
          ValueLayout.JAVA_INT.withName("touched"),
          ValueLayout.JAVA_INT.withName("linking"),
          ValueLayout.JAVA_INT.withName("linkSlab"),
          ValueLayout.JAVA_INT.withName("linkPrevious"),
          ValueLayout.JAVA_INT.withName("linkNext"),
          MemoryLayout.paddingLayout(4),
          MemoryLayout.sequenceLayout(CLASSES_MAX, ValueLayout.JAVA_INT).withName("partial"),
          MemoryLayout.sequenceLayout(CLASSES_MAX, ValueLayout.JAVA_INT).withName("spare"));

  public static final long RING_OLDEST_OFFSET = offset("ringOldest");
  public static final long RING_YOUNGEST_OFFSET = offset("ringYoungest");
  public static final long SLABS_OFFSET = offset("slabs");
  public static final long TABLES_OFFSET = offset("tables");
  public static final long AGE_NEXT_OFFSET = offset("ageNext");
  public static final long HAND_OFFSET = offset("hand");
  public static final long RELINKING_OFFSET = offset("relinking");
  public static final long NEW_BLOCK_OFFSET = offset("newBlock");
  public static final long OLD_BLOCK_OFFSET = offset("oldBlock");
  public static final long TOUCHED_OFFSET = offset("touched");
  public static final long LINKING_OFFSET = offset("linking");
  public static final long LINK_SLAB_OFFSET = offset("linkSlab");
  public static final long LINK_PREVIOUS_OFFSET = offset("linkPrevious");
  public static final long LINK_NEXT_OFFSET = offset("linkNext");
  public static final long PARTIAL_OFFSET = offset("partial");
  public static final long SPARE_OFFSET = offset("spare");

  private PartitionSlabsLayout() {}

  private static long offset(String name) {
    return FieldOffset.of(LAYOUT, name);
  }
}
