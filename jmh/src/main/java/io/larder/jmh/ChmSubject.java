package io.larder.jmh;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The baseline: a heap map without bound or eviction. It copies a value on the way in, since it keeps it, and on the
 * way out.
 */
final class ChmSubject implements Subject<String> {
  private final Shape shape;
  private final ConcurrentHashMap<String, byte[]> map;

  ChmSubject(Shape shape) {
    this.shape = shape;
    this.map = shape.presized() ? new ConcurrentHashMap<>(shape.entries()) : new ConcurrentHashMap<>();
  }

  @Override
  public String newKey(int number) {
    return Keys.string(number, shape.keyBytes());
  }

  @Override
  public Client<String> newClient() {
    return new MapClient(map, shape);
  }

  @Override
  public Map<String, Long> ledger() {
    return Map.of();
  }

  @Override
  public void close() {
    map.clear();
  }

  private static final class MapClient implements Client<String> {
    private final ConcurrentHashMap<String, byte[]> map;
    private final byte[] buffer;

    MapClient(ConcurrentHashMap<String, byte[]> map, Shape shape) {
      this.map = map;
      this.buffer = new byte[shape.valueBytes()];
    }

    @Override
    public int get(String key) {
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
    public void put(String key, byte[] value) {
      map.put(key, value.clone());
    }
  }
}
