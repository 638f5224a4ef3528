package io.larder.mmap;

import io.larder.allocator.Memory;
import java.lang.foreign.MemorySegment;

/**
 * {@link Memory} that is a mapped file on a disk: each access first makes sure that its pages are in memory, by {@link
 * Residency}, so that it is no fault that waits for the disk and holds up every safepoint meanwhile.
 *
 * <p>Where there is nothing behind a page the error of {@link io.larder.allocator.MemoryFault} is thrown before the
 * access, as long as that is found out; the access itself is that of the memory below, with all that is said there of
 * files that are cut.
 *
 * <p>A record for the same reason as {@link io.larder.allocator.SegmentMemory}.
 *
 * @param memory the mapping
 * @param residency what is known of its pages
 */
record ResidentMemory(Memory memory, Residency residency) implements Memory {

  @Override
  public long bytes() {
    return memory.bytes();
  }

  @Override
  public Memory forReading(long offset, long length) {
    residency.read(offset, length);
    return memory;
  }

  @Override
  public long getLong(long offset) {
    residency.read(offset, Long.BYTES);
    return memory.getLong(offset);
  }

  @Override
  public void putLong(long offset, long value) {
    residency.write(offset, Long.BYTES);
    memory.putLong(offset, value);
  }

  @Override
  public long getLongAcquire(long offset) {
    residency.readWord(offset);
    return memory.getLongAcquire(offset);
  }

  @Override
  public long getLongOpaque(long offset) {
    residency.readWord(offset);
    return memory.getLongOpaque(offset);
  }

  @Override
  public void setLongRelease(long offset, long value) {
    residency.writeWord(offset);
    memory.setLongRelease(offset, value);
  }

  @Override
  public void setLongOpaque(long offset, long value) {
    residency.writeWord(offset);
    memory.setLongOpaque(offset, value);
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    residency.writeWord(offset);
    return memory.compareAndSetLong(offset, expected, value);
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    residency.writeWord(offset);
    return memory.getAndAddLong(offset, delta);
  }

  @Override
  public void releaseFence() {
    memory.releaseFence();
  }

  @Override
  public int getInt(long offset) {
    residency.read(offset, Integer.BYTES);
    return memory.getInt(offset);
  }

  @Override
  public void putInt(long offset, int value) {
    residency.write(offset, Integer.BYTES);
    memory.putInt(offset, value);
  }

  @Override
  public int getIntAcquire(long offset) {
    residency.readWord(offset);
    return memory.getIntAcquire(offset);
  }

  @Override
  public void setIntRelease(long offset, int value) {
    residency.writeWord(offset);
    memory.setIntRelease(offset, value);
  }

  @Override
  public int getShort(long offset) {
    residency.read(offset, Short.BYTES);
    return memory.getShort(offset);
  }

  @Override
  public void putShort(long offset, int value) {
    residency.write(offset, Short.BYTES);
    memory.putShort(offset, value);
  }

  @Override
  public int getByte(long offset) {
    residency.readWord(offset);
    return memory.getByte(offset);
  }

  @Override
  public void setByteOpaque(long offset, int value) {
    residency.writeWord(offset);
    memory.setByteOpaque(offset, value);
  }

  @Override
  public void copyIn(long offset, byte[] source, int index, int length) {
    residency.write(offset, length);
    memory.copyIn(offset, source, index, length);
  }

  @Override
  public void copyShortIn(long offset, byte[] source, int index, int length) {
    residency.write(offset, length);
    memory.copyShortIn(offset, source, index, length);
  }

  @Override
  public void copyIn(long offset, MemorySegment source, long sourceOffset, long length) {
    residency.write(offset, length);
    memory.copyIn(offset, source, sourceOffset, length);
  }

  @Override
  public void copyOut(long offset, byte[] target, int index, int length) {
    residency.read(offset, length);
    memory.copyOut(offset, target, index, length);
  }

  @Override
  public void copyOut(long offset, MemorySegment target, long targetOffset, long length) {
    residency.read(offset, length);
    memory.copyOut(offset, target, targetOffset, length);
  }

  @Override
  public void copy(long from, long to, long length) {
    residency.read(from, length);
    residency.write(to, length);
    memory.copy(from, to, length);
  }

  @Override
  public void zero(long offset, long length) {
    residency.write(offset, length);
    memory.zero(offset, length);
  }

  @Override
  public boolean matches(long offset, byte[] other, int index, int length) {
    residency.read(offset, length);
    return memory.matches(offset, other, index, length);
  }

  @Override
  public boolean isOpen() {
    return memory.isOpen();
  }

  @Override
  public void close() {
    memory.close();
  }
}
