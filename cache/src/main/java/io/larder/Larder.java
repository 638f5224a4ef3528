package io.larder;

/**
 * Where a cache comes from.
 *
 * <pre>{@code
 * try (Cache<String, byte[]> cache = Larder.builder(Codec.utf8(), Codec.bytes())
 *     .memory("512MiB")
 *     .expireAfterWrite(Duration.ofMinutes(30))
 *     .build()) {
 *   cache.put("user:1", bytes);
 *   byte[] found = cache.get("user:1");
 * }
 * }</pre>
 */
public final class Larder {
  private Larder() {}

  /**
   * A builder of a cache whose keys and values pass through the given codecs.
   *
   * @throws NullPointerException when {@code keys} or {@code values} is null
   */
  public static <K, V> CacheBuilder<K, V> builder(Codec<K> keys, Codec<V> values) {
    return new CacheBuilder<>(Arguments.notNull(keys, "keys"), Arguments.notNull(values, "values"));
  }
}
