package io.larder.jcstress;

import io.larder.allocator.Memory;
import java.lang.foreign.MemorySegment;

/** Another memory, seen through this one; a twin overrides the access that it breaks. */
public class ForwardingMemory implements Memory {
  private final Memory memory;

  public ForwardingMemory(Memory memory) {
    this.memory = memory;
  }

  @Override
  public long bytes() {
    return memory.bytes();
  }

  @Override
  public long getLong(long offset) {
    return memory.getLong(offset);
  }

  @Override
  public void putLong(long offset, long value) {
    memory.putLong(offset, value);
  }

  @Override
  public long getLongAcquire(long offset) {
    return memory.getLongAcquire(offset);
  }

  @Override
  public long getLongOpaque(long offset) {
    return memory.getLongOpaque(offset);
  }

  @Override
  public void setLongRelease(long offset, long value) {
    memory.setLongRelease(offset, value);
  }

  @Override
  public void setLongOpaque(long offset, long value) {
    memory.setLongOpaque(offset, value);
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    return memory.compareAndSetLong(offset, expected, value);
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    return memory.getAndAddLong(offset, delta);
  }

  @Override
  public int getInt(long offset) {
    return memory.getInt(offset);
  }

  @Override
  public void putInt(long offset, int value) {
    memory.putInt(offset, value);
  }

  @Override
  public int getIntAcquire(long offset) {
    return memory.getIntAcquire(offset);
  }

  @Override
  public void setIntRelease(long offset, int value) {
    memory.setIntRelease(offset, value);
  }

  @Override
  public int getShort(long offset) {
    return memory.getShort(offset);
  }

  @Override
  public void putShort(long offset, int value) {
    memory.putShort(offset, value);
  }

  @Override
  public int getByte(long offset) {
    return memory.getByte(offset);
  }

  @Override
  public void setByteOpaque(long offset, int value) {
    memory.setByteOpaque(offset, value);
  }

  @Override
  public void copyIn(long offset, byte[] source, int index, int length) {
    memory.copyIn(offset, source, index, length);
  }

  @Override
  public void copyIn(long offset, MemorySegment source, long sourceOffset, long length) {
    memory.copyIn(offset, source, sourceOffset, length);
  }

  @Override
  public void copyOut(long offset, byte[] target, int index, int length) {
    memory.copyOut(offset, target, index, length);
  }

  @Override
  public void copyOut(long offset, MemorySegment target, long targetOffset, long length) {
    memory.copyOut(offset, target, targetOffset, length);
  }

  @Override
  public void copy(long from, long to, long length) {
    memory.copy(from, to, length);
  }

  @Override
  public void zero(long offset, long length) {
    memory.zero(offset, length);
  }

  @Override
  public boolean matches(long offset, byte[] other, int index, int length) {
    return memory.matches(offset, other, index, length);
  }

  @Override
  public void close() {
    memory.close();
  }
}
