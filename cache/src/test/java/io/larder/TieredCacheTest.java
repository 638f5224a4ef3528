package io.larder;

import static io.larder.Caches.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory and a file below it, as one cache. */
class TieredCacheTest {
  private static final int ENTRIES = 30_000;

  @TempDir private Path folder;
  private Path file = Path.of("unset");

  @BeforeEach
  void place() {
    file = folder.resolve("below.larder");
  }

  private CacheBuilder<String, String> builder() {
    return Larder.builder(Codec.utf8(), Codec.utf8()).memory("1MiB").file(file, "16MiB");
  }

  private static String key(int i) {
    return "key:" + i;
  }

  private static String value(int i, int round) {
    return "value:" + i + ":" + round + ":" + "x".repeat(80);
  }

  /** Puts all, slowly enough for nothing to be dropped. */
  private static void fill(Cache<String, String> cache, int entries, int round) {
    for (int i = 0; i < entries; i++) {
      cache.put(key(i), value(i, round));
      if (i % 500 == 0) {
        cache.cleanUp();
      }
    }
    cache.cleanUp();
  }

  @Test
  void findsBelowWhatTheMemoryHasEvicted() {
    try (Cache<String, String> cache = builder().build()) {
      fill(cache, ENTRIES, 0);
      int found = 0;
      for (int i = 0; i < ENTRIES; i++) {
        String value = cache.get(key(i));
        if (value != null) {
          assertThat(value).isEqualTo(value(i, 0));
          found++;
        }
      }
      CacheStats stats = cache.stats();
      TierStats tier = there(stats.tier());
      assertThat(found).isGreaterThan(ENTRIES * 95 / 100);
      assertThat(stats.hits()).isEqualTo(found);
      assertThat(stats.misses()).isEqualTo(ENTRIES - found);
      assertThat(tier.hits()).isGreaterThan(ENTRIES / 2);
      assertThat(tier.demotions()).isGreaterThan(ENTRIES / 2);
      assertThat(tier.degraded()).isFalse();
    }
  }

  @Test
  void promotesWhatIsUsedAgainAndDoesNotWriteItTwice() {
    try (Cache<String, String> cache = builder().build()) {
      fill(cache, ENTRIES, 0);
      for (int round = 0; round < 4; round++) {
        for (int i = 0; i < ENTRIES; i++) {
          cache.get(key(i));
        }
        cache.cleanUp();
      }
      TierStats tier = there(cache.stats().tier());
      assertThat(tier.promotions()).isGreaterThan(ENTRIES / 2);
      assertThat(tier.cleanSkips()).isGreaterThan(ENTRIES / 4);
      assertThat(tier.demotions()).isLessThan(ENTRIES + ENTRIES / 4);
    }
  }

  @Test
  void aWriteIsNeverUndone() {
    try (Cache<String, String> cache = builder().build()) {
      for (int round = 0; round < 4; round++) {
        fill(cache, ENTRIES / 2, round);
        for (int i = 0; i < ENTRIES / 2; i += 3) {
          cache.remove(key(i));
        }
        for (int i = 0; i < ENTRIES / 2; i++) {
          String value = cache.get(key(i));
          if (i % 3 == 0) {
            assertThat(value).isNull();
          } else if (value != null) {
            assertThat(value).isEqualTo(value(i, round));
          }
        }
      }
      cache.clear();
      assertThat(cache.estimatedSize()).isZero();
      for (int i = 0; i < ENTRIES / 2; i++) {
        assertThat(cache.get(key(i))).isNull();
      }
    }
  }

