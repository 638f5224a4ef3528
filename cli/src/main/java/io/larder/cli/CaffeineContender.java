package io.larder.cli;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Caffeine with the same budget as its maximum weight. A get returns the array that it holds, without a copy; a put
 * hands over a new one, since the cache keeps it. Its own nodes and the headers of strings and arrays come on top of
 * the budget: it does not weigh them.
 */
final class CaffeineContender implements Contender {
  private static final byte[] NONE = new byte[0];

  private final Cache<String, byte[]> cache;
  private String[] storedKeys;
  private String[] askedKeys;

  CaffeineContender(JdkImage image, long budgetBytes) {
    cache =
        Caffeine.newBuilder()
            .maximumWeight(budgetBytes)
            .weigher((String key, byte[] value) -> key.length() + value.length)
            .build();
    storedKeys = new String[image.count()];
    askedKeys = new String[image.count()];
    for (int i = 0; i < storedKeys.length; i++) {
      storedKeys[i] = image.name(i);
      askedKeys[i] = image.name(i);
    }
  }

  @Override
  public Session newSession() {
    return new HeapSession();
  }

  @Override
  public long entries() {
    return cache.estimatedSize();
  }

  @Override
  public long payloadBytes() {
    return accountedBytes();
  }

  @Override
  public long accountedBytes() {
    cache.cleanUp();
    return cache.policy().eviction().map(eviction -> eviction.weightedSize()).orElse(OptionalLong.empty()).orElse(0);
  }

  @Override
  public boolean accountsForAll() {
    return false;
  }

  @Override
  public void releaseRequests() {
    storedKeys = new String[0];
    askedKeys = new String[0];
  }

  @Override
  public void close() {
    cache.invalidateAll();
  }

  private final class HeapSession implements Session {
    private byte[] value = NONE;

    @Override
    public int get(int number) {
      byte @Nullable [] found = cache.getIfPresent(askedKeys[number]);
      if (found == null) {
        return ABSENT;
      }
      value = found;
      return found.length;
    }

    @Override
    public byte[] value() {
      return value;
    }

    @Override
    public void put(int number, byte[] bytes, int length) {
      cache.put(storedKeys[number], Arrays.copyOf(bytes, length));
    }
  }
}
