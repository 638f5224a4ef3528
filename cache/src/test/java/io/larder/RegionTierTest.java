package io.larder;

import static io.larder.Caches.there;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tier in a file: as every tier, and what it does when something happens to its file. */
class RegionTierTest extends TierConformance {
  private static final long BYTES = 4 << 20;
  private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int KEYS = 500;
  private static final int FLIPS = 20_000;
  private static final Logger LOGGER = Logger.getLogger("io.larder");

  @TempDir private Path other = Path.of("unset");
  private Path file = Path.of("unset");
  private final List<LogRecord> log = new CopyOnWriteArrayList<>();
  private final Handler listener =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          if (line.getLevel().intValue() >= Level.INFO.intValue()) {
            log.add(line);
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    file = other.resolve("below.larder");
    LOGGER.addHandler(listener);
  }

  @AfterEach
  void listenNoMore() {
    LOGGER.removeHandler(listener);
  }

  @Override
  protected Tier open(Path place, LongSupplier clock) throws IOException {
    return RegionTier.open(place.resolve("tier.larder"), BYTES, 0, clock::getAsLong, Long.MAX_VALUE);
  }

  @Override
  protected boolean lose(Path place) throws IOException {
    Files.delete(place.resolve("tier.larder"));
    return true;
  }

  // ---- the file

  private Tier openAnewAfter(long nanos) throws IOException {
    return RegionTier.open(file, BYTES, 0, () -> 1, nanos);
  }

  private static byte[] key(int number) {
    return ("key:" + number).getBytes(UTF_8);
  }

  private static byte[] value(int number) {
    return ("value:" + number + ":" + "x".repeat(100 + number % 100)).getBytes(UTF_8);
  }

  private static boolean put(Tier tier, int number) {
    TierValue value = new TierValue();
    byte[] bytes = value(number);
    System.arraycopy(bytes, 0, value.reserve(bytes.length), 0, bytes.length);
    return tier.put(key(number), 0, key(number).length, value.set(bytes.length, 0, 0, 0, false), () -> true);
  }

  private static void putAll(Tier tier) {
    for (int number = 0; number < KEYS; number++) {
      assertThat(put(tier, number)).isTrue();
    }
  }

  /** How many of the keys are found; each with its value. */
  private static int found(Tier tier) {
    TierValue value = new TierValue();
    int found = 0;
    for (int number = 0; number < KEYS; number++) {
      if (tier.get(key(number), 0, key(number).length, value)) {
        assertThat(value.bytes()).startsWith(value(number));
        found++;
      }
    }
    return found;
  }

  private static void maintainUntil(Tier tier, BooleanSupplier condition) {
    long end = System.nanoTime() + WAIT_NANOS;
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      tier.maintain();
      Thread.onSpinWait();
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  private static void cut(Path path, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
    }
  }

  private void assertIsLostOnceAndMadeAnew(Tier tier) {
    maintainUntil(tier, tier::isLost);
    assertFindsAndTakesNothing(tier);
    maintainUntil(tier, () -> !tier.isLost());
    assertThat(found(tier)).isZero();
    putAll(tier);
    assertThat(found(tier)).isEqualTo(KEYS);
    assertThat(log).filteredOn(line -> line.getLevel().intValue() >= Level.WARNING.intValue()).hasSize(1);
    assertThat(log.getFirst().getMessage()).contains(file.getFileName().toString(), "the second tier is lost");
    assertThat(log.getLast().getMessage()).contains("made anew");
    assertThat(Files.exists(file)).isTrue();
  }

  @Test
  void aFileThatIsDeletedIsMadeAnew() throws IOException {
    try (Tier tier = openAnewAfter(SHORT_NANOS)) {
      putAll(tier);
      Files.delete(file);
      assertIsLostOnceAndMadeAnew(tier);
    }
  }

  @Test
  void aFileThatIsCutIsMadeAnew() throws IOException {
    for (long left : new long[] {0, 4_096, BYTES / 2, BYTES - 1}) {
      try (Tier tier = openAnewAfter(SHORT_NANOS)) {
        log.clear();
        putAll(tier);
        cut(file, left);
        assertIsLostOnceAndMadeAnew(tier);
      }
      Files.delete(file);
    }
  }

  /** What is there is not a tier's: it is left alone until somebody has taken it away. */
  @Test
  void aFileThatIsOverwrittenIsLeftAlone() throws IOException {
    byte[] theirs = "somebody else's".repeat(1_000).getBytes(UTF_8);
    try (Tier tier = openAnewAfter(SHORT_NANOS)) {
      putAll(tier);
      Files.write(file, theirs);
      maintainUntil(tier, tier::isLost);
      assertFindsAndTakesNothing(tier);
      maintainUntil(tier, () -> log.getLast().getMessage().contains("cannot be made anew"));
      int lines = log.size();
      long end = System.nanoTime() + 10 * SHORT_NANOS;
      while (System.nanoTime() < end) {
        tier.maintain();
      }
      // What was mapped before the loss was seen may have got some words of the tier's.
      assertThat(Files.size(file)).isEqualTo(theirs.length);
      assertThat(Files.readAllBytes(file)).startsWith("somebody else's".getBytes(UTF_8));
      assertThat(log).hasSize(lines);
      assertThat(log.getLast().getMessage()).contains(file.getFileName().toString());
      assertThat(log.getLast().getLevel()).isEqualTo(Level.WARNING);
      Files.delete(file);
      maintainUntil(tier, () -> !tier.isLost());
      putAll(tier);
    }
    try (Tier tier = openAnewAfter(SHORT_NANOS)) {
      assertThat(found(tier)).isEqualTo(KEYS);
    }
  }

