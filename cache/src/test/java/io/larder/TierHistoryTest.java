package io.larder;

import static io.larder.Caches.there;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Several threads at few keys of a cache whose memory and whose file are both too small for what there is beside them:
 * no key goes back in time, {@link KeyHistory}. Twins with a broken tier are found out.
 */
class TierHistoryTest {
  private static final int THREADS = 4;
  private static final int KEYS = 16;
  private static final int WRITES_MAX = 1 << 17;

  /** What stays in the memory. */
  private static final int ENTRIES = 10;

  /** More than the file has room for. */
  private static final int FILLERS = 2_000;
  private static final int FILLER_BYTES_MAX = 2_000;
  private static final int LARGE_EVERY = 200;
  private static final int LARGE_BYTES = 20_000;
  private static final int HEAD_BYTES = 2 * Integer.BYTES;

  /** How long each variant is played. */
  private static final long PLAY_NANOS =
      TimeUnit.MILLISECONDS.toNanos(Long.getLong("larder.history.millis", 1_800));

  /** A twin that has not been found out after so long is not going to be. */
  private static final long TWIN_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** A moment for another write to come between. */
  private static final long DELAY_NANOS = 20_000;

  /** Longer than what is left of it must be for a value to be written to the file. */
  private static final long TTL_MILLIS = 3_000;

  @TempDir private Path folder;

  /** Where values are. */
  enum Compressed { NOWHERE, BELOW, IN_BOTH }

  /** A cache, and what is done to it besides reading and writing. */
  record Variant(String name, Compressed compressed, boolean clears, boolean expires, int liveObjects) {
    @Override
    public String toString() {
      return name;
    }
  }

  static final List<Variant> variants =
      List.of(
          new Variant("plain", Compressed.NOWHERE, false, false, 0),
          new Variant("compressed", Compressed.BELOW, false, false, 0),
          new Variant("compressed in memory", Compressed.IN_BOTH, false, false, 0),
          new Variant("cleared now and then", Compressed.NOWHERE, true, false, 0),
          new Variant("expiring", Compressed.BELOW, false, true, 0),
          new Variant("below live objects", Compressed.NOWHERE, false, true, KEYS / 2),
          new Variant("all of it", Compressed.BELOW, true, true, KEYS),
          new Variant("all of it, compressed in memory", Compressed.IN_BOTH, true, true, KEYS));

