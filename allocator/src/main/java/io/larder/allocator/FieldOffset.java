package io.larder.allocator;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/**
 * Where a field lies in a layout. The paths of {@link MemoryLayout} would tell, too; but they bring many classes with
 * them, which a process that has just been started would have to load before it can open a file.
 */
public final class FieldOffset {
  private FieldOffset() {}

  /**
   * The offset of a field from the start of its layout, in bytes.
   *
   * @throws IllegalArgumentException when the layout has no such field
   */
  public static long of(StructLayout layout, String name) {
    long offset = 0;
    for (MemoryLayout member : layout.memberLayouts()) {
      if (name.equals(member.name().orElse(""))) {
        return offset;
      }
      offset += member.byteSize();
    }
    throw new IllegalArgumentException("a layout has no field " + name);
  }
}
