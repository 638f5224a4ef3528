package io.larder.jmh;

import java.nio.ByteBuffer;
import java.util.Map;
import net.openhft.chronicle.map.ChronicleMap;
import org.jspecify.annotations.Nullable;

/**
 * Chronicle Map in private memory with values of varying length: as byte buffers, since {@code getUsing} fills one that
 * is large enough, where it makes a new array for each length that differs from that of the array it is given.
 */
final class ChronicleBufferSubject implements Subject<byte[]> {
  /** Chunks are a fraction of the mean value: lengths that vary need more of them now and then. */
  private static final double BLOAT_MAX = 2;

  private final Shape shape;
  private final ChronicleMap<byte[], ByteBuffer> map;

  /** With room for a quarter more entries than there are, of a mean length. */
  ChronicleBufferSubject(Shape shape, int valueBytesMean) {
    this.shape = shape;
    this.map =
        ChronicleMap.of(byte[].class, ByteBuffer.class)
            .name("bench")
            .constantKeySizeBySample(new byte[shape.keyBytes()])
            .averageValueSize(valueBytesMean)
            .entries(shape.entriesWithHeadroom())
            .maxBloatFactor(BLOAT_MAX)
            .putReturnsNull(true)
            .removeReturnsNull(true)
            .create();
  }

  @Override
  public byte[] newKey(int number) {
    return Keys.bytes(number, shape.keyBytes());
  }

  @Override
  public Client<byte[]> newClient() {
    return new MapClient(map, shape);
  }

  @Override
  public Map<String, Long> ledger() {
    return Map.of("usedBytes", map.offHeapMemoryUsed());
  }

  @Override
  public void close() {
    map.close();
  }

  private static final class MapClient implements Client<byte[]> {
    private final ChronicleMap<byte[], ByteBuffer> map;
    private ByteBuffer buffer;

    MapClient(ChronicleMap<byte[], ByteBuffer> map, Shape shape) {
      this.map = map;
      this.buffer = ByteBuffer.allocate(shape.valueBytes());
    }

    @Override
    public int get(byte[] key) {
      @Nullable ByteBuffer value = map.getUsing(key, buffer);
      if (value == null) {
        return ABSENT;
      }
      buffer = value;
      return value.remaining();
    }

    @Override
    public byte[] buffer() {
      return buffer.array();
    }

    @Override
    public void put(byte[] key, byte[] value) {
      map.put(key, ByteBuffer.wrap(value));
    }
  }
}
