package io.larder.engine;

import java.lang.foreign.MemorySegment;

/** A memory that counts: accesses in words, and apart from them the bytes that were set to zero. */
final class CountingMemory extends ArrayMemory {
  private long accesses;
  private long zeroedBytes;

  CountingMemory(long bytes) {
    super(bytes);
  }

  void reset() {
    accesses = 0;
    zeroedBytes = 0;
  }

  long accesses() {
    return accesses;
  }

  long zeroedBytes() {
    return zeroedBytes;
  }

  private void countBytes(long length) {
    accesses += 1 + length / Long.BYTES;
  }

  @Override
  public long getLong(long offset) {
    accesses++;
    return super.getLong(offset);
  }

  @Override
  public void putLong(long offset, long value) {
    accesses++;
    super.putLong(offset, value);
  }

  @Override
  public long getLongAcquire(long offset) {
    accesses++;
    return super.getLongAcquire(offset);
  }

  @Override
  public long getLongOpaque(long offset) {
    accesses++;
    return super.getLongOpaque(offset);
  }

  @Override
  public void setLongRelease(long offset, long value) {
    accesses++;
    super.setLongRelease(offset, value);
  }

  @Override
  public void setLongOpaque(long offset, long value) {
    accesses++;
    super.setLongOpaque(offset, value);
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    accesses++;
    return super.compareAndSetLong(offset, expected, value);
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    accesses++;
    return super.getAndAddLong(offset, delta);
  }

  @Override
  public int getInt(long offset) {
    accesses++;
    return super.getInt(offset);
  }

  @Override
  public void putInt(long offset, int value) {
    accesses++;
    super.putInt(offset, value);
  }

  @Override
  public int getIntAcquire(long offset) {
    accesses++;
    return super.getIntAcquire(offset);
  }

  @Override
  public void setIntRelease(long offset, int value) {
    accesses++;
    super.setIntRelease(offset, value);
  }

  @Override
  public int getShort(long offset) {
    accesses++;
    return super.getShort(offset);
  }

  @Override
  public void putShort(long offset, int value) {
    accesses++;
    super.putShort(offset, value);
  }

  @Override
  public int getByte(long offset) {
    accesses++;
    return super.getByte(offset);
  }

  @Override
  public void setByteOpaque(long offset, int value) {
    accesses++;
    super.setByteOpaque(offset, value);
  }

  @Override
  public void copyIn(long offset, byte[] source, int index, int length) {
    countBytes(length);
    super.copyIn(offset, source, index, length);
  }

  @Override
  public void copyIn(long offset, MemorySegment source, long sourceOffset, long length) {
    countBytes(length);
    super.copyIn(offset, source, sourceOffset, length);
  }

  @Override
  public void copyOut(long offset, byte[] target, int index, int length) {
    countBytes(length);
    super.copyOut(offset, target, index, length);
  }

  @Override
  public void copyOut(long offset, MemorySegment target, long targetOffset, long length) {
    countBytes(length);
    super.copyOut(offset, target, targetOffset, length);
  }

  @Override
  public void copy(long from, long to, long length) {
    countBytes(2 * length);
    super.copy(from, to, length);
  }

  @Override
  public void zero(long offset, long length) {
    zeroedBytes += length;
    super.zero(offset, length);
  }

  @Override
  public boolean matches(long offset, byte[] other, int index, int length) {
    countBytes(length);
    return super.matches(offset, other, index, length);
  }
}
