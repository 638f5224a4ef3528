package io.larder;

import static io.larder.Caches.bytes;
import static io.larder.Caches.contents;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code expireAfterAccess} and {@link Entry#timeToIdle}: what is promised, and what an access is. */
@Timeout(60)
final class TimeToIdleTest {
  private static final Duration IDLE = Duration.ofMillis(800);
  private static final long MILLIS = IDLE.toMillis();
  private static final long LONGEST = MILLIS + MILLIS / 8;

  private final AtomicLong clock = new AtomicLong(1_000_000);

  private CacheBuilder<String, String> builder() {
    return Caches.strings().clock(clock::get);
  }

  private interface Use {
    @Nullable Object of(Cache<String, String> cache);
  }

  private static final Map<String, Use> ACCESSES =
      Map.ofEntries(
          Map.entry("get", cache -> cache.get("a")),
          Map.entry("get with a loader", cache -> cache.get("a", key -> "loaded")),
          Map.entry("getVersioned", cache -> cache.getVersioned("a")),
          Map.entry("getAll", cache -> cache.getAll(List.of("b", "a"))),
          Map.entry("get into an array", cache -> cache.bytes().get(bytes("a"), new byte[9])),
          Map.entry("get of bytes", cache -> cache.bytes().get(bytes("a"))),
          Map.entry("read", cache -> cache.bytes().read(bytes("a"), ValueView::length)),
          Map.entry("put", cache -> cache.bytes().put(bytes("a"), bytes("2"))),
          Map.entry("replace", cache -> cache.replace("a", "2")),
          Map.entry("replace that fails", cache -> cache.replace("a", "other", "2")),
          Map.entry("compute", cache -> cache.compute("a", (key, value) -> value)),
          Map.entry("merge", cache -> cache.merge("a", "2", String::concat)),
          Map.entry("computeIfAbsent", cache -> cache.asMap().computeIfAbsent("a", key -> "2")));

  private static final Map<String, Use> LOOKS =
      Map.of(
          "containsKey", cache -> cache.containsKey("a"),
          "containsKey of bytes", cache -> cache.bytes().containsKey(bytes("a")),
          "version", cache -> cache.bytes().version(bytes("a")),
          "iteration", cache -> contents(cache),
          "putIfAbsent", cache -> cache.putIfAbsent("a", "2"),
          "stats", Cache::stats);

  private static long expiry(Cache<String, String> cache) {
    return cache.iterator().next().expiryMillis();
  }

  @Test
  void anAccessPutsTheEndOff() {
    ACCESSES.forEach(
        (name, access) -> {
          try (Cache<String, String> cache = builder().expireAfterAccess(IDLE).build()) {
            cache.put("a", "1");
            for (int i = 0; i < 10; i++) {
              clock.addAndGet(MILLIS - 1);
              assertThat(access.of(cache)).as(name).isNotNull();
              assertThat(expiry(cache) - clock.get()).as(name).isBetween(MILLIS, LONGEST);
              assertThat(cache.get("a")).as(name).isNotNull().isNotEqualTo("loaded");
            }
            clock.set(expiry(cache) - 1);
            assertThat(cache.containsKey("a")).as(name).isTrue();
            clock.addAndGet(1);
            assertThat(cache.containsKey("a")).as(name).isFalse();
          }
        });
  }

  @Test
  void aLookDoesNot() {
    LOOKS.forEach(
        (name, look) -> {
          try (Cache<String, String> cache = builder().expireAfterAccess(IDLE).build()) {
            cache.put("a", "1");
            long expiry = expiry(cache);
            clock.addAndGet(MILLIS);
            assertThat(look.of(cache)).as(name).isNotNull();
            assertThat(expiry(cache)).as(name).isEqualTo(expiry);
            clock.set(expiry);
            assertThat(cache.get("a")).as(name).isNull();
          }
        });
  }

  @Test
  void isAbsentAtOnce() {
    try (Cache<String, String> cache = builder().expireAfterAccess(IDLE).build()) {
      cache.put("a", "1");
      clock.addAndGet(LONGEST);
      assertThat(cache.get("a")).isNull();
      assertThat(cache.getVersioned("a")).isNull();
      assertThat(cache.containsKey("a")).isFalse();
      assertThat(cache.bytes().<Integer>read(bytes("a"), ValueView::length)).isNull();
      assertThat(cache.iterator()).isExhausted();
      assertThat(cache.getAll(List.of("a"))).isEmpty();
      assertThat(cache.replace("a", "2")).isFalse();
      assertThat(cache.remove("a")).isFalse();
      assertThat(cache.putIfAbsent("a", "3")).isTrue();
      clock.addAndGet(LONGEST);
      assertThat(cache.get("a", key -> "4")).isEqualTo("4");
      clock.addAndGet(LONGEST);
      assertThat(cache.get("a")).as("what was loaded").isNull();
    }
  }

  @Test
  void whicheverEndIsFirstCounts() {
    try (Cache<String, String> cache =
        builder().expireAfterAccess(IDLE).expireAfterWrite(IDLE.multipliedBy(3)).build()) {
      cache.put("a", "1");
      cache.put("b", "2");
      long end = clock.get() + 3 * MILLIS;
      while (clock.get() + MILLIS / 2 < end) {
        clock.addAndGet(MILLIS / 2);
        assertThat(cache.get("a")).isEqualTo("1");
      }
      assertThat(contents(cache)).isEqualTo(Map.of("a", "1"));
      assertThat(expiry(cache)).isEqualTo(end);
      clock.set(end - 1);
      assertThat(cache.get("a")).isEqualTo("1");
      clock.set(end);
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void anEntrysOwnTimeCountsMoreThanTheCaches() {
    try (Cache<String, String> cache = builder().expireAfterAccess(IDLE).build()) {
      cache.put("short", "1", Entry.plain().timeToIdle(Duration.ofMillis(80)));
      cache.put("long", "2", Entry.plain().timeToIdle(IDLE.multipliedBy(10)).cost(3));
      cache.put("ever", "3", Entry.plain().withoutTimeToIdle());
      cache.put("both", "4", Entry.ttl(Duration.ofMillis(100)).timeToIdle(Duration.ofMillis(200)));
      cache.put("plain", "5", Entry.plain().cost(5));
      clock.addAndGet(90);
      assertThat(contents(cache).keySet()).containsExactlyInAnyOrder("long", "ever", "both", "plain");
      clock.addAndGet(10);
      assertThat(contents(cache).keySet()).containsExactlyInAnyOrder("long", "ever", "plain");
      clock.addAndGet(LONGEST);
      assertThat(contents(cache)).isEqualTo(Map.of("long", "2", "ever", "3"));
      clock.addAndGet(10 * LONGEST);
      assertThat(contents(cache)).isEqualTo(Map.of("ever", "3"));
      clock.addAndGet(Duration.ofDays(3_650).toMillis());
      assertThat(cache.get("ever")).isEqualTo("3");
      cache.put("ever", "6");
      clock.addAndGet(LONGEST);
      assertThat(cache.get("ever")).as("written again without a time of its own").isNull();
    }
  }

  @Test
  void whatIsBeyondTheEndOfTimeIsForEver() {
    try (Cache<String, String> cache = builder().expireAfterAccess(Duration.ofSeconds(Long.MAX_VALUE)).build()) {
      cache.put("a", "1");
      cache.put("b", "2", Entry.plain().timeToIdle(Duration.ofDays(365 * 140)));
      cache.put("c", "3", Entry.plain().timeToIdle(Duration.ofNanos(1)));
      assertThat(cache.get("c")).as("rounded up").isEqualTo("3");
      clock.addAndGet(Duration.ofDays(365 * 200).toMillis());
      assertThat(contents(cache)).isEqualTo(Map.of("a", "1", "b", "2"));
    }
  }

  @Test
  void cleaningUpTakesTheSpaceBackAndSaysWhy() {
    try (Cache<String, String> cache = builder().expireAfterAccess(IDLE).build()) {
      for (int i = 0; i < 1_000; i++) {
        cache.put("key" + i, "value");
      }
      clock.addAndGet(MILLIS);
      assertThat(cache.get("key7")).isEqualTo("value");
      clock.addAndGet(MILLIS / 2);
      cache.cleanUp();
      assertThat(cache.estimatedSize()).isOne();
      assertThat(cache.stats().expirations()).isEqualTo(999);
      assertThat(cache.get("key7")).isEqualTo("value");
    }
  }

  @Test
  void theListenerIsToldThatItExpired() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    try (Cache<String, String> cache =
        builder()
            .expireAfterAccess(IDLE)
            .removalListener((key, value, cause) -> told.add(key + value + cause))
            .build()) {
      cache.put("a", "1");
      clock.addAndGet(2 * MILLIS);
      assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("a1EXPIRED");
    }
  }

  /** By the cache's own clock, which has a reason to go on as long as somebody may find the entry. */
  @Test
  void theCachesOwnClockGoes() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    try (Cache<String, String> cache =
        Caches.strings()
            .expireAfterAccess(Duration.ofMillis(200))
            .removalListener((key, value, cause) -> told.add(key + cause))
            .build()) {
      cache.put("a", "1");
      long first = expiry(cache);
      Iterator<CacheEntry<String, String>> entries = cache.iterator();
      while (cache.get("a") != null && entries.hasNext() && entries.next().expiryMillis() == first) {
        entries = cache.iterator();
      }
      assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("aEXPIRED");
    }
  }

  @Test
  void verifiedReadsArePutOffToo() {
    try (Cache<String, String> cache = builder().expireAfterAccess(IDLE).verifyReads(true).build()) {
      cache.put("a", "1");
      for (int i = 0; i < 20; i++) {
        clock.addAndGet(MILLIS * 9 / 10);
        assertThat(cache.get("a")).isEqualTo("1");
      }
      assertThat(cache.stats().corruptions()).isZero();
    }
  }

  @Test
  void entriesTellTheirTimes() {
    assertThat(Entry.plain()).hasToString("Entry[ttl=of the cache, timeToIdle=of the cache, cost=0]");
    assertThat(Entry.ttl(Duration.ofSeconds(1)).timeToIdle(Duration.ofSeconds(2)).cost(3))
        .hasToString("Entry[ttl=1000 ms, timeToIdle=2000 ms, cost=3]");
    assertThat(Entry.withoutTtl().withoutTimeToIdle()).hasToString("Entry[ttl=none, timeToIdle=none, cost=0]");
  }
}
