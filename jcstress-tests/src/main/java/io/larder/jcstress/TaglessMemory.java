package io.larder.jcstress;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionLayout;

/** A memory in which the head of the pool of free slabs is compared without its tag. */
public final class TaglessMemory extends ForwardingMemory {
  private static final long REFERENCE_MASK = 0xFFFF_FFFFL;

  public TaglessMemory(Memory memory) {
    super(memory);
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    if (offset != RegionLayout.POOL_HEAD_OFFSET) {
      return super.compareAndSetLong(offset, expected, value);
    }
    long head = getLongAcquire(offset);
    return (head & REFERENCE_MASK) == (expected & REFERENCE_MASK) && super.compareAndSetLong(offset, head, value);
  }
}
