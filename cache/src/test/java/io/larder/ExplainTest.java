package io.larder;

import static io.larder.Caches.bytes;
import static io.larder.Caches.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.larder.Explanation.Fate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Why a key is there or is not. */
@Timeout(60)
final class ExplainTest {
  private static final int ENTRIES = 500;

  /** Of 8 bytes each, in a 2,048th of 4 MiB. */
  private static final int REMEMBERED = 256;

  private static final Duration GRAIN = Duration.ofMillis(64);
  private static final Explanation UNKNOWN = new Explanation(Fate.UNKNOWN, null, 0, null);

  private final AtomicLong clock = new AtomicLong(1_000_000);

  @TempDir private Path folder;

  private CacheBuilder<String, String> builder() {
    return Caches.strings().clock(clock::get);
  }

  private CacheBuilder<String, String> shared() {
    return Larder.builder(Codec.utf8(), Codec.utf8()).clock(clock::get);
  }

  private Path file() {
    return folder.resolve("shared.larder");
  }

  private static void assertFate(Explanation explanation, Fate fate, Duration age) {
    assertThat(explanation.fate()).as("%s", explanation).isEqualTo(fate);
    assertThat(explanation.age()).isBetween(age, age.plus(GRAIN));
    assertThat(explanation.version()).isZero();
    assertThat(explanation.timeLeft()).isNull();
  }

  @Test
  void nothingIsKnownOfAKeyThatNeverWas() {
    try (Cache<String, String> cache = builder().build()) {
      cache.put("a", "1");
      assertThat(cache.explain("b")).isEqualTo(UNKNOWN).hasToString("UNKNOWN");
      assertThat(cache.bytes().explain(bytes("b"))).isEqualTo(UNKNOWN);
    }
  }

  @Test
  void whatIsThereHasAVersionAndTimeLeft() {
    try (Cache<String, String> cache = builder().build()) {
      cache.put("a", "1");
      long version = cache.bytes().version(bytes("a"));
      assertThat(cache.explain("a"))
          .isEqualTo(new Explanation(Fate.PRESENT, null, version, null))
          .hasToString("PRESENT, version " + version);
      cache.put("a", "2", Entry.ttl(Duration.ofSeconds(30)));
      version = cache.bytes().version(bytes("a"));
      clock.addAndGet(10_000);
      assertThat(cache.bytes().explain(bytes("a")))
          .isEqualTo(new Explanation(Fate.PRESENT, null, version, Duration.ofSeconds(20)))
          .hasToString("PRESENT, version " + version + ", for another PT20S");
    }
  }

  @Test
  void doesNotCountAsAccess() {
    try (Cache<String, String> cache = builder().build()) {
      cache.put("a", "1");
      cache.explain("a");
      cache.explain("b");
      assertThat(cache.stats().requests()).isZero();
    }
  }

  @Test
  void aKeyIsBeingLoadedUntilItIsThere() {
    List<Explanation> meanwhile = new ArrayList<>();
    try (Cache<String, String> cache = builder().build()) {
      cache.get(
          "a",
          key -> {
            meanwhile.add(cache.explain(key));
            return "1";
          });
      assertThat(meanwhile).containsExactly(new Explanation(Fate.BEING_LOADED, null, 0, null));
      assertThat(cache.explain("a").fate()).isEqualTo(Fate.PRESENT);
      cache.get("b", key -> null);
      assertThat(cache.explain("b")).as("a load that found nothing").isEqualTo(UNKNOWN);
    }
  }

  @Test
  void aRemovedKeyIsUntilItIsPutAgain() {
    try (Cache<String, String> cache = builder().build()) {
      cache.put("a", "1");
      cache.put("a", "2");
      assertThat(cache.explain("a").fate()).isEqualTo(Fate.PRESENT);
      cache.remove("a");
      clock.addAndGet(3_200);
      assertFate(cache.explain("a"), Fate.REMOVED, Duration.ofMillis(3_200));
      assertThat(cache.explain("a").toString()).matches("REMOVED PT3\\.2[0-9]*S ago");
      cache.put("a", "3");
      assertThat(cache.explain("a").fate()).isEqualTo(Fate.PRESENT);
      clock.addAndGet(1_000);
      cache.compute("a", (key, value) -> null);
      assertFate(cache.explain("a"), Fate.REMOVED, Duration.ZERO);
    }
  }

  @Test
  void removingWhatIsNotThereIsNothing() {
    try (Cache<String, String> cache = builder().build()) {
      cache.put("a", "1", Entry.ttl(Duration.ofSeconds(1)));
      clock.addAndGet(2_000);
      cache.remove("a");
      cache.remove("b");
      clock.addAndGet(1_000);
      assertFate(cache.explain("a"), Fate.EXPIRED, Duration.ofSeconds(2));
      assertThat(cache.explain("b")).isEqualTo(UNKNOWN);
    }
  }

