package io.larder;

import org.jspecify.annotations.Nullable;

/**
 * Finds the value of a key that the cache does not hold.
 *
 * <p>It runs in the thread that asked, with no lock held: it may block, use the cache, and be run by virtual threads.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
@FunctionalInterface
public interface Loader<K, V> {

  /**
   * The value of the key, or null when there is none: null is returned to the callers and not cached.
   *
   * @throws Exception when it cannot be found out; see {@link Cache#get(Object, Loader)} for what becomes of it
   */
  @Nullable V load(K key) throws Exception;
}
