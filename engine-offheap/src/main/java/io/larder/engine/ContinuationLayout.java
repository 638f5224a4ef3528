package io.larder.engine;

import io.larder.allocator.FieldOffset;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A further block of a chained value. Its flags lie where an entry's do, so that a block can be told by them
 * alone. References are in units of the region; {@code next} of the last block is 0.
 */
public final class ContinuationLayout {
  /** The header; the data follows. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT.withName("head"),
          ValueLayout.JAVA_INT.withName("next"),
          ValueLayout.JAVA_INT.withName("length"),
          ValueLayout.JAVA_INT.withName("position"),
          ValueLayout.JAVA_SHORT.withName("unused"),
          ValueLayout.JAVA_BYTE.withName("flags"),
          MemoryLayout.paddingLayout(1));

  public static final long HEAD_OFFSET = offset("head");
  public static final long NEXT_OFFSET = offset("next");
  public static final long LENGTH_OFFSET = offset("length");
  public static final long POSITION_OFFSET = offset("position");

  /** The bytes of the header. */
  public static final int HEADER_BYTES = (int) LAYOUT.byteSize();

  static {
    assert offset("flags") == EntryLayout.FLAGS_OFFSET;
  }

  private ContinuationLayout() {}

  private static long offset(String name) {
    return FieldOffset.of(LAYOUT, name);
  }
}
