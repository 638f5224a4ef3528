package io.larder;

import static io.larder.Caches.bytes;
import static io.larder.Caches.contents;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ExpiryTest {
  private final AtomicLong clock = new AtomicLong(1_000_000);

  private CacheBuilder<String, String> builder() {
    return Caches.strings().clock(clock::get);
  }

  @Test
  void anEntryIsAbsentAtOnceWhenItsTimeIsOver() {
    try (Cache<String, String> cache = builder().expireAfterWrite(Duration.ofMillis(100)).build()) {
      cache.put("a", "1");
      clock.addAndGet(99);
      assertThat(cache.get("a")).isEqualTo("1");
      clock.addAndGet(1);
      assertThat(cache.get("a")).isNull();
      assertThat(cache.getVersioned("a")).isNull();
      assertThat(cache.containsKey("a")).isFalse();
      assertThat(cache.bytes().get(bytes("a"), new byte[8])).isEqualTo(ByteCache.ABSENT);
      assertThat(cache.bytes().<Integer>read(bytes("a"), ValueView::length)).isNull();
      assertThat(cache.iterator()).isExhausted();
      assertThat(cache.getAll(List.of("a"))).isEmpty();
      assertThat(cache.replace("a", "2")).isFalse();
      assertThat(cache.remove("a")).isFalse();
    }
  }

  @Test
  void whatHasExpiredCanBePutAnew() {
    try (Cache<String, String> cache = builder().expireAfterWrite(Duration.ofMillis(100)).build()) {
      cache.put("a", "1");
      clock.addAndGet(100);
      assertThat(cache.putIfAbsent("a", "2")).isTrue();
      clock.addAndGet(99);
      assertThat(cache.get("a")).isEqualTo("2");
      clock.addAndGet(1);
      assertThat(cache.get("a", key -> "3")).isEqualTo("3");
      clock.addAndGet(100);
      assertThat(cache.compute("a", (key, value) -> value + "4")).isEqualTo("null4");
    }
  }

  @Test
  void anEntrysOwnTimeCountsMoreThanTheCaches() {
    try (Cache<String, String> cache = builder().expireAfterWrite(Duration.ofMillis(100)).build()) {
      cache.put("short", "1", Entry.ttl(Duration.ofMillis(50)));
      cache.put("long", "2", Entry.ttl(Duration.ofMillis(200)).cost(3));
      cache.put("ever", "3", Entry.withoutTtl());
      cache.put("plain", "4", Entry.plain().cost(5));
      clock.addAndGet(50);
      assertThat(contents(cache)).isEqualTo(Map.of("long", "2", "ever", "3", "plain", "4"));
      clock.addAndGet(50);
      assertThat(contents(cache)).isEqualTo(Map.of("long", "2", "ever", "3"));
      clock.addAndGet(100);
      assertThat(contents(cache)).isEqualTo(Map.of("ever", "3"));
      clock.addAndGet(Duration.ofDays(365).toMillis());
      assertThat(cache.get("ever")).isEqualTo("3");
    }
  }

  @Test
  void aWriteBeginsTheTimeAnewAndAReadDoesNot() {
    try (Cache<String, String> cache = builder().expireAfterWrite(Duration.ofMillis(100)).build()) {
      cache.put("a", "1");
      clock.addAndGet(60);
      cache.get("a");
      cache.merge("a", "2", String::concat);
      clock.addAndGet(60);
      assertThat(cache.get("a")).isEqualTo("12");
      clock.addAndGet(40);
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void aWriteWithoutATimeTakesTheOldOneAway() {
    try (Cache<String, String> cache = builder().build()) {
      cache.put("a", "1", Entry.ttl(Duration.ofMillis(10)));
      cache.put("a", "2");
      clock.addAndGet(10);
      assertThat(cache.get("a")).isEqualTo("2");
    }
  }

  @Test
  void timesAreRoundedUpToMilliseconds() {
    try (Cache<String, String> cache = builder().build()) {
      cache.put("a", "1", Entry.ttl(Duration.ofNanos(1)));
      assertThat(cache.get("a")).isEqualTo("1");
      assertThat(cache.iterator().next().expiryMillis()).isEqualTo(clock.get() + 1);
      clock.addAndGet(1);
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void timesBeyondTheEndOfTimeAreForEver() {
    try (Cache<String, String> cache = builder().expireAfterWrite(Duration.ofSeconds(Long.MAX_VALUE)).build()) {
      cache.put("a", "1");
      cache.put("b", "2", Entry.ttl(Duration.ofMillis(Long.MAX_VALUE)));
      cache.put("c", "3", Entry.ttl(Duration.ofMillis(Long.MAX_VALUE - clock.get())));
      cache.put("d", "4", Entry.ttl(Duration.ofDays(365_000)));
      clock.addAndGet(Duration.ofDays(3_650).toMillis());
      assertThat(contents(cache)).hasSize(4);
    }
  }

  @Test
  void theClockMayBeginAtZero() {
    clock.set(0);
    try (Cache<String, String> cache = builder().build()) {
      cache.put("a", "1", Entry.ttl(Duration.ofMillis(1)));
      assertThat(cache.get("a")).isEqualTo("1");
      clock.set(1);
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void cleaningUpTakesTheSpaceBack() {
    try (Cache<String, String> cache = builder().build()) {
      for (int i = 0; i < 1_000; i++) {
        cache.put("key" + i, "value", Entry.ttl(Duration.ofMillis(10 + i % 2)));
      }
      cache.put("stays", "1");
      clock.addAndGet(11);
      cache.cleanUp();
      assertThat(cache.estimatedSize()).isOne();
      assertThat(cache.stats().expirations()).isEqualTo(1_000);
      assertThat(cache.get("stays")).isEqualTo("1");
    }
  }

  @Test
  void theMaintenanceThreadExpiresByItself() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    try (Cache<String, String> cache =
        builder().removalListener((key, value, cause) -> told.add(key + value + cause)).build()) {
      cache.put("a", "1", Entry.ttl(Duration.ofMillis(10)));
      clock.addAndGet(10);
      assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("a1EXPIRED");
    }
  }

  @Test
  void theCachesOwnClockGoes() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    try (Cache<String, String> cache =
        Caches.strings().removalListener((key, value, cause) -> told.add(key + cause)).build()) {
      cache.put("soon", "1", Entry.ttl(Duration.ofMillis(20)));
      cache.put("later", "2", Entry.ttl(Duration.ofHours(1)));
      assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("soonEXPIRED");
      assertThat(cache.get("later")).isEqualTo("2");
    }
  }

  @Test
  void theTickStandsWhileNothingExpiresAndIsNeverStaleAfterwards() {
    TickingClock ticking = new TickingClock();
    long begin = ticking.millis();
    assertThat(ticking.tick()).isFalse();
    ticking.noteDeadline(ticking.now() + 10_000);
    assertThat(ticking.millis()).isGreaterThanOrEqualTo(begin);
    assertThat(ticking.tick()).isTrue();
    long tick = ticking.millis();
    long now = ticking.now();
    assertThat(tick).isLessThanOrEqualTo(now);
    ticking.pause();
    assertThat(ticking.millis()).isGreaterThanOrEqualTo(now);
    ticking.noteDeadline(Long.MAX_VALUE / 2);
    assertThat(ticking.tick()).isTrue();
  }
}