  @Test
  void clearingIsToldOfAllKeysUntilMoreIsHeard() {
    try (Cache<String, String> cache = builder().build()) {
      cache.put("a", "1");
      cache.put("b", "1");
      cache.remove("b");
      clock.addAndGet(1_000);
      cache.clear();
      clock.addAndGet(1_000);
      cache.put("c", "1");
      cache.put("d", "1");
      cache.remove("d");
      for (String key : List.of("a", "b", "never there")) {
        assertFate(cache.explain(key), Fate.CLEARED, Duration.ofSeconds(1));
      }
      assertThat(cache.explain("c").fate()).isEqualTo(Fate.PRESENT);
      assertFate(cache.explain("d"), Fate.REMOVED, Duration.ZERO);
    }
  }

  @Test
  void whatHasExpiredIsAsOldAsItsExpiry() {
    try (Cache<String, String> cache = builder().expireAfterWrite(Duration.ofSeconds(10)).build()) {
      cache.put("a", "1");
      clock.addAndGet(9_999);
      assertThat(cache.explain("a").timeLeft()).isEqualTo(Duration.ofMillis(1));
      clock.addAndGet(1);
      cache.put("later", "1");
      assertFate(cache.explain("a"), Fate.EXPIRED, Duration.ZERO);
      clock.addAndGet(5_000);
      assertFate(cache.explain("a"), Fate.EXPIRED, Duration.ofSeconds(5));
      cache.cleanUp();
      assertThat(cache.estimatedSize()).isOne();
      clock.addAndGet(1_000);
      assertFate(cache.explain("a"), Fate.EXPIRED, Duration.ofSeconds(6));
    }
  }

  /** Whether all costs are the same or not: who loses is found out in other ways then. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aNewcomerThatLostWasNotAdmitted(int costs) {
    Deque<String> gone = new ConcurrentLinkedDeque<>();
    try (Cache<String, String> cache =
        builder().maximumEntries(ENTRIES).removalListener((key, value, cause) -> gone.add(key)).build()) {
      fill(cache, "popular", ENTRIES, 8, costs);
      fill(cache, "once", 2 * ENTRIES, 0, costs);
      cache.cleanUp();
      List<String> last = last(gone, REMEMBERED / 2);
      clock.addAndGet(2_000);
      assertThat(last).allMatch(key -> key.startsWith("once"));
      assertThat(last).allSatisfy(key -> assertFate(cache.explain(key), Fate.NOT_ADMITTED, Duration.ofSeconds(2)));
    }
  }

  @Test
  void whatMadeRoomForABetterOneWasEvicted() {
    Deque<String> gone = new ConcurrentLinkedDeque<>();
    try (Cache<String, String> cache =
        builder().maximumEntries(ENTRIES).removalListener((key, value, cause) -> gone.add(key)).build()) {
      fill(cache, "once", ENTRIES, 0, 1);
      fill(cache, "popular", ENTRIES, 8, 1);
      cache.cleanUp();
      List<String> last = last(gone, REMEMBERED / 2);
      clock.addAndGet(2_000);
      assertThat(last).allMatch(key -> key.startsWith("once"));
      assertThat(last).allSatisfy(key -> assertFate(cache.explain(key), Fate.EVICTED, Duration.ofSeconds(2)));
    }
  }

  /** What gives way to values of another size goes with its slab. */
  @Test
  void whatIsSweptWasEvicted() {
    Deque<String> gone = new ConcurrentLinkedDeque<>();
    try (Cache<String, String> cache =
        shared()
            .sharedFile(file(), "16MiB")
            .removalListener((key, value, cause) -> gone.add(key))
            .build()) {
      for (int i = 0; i < 12_000; i++) {
        cache.put("key-" + i, "x".repeat(1_000));
      }
      cache.resize("4MiB");
      cache.cleanUp();
      for (String key : last(gone, REMEMBERED)) {
        assertFate(cache.explain(key), Fate.EVICTED, Duration.ZERO);
      }
    }
  }

  private static void fill(Cache<String, String> cache, String name, int count, int hits, int costs) {
    for (int i = 0; i < count; i++) {
      cache.put(name + i, "value", Entry.plain().cost(1 + i % costs));
      for (int hit = 0; hit < hits; hit++) {
        cache.get(name + i);
      }
    }
  }

  private static List<String> last(Deque<String> gone, int count) {
    List<String> all = new ArrayList<>(new ArrayDeque<>(gone));
    assertThat(all).hasSizeGreaterThan(count);
    return all.subList(all.size() - count, all.size());
  }

  @Test
  void remembersTheLatestOnly() {
    try (Cache<String, String> cache = builder().build()) {
      for (int i = 0; i <= REMEMBERED; i++) {
        cache.put("key" + i, "1");
        cache.remove("key" + i);
      }
      assertThat(cache.explain("key0")).isEqualTo(UNKNOWN);
      for (int i = 1; i <= REMEMBERED; i++) {
        assertFate(cache.explain("key" + i), Fate.REMOVED, Duration.ZERO);
      }
    }
  }

