package io.larder.jcstress;

import io.larder.allocator.Memory;

/** A memory in which an exchange does not compare. For one thread. */
public final class RashMemory extends StallingMemory {
  public RashMemory(Memory memory) {
    super(memory);
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    stall();
    setLongRelease(offset, value);
    return true;
  }
}
