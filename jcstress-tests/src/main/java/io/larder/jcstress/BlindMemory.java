package io.larder.jcstress;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;
import io.larder.engine.PartitionLayout;

/**
 * What a reader sees that does not look again: in one lookup, a stamp, a shape or a progress of resizing that was read
 * once gives the same again. It takes IDX-1's R4, the second walk of IDX-2, and IDX-3's R4 away from the store's own
 * reader. For one thread, and a region of one partition.
 *
 * <p>A lookup begins with the shape. The usual one reads it, and the stamp, as plain words, and again as plain words;
 * the long one reads them in acquire mode first and in opaque mode then.
 *
 * <p>Exchanges fail, so that a hit that a blind reader counts does not harm the writer.
 */
public final class BlindMemory extends StallingMemory {
  private static final int WORDS = 128;
  private static final int STAMP_ALIGNMENT_MASK = 63;

  private final long shapeOffset;
  private final long slabsOffset;
  private final long[] offsets = new long[WORDS];
  private final long[] values = new long[WORDS];
  private int count;
  private boolean inUsualLookup;

  public BlindMemory(Memory memory, RegionGeometry geometry) {
    super(memory);
    this.shapeOffset = geometry.partitionOffset(0) + PartitionLayout.SHAPE_OFFSET;
    this.slabsOffset = geometry.slabsOffset();
  }

  @Override
  public long getLongAcquire(long offset) {
    long value = super.getLongAcquire(offset);
    if (offset == shapeOffset) {
      count = 0;
      inUsualLookup = false;
    }
    remember(offset, value);
    return value;
  }

  @Override
  public long getLongOpaque(long offset) {
    int index = indexOf(offset);
    return index == count ? super.getLongOpaque(offset) : values[index];
  }

  @Override
  public long getLong(long offset) {
    boolean shape = offset == shapeOffset;
    boolean stamp = inUsualLookup && offset >= slabsOffset && (offset & STAMP_ALIGNMENT_MASK) == 0;
    if (!shape && !stamp) {
      return super.getLong(offset);
    }
    if (shape && !inUsualLookup) {
      count = 0;
    }
    inUsualLookup = !shape || !inUsualLookup;
    int index = indexOf(offset);
    if (index == count) {
      remember(offset, super.getLong(offset));
    }
    return values[index];
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    return false;
  }

  private void remember(long offset, long value) {
    offsets[count] = offset;
    values[count] = value;
    count++;
  }

  private int indexOf(long offset) {
    int index = 0;
    while (index < count && offsets[index] != offset) {
      index++;
    }
    return index;
  }
}
