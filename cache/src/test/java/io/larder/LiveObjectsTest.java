package io.larder;

import static io.larder.Caches.bytes;
import static io.larder.Caches.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decoded values on the heap: the same object again and again, and never one that is out of date. */
class LiveObjectsTest {
  private static final int ENTRIES = 1_000;

  /** A value that is told from an equal one. */
  private record Text(String text) {}

  /** Counts what it decodes. */
  private static final class Texts implements Codec<Text> {
    final AtomicInteger decoded = new AtomicInteger();

    @Override
    public void encode(Text value, ByteOutput target) {
      Codec.utf8().encode(value.text(), target);
    }

    @Override
    public Text decode(byte[] source, int offset, int length) {
      decoded.incrementAndGet();
      return new Text(new String(source, offset, length, StandardCharsets.UTF_8));
    }
  }

  @TempDir private Path folder;
  private final Texts texts = new Texts();
  private final AtomicLong now = new AtomicLong(1_000_000);

  private CacheBuilder<String, Text> builder() {
    return Larder.builder(Codec.utf8(), texts).liveObjects(ENTRIES);
  }

  private Cache<String, Text> open() {
    return builder().memory("4MiB").clock(now::get).build();
  }

  /** Reads a key until its object is kept. */
  private static Text alive(Cache<String, Text> cache, String key) {
    cache.get(key);
    cache.get(key);
    Text object = there(cache.get(key));
    long before = cache.stats().liveHits();
    assertThat(cache.get(key)).isSameAs(object);
    assertThat(cache.stats().liveHits()).isEqualTo(before + 1);
    return object;
  }

  private static @Nullable String text(@Nullable Text value) {
    return value == null ? null : value.text();
  }

  // ---- hits

  @Test
  void yieldsTheSameObjectOnceItIsReadAgain() {
    try (Cache<String, Text> cache = open()) {
      Text put = new Text("1");
      cache.put("a", put);
      Text first = there(cache.get("a"));
      Text second = there(cache.get("a"));
      assertThat(first).isEqualTo(put).isNotSameAs(put).isNotSameAs(second);
      for (int i = 0; i < 100; i++) {
        assertThat(cache.get(new String("a".toCharArray()))).isSameAs(second);
      }
      assertThat(texts.decoded).hasValue(2);
      CacheStats stats = cache.stats();
      assertThat(stats.liveHits()).isEqualTo(100);
      assertThat(stats.hits()).isEqualTo(102);
      assertThat(stats.misses()).isZero();
    }
  }

  @Test
  void doesNotCountWhenNothingIsToBeCounted() {
    try (Cache<String, Text> cache = builder().memory("4MiB").recordStats(false).build()) {
      cache.put("a", new Text("1"));
      for (int i = 0; i < 10; i++) {
        cache.get("a");
      }
      assertThat(texts.decoded).hasValue(2);
      assertThat(cache.stats().liveHits()).isZero();
      assertThat(cache.stats().hits()).isZero();
    }
  }

  @Test
  void isUsedByLoadingGets() {
    try (Cache<String, Text> cache = open()) {
      for (int i = 0; i < 10; i++) {
        assertThat(text(cache.get("a", key -> new Text("loaded")))).isEqualTo("loaded");
      }
      assertThat(cache.stats().liveHits()).isEqualTo(7);
      assertThat(cache.stats().loads()).isOne();
    }
  }

