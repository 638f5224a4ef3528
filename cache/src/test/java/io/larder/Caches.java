package io.larder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Small caches and bytes for the tests. */
final class Caches {
  private Caches() {}

  static CacheBuilder<String, String> strings() {
    return Larder.builder(Codec.utf8(), Codec.utf8()).memory("4MiB");
  }

  static CacheBuilder<byte[], byte[]> arrays() {
    return Larder.builder(Codec.bytes(), Codec.bytes()).memory("4MiB");
  }

  /** What must not be null. */
  static <T> T there(@Nullable T value) {
    assertThat(value).isNotNull();
    return Objects.requireNonNull(value);
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  static String text(byte[] bytes, int length) {
    return new String(bytes, 0, length, UTF_8);
  }

  static <K, V> Map<K, V> contents(Cache<K, V> cache) {
    Map<K, V> contents = new HashMap<>();
    cache.forEach(entry -> contents.put(entry.key(), entry.value()));
    return contents;
  }
}
