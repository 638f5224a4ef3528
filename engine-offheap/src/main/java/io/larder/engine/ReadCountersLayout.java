package io.larder.engine;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A stripe of the read counters: a cache line. A thread counts in the stripe of its number, so that reads of
 * different threads do not meet; when there are more threads than stripes an increment may be lost, and the
 * sum is a little low.
 */
public final class ReadCountersLayout {
  /** How many stripes there are; a power of two. */
  public static final int STRIPES = 64;

  /** The stripe. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("hits"),
          ValueLayout.JAVA_LONG.withName("misses"),
          MemoryLayout.paddingLayout(48));

  public static final long HITS_OFFSET = offset("hits");
  public static final long MISSES_OFFSET = offset("misses");

  static final int BYTES_SHIFT = Long.numberOfTrailingZeros(LAYOUT.byteSize());

  private ReadCountersLayout() {}

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
