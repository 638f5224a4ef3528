package io.larder.jmh;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.HTreeMap;
import org.mapdb.Serializer;

/** MapDB's hash tree in direct memory, values inline beside their keys, byte arrays on both sides. */
final class MapDbSubject implements Subject<byte[]> {
  private final Shape shape;
  private final DB db;
  private final HTreeMap<byte[], byte[]> map;

  MapDbSubject(Shape shape) {
    this.shape = shape;
    this.db = DBMaker.memoryDirectDB().make();
    this.map = db.hashMap("bench", Serializer.BYTE_ARRAY, Serializer.BYTE_ARRAY).valueInline().create();
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
    return Map.of();
  }

  @Override
  public void close() {
    db.close();
  }

  private static final class MapClient implements Client<byte[]> {
    private final HTreeMap<byte[], byte[]> map;
    private final byte[] buffer;

    MapClient(HTreeMap<byte[], byte[]> map, Shape shape) {
      this.map = map;
      this.buffer = new byte[shape.valueBytes()];
    }

    @Override
    public int get(byte[] key) {
      byte @Nullable [] value = map.get(key);
      if (value == null) {
        return ABSENT;
      }
      System.arraycopy(value, 0, buffer, 0, value.length);
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
