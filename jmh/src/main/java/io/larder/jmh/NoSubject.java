package io.larder.jmh;

import java.util.Map;
import java.util.SplittableRandom;

/**
 * No cache: a get copies a value of a length drawn at random, from one array for all, and a put does nothing. What is
 * left is what the caller does itself.
 */
final class NoSubject implements Subject<byte[]> {
  private final Shape shape;
  private final int valueBytesMin;

  NoSubject(Shape shape, int valueBytesMin) {
    this.shape = shape;
    this.valueBytesMin = valueBytesMin;
  }

  @Override
  public byte[] newKey(int number) {
    return Keys.bytes(number, shape.keyBytes());
  }

  @Override
  public Client<byte[]> newClient() {
    return new CopyClient(shape.valueBytes(), valueBytesMin);
  }

  @Override
  public Map<String, Long> ledger() {
    return Map.of();
  }

  @Override
  public void close() {}

  private static final class CopyClient implements Client<byte[]> {
    private final SplittableRandom random = new SplittableRandom(43);
    private final byte[] value;
    private final byte[] buffer;
    private final int valueBytesMin;

    CopyClient(int valueBytesMax, int valueBytesMin) {
      this.value = new byte[valueBytesMax];
      this.buffer = new byte[valueBytesMax];
      this.valueBytesMin = valueBytesMin;
    }

    @Override
    public int get(byte[] key) {
      int length = random.nextInt(valueBytesMin, value.length + 1);
      System.arraycopy(value, 0, buffer, 0, length);
      return length;
    }

    @Override
    public byte[] buffer() {
      return buffer;
    }

    @Override
    public void put(byte[] key, byte[] value) {}
  }
}
