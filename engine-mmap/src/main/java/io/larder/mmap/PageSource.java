package io.larder.mmap;

/**
 * Brings pages of a mapped file into memory in native state, where a thread that waits for the disk holds up no
 * safepoint. Any thread.
 */
@FunctionalInterface
interface PageSource {

  /**
   * Returns when an access to a range waits for no disk, as far as the system can promise that: it may drop the pages
   * again at once. Allocates nothing.
   *
   * @param offset from the start of the mapping
   * @param bytes how many, 1 or more, all of them within the mapping
   * @param forWriting whether it is going to be written to, too
   * @throws InternalError when there is nothing behind the range, {@link io.larder.allocator.MemoryFault}
   * @throws IllegalStateException when the mapping has been closed
   */
  void bringIn(long offset, long bytes, boolean forWriting);
}
