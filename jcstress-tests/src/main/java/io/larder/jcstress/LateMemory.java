package io.larder.jcstress;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;
import org.jspecify.annotations.Nullable;

/**
 * What a writer stands on that publishes too early: the last array that it copies in before it ends the change of a
 * bucket arrives a moment behind that. It puts W0 of IDX-1, the building of the entry, behind W4. One thread writes.
 */
public final class LateMemory extends ForwardingMemory {
  private final Stalls stalls = new Stalls();
  private final long slabsOffset;
  private byte @Nullable [] late;
  private long lateOffset;
  private int lateIndex;
  private int lateLength;

  /** For a region of one partition. */
  public LateMemory(Memory memory, RegionGeometry geometry) {
    super(memory);
    this.slabsOffset = geometry.slabsOffset();
  }

  @Override
  public void copyIn(long offset, byte[] source, int index, int length) {
    arrive();
    late = source;
    lateOffset = offset;
    lateIndex = index;
    lateLength = length;
  }

  /** In the slabs only stamps are written in release mode. */
  @Override
  public void setLongRelease(long offset, long value) {
    super.setLongRelease(offset, value);
    if (offset >= slabsOffset) {
      stalls.stall();
      arrive();
    }
  }

  private void arrive() {
    byte[] source = late;
    if (source != null) {
      super.copyIn(lateOffset, source, lateIndex, lateLength);
      late = null;
    }
  }
}
