package io.larder.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * No cache: plain memory outside the heap, as large as all values together, in which each entry has a place. A get
 * copies as many bytes from there as a value may have, drawn at random, and a put copies its value there; neighbours
 * overlap, and nobody looks. What is left is what the caller does itself, with the processor's caches as full of values
 * as beside a cache.
 */
final class NoSubject implements Subject<byte[]> {
  private final Shape shape;
  private final int valueBytesMin;
  private final int valueBytesMean;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  /** For values from a least length to that of the shape, each as likely as any other. */
  NoSubject(Shape shape, int valueBytesMin) {
    this.shape = shape;
    this.valueBytesMin = valueBytesMin;
    this.valueBytesMean = (valueBytesMin + shape.valueBytes()) / 2;
    this.memory = arena.allocate((long) shape.entries() * valueBytesMean + shape.valueBytes());
  }

  @Override
  public byte[] newKey(int number) {
    return Keys.bytes(number, shape.keyBytes());
  }

  @Override
  public Client<byte[]> newClient() {
    return new CopyClient();
  }

  @Override
  public Map<String, Long> ledger() {
    return Map.of();
  }

  @Override
  public void close() {
    arena.close();
  }

  private final class CopyClient implements Client<byte[]> {
    private final SplittableRandom random = new SplittableRandom(43);
    private final byte[] buffer = new byte[shape.valueBytes()];

    @Override
    public int get(byte[] key) {
      int length = random.nextInt(valueBytesMin, buffer.length + 1);
      MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset(key), buffer, 0, length);
      return length;
    }

    @Override
    public byte[] buffer() {
      return buffer;
    }

    @Override
    public void put(byte[] key, byte[] value) {
      MemorySegment.copy(value, 0, memory, ValueLayout.JAVA_BYTE, offset(key), value.length);
    }

    private long offset(byte[] key) {
      return (long) Keys.number(key) * valueBytesMean;
    }
  }
}
