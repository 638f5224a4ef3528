package io.larder.jmh;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.larder.jmh.trace.Trace;

/**
 * Caffeine, which evicts in the caller's thread, so that runs differ little. What stands for a value is its size:
 * arrays of that size would be hit and evicted alike, and the heap would have to hold them.
 */
final class CaffeineReplay implements Replay {
  private final Trace trace;
  private final Cache<Long, Integer> cache;

  private CaffeineReplay(Trace trace, Cache<Long, Integer> cache) {
    this.trace = trace;
    this.cache = cache;
  }

  /** A cache bounded by so many entries. */
  static CaffeineReplay ofEntries(Trace trace, int entries) {
    return new CaffeineReplay(trace, Caffeine.newBuilder().executor(Runnable::run).maximumSize(entries).build());
  }

  /** A cache whose entries, with values as byte arrays, occupy so many bytes of the heap. */
  static CaffeineReplay ofBytes(Trace trace, long bytes) {
    return new CaffeineReplay(
        trace,
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(bytes)
            .<Long, Integer>weigher((key, valueBytes) -> CaffeineEntry.heapBytes(valueBytes))
            .build());
  }

  @Override
  public boolean request(int position) {
    Long key = trace.key(trace.number(position));
    if (cache.getIfPresent(key) != null) {
      return true;
    }
    cache.put(key, (int) Math.min(trace.sizeBytes(position), CaffeineEntry.VALUE_BYTES_MAX));
    return false;
  }

  @Override
  public long entries() {
    cache.cleanUp();
    return cache.estimatedSize();
  }
}