  /** All ways to read and to write, against a map: what is there is what was written last. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void allOperationsSeeBothTiersAsOne(boolean inMemory) {
    Compression compression = Compression.lz4().above(64);
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<String, String> model = new HashMap<>();
    try (Cache<String, String> cache = builder().compress(inMemory ? compression.inMemory() : compression).build()) {
      ByteCache bytes = cache.bytes();
      byte[] array = new byte[4096];
      ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
      Batch batch = new Batch(8, 4096);
      for (int step = 0; step < 200_000; step++) {
        int i = random.nextInt(ENTRIES / 3);
        String key = key(i);
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        String value = value(i, step);
        String expected = model.get(key);
        switch (random.nextInt(16)) {
          case 0, 1, 2 -> {
            cache.put(key, value);
            model.put(key, value);
          }
          case 3 -> {
            if (cache.putIfAbsent(key, value)) {
              model.put(key, value);
            } else {
              assertThat(expected).as("seed %d step %d", seed, step).isNotNull();
            }
          }
          case 4 -> {
            if (cache.replace(key, value)) {
              assertThat(expected).as("seed %d step %d", seed, step).isNotNull();
              model.put(key, value);
            }
          }
          case 5 -> {
            if (cache.remove(key)) {
              assertThat(expected).as("seed %d step %d", seed, step).isNotNull();
            }
            model.remove(key);
          }
          case 6 -> {
            String wrong = expected == null ? "nothing" : expected;
            if (cache.replace(key, wrong, value)) {
              assertThat(wrong).isEqualTo(expected);
              model.put(key, value);
            }
          }
          case 7 -> {
            String computed = cache.compute(key, (k, old) -> {
              assertThat(old == null || old.equals(expected)).as("seed %d", seed).isTrue();
              return value;
            });
            assertThat(computed).isEqualTo(value);
            model.put(key, value);
          }
          case 8 -> {
            VersionedValue<String> versioned = cache.getVersioned(key);
            if (versioned != null) {
              assertThat(versioned.value()).isEqualTo(expected);
              if (cache.replaceIfVersion(key, versioned.version(), value)) {
                model.put(key, value);
              }
            }
          }
          case 9 -> {
            String loaded = cache.get(key, k -> value);
            if (!value.equals(loaded)) {
              assertThat(loaded).as("seed %d step %d", seed, step).isEqualTo(expected);
            } else {
              model.put(key, value);
            }
          }
          case 10 -> {
            int length = bytes.get(keyBytes, array);
            check(expected, length, array, 0, seed);
          }
          case 11 -> {
            buffer.clear();
            int length = bytes.get(ByteBuffer.wrap(keyBytes), buffer);
            buffer.flip();
            byte[] copied = new byte[buffer.remaining()];
            buffer.get(copied);
            check(expected, length, copied, 0, seed);
          }
          case 12 -> {
            byte[] viewed = bytes.read(keyBytes, ValueView::toArray);
            check(expected, viewed == null ? -1 : viewed.length, viewed == null ? array : viewed, 0, seed);
          }
          case 13 -> {
            batch.clear();
            List<String> keys = new ArrayList<>();
            for (int j = 0; j < 8; j++) {
              keys.add(key(random.nextInt(ENTRIES / 3)));
              batch.add(keys.get(j).getBytes(StandardCharsets.UTF_8));
            }
            bytes.getAll(batch);
            for (int j = 0; j < 8; j++) {
              check(model.get(keys.get(j)), batch.length(j), batch.values(), batch.offset(j), seed);
            }
          }
          case 14 -> {
            if (cache.containsKey(key) || bytes.version(keyBytes) > 0) {
              assertThat(expected).as("seed %d step %d", seed, step).isNotNull();
            }
          }
          default -> {
            String got = cache.get(key);
            if (got != null) {
              assertThat(got).as("seed %d step %d", seed, step).isEqualTo(expected);
            }
          }
        }
      }
      int seen = 0;
      for (CacheEntry<String, String> entry : cache) {
        assertThat(entry.value()).isEqualTo(model.get(entry.key()));
        seen++;
      }
      assertThat(seen).isGreaterThan(model.size() * 9 / 10);
      assertThat(there(cache.stats().tier()).damaged()).isZero();
      assertThat(there(cache.stats().tier()).writeAmplification()).isLessThan(0.9);
    }
  }

  private static void check(@Nullable String expected, int length, byte[] array, int at, long seed) {
    if (length >= 0) {
      assertThat(new String(Arrays.copyOfRange(array, at, at + length), StandardCharsets.UTF_8))
          .as("seed %d", seed)
          .isEqualTo(expected);
    }
  }

  @Test
  void findsAfterARestartWhatItHasFlushed() {
    try (Cache<String, String> cache = builder().flushOnClose().build()) {
      fill(cache, ENTRIES / 2, 0);
      cache.put("late", "1");
    }
    try (Cache<String, String> cache = builder().build()) {
      assertThat(cache.get("late")).isEqualTo("1");
      int found = 0;
      for (int i = 0; i < ENTRIES / 2; i++) {
        found += cache.get(key(i)) == null ? 0 : 1;
      }
      assertThat(found).isGreaterThan(ENTRIES / 2 * 95 / 100);
      cache.put("late", "2");
    }
    try (Cache<String, String> cache = builder().build()) {
      // It was in the memory only; what the file had before is older.
      assertThat(cache.get("late")).isNull();
    }
  }

  @Test
  void expiresInBothTiers() {
    AtomicLong time = new AtomicLong(1_000_000);
    try (Cache<String, String> cache = builder().clock(time::get).build()) {
      for (int i = 0; i < ENTRIES / 2; i++) {
        cache.put(key(i), value(i, 0), Entry.ttl(Duration.ofSeconds(60)));
        if (i % 500 == 0) {
          cache.cleanUp();
        }
      }
      cache.cleanUp();
      assertThat(there(cache.stats().tier()).demotions()).isPositive();
      time.addAndGet(59_999);
      int found = 0;
      for (int i = 0; i < ENTRIES / 2; i++) {
        found += cache.get(key(i)) == null ? 0 : 1;
      }
      assertThat(found).isGreaterThan(ENTRIES / 2 * 9 / 10);
      time.addAndGet(1);
      for (int i = 0; i < ENTRIES / 2; i++) {
        assertThat(cache.get(key(i))).isNull();
      }
    }
  }

  @Test
  void refusesWhatDoesNotGoTogether() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().removalListener((k, v, cause) -> {}).build())
        .withMessageContaining("removalListener");
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().expireAfterAccess(Duration.ofSeconds(1)).build())
        .withMessageContaining("expireAfterAccess");
    assertThatIllegalStateException()
        .isThrownBy(() -> Caches.strings().compress(Compression.lz4()).build())
        .withMessageContaining("no second tier");
    assertThatIllegalStateException()
        .isThrownBy(() -> Caches.strings().flushOnClose().build())
        .withMessageContaining("no second tier");
  }
}
