package io.larder;

/**
 * Hears of each entry that leaves the cache, exactly once; entries that are still there when the cache is
 * closed do not count.
 *
 * <p><b>Thread.</b> It is called with no lock held, by the executor given to the builder, or by the cache's
 * maintenance thread when there is none. It may use the cache. Between two removals no order is promised.
 *
 * <p><b>Memory.</b> What was removed waits on the heap until the listener has seen it. When more than 16 MiB
 * wait, threads that write call the listener themselves until less do: a slow listener slows the writers down
 * and never fills the heap. The excess is bounded by what the writes in progress remove; clearing the cache
 * removes a whole partition of it at a time.
 *
 * <p>What it throws is logged, counted in {@link CacheStats#listenerFailures()}, and otherwise ignored. An
 * entry whose bytes the codecs cannot decode is counted in {@link CacheStats#decodeFailures()} and not
 * reported.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
@FunctionalInterface
public interface RemovalListener<K, V> {

  /** The entry is gone. */
  void onRemoval(K key, V value, RemovalCause cause);
}
