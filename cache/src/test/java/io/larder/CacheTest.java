package io.larder;

import static io.larder.Caches.bytes;
import static io.larder.Caches.contents;
import static io.larder.Caches.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CacheTest {
  private final Cache<String, String> cache = builder().name("test").build();

  /** The cache to be tested, as it is made. */
  CacheBuilder<String, String> builder() {
    return Caches.strings();
  }

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void getsWhatWasPut() {
    assertThat(cache.get("a")).isNull();
    cache.put("a", "1");
    assertThat(cache.get("a")).isEqualTo("1");
    cache.put("a", "2");
    assertThat(cache.get("a")).isEqualTo("2");
    assertThat(cache.containsKey("a")).isTrue();
    assertThat(cache.containsKey("b")).isFalse();
    assertThat(cache.estimatedSize()).isOne();
  }

  @Test
  void takesEmptyKeysAndValues() {
    cache.put("", "");
    assertThat(cache.get("")).isEmpty();
    assertThat(cache.remove("")).isTrue();
    assertThat(cache.get("")).isNull();
  }

  @Test
  void takesValuesFromOneByteToAMebibyte() {
    for (int length = 1; length <= 1 << 20; length = length * 3 + 1) {
      String value = "é".repeat(length / 2) + "x";
      cache.put("key", value);
      assertThat(cache.get("key")).isEqualTo(value);
    }
  }

  @Test
  void verifiesReadsWhenToldTo() {
    try (Cache<String, String> verifying = Caches.strings().verifyReads(true).build()) {
      for (int length = 0; length <= 1 << 20; length = length * 5 + 1) {
        verifying.put("key" + length, "v".repeat(length), Entry.plain().cost(1));
        assertThat(verifying.get("key" + length)).hasSize(length);
      }
      assertThat(verifying.stats().corruptions()).isZero();
    }
  }

  @Test
  void eachReadYieldsAnArrayOfItsOwn() {
    try (Cache<byte[], byte[]> arrays = Caches.arrays().build()) {
      byte[] value = bytes("value");
      arrays.put(bytes("a"), value);
      value[0] = 'X';
      byte[] first = there(arrays.get(bytes("a")));
      assertThat(first).isEqualTo(bytes("value"));
      first[0] = 'X';
      assertThat(arrays.get(bytes("a"))).isEqualTo(bytes("value"));
    }
  }

  @Test
  void putIfAbsentPutsOnlyWhereThereIsNone() {
    assertThat(cache.putIfAbsent("a", "1")).isTrue();
    assertThat(cache.putIfAbsent("a", "2")).isFalse();
    assertThat(cache.putIfAbsent("a", "2", Entry.plain().cost(1))).isFalse();
    assertThat(cache.get("a")).isEqualTo("1");
  }

  @Test
  void replacePutsOnlyWhereThereIsOne() {
    assertThat(cache.replace("a", "1")).isFalse();
    assertThat(cache.get("a")).isNull();
    cache.put("a", "1");
    assertThat(cache.replace("a", "2")).isTrue();
    assertThat(cache.get("a")).isEqualTo("2");
  }

  @Test
  void replacesAndRemovesByValue() {
    assertThat(cache.replace("a", "1", "2")).isFalse();
    assertThat(cache.remove("a", "1")).isFalse();
    cache.put("a", "1");
    assertThat(cache.replace("a", "x", "2")).isFalse();
    assertThat(cache.replace("a", "1", "2")).isTrue();
    assertThat(cache.get("a")).isEqualTo("2");
    assertThat(cache.remove("a", "1")).isFalse();
    assertThat(cache.remove("a", "2")).isTrue();
    assertThat(cache.get("a")).isNull();
  }

  @Test
  void replacesAndRemovesByVersion() {
    assertThat(cache.getVersioned("a")).isNull();
    assertThat(cache.replaceIfVersion("a", 1, "x")).isFalse();
    assertThat(cache.removeIfVersion("a", 1)).isFalse();
    cache.put("a", "1");
    VersionedValue<String> first = there(cache.getVersioned("a"));
    assertThat(first.value()).isEqualTo("1");
    assertThat(cache.replaceIfVersion("a", first.version(), "2")).isTrue();
    assertThat(cache.replaceIfVersion("a", first.version(), "3")).isFalse();
    VersionedValue<String> second = there(cache.getVersioned("a"));
    assertThat(second.value()).isEqualTo("2");
    assertThat(second.version()).isGreaterThan(first.version());
    assertThat(cache.removeIfVersion("a", first.version())).isFalse();
    assertThat(cache.removeIfVersion("a", second.version())).isTrue();
    assertThat(cache.containsKey("a")).isFalse();
  }

  @Test
  void noVersionComesTwice() {
    cache.put("a", "1");
    long first = there(cache.getVersioned("a")).version();
    cache.remove("a");
    cache.put("a", "1");
    assertThat(there(cache.getVersioned("a")).version()).isNotEqualTo(first);
    cache.clear();
    cache.put("a", "1");
    assertThat(there(cache.getVersioned("a")).version()).isGreaterThan(first);
  }

  @Test
  void removeSaysWhetherItWasThere() {
    assertThat(cache.remove("a")).isFalse();
    cache.put("a", "1");
    assertThat(cache.remove("a")).isTrue();
    assertThat(cache.remove("a")).isFalse();
  }

  @Test
  void computes() {
    assertThat(cache.compute("a", (key, value) -> value == null ? null : "x")).isNull();
    assertThat(cache.containsKey("a")).isFalse();
    assertThat(cache.compute("a", (key, value) -> key + value)).isEqualTo("anull");
    assertThat(cache.compute("a", (key, value) -> value + "!")).isEqualTo("anull!");
    assertThat(cache.get("a")).isEqualTo("anull!");
    assertThat(cache.compute("a", (key, value) -> null)).isNull();
    assertThat(cache.containsKey("a")).isFalse();
  }

  @Test
  void computesIfPresent() {
    assertThat(cache.computeIfPresent("a", (key, value) -> "x")).isNull();
    assertThat(cache.containsKey("a")).isFalse();
    cache.put("a", "1");
    assertThat(cache.computeIfPresent("a", (key, value) -> value + "2")).isEqualTo("12");
    assertThat(cache.get("a")).isEqualTo("12");
    assertThat(cache.computeIfPresent("a", (key, value) -> null)).isNull();
    assertThat(cache.containsKey("a")).isFalse();
  }

  @Test
  void merges() {
    assertThat(cache.merge("a", "1", String::concat)).isEqualTo("1");
    assertThat(cache.merge("a", "2", String::concat)).isEqualTo("12");
    assertThat(cache.get("a")).isEqualTo("12");
    assertThat(cache.merge("a", "3", (present, value) -> null)).isNull();
    assertThat(cache.containsKey("a")).isFalse();
  }

  @Test
  void whatAFunctionThrowsChangesNothing() {
    cache.put("a", "1");
    IllegalStateException failure = new IllegalStateException("mine");
    assertThatThrownBy(() -> cache.compute("a", (key, value) -> { throw failure; })).isSameAs(failure);
    assertThatThrownBy(() -> cache.computeIfPresent("a", (key, value) -> { throw failure; })).isSameAs(failure);
    assertThatThrownBy(() -> cache.merge("a", "2", (one, other) -> { throw failure; })).isSameAs(failure);
    assertThat(cache.get("a")).isEqualTo("1");
  }

  @Test
  void aFunctionMayUseTheCache() {
    cache.put("a", "1");
    cache.compute(
        "a",
        (key, value) -> {
          cache.put("b", value + "b");
          return cache.compute("c", (other, none) -> cache.get("b") + "c") + "a";
        });
    assertThat(contents(cache)).isEqualTo(Map.of("a", "1bca", "b", "1b", "c", "1bc"));
  }

  @Test
  void aFunctionRunsAgainWhenAnotherWriteCameInBetween() {
    cache.put("a", "1");
    AtomicInteger runs = new AtomicInteger();
    String result =
        cache.compute(
            "a",
            (key, value) -> {
              if (runs.getAndIncrement() == 0) {
                cache.put("a", "2");
              }
              return value + "!";
            });
    assertThat(result).isEqualTo("2!");
    assertThat(cache.get("a")).isEqualTo("2!");
    assertThat(runs).hasValue(2);
  }

  @Test
  void computeLosesNoUpdate() throws Exception {
    try (Cache<String, Long> counters = Larder.builder(Codec.utf8(), Codec.int64()).memory("4MiB").build()) {
      int threads = 4;
      int rounds = 5_000;
      CountDownLatch start = new CountDownLatch(threads);
      List<Thread> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      start.countDown();
                      for (int round = 0; round < rounds; round++) {
                        String key = "k" + round % 3;
                        if (round % 2 == 0) {
                          counters.merge(key, 1L, Long::sum);
                        } else {
                          counters.compute(key, (same, value) -> value == null ? 1 : value + 1);
                        }
                      }
                    }));
      }
      for (Thread thread : running) {
        thread.join();
      }
      long sum = contents(counters).values().stream().mapToLong(Long::longValue).sum();
      assertThat(sum).isEqualTo((long) threads * rounds);
    }
  }

  @Test
  void getsMany() {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < 500; i++) {
      all.put("key" + i, "v".repeat(i * 7));
    }
    all.forEach(cache::put);
    List<String> asked = new ArrayList<>(all.keySet());
    asked.add("absent");
    asked.add("key7");
    assertThat(cache.getAll(asked)).isEqualTo(all);
    assertThat(cache.getAll(List.of())).isEmpty();
    assertThat(cache.getAll(List.of("absent"))).isEmpty();
  }

  @Test
  void getsManyArrays() {
    try (Cache<byte[], byte[]> arrays = Caches.arrays().build()) {
      byte[] a = bytes("a");
      byte[] none = {};
      arrays.put(a, bytes("1"));
      arrays.put(none, bytes("2"));
      Map<byte[], byte[]> found = arrays.getAll(List.of(none, a, bytes("c")));
      assertThat(found).hasSize(2).containsEntry(a, bytes("1")).containsEntry(none, bytes("2"));
    }
  }

  @Test
  void iterates() {
    cache.put("a", "1");
    cache.put("b", "2", Entry.plain().cost(7));
    assertThat(contents(cache)).isEqualTo(Map.of("a", "1", "b", "2"));
    for (CacheEntry<String, String> entry : cache) {
      assertThat(entry.version()).isEqualTo(there(cache.getVersioned(entry.key())).version());
      assertThat(entry.expiryMillis()).isZero();
      assertThat(entry.cost()).isEqualTo(entry.key().equals("b") ? 7 : 0);
    }
  }

  @Test
  void theIteratorRemoves() {
    cache.put("a", "1");
    cache.put("b", "2");
    Iterator<CacheEntry<String, String>> entries = cache.iterator();
    assertThatThrownBy(entries::remove).isInstanceOf(IllegalStateException.class);
    String first = entries.next().key();
    assertThat(entries.hasNext()).isTrue();
    entries.remove();
    assertThatThrownBy(entries::remove).isInstanceOf(IllegalStateException.class);
    assertThat(cache.containsKey(first)).isFalse();
    assertThat(cache.containsKey(entries.next().key())).isTrue();
    assertThat(entries.hasNext()).isFalse();
    assertThatThrownBy(entries::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void clears() {
    for (int i = 0; i < 1000; i++) {
      cache.put("key" + i, "value");
    }
    cache.clear();
    assertThat(cache.estimatedSize()).isZero();
    assertThat(cache.iterator()).isExhausted();
    assertThat(cache.get("key7")).isNull();
  }

  @Test
  void evictsInsteadOfFailing() {
    for (int i = 0; i < 100; i++) {
      cache.put("key" + i, "v".repeat(100_000));
    }
    assertThat(cache.get("key99")).hasSize(100_000);
    CacheStats stats = cache.stats();
    assertThat(stats.evictions()).isPositive();
    assertThat(stats.rejections()).isZero();
    assertThat(stats.usedBytes()).isLessThanOrEqualTo(stats.memoryBytes());
  }

  @Test
  void counts() {
    cache.put("a", "1");
    cache.put("b", "22");
    cache.get("a");
    cache.get("a");
    cache.get("absent");
    cache.remove("a");
    CacheStats stats = cache.stats();
    assertThat(stats.hits()).isEqualTo(2);
    assertThat(stats.misses()).isOne();
    assertThat(stats.requests()).isEqualTo(3);
    assertThat(stats.hitRatio()).isEqualTo(2.0 / 3);
    assertThat(stats.missRatio()).isEqualTo(1 - 2.0 / 3);
    assertThat(stats.puts()).isEqualTo(2);
    assertThat(stats.removals()).isOne();
    assertThat(stats.entries()).isOne();
    assertThat(stats.payloadBytes()).isEqualTo(3);
    assertThat(stats.memoryBytes()).isEqualTo(4 << 20);
    assertThat(stats.usedBytes()).isBetween(stats.indexBytes() + stats.metadataBytes(), stats.memoryBytes());
  }

  @Test
  void countsAReadOnceHoweverLargeTheValue() {
    cache.put("a", "v".repeat(500_000));
    cache.get("a");
    cache.get("a");
    cache.getAll(List.of("a"));
    cache.bytes().get(bytes("a"), ByteBuffer.allocateDirect(500_000));
    assertThat(cache.stats().hits()).isEqualTo(4);
    assertThat(cache.stats().misses()).isZero();
  }

  @Test
  void countsNoReadsWhenToldNotTo() {
    try (Cache<String, String> silent = Caches.strings().recordStats(false).build()) {
      silent.put("a", "1");
      silent.get("a");
      silent.get("b", key -> "2");
      assertThat(silent.stats().requests()).isZero();
      assertThat(silent.stats().loads()).isZero();
      assertThat(silent.stats().hitRatio()).isOne();
    }
  }

  @Test
  void theMapIsAView() {
    Map<String, String> map = cache.asMap();
    assertThat(map.put("a", "1")).isNull();
    assertThat(map.put("a", "2")).isEqualTo("1");
    assertThat(cache.get("a")).isEqualTo("2");
    assertThat(map.remove("a")).isEqualTo("2");
    assertThat(cache.containsKey("a")).isFalse();
    cache.put("b", "3");
    assertThat(map).isEqualTo(Map.of("b", "3"));
    for (Map.Entry<String, String> entry : map.entrySet()) {
      entry.setValue("4");
    }
    assertThat(cache.get("b")).isEqualTo("4");
    assertThat(map.computeIfAbsent("c", key -> key + key)).isEqualTo("cc");
    assertThat(map.keySet().remove("c")).isTrue();
    assertThat(map.values()).containsExactly("4");
  }

  @Test
  void virtualThreadsUseItByTheThousand() throws Exception {
    List<Thread> threads = new ArrayList<>();
    AtomicInteger right = new AtomicInteger();
    for (int i = 0; i < 2_000; i++) {
      String key = "key" + i;
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    cache.put(key, key + key);
                    if ((key + key).equals(cache.get(key))) {
                      right.incrementAndGet();
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(right).hasValue(2_000);
  }
}
