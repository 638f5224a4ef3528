package io.larder.engine;

/** A memory that counts: accesses to words, and apart from them the bytes that were set to zero. */
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

  @Override
  void access(long offset, int length) {
    accesses++;
  }

  @Override
  public void zero(long offset, long length) {
    zeroedBytes += length;
    super.zero(offset, length);
  }
}
