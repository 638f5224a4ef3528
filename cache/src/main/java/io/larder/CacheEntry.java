package io.larder;

/**
 * An entry as an iteration saw it: a copy, which later writes do not change.
 *
 * @param key the key
 * @param value the value
 * @param version 1 or more; no two writes to a key have the same one. 0 of an entry that is in the second tier only
 * @param expiryMillis when it expires, in milliseconds of the cache's clock; 0 when it does not. With a time to
 *     idle it is later if the entry is accessed
 * @param cost what recomputing it costs, as given by {@link Entry#cost(int)}
 */
public record CacheEntry<K, V>(K key, V value, long version, long expiryMillis, int cost) {}