  @Test
  void isUsedAndFilledByGetAll() {
    try (Cache<String, Text> cache = open()) {
      List<String> keys = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        keys.add("key" + i);
        cache.put("key" + i, new Text("value" + i));
      }
      keys.add("absent");
      for (int round = 0; round < 300; round++) {
        Map<String, Text> found = cache.getAll(keys);
        assertThat(found).hasSize(100);
        assertThat(text(found.get("key7"))).isEqualTo("value7");
      }
      assertThat(cache.stats().liveHits()).isGreaterThan(10_000);
      cache.put("key7", new Text("other"));
      assertThat(text(cache.getAll(keys).get("key7"))).isEqualTo("other");
      assertThat(cache.getAll(List.of("key8")).get("key8")).isSameAs(cache.getAll(List.of("key8")).get("key8"));
    }
  }

  @Test
  void isNotDecodedAgainWhenANeighbourHasChanged() {
    try (Cache<String, Text> cache = open()) {
      cache.put("a", new Text("1"));
      Text object = alive(cache, "a");
      for (int i = 0; i < 5_000; i++) {
        cache.put("other" + i, new Text("2"));
      }
      int before = texts.decoded.get();
      for (int i = 0; i < 5_000; i++) {
        cache.put("other" + i, new Text("3"));
        assertThat(cache.get("a")).isSameAs(object);
      }
      assertThat(texts.decoded).hasValue(before);
      assertThat(cache.stats().liveHits()).isBetween(4_500L, 5_000L);
    }
  }

  @Test
  void keepsTheEntryInTheMemory() {
    try (Cache<String, Text> cache = builder().memory("1MiB").build()) {
      for (int i = 0; i < 50_000; i++) {
        cache.put("before" + i, new Text("x".repeat(50)));
      }
      cache.put("hot", new Text("1"));
      Text object = alive(cache, "hot");
      for (int i = 0; i < 100_000; i++) {
        cache.put("cold" + i, new Text("x".repeat(50)));
        assertThat(cache.get("hot")).isSameAs(object);
      }
      assertThat(cache.stats().evictions()).isGreaterThan(100_000);
    }
  }

  @Test
  void valuesThatAreArraysAreThoseOfAll() {
    try (Cache<String, byte[]> cache =
        Larder.builder(Codec.utf8(), Codec.bytes()).memory("4MiB").liveObjects(10).build()) {
      cache.put("a", bytes("1"));
      cache.get("a");
      byte[] kept = there(cache.get("a"));
      assertThat(cache.get("a")).isSameAs(kept).isEqualTo(bytes("1"));
      assertThat(there(cache.getVersioned("a")).value()).isNotSameAs(kept);
    }
  }

  // ---- writes

  /** Whatever writes to a key, and what the key has then. */
  private record Write(String name, @Nullable String after, Consumer<Cache<String, Text>> action) {}

  private static final List<Write> WRITES =
      List.of(
          new Write("put", "2", cache -> cache.put("a", new Text("2"))),
          new Write("put of the same", "1", cache -> cache.put("a", new Text("1"))),
          new Write("put with an entry", "2", cache -> cache.put("a", new Text("2"), Entry.plain().cost(2))),
          new Write("replace", "2", cache -> assertThat(cache.replace("a", new Text("2"))).isTrue()),
          new Write(
              "replace by value", "2", cache -> assertThat(cache.replace("a", new Text("1"), new Text("2"))).isTrue()),
          new Write(
              "replace by version",
              "2",
              cache ->
                  assertThat(cache.replaceIfVersion("a", there(cache.getVersioned("a")).version(), new Text("2")))
                      .isTrue()),
          new Write("remove", null, cache -> assertThat(cache.remove("a")).isTrue()),
          new Write("remove by value", null, cache -> assertThat(cache.remove("a", new Text("1"))).isTrue()),
          new Write(
              "remove by version",
              null,
              cache ->
                  assertThat(cache.removeIfVersion("a", there(cache.getVersioned("a")).version())).isTrue()),
          new Write("compute", "12", cache -> cache.compute("a", (key, value) -> new Text(text(value) + "2"))),
          new Write("compute of nothing", null, cache -> cache.compute("a", (key, value) -> null)),
          new Write("computeIfPresent", "2", cache -> cache.computeIfPresent("a", (key, value) -> new Text("2"))),
          new Write(
              "merge",
              "12",
              cache -> cache.merge("a", new Text("2"), (one, two) -> new Text(one.text() + two.text()))),
          new Write("clear", null, Cache::clear),
          new Write("put of bytes", "2", cache -> cache.bytes().put(bytes("a"), bytes("2"))),
          new Write("remove of bytes", null, cache -> cache.bytes().remove(bytes("a"))),
          new Write("put by the map", "2", cache -> cache.asMap().put("a", new Text("2"))),
          new Write("remove by the iterator", null, LiveObjectsTest::removeByIterator));

  private static void removeByIterator(Cache<String, Text> cache) {
    Iterator<CacheEntry<String, Text>> entries = cache.iterator();
    while (entries.hasNext()) {
      entries.next();
      entries.remove();
    }
  }

  @Test
  void everyWriteIsSeenAtOnce() {
    for (Write write : WRITES) {
      try (Cache<String, Text> cache = open()) {
        cache.put("a", new Text("1"));
        Text before = alive(cache, "a");
        write.action().accept(cache);
        assertThat(text(cache.get("a"))).as(write.name()).isEqualTo(write.after());
        assertThat(cache.get("a")).as(write.name()).isNotSameAs(before);
        cache.put("a", new Text("3"));
        assertThat(text(alive(cache, "a"))).as(write.name()).isEqualTo("3");
      }
    }
  }

  @Test
  void whatHasExpiredIsNotFound() {
    try (Cache<String, Text> cache = open()) {
      cache.put("a", new Text("1"), Entry.ttl(Duration.ofMillis(50)));
      Text object = alive(cache, "a");
      now.addAndGet(49);
      assertThat(cache.get("a")).isSameAs(object);
      now.incrementAndGet();
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void anEntryWithATimeToIdleHasNoObject() {
    try (Cache<String, Text> cache = open()) {
      cache.put("a", new Text("1"), Entry.plain().timeToIdle(Duration.ofMillis(80)));
      for (int i = 0; i < 10; i++) {
        assertThat(text(cache.get("a"))).isEqualTo("1");
        now.addAndGet(70);
      }
      assertThat(cache.stats().liveHits()).isZero();
      now.addAndGet(100);
      assertThat(cache.get("a")).isNull();
    }
  }

  // ---- against an oracle

  /** Random writes and reads, with eviction; what is found is what was last written. */
  private static void agreesWithAMap(Cache<String, Text> cache, int spread, boolean evicts) {
    long seed = Long.getLong("larder.test.seed", System.nanoTime());
    System.out.println("LiveObjectsTest -Dlarder.test.seed=" + seed);
    Random random = new Random(seed);
    Map<String, String> written = new HashMap<>();
    int missed = 0;
    for (int step = 0; step < 200_000; step++) {
      int number = (int) Math.abs(random.nextGaussian() * spread);
      String key = "key" + number;
      int what = random.nextInt(1_000);
      if (what < 150) {
        String text = step + "x".repeat(random.nextInt(evicts ? 400 : 100));
        cache.put(key, new Text(text));
        written.put(key, text);
      } else if (what < 200) {
        assertThat(cache.remove(key) || evicts).isEqualTo(written.remove(key) != null || evicts);
      } else if (what < 250) {
        String text = text(cache.merge(key, new Text("m"), (one, two) -> two));
        written.put(key, there(text));
      } else if (what < 270) {
        Map<String, Text> found = cache.getAll(List.of(key, "key0", "key1", "absent"));
        found.forEach((each, value) -> assertThat(value.text()).isEqualTo(written.get(each)));
      } else if (step % 50_000 == 0) {
        cache.clear();
        written.clear();
      } else {
        String found = text(cache.get(key));
        missed += found == null && written.containsKey(key) ? 1 : 0;
        assertThat(found).isIn(written.get(key), evicts || !written.containsKey(key) ? null : written.get(key));
      }
    }
    assertThat(cache.stats().liveHits()).isGreaterThan(1_000);
    assertThat(missed > 0).isEqualTo(evicts);
  }

  @Test
  void findsWhatWasWrittenWithoutEviction() {
    try (Cache<String, Text> cache = open()) {
      agreesWithAMap(cache, 3_000, false);
    }
  }

  @Test
  void findsWhatWasWrittenUnderEviction() {
    try (Cache<String, Text> cache = builder().memory("1MiB").build()) {
      agreesWithAMap(cache, 15_000, true);
    }
  }

  @Test
  void findsWhatWasWrittenAboveASecondTier() {
    try (Cache<String, Text> cache = builder().memory("1MiB").file(folder.resolve("tier"), "16MiB").build()) {
      long begin = System.nanoTime();
      Map<Integer, String> written = new HashMap<>();
      Random random = new Random(begin);
      for (int step = 0; step < 100_000; step++) {
        // Some that are alive, and many that the memory has no room for.
        int number = (int) Math.abs(random.nextGaussian() * (random.nextBoolean() ? 300 : 15_000));
        if (random.nextInt(4) == 0) {
          String text = "value" + step + "x".repeat(100);
          written.put(number, text);
          cache.put("key" + number, new Text(text));
        } else {
          String found = text(cache.get("key" + number));
          assertThat(found).isIn(written.get(number), null);
        }
      }
      assertThat(there(cache.stats().tier()).hits()).isPositive();
      assertThat(cache.stats().liveHits()).isGreaterThan(1_000);
    }
  }

  // ---- bounds and refusals

  @Test
  void thereAreNeverMoreThanWanted() {
    for (int entries : new int[] {1, 7, 8, 9, 100, 1_001}) {
      int keys = 2 * entries;
      try (Cache<String, Text> cache = builderOf(entries).build()) {
        for (int i = 0; i < keys; i++) {
          cache.put("key" + i, new Text("value"));
        }
        // Each is read several times in a row, so that it is used, and then refused or kept.
        for (int i = 0; i < 20 * keys; i++) {
          for (int read = 0; read < 3; read++) {
            cache.get("key" + i % keys);
          }
        }
        long before = cache.stats().liveHits();
        for (int i = 0; i < keys; i++) {
          cache.get("key" + i);
        }
        // What comes alive meanwhile is not read again, so each hit is of another object that was there before.
        assertThat(cache.stats().liveHits() - before).as("of %d", entries).isBetween(entries / 10L, (long) entries);
      }
    }
  }

  private CacheBuilder<String, Text> builderOf(int entries) {
    return Larder.builder(Codec.utf8(), texts).memory("4MiB").liveObjects(entries);
  }

  @Test
  void whatIsReadMostIsAliveInTheEnd() {
    try (Cache<String, Text> cache = builderOf(100).build()) {
      for (int i = 0; i < 10_000; i++) {
        cache.put("key" + i, new Text("value"));
      }
      Random random = new Random(7);
      for (int i = 0; i < 200_000; i++) {
        cache.get("key" + (i % 2 == 0 ? random.nextInt(50) : random.nextInt(10_000)));
      }
      long before = cache.stats().liveHits();
      for (int i = 0; i < 50; i++) {
        cache.get("key" + i);
      }
      assertThat(cache.stats().liveHits() - before).isGreaterThan(40);
    }
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatIllegalArgumentException().isThrownBy(() -> builderOf(0)).withMessageContaining("liveObjects=0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builderOf(LiveObjects.ENTRIES_MAX + 1))
        .withMessageContaining("16777217");
    assertThatIllegalStateException()
        .isThrownBy(() -> builderOf(1).liveObjects(2))
        .withMessageContaining("liveObjects is given twice: 1 and 2");
    assertThatIllegalStateException()
        .isThrownBy(() -> Caches.arrays().liveObjects(10).build())
        .withMessageContaining("liveObjects=10 and keys of Codec.bytes()");
    assertThatIllegalStateException()
        .isThrownBy(() -> builderOf(10).expireAfterAccess(Duration.ofSeconds(1)).build())
        .withMessageContaining("liveObjects=10 and expireAfterAccess=PT1S");
  }

  @Test
  void nullKeysAndClosedCachesAreRefusedAsWithout() {
    Cache<String, Text> cache = open();
    cache.put("a", new Text("1"));
    alive(cache, "a");
    assertThatNullPointerException().isThrownBy(() -> cache.get(absent())).withMessageContaining("key");
    cache.close();
    assertThatIllegalStateException().isThrownBy(() -> cache.get("a")).withMessageContaining("closed");
  }

  @SuppressWarnings("NullAway") // on purpose
  private static String absent() {
    return null;
  }

  // ---- files

  @Test
  void seesWhatAnotherCacheOnTheFileWrites() {
    Path file = folder.resolve("shared");
    try (Cache<String, Text> cache = builder().sharedFile(file, "4MiB").build();
        Cache<String, Text> other = Larder.builder(Codec.utf8(), texts).sharedFile(file, "4MiB").build();
        Cache<String, Text> reader = builder().sharedFileReadOnly(file).build()) {
      for (int round = 0; round < 100; round++) {
        other.put("a", new Text("value" + round));
        assertThat(text(cache.get("a"))).isEqualTo("value" + round);
        assertThat(text(alive(cache, "a"))).isEqualTo("value" + round);
        assertThat(text(alive(reader, "a"))).isEqualTo("value" + round);
      }
      other.remove("a");
      assertThat(cache.get("a")).isNull();
      assertThat(reader.get("a")).isNull();
    }
  }
}
