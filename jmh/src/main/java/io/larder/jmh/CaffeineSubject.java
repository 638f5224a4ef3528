package io.larder.jmh;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Caffeine bounded by entries, its cheapest bound. The bound leaves a quarter of room: nothing is evicted, and the
 * frequency sketch is at work as it is in any cache in use.
 */
final class CaffeineSubject implements Subject<String> {
  private final Shape shape;
  private final boolean keeps;
  private final Cache<String, byte[]> cache;

  CaffeineSubject(Shape shape) {
    this(shape, false);
  }

  private CaffeineSubject(Shape shape, boolean keeps) {
    this.shape = shape;
    this.keeps = keeps;
    Caffeine<Object, Object> builder = Caffeine.newBuilder().maximumSize(shape.entriesWithHeadroom());
    this.cache = (shape.presized() ? builder.initialCapacity(shape.entries()) : builder).build();
  }

  /** Keeps the arrays that are put: for callers that give them away. */
  static CaffeineSubject keeping(Shape shape) {
    return new CaffeineSubject(shape, true);
  }

  @Override
  public String newKey(int number) {
    return Keys.string(number, shape.keyBytes());
  }

  @Override
  public Client<String> newClient() {
    return new CacheClient(cache, shape, keeps);
  }

  @Override
  public Map<String, Long> ledger() {
    return Map.of();
  }

  @Override
  public void close() {
    cache.invalidateAll();
    cache.cleanUp();
  }

  private static final class CacheClient implements Client<String> {
    private final Cache<String, byte[]> cache;
    private final byte[] buffer;
    private final boolean keeps;

    CacheClient(Cache<String, byte[]> cache, Shape shape, boolean keeps) {
      this.cache = cache;
      this.buffer = new byte[shape.valueBytes()];
      this.keeps = keeps;
    }

    @Override
    public int get(String key) {
      byte @Nullable [] value = cache.getIfPresent(key);
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
      cache.put(key, keeps ? value : value.clone());
    }
  }
}
