package io.larder.jcstress;

import io.larder.allocator.Memory;

/**
 * The memory of a thread that is interrupted again and again: it stalls behind a word read in acquire mode and behind
 * the comparison of a key, in the middle of a copy, and before an exchange. A correct thread does not mind; what goes
 * wrong only when much happens between two of its steps goes wrong sooner. For one thread.
 */
public class StallingMemory extends ForwardingMemory {
  private final Stalls stalls = new Stalls();

  public StallingMemory(Memory memory) {
    super(memory);
  }

  final void stall() {
    stalls.stall();
  }

  @Override
  public long getLongAcquire(long offset) {
    long value = super.getLongAcquire(offset);
    stall();
    return value;
  }

  @Override
  public int getIntAcquire(long offset) {
    int value = super.getIntAcquire(offset);
    stall();
    return value;
  }

  @Override
  public boolean matches(long offset, byte[] other, int index, int length) {
    boolean matches = super.matches(offset, other, index, length);
    stall();
    return matches;
  }

  @Override
  public void copyOut(long offset, byte[] target, int index, int length) {
    int half = length / 2;
    super.copyOut(offset, target, index, half);
    stall();
    super.copyOut(offset + half, target, index + half, length - half);
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    stall();
    return super.compareAndSetLong(offset, expected, value);
  }
}
