package io.larder.nativeaccess;

import java.lang.foreign.MemorySegment;

/**
 * A range of whole pages in the address space, empty or not.
 *
 * @param startAddress address of the first byte, a multiple of the page size
 * @param endAddress address after the last byte, a multiple of the page size, not below the start
 */
record PageRange(long startAddress, long endAddress) {

  /**
   * The pages that the segment lies on: at most one more at each end than lie within it. Empty for an empty segment.
   */
  static PageRange covering(MemorySegment segment, long pageBytes) {
    long start = roundDown(segment.address(), pageBytes);
    long end = segment.byteSize() == 0 ? start : roundUp(segment.address() + segment.byteSize(), pageBytes);
    return new PageRange(start, end);
  }

  /** The pages of which the segment has every byte. */
  static PageRange within(MemorySegment segment, long pageBytes) {
    long start = roundUp(segment.address(), pageBytes);
    long end = roundDown(segment.address() + segment.byteSize(), pageBytes);
    return new PageRange(start, Math.max(start, end));
  }

  /**
   * Checks that the segment's address may be given to the kernel by this thread, now.
   *
   * @throws IllegalArgumentException when it is on the heap
   * @throws IllegalStateException when its arena is closed or confined to another thread
   */
  static void requireNative(MemorySegment segment) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException("segment=" + segment + " is on the heap; native or mapped memory is needed");
    }
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException("segment=" + segment + " belongs to an arena that is closed");
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new IllegalStateException(
          "segment=" + segment + " is confined to another thread than " + Thread.currentThread());
    }
  }

  long bytes() {
    return endAddress - startAddress;
  }

  boolean isEmpty() {
    return endAddress == startAddress;
  }

  static long roundDown(long address, long pageBytes) {
    return address & -pageBytes;
  }

  static long roundUp(long address, long pageBytes) {
    return (address + pageBytes - 1) & -pageBytes;
  }
}
