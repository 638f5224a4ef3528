package io.larder.jmh;

import java.util.Map;
import org.ehcache.Cache;
import org.ehcache.CacheManager;
import org.ehcache.config.builders.CacheConfigurationBuilder;
import org.ehcache.config.builders.CacheManagerBuilder;
import org.ehcache.config.builders.ResourcePoolsBuilder;
import org.ehcache.config.units.MemoryUnit;
import org.jspecify.annotations.Nullable;

/** Ehcache with an off-heap tier alone, strings and byte arrays by its own serializers for them. */
final class EhcacheSubject implements Subject<String> {
  private static final String NAME = "bench";

  /** Its entry header, table slot, serialized form and rounding. */
  private static final int OVERHEAD_BYTES = 72;

  private final Shape shape;
  private final CacheManager manager;
  private final Cache<String, byte[]> cache;

  EhcacheSubject(Shape shape) {
    this.shape = shape;
    long mebibytes = (shape.bytesWithHeadroom(OVERHEAD_BYTES) >> 20) + 1;
    this.manager =
        CacheManagerBuilder.newCacheManagerBuilder()
            .withCache(
                NAME,
                CacheConfigurationBuilder.newCacheConfigurationBuilder(
                    String.class,
                    byte[].class,
                    ResourcePoolsBuilder.newResourcePoolsBuilder().offheap(mebibytes, MemoryUnit.MB)))
            .build(true);
    this.cache = manager.getCache(NAME, String.class, byte[].class);
  }

  @Override
  public String newKey(int number) {
    return Keys.string(number, shape.keyBytes());
  }

  @Override
  public Client<String> newClient() {
    return new CacheClient(cache, shape);
  }

  @Override
  public Map<String, Long> ledger() {
    return Map.of();
  }

  @Override
  public void close() {
    manager.close();
  }

  private static final class CacheClient implements Client<String> {
    private final Cache<String, byte[]> cache;
    private final byte[] buffer;

    CacheClient(Cache<String, byte[]> cache, Shape shape) {
      this.cache = cache;
      this.buffer = new byte[shape.valueBytes()];
    }

    @Override
    public int get(String key) {
      byte @Nullable [] value = cache.get(key);
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
      cache.put(key, value);
    }
  }
}