  @ParameterizedTest
  @FieldSource("variants")
  void noKeyGoesBackInTime(Variant variant) throws InterruptedException {
    SplittableRandom random = TestSeed.random("TierHistoryTest " + variant);
    Play play = new Play(folder.resolve("below.larder"), variant, UnaryOperator.identity());
    try (Cache<Long, byte[]> cache = play.open()) {
      play.run(cache, random, PLAY_NANOS);
      TierStats tier = there(cache.stats().tier());
      System.out.println(variant + ": " + tier);
      assertThat(play.violation.get()).isNull();
      assertThat(tier.demotions()).isGreaterThan(20);
      assertThat(tier.promotions()).isGreaterThan(20);
      assertThat(tier.superseded()).isPositive();
      if (!variant.clears) {
        assertThat(tier.evictions()).isPositive();
      }
      assertThat(tier.damaged()).isZero();
      assertThat(cache.stats().corruptions()).isZero();
    }
    try (Cache<Long, byte[]> again = play.open()) {
      long found = play.readAll(again);
      // Of a cache that is cleared and whose entries expire there may be nothing left.
      if (!variant.clears) {
        assertThat(found).as("found after the restart").isPositive();
      }
      assertThat(play.violation.get()).isNull();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBrokenTierIsFoundOut(BrokenTier twin) throws InterruptedException {
    SplittableRandom random = TestSeed.random("TierHistoryTest " + twin);
    Variant variant = new Variant("twin", Compressed.NOWHERE, true, false, 0);
    Play play = new Play(folder.resolve("below.larder"), variant, twin::over);
    try (Cache<Long, byte[]> cache = play.open()) {
      play.run(cache, random, TWIN_NANOS);
    }
    System.out.println(twin + ": " + play.violation.get());
    assertThat(play.violation.get()).isNotNull();
  }

  /** One cache, its keys' histories, and who writes and reads. */
  private static final class Play {
    private final Path file;
    private final Variant variant;
    private final UnaryOperator<Tier> twin;
    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final List<KeyHistory> histories = new ArrayList<>();
    final AtomicReference<@Nullable String> violation = new AtomicReference<>();

    Play(Path file, Variant variant, UnaryOperator<Tier> twin) {
      this.file = file;
      this.variant = variant;
      this.twin = twin;
      for (int key = 0; key < KEYS; key++) {
        histories.add(new KeyHistory(WRITES_MAX));
      }
    }

    Cache<Long, byte[]> open() {
      CacheBuilder<Long, byte[]> builder =
          Larder.builder(Codec.int64(), Codec.bytes())
              .memory("1MiB")
              .maximumEntries(ENTRIES)
              .clock(clock::get)
              .flushOnClose()
              .tier(millis -> twin.apply(new FileTier(file, 1 << 20, 0).open(millis)));
      Compression compression = Compression.lz4().above(64);
      switch (variant.compressed) {
        case NOWHERE -> {}
        case BELOW -> builder.compress(compression);
        case IN_BOTH -> builder.compress(compression.inMemory());
      }
      if (variant.liveObjects > 0) {
        builder.liveObjects(variant.liveObjects);
      }
      return builder.build();
    }

    void run(Cache<Long, byte[]> cache, SplittableRandom random, long nanos) throws InterruptedException {
      long end = System.nanoTime() + nanos;
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Actor actor = new Actor(this, cache, random.split(), end);
        Thread thread = new Thread(actor::run, "actor-" + i);
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }

    /** How many keys are there. */
    int readAll(Cache<Long, byte[]> cache) {
      Actor actor = new Actor(this, cache, new SplittableRandom(1), 0);
      int found = 0;
      for (int key = 0; key < KEYS; key++) {
        found += actor.read(key) == 0 ? 0 : 1;
      }
      return found;
    }

    void report(int key, @Nullable String fault) {
      if (fault != null) {
        violation.compareAndSet(null, "key " + key + ": " + fault);
      }
    }
  }

  /** One thread. */
  private static final class Actor {
    private final Play play;
    private final Cache<Long, byte[]> cache;
    private final ByteCache bytes;
    private final SplittableRandom random;
    private final long end;
    private final byte[] room = new byte[LARGE_BYTES + HEAD_BYTES];

    Actor(Play play, Cache<Long, byte[]> cache, SplittableRandom random, long end) {
      this.play = play;
      this.cache = cache;
      this.bytes = cache.bytes();
      this.random = random;
      this.end = end;
    }

    void run() {
      try {
        while (System.nanoTime() < end && play.violation.get() == null) {
          step();
        }
      } catch (Throwable failure) {
        play.violation.compareAndSet(null, "an actor has failed: " + failure);
        throw failure;
      }
    }

    private void step() {
      int key = random.nextInt(KEYS);
      switch (history(key).hasRoom() ? random.nextInt(24) : 23) {
        case 0, 1, 2, 3 -> fill();
        case 4, 5, 6 -> put(key);
        case 7 -> remove(key);
        case 8 -> putIfAbsent(key);
        case 9 -> replaceIfVersion(key);
        case 10 -> compute(key, random.nextInt(3) == 0);
        case 11 -> load(key);
        case 12 -> readBytes(key);
        case 13 -> readView(key);
        case 14 -> seldom(key);
        default -> read(key);
      }
      if (play.variant.expires) {
        play.clock.addAndGet(random.nextInt(3));
      }
    }

    private void seldom(int key) {
      switch (random.nextInt(16)) {
        case 0 -> cache.cleanUp();
        case 1 -> clear();
        case 2 -> walk();
        case 3 -> removeOfMap(key);
        default -> read(key);
      }
    }

    private KeyHistory history(int key) {
      return play.histories.get(key);
    }

    private void fill() {
      byte[] filler = new byte[random.nextInt(FILLER_BYTES_MAX)];
      random.nextBytes(filler);
      cache.put(KEYS + (long) random.nextInt(FILLERS), filler);
    }

    // ---- values

    private byte[] value(int key, int number) {
      boolean large = number % LARGE_EVERY == 0;
      int length = HEAD_BYTES + (large ? LARGE_BYTES - number % 97 : number * 31 % 400);
      byte[] value = new byte[length];
      ByteBuffer.wrap(value).putInt(key).putInt(number);
      for (int i = HEAD_BYTES; i < length; i++) {
        // Some of them can be compressed.
        value[i] = (byte) (number % 3 == 0 ? (number * i * 0x9E3779B1) >>> 24 : number);
      }
      return value;
    }

    /** Checks a value that was read, 0 bytes or more; returns its number, or 0 for none. */
    private int check(int key, byte @Nullable [] value, int length, long floor, long millis) {
      if (value == null || length < 0) {
        return 0;
      }
      ByteBuffer head = ByteBuffer.wrap(value, 0, length);
      if (length < HEAD_BYTES || head.getInt() != key) {
        play.report(key, "another key's value, or none");
        return 0;
      }
      int number = head.getInt();
      String fault = history(key).read(number, floor, millis);
      if (fault == null && !ByteBuffer.wrap(value, 0, length).equals(ByteBuffer.wrap(value(key, number)))) {
        fault = "torn value of number " + number;
      }
      play.report(key, fault);
      return number;
    }

    // ---- reads

    int read(int key) {
      long floor = history(key).floor();
      long millis = play.clock.get();
      byte[] value = cache.get((long) key);
      return check(key, value, value == null ? -1 : value.length, floor, millis);
    }

    private void readBytes(int key) {
      long floor = history(key).floor();
      long millis = play.clock.get();
      int length = bytes.get(encoded(key), room);
      check(key, room, length, floor, millis);
    }

    private void readView(int key) {
      long floor = history(key).floor();
      long millis = play.clock.get();
      byte[] value = bytes.read(encoded(key), ValueView::toArray);
      check(key, value, value == null ? -1 : value.length, floor, millis);
    }

    private static byte[] encoded(int key) {
      ByteOutput output = new ByteOutput(Long.BYTES);
      Codec.int64().encode((long) key, output);
      return Arrays.copyOf(output.array(), output.length());
    }

    private void walk() {
      var entries = cache.iterator();
      while (true) {
        long[] floors = play.histories.stream().mapToLong(KeyHistory::floor).toArray();
        long millis = play.clock.get();
        if (!entries.hasNext()) {
          return;
        }
        CacheEntry<Long, byte[]> entry = entries.next();
        if (entry.key() < KEYS) {
          int key = entry.key().intValue();
          check(key, entry.value(), entry.value().length, floors[key], millis);
        }
      }
    }

    // ---- writes

    private void put(int key) {
      KeyHistory history = history(key);
      int number = history.begin();
      if (play.variant.expires && random.nextBoolean()) {
        cache.put((long) key, value(key, number), Entry.ttl(Duration.ofMillis(TTL_MILLIS)));
        history.expiresAt(number, play.clock.get() + TTL_MILLIS);
      } else {
        cache.put((long) key, value(key, number));
      }
      history.end(number);
    }

    private void remove(int key) {
      long begin = System.nanoTime();
      cache.remove((long) key);
      history(key).removed(begin);
    }

    private void removeOfMap(int key) {
      long begin = System.nanoTime();
      cache.asMap().remove((long) key);
      history(key).removed(begin);
    }

    private void clear() {
      if (play.variant.clears) {
        long begin = System.nanoTime();
        cache.clear();
        play.histories.forEach(history -> history.removed(begin));
      }
    }

    private void putIfAbsent(int key) {
      KeyHistory history = history(key);
      int number = history.begin();
      if (cache.putIfAbsent((long) key, value(key, number))) {
        history.end(number);
      } else {
        history.fail(number);
      }
    }

    private void replaceIfVersion(int key) {
      KeyHistory history = history(key);
      long floor = history.floor();
      long millis = play.clock.get();
      VersionedValue<byte[]> present = cache.getVersioned((long) key);
      if (present == null) {
        return;
      }
      check(key, present.value(), present.value().length, floor, millis);
      long read = System.nanoTime();
      if (random.nextInt(4) == 0) {
        LockSupport.parkNanos(DELAY_NANOS);
      }
      long floorBefore = history.floor();
      int number = history.begin();
      if (cache.replaceIfVersion((long) key, present.version(), value(key, number))) {
        history.end(number);
        if (floorBefore > read) {
          play.report(key, "number " + number + " has replaced what another write had replaced before");
        }
      } else {
        history.fail(number);
      }
    }

    private void compute(int key, boolean removes) {
      KeyHistory history = history(key);
      long begin = System.nanoTime();
      int number = removes ? 0 : history.begin();
      cache.compute(
          (long) key,
          (same, old) -> {
            // What is computed from is as old as the last attempt, which cannot be told apart from the first.
            check(key, old, old == null ? -1 : old.length, Long.MIN_VALUE, 0);
            return removes ? null : value(key, number);
          });
      if (removes) {
        history.removed(begin);
      } else {
        history.end(number);
      }
    }

    /** What another thread loads may be returned; what is loaded may be stored or not. */
    private void load(int key) {
      KeyHistory history = history(key);
      long floor = history.floor();
      long millis = play.clock.get();
      int number = history.begin();
      boolean[] loaded = {false};
      byte[] value =
          cache.get(
              (long) key,
              same -> {
                loaded[0] = true;
                return value(key, number);
              });
      if (loaded[0]) {
        history.endMaybe(number);
      } else {
        history.fail(number);
      }
      check(key, value, value == null ? -1 : value.length, floor, millis);
    }
  }
}