  /** The file is whole again when the next one opens it: it must not have what was discarded while it was away. */
  @Test
  void aFileThatWasLostIsEmptyWhenItComesBack() throws IOException {
    Path elsewhere = other.resolve("elsewhere.larder");
    try (Tier tier = openAnewAfter(Long.MAX_VALUE)) {
      putAll(tier);
      Files.move(file, elsewhere);
      maintainUntil(tier, tier::isLost);
      assertThat(tier.discard(key(1), 0, key(1).length)).isFalse();
    }
    Files.move(elsewhere, file);
    try (Tier tier = openAnewAfter(Long.MAX_VALUE)) {
      assertThat(found(tier)).isZero();
      putAll(tier);
      assertThat(found(tier)).isEqualTo(KEYS);
    }
  }

  @Test
  void aTierThatIsClosedWhileItIsLostIsFoundEmpty() throws IOException {
    try (Tier tier = openAnewAfter(Long.MAX_VALUE)) {
      putAll(tier);
      cut(file, BYTES - 1);
      maintainUntil(tier, tier::isLost);
    }
    try (Tier tier = openAnewAfter(Long.MAX_VALUE)) {
      assertThat(found(tier)).isZero();
      putAll(tier);
    }
  }

  /** Bits are flipped anywhere in the file, time and again: what is found is right, whatever is lost. */
  @Test
  void flippedBitsAreMissesAtWorst() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    try (Tier tier = openAnewAfter(SHORT_NANOS);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      for (int flip = 0; flip < FLIPS; flip++) {
        // The first page is the file's name, so to say: who writes there has overwritten it.
        long at = 4_096 + (flip % 2 == 0 ? random.nextInt(200_000) : random.nextLong(BYTES - 4_096));
        if (channel.size() == BYTES) {
          channel.read(one.clear(), at);
          one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8)));
          channel.write(one.flip(), at);
        }
        step(tier, random, seed);
        if (flip % 100 == 0) {
          tier.maintain();
          tier.estimatedSize();
        }
        if (flip % 2_000 == 0) {
          tier.clear();
        }
      }
      maintainUntil(tier, () -> !tier.isLost());
    }
  }

  private static void step(Tier tier, Random random, long seed) {
    int number = random.nextInt(KEYS);
    TierValue value = new TierValue();
    if (random.nextInt(3) == 0) {
      put(tier, number);
    } else if (random.nextInt(20) == 0) {
      tier.discard(key(number), 0, key(number).length);
    } else if (tier.get(key(number), 0, key(number).length, value)) {
      assertThat(value.bytes()).as("seed %d", seed).startsWith(value(number));
    }
  }

  // ---- the cache above it

  private Cache<String, String> cache() {
    TierFactory factory = clock -> RegionTier.open(file, BYTES, 0, clock::getAsLong, SHORT_NANOS);
    return Larder.builder(Codec.utf8(), Codec.utf8()).memory("1MiB").tier(factory).build();
  }

  private static String value(int round, int number) {
    return round + ":" + number + ":" + "x".repeat(100);
  }

  private static void putMany(Cache<String, String> cache, int round) {
    for (int number = 0; number < 20_000; number++) {
      cache.put("key:" + number, value(round, number));
      if (number % 500 == 0) {
        cache.cleanUp();
      }
    }
    cache.cleanUp();
  }

  @Test
  void theMemoryGoesOnWithoutTheFileAndWithItAgain() throws IOException {
    try (Cache<String, String> cache = cache()) {
      putMany(cache, 0);
      long demotions = there(cache.stats().tier()).demotions();
      assertThat(demotions).isPositive();
      assertThat(there(cache.stats().tier()).degraded()).isFalse();
      Files.delete(file);
      long end = System.nanoTime() + WAIT_NANOS;
      boolean seen = false;
      for (int round = 1; !(seen && there(cache.stats().tier()).entries() > 0); round++) {
        putMany(cache, round);
        seen |= log.stream().anyMatch(line -> line.getMessage().contains("is lost"));
        cache.put("key", "value " + round);
        assertThat(cache.get("key")).isEqualTo("value " + round);
        for (int number = 0; number < 20_000; number += 7) {
          String value = cache.get("key:" + number);
          assertThat(value == null || value.equals(value(round, number))).isTrue();
        }
        assertThat(System.nanoTime()).isLessThan(end);
      }
      assertThat(cache.stats().degraded()).isFalse();
      assertThat(there(cache.stats().tier()).demotions()).isGreaterThan(demotions);
    }
    try (Cache<String, String> cache = cache()) {
      assertThat(cache.estimatedSize()).isPositive();
    }
  }
}