  @Test
  void aLoadedValueMayBeTooLarge() {
    try (Cache<String, String> cache = builder().build()) {
      String large = "x".repeat(cache.bytes().valueBytesMax() + 1);
      assertThat(cache.get("a", key -> large)).isSameAs(large);
      assertFate(cache.explain("a"), Fate.TOO_LARGE, Duration.ZERO);
    }
  }

  /** What the key had before goes with it, which is not what is told. */
  @Test
  void aValueMayBeTooLargeForTheFileAsItIs() {
    try (Cache<String, String> cache = shared().sharedFile(file(), "4MiB", "16MiB").build()) {
      cache.put("a", "1");
      cache.put("a", "x".repeat(3 << 20));
      clock.addAndGet(64_000);
      assertThat(cache.get("a")).isNull();
      assertFate(cache.explain("a"), Fate.TOO_LARGE, Duration.ofSeconds(64));
      assertThat(cache.stats().rejections()).isOne();
    }
  }

  @Test
  void tellsOthersOfTheFileToo() {
    try (Cache<String, String> reader = cacheThatForgot()) {
      assertFate(reader.explain("removed"), Fate.REMOVED, Duration.ofSeconds(2));
      assertFate(reader.explain("expired"), Fate.EXPIRED, Duration.ofSeconds(1));
      assertThat(reader.explain("there").fate()).isEqualTo(Fate.PRESENT);
      assertThat(reader.explain("never there")).isEqualTo(UNKNOWN);
      try (Cache<String, String> writer = shared().sharedFile(file(), "4MiB").build()) {
        assertFate(writer.explain("removed"), Fate.REMOVED, Duration.ofSeconds(2));
        assertFate(writer.explain("expired"), Fate.EXPIRED, Duration.ofSeconds(1));
        writer.clear();
        assertFate(reader.explain("there"), Fate.CLEARED, Duration.ZERO);
      }
    }
  }

  /** One that only reads the file, which has been closed by all who write. */
  private Cache<String, String> cacheThatForgot() {
    try (Cache<String, String> cache = shared().sharedFile(file(), "4MiB").build()) {
      cache.put("there", "1");
      cache.put("removed", "1");
      cache.put("expired", "1", Entry.ttl(Duration.ofSeconds(1)));
      cache.remove("removed");
      clock.addAndGet(2_000);
    }
    return shared().sharedFileReadOnly(file()).build();
  }

  @Test
  void readingWritesNothing() throws IOException {
    try (Cache<String, String> reader = cacheThatForgot()) {
      byte[] before = Files.readAllBytes(file());
      for (String key : List.of("there", "removed", "expired", "never there")) {
        reader.explain(key);
      }
      assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }
  }

  @Test
  void whatFailsItsChecksumIsQuarantined() throws IOException {
    try (Cache<String, String> cache = shared().sharedFile(file(), "4MiB").verifyReads(true).build()) {
      cache.put("a", "needle in a haystack");
    }
    String content = new String(Files.readAllBytes(file()), StandardCharsets.ISO_8859_1);
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes("N")), content.indexOf("needle in"));
    }
    try (Cache<String, String> cache = shared().sharedFile(file(), "4MiB").verifyReads(true).build()) {
      assertFate(cache.explain("a"), Fate.FAILED_CHECKSUM, Duration.ZERO);
      assertThat(cache.get("a")).isNull();
      clock.addAndGet(64_000);
      assertFate(cache.explain("a"), Fate.FAILED_CHECKSUM, Duration.ofSeconds(64));
    }
  }

  /** The time goes on although nothing expires, for which alone the cache's own clock ticks. */
  @Test
  void ageGrowsWithoutAnyExpiry() {
    try (Cache<String, String> cache = Caches.strings().build()) {
      cache.put("a", "1");
      cache.remove("a");
      Duration enough = GRAIN.multipliedBy(4);
      while (there(cache.explain("a").age()).compareTo(enough) < 0) {
        Thread.onSpinWait();
      }
      assertThat(cache.explain("a").fate()).isEqualTo(Fate.REMOVED);
    }
  }

  @Test
  void aClockThatGoesBackMakesNothingOlder() {
    try (Cache<String, String> cache = builder().build()) {
      cache.put("a", "1");
      cache.remove("a");
      clock.addAndGet(-500_000);
      assertFate(cache.explain("a"), Fate.REMOVED, Duration.ZERO);
    }
  }

  @Test
  void aClosedFileTellsNothing() {
    Cache<String, String> reader = cacheThatForgot();
    reader.close();
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> reader.explain("removed"));
  }

  @Test
  void everyFateOfTheStoreHasItsName() {
    assertThat(Arrays.stream(Fate.values()).map(Enum::name))
        .containsExactlyElementsOf(Arrays.stream(io.larder.engine.Fate.values()).map(Enum::name).toList());
  }
}
