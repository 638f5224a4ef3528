package io.larder.jmh;

import java.util.Map;
import net.openhft.chronicle.map.ChronicleMap;
import org.jspecify.annotations.Nullable;

/**
 * Chronicle Map in private memory, with byte arrays of constant size on both sides: no per-entry size field, no
 * encoding of strings, {@code getUsing} fills the array it is given. {@code putReturnsNull} spares it reading the old
 * value.
 */
final class ChronicleSubject implements Subject<byte[]> {
  private final Shape shape;
  private final ChronicleMap<byte[], byte[]> map;

  ChronicleSubject(Shape shape) {
    this.shape = shape;
    this.map =
        ChronicleMap.of(byte[].class, byte[].class)
            .name("bench")
            .constantKeySizeBySample(new byte[shape.keyBytes()])
            .constantValueSizeBySample(new byte[shape.valueBytes()])
            .entries(shape.entriesWithHeadroom())
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
    private final ChronicleMap<byte[], byte[]> map;
    private byte[] buffer;

    MapClient(ChronicleMap<byte[], byte[]> map, Shape shape) {
      this.map = map;
      this.buffer = new byte[shape.valueBytes()];
    }

    @Override
    public int get(byte[] key) {
      byte @Nullable [] value = map.getUsing(key, buffer);
      if (value == null) {
        return ABSENT;
      }
      buffer = value;
      return value.length;
    }

    @Override
    public byte[] buffer() {
      return buffer;
    }

    @Override
    public void put(byte[] key, byte[] value) {
      map.put(key, value);
    }
  }
}
