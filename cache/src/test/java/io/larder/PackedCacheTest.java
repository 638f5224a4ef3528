package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A cache whose values are all compressed in its memory does what one does whose values are not. */
class PackedCacheTest extends CacheTest {
  @Override
  CacheBuilder<String, String> builder() {
    return Larder.builder(Codec.utf8(), new PaddedCodec()).memory("4MiB").compress(Compression.lz4().inMemory());
  }

  /** It need not evict what the other one must. */
  @Override
  @Test
  void evictsInsteadOfFailing() {
    try (Cache<String, String> small = builder().maximumEntries(50).build()) {
      for (int i = 0; i < 100; i++) {
        small.put("key" + i, "v".repeat(100_000));
      }
      assertThat(small.get("key99")).hasSize(100_000);
      assertThat(small.stats().evictions()).isEqualTo(50);
      assertThat(small.stats().rejections()).isZero();
    }
  }

  /** The bytes are those that are kept. */
  @Override
  @Test
  void counts() {
    try (Cache<String, String> counted = builder().build()) {
      counted.put("a", "1");
      counted.put("b", "22");
      counted.get("a");
      counted.get("absent");
      counted.remove("a");
      CacheStats stats = counted.stats();
      assertThat(stats.hits()).isOne();
      assertThat(stats.misses()).isOne();
      assertThat(stats.puts()).isEqualTo(2);
      assertThat(stats.removals()).isOne();
      assertThat(stats.entries()).isOne();
      assertThat(stats.payloadBytes()).isBetween(1L, 100L);
    }
  }
}
