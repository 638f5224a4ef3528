package io.larder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link Tier} must do, whatever it is made of. The test of a tier extends it and says how to open one; it
 * may be in another package.
 */
public abstract class TierConformance {
  /** A tier under test has room for so many entries. */
  protected static final int ENTRIES = 4_000;

  /** Their keys and values together are at most so long on average. */
  protected static final int ENTRY_BYTES_AVERAGE = 200;

  /** It takes a value that is so long, besides. */
  protected static final int LARGE_BYTES = 30_000;

  /** Longer ones are not tried for being too long. */
  private static final int TRIED_BYTES_MAX = 64 << 20;

  private static final int MAINTENANCES = 100_000;
  private static final long WAIT_MILLIS = 60_000;

  /** A thread that does not wait has ended by then. */
  private static final long HEAD_START_MILLIS = 200;

  private static final int THREADS = 3;
  private static final int ORDER_KEYS = 4;
  private static final int ORDER_ROUNDS = 6_000;
  private static final long ORDER_MILLIS = 2_000;
  private static final int MIXED_STEPS = 20_000;

  private final AtomicLong millis = new AtomicLong(1_000_000);
  @TempDir private Path folder = Path.of("unset");
  private @Nullable Tier open;

  /** A suite for a tier. */
  protected TierConformance() {}

  /**
   * Opens the tier; after it was closed, the same one again.
   *
   * @param place an empty directory at first
   */
  protected abstract Tier open(Path place, LongSupplier clock) throws IOException;

  /** Whether what it holds outlives its closing. */
  protected boolean isDurable() {
    return true;
  }

  /**
   * Takes away what the open tier stands on, in a way that this process survives at any moment.
   *
   * @return false where that is not possible
   */
  protected boolean lose(Path place) throws IOException {
    return false;
  }

  /** The tier under test. */
  protected final Tier tier() throws IOException {
    Tier present = open;
    if (present == null) {
      present = open(folder, millis::get);
      open = present;
    }
    return present;
  }

  @AfterEach
  void closeTier() {
    if (open != null) {
      open.close();
      open = null;
    }
  }

  // ---- keys and values

  /** Keys of all bytes, of many lengths, none of which begins another. */
  private static byte[] key(int number) {
    byte[] tail = new byte[number % 29];
    new SplittableRandom(number).nextBytes(tail);
    return ByteBuffer.allocate(Integer.BYTES + tail.length).putInt(number * 0x9e3779b9).put(tail).array();
  }

  /** A value that says whose it is, and that it is whole. */
  private static byte[] value(byte[] key, int round, int length) {
    byte[] value = new byte[length];
    new SplittableRandom(Arrays.hashCode(key) * 31L + round).nextBytes(value);
    return value;
  }

  private static byte[] value(int number, int round) {
    return value(key(number), round, 20 + number % 150);
  }

  private boolean put(byte[] key, byte[] value, long expiryMillis, int cost, int flags, BooleanSupplier guard)
      throws IOException {
    TierValue source = new TierValue();
    System.arraycopy(value, 0, source.reserve(value.length), 0, value.length);
    source.set(value.length, expiryMillis, cost, flags, false);
    boolean done = tier().put(key, 0, key.length, source, guard);
    Arrays.fill(source.bytes(), (byte) 0x55);
    return done;
  }

  private boolean put(byte[] key, byte[] value, long expiryMillis, int cost, int flags) throws IOException {
    return put(key, value, expiryMillis, cost, flags, TierConformance::always);
  }

  private boolean put(byte[] key, byte[] value) throws IOException {
    return put(key, value, 0, 0, 0);
  }

  private void fill(int entries) throws IOException {
    for (int number = 0; number < entries; number++) {
      assertThat(put(key(number), value(number, 0), expiry(number), cost(number), number % 4)).isTrue();
    }
  }

  /** Every third entry expires, at some time in the next minute. */
  private static long expiry(int number) {
    return number % 3 == 0 ? 1_000_001 + number % 60_000 : 0;
  }

  private static int cost(int number) {
    return number % 5 == 0 ? number % 1_000_000 : 0;
  }

  private @Nullable TierValue get(byte[] key) throws IOException {
    TierValue target = new TierValue();
    return tier().get(key, 0, key.length, target) ? target : null;
  }

  private static byte[] bytes(TierValue value) {
    return Arrays.copyOf(value.bytes(), value.length());
  }

  private byte[] bytesOf(byte[] key) throws IOException {
    TierValue found = get(key);
    assertThat(found).isNotNull();
    return bytes(Objects.requireNonNull(found));
  }

  private boolean contains(byte[] key) throws IOException {
    return tier().contains(key, 0, key.length);
  }

  private boolean touch(byte[] key) throws IOException {
    return tier().touch(key, 0, key.length);
  }

  private boolean discard(byte[] key) throws IOException {
    return tier().discard(key, 0, key.length);
  }

  private static void assertEntry(int number, int round, TierValue found) {
    assertThat(bytes(found)).isEqualTo(value(number, round));
    assertThat(found.expiryMillis()).isEqualTo(expiry(number));
    assertThat(found.cost()).isEqualTo(cost(number));
    assertThat(found.flags()).isEqualTo(number % 4);
  }

  private static boolean always() {
    return true;
  }

  private static boolean never() {
    return false;
  }

  // ---- one thread

  @Test
  void findsWhatWasPutWithAllThatBelongsToIt() throws IOException {
    fill(ENTRIES);
    for (int number = 0; number < ENTRIES; number++) {
      TierValue found = get(key(number));
      assertThat(found).as("entry %d", number).isNotNull();
      assertEntry(number, 0, Objects.requireNonNull(found));
      assertThat(contains(key(number))).isTrue();
    }
    assertThat(tier().estimatedSize()).isBetween(ENTRIES * 95L / 100, ENTRIES * 105L / 100);
    assertThat(tier().usedBytes()).isPositive();
    assertThat(tier().evictions()).isZero();
    assertThat(tier().isLost()).isFalse();
  }

  @Test
  void doesNotFindWhatWasNotPut() throws IOException {
    fill(100);
    byte[] absent = key(100);
    assertThat(get(absent)).isNull();
    assertThat(contains(absent)).isFalse();
    assertThat(touch(absent)).isFalse();
    assertThat(discard(absent)).isFalse();
  }

  @Test
  void aPutTakesThePlaceOfWhatWasThere() throws IOException {
    byte[] key = key(1);
    for (int length : new int[] {10, 0, 200, LARGE_BYTES, 3, LARGE_BYTES, LARGE_BYTES - 1}) {
      byte[] value = value(key, length, length);
      assertThat(put(key, value, length % 2 == 0 ? 0 : 2_000_000, length, length % 4)).isTrue();
      TierValue found = Objects.requireNonNull(get(key));
      assertThat(bytes(found)).isEqualTo(value);
      assertThat(found.cost()).isEqualTo(length);
      assertThat(found.flags()).isEqualTo(length % 4);
      assertThat(found.expiryMillis()).isEqualTo(length % 2 == 0 ? 0 : 2_000_000);
    }
    assertThat(tier().estimatedSize()).isEqualTo(1);
  }

  @Test
  void aDiscardRemoves() throws IOException {
    fill(ENTRIES / 2);
    for (int number = 1; number < ENTRIES / 2; number += 2) {
      assertThat(discard(key(number))).isTrue();
      assertThat(discard(key(number))).isFalse();
    }
    for (int number = 0; number < ENTRIES / 2; number++) {
      assertThat(contains(key(number))).isEqualTo(number % 2 == 0);
      assertThat(get(key(number)) != null).isEqualTo(number % 2 == 0);
    }
    assertThat(put(key(1), value(1, 7))).isTrue();
    assertThat(bytesOf(key(1))).isEqualTo(value(1, 7));
  }

  @Test
  void aPutWhoseGuardDoesNotHoldChangesNothing() throws IOException {
    byte[] key = key(1);
    assertThat(put(key, value(1, 0), 0, 0, 0, TierConformance::never)).isFalse();
    assertThat(contains(key)).isFalse();
    assertThat(put(key, value(1, 1))).isTrue();
    assertThat(put(key, value(1, 2), 0, 0, 0, TierConformance::never)).isFalse();
    assertThat(put(key, value(key, 3, LARGE_BYTES), 0, 0, 0, TierConformance::never)).isFalse();
    assertThat(bytesOf(key)).isEqualTo(value(1, 1));
    assertThat(tier().estimatedSize()).isEqualTo(1);
  }

  @Test
  void aKeyIsARangeAndIsCopied() throws IOException {
    byte[] array = "....key-one....".getBytes(UTF_8);
    TierValue value = new TierValue();
    value.reserve(3);
    value.set(3, 0, 0, 0, false);
    assertThat(tier().put(array, 4, 7, value, TierConformance::always)).isTrue();
    Arrays.fill(array, (byte) '#');
    byte[] other = "--key-one-".getBytes(UTF_8);
    assertThat(tier().get(other, 2, 7, value)).isTrue();
    assertThat(tier().contains(other, 2, 7)).isTrue();
    assertThat(tier().contains(other, 2, 6)).isFalse();
    assertThat(tier().contains(other, 1, 7)).isFalse();
    assertThat(tier().touch(other, 2, 7)).isTrue();
    assertThat(tier().discard(other, 2, 8)).isFalse();
    assertThat(tier().discard(other, 2, 7)).isTrue();
  }

  @Test
  void keysAndValuesMayBeEmptyAndOfAnyBytes() throws IOException {
    List<byte[]> keys = new ArrayList<>();
    keys.add(new byte[0]);
    for (int one = 0; one < 256; one++) {
      keys.add(new byte[] {(byte) one});
      keys.add(new byte[] {(byte) one, 0});
      keys.add(new byte[] {0, 0, (byte) one});
    }
    for (int i = 0; i < keys.size(); i++) {
      assertThat(put(keys.get(i), value(keys.get(i), 1, i % 7))).isTrue();
    }
    for (int i = 0; i < keys.size(); i++) {
      assertThat(bytesOf(keys.get(i))).isEqualTo(value(keys.get(i), 1, i % 7));
    }
    assertThat(discard(new byte[0])).isTrue();
    assertThat(contains(new byte[0])).isFalse();
    assertThat(contains(new byte[] {0})).isTrue();
  }

  @Test
  void refusesAValueThatIsTooLong() throws IOException {
    int most = tier().valueBytesMax();
    assertThat(most).isGreaterThanOrEqualTo(LARGE_BYTES);
    fill(10);
    if (most < TRIED_BYTES_MAX) {
      assertThat(put(key(10), new byte[most + 1])).isFalse();
      assertThat(contains(key(10))).isFalse();
    }
    for (int number = 0; number < 10; number++) {
      assertThat(bytesOf(key(number))).isEqualTo(value(number, 0));
    }
  }

  @Test
  void saysWhetherAValueHasBeenGotBefore() throws IOException {
    fill(20);
    for (int number = 0; number < 10; number++) {
      assertThat(contains(key(number))).isTrue();
    }
    Tier.Cursor cursor = tier().cursor();
    while (cursor.next()) {
      cursor.value(new TierValue());
    }
    for (int number = 0; number < 10; number++) {
      assertThat(Objects.requireNonNull(get(key(number))).wasHit()).as("first").isFalse();
      assertThat(Objects.requireNonNull(get(key(number))).wasHit()).as("second").isTrue();
    }
    for (int number = 10; number < 20; number++) {
      assertThat(touch(key(number))).isTrue();
      assertThat(Objects.requireNonNull(get(key(number))).wasHit()).as("touched").isTrue();
    }
  }

  /** However long it is, and however little room there was for it at first. */
  @Test
  void aLongValueHasBeenGotBeforeAtTheSecondTime() throws IOException {
    assertThat(put(key(1), new byte[LARGE_BYTES])).isTrue();
    for (int times = 0; times < 3; times++) {
      TierValue target = new TierValue();
      assertThat(tier().get(key(1), 0, key(1).length, target)).isTrue();
      assertThat(target.length()).isEqualTo(LARGE_BYTES);
      assertThat(target.wasHit()).as("got %d times before", times).isEqualTo(times > 0);
    }
  }

  @Test
  void whatHasExpiredIsNotThereAndGoesInTime() throws IOException {
    for (int number = 0; number < ENTRIES; number++) {
      assertThat(put(key(number), value(number, 0), millis.get() + 1_000 + number % 2, 0, 0)).isTrue();
    }
    millis.addAndGet(999);
    assertThat(contains(key(0))).isTrue();
    millis.addAndGet(1);
    for (int number = 0; number < ENTRIES; number++) {
      boolean there = number % 2 == 1;
      assertThat(get(key(number)) != null).isEqualTo(there);
      assertThat(contains(key(number))).isEqualTo(there);
      assertThat(touch(key(number))).isEqualTo(there);
    }
    Tier.Cursor cursor = tier().cursor();
    int seen = 0;
    while (cursor.next()) {
      seen++;
    }
    assertThat(seen).isEqualTo(ENTRIES / 2);
    millis.addAndGet(1);
    assertThat(tier().cursor().next()).isFalse();
    for (int i = 0; i < MAINTENANCES && tier().estimatedSize() > 0; i++) {
      tier().maintain();
    }
    assertThat(tier().estimatedSize()).isZero();
    assertThat(put(key(0), value(0, 1), millis.get() + 1, 0, 0)).isTrue();
    assertThat(bytesOf(key(0))).isEqualTo(value(0, 1));
  }

  @Test
  void clearRemovesAll() throws IOException {
    fill(ENTRIES);
    tier().clear();
    for (int number = 0; number < ENTRIES; number++) {
      assertThat(get(key(number))).isNull();
    }
    assertThat(tier().cursor().next()).isFalse();
    assertThat(tier().estimatedSize()).isZero();
    fill(ENTRIES);
    assertThat(tier().estimatedSize()).isBetween(ENTRIES * 95L / 100, ENTRIES * 105L / 100);
  }

  @Test
  void theCursorShowsEachEntryOnce() throws IOException {
    fill(ENTRIES);
    Set<Integer> seen = new HashSet<>();
    TierValue value = new TierValue();
    Tier.Cursor cursor = tier().cursor();
    while (cursor.next()) {
      byte[] key = cursor.key();
      int number = ByteBuffer.wrap(key).getInt() * 0x144cbc89;
      assertThat(key).isEqualTo(key(number));
      cursor.value(value);
      assertEntry(number, 0, value);
      assertThat(seen.add(number)).isTrue();
    }
    assertThat(seen).hasSize(ENTRIES);
  }

  @Test
  void theCursorTakesWhatComesAndGoes() throws IOException {
    fill(ENTRIES / 2);
    Tier.Cursor cursor = tier().cursor();
    TierValue value = new TierValue();
    int seen = 0;
    for (int number = ENTRIES / 2; cursor.next(); number++) {
      cursor.value(value);
      assertThat(value.length()).isLessThan(170);
      assertThat(discard(cursor.key())).isTrue();
      if (number < ENTRIES * 3 / 4) {
        assertThat(put(key(number), value(number, 0))).isTrue();
      }
      seen++;
    }
    assertThat(seen).isBetween(ENTRIES / 2, ENTRIES * 3 / 4);
  }

  /** A tier may evict or refuse: what it finds must be right, and it must go on. */
  @Test
  void takesNoHarmFromMoreThanItHasRoomFor() throws IOException {
    int put = 0;
    for (int number = 0; number < 12 * ENTRIES; number++) {
      put += put(key(number), value(key(number), 1, 1_000)) ? 1 : 0;
    }
    assertThat(put).isGreaterThan(ENTRIES / 10);
    int found = 0;
    for (int number = 0; number < 12 * ENTRIES; number++) {
      TierValue value = get(key(number));
      if (value != null) {
        assertThat(bytes(value)).isEqualTo(value(key(number), 1, 1_000));
        found++;
      }
    }
    assertThat(found).isPositive().isLessThan(12 * ENTRIES);
    tier().clear();
    assertThat(put(key(1), value(1, 1))).isTrue();
    assertThat(bytesOf(key(1))).isEqualTo(value(1, 1));
  }

  @Test
  void findsAfterItsClosingWhatItHad() throws IOException {
    assumeTrue(isDurable(), "it is not durable");
    fill(ENTRIES / 2);
    for (int number = 0; number < ENTRIES / 2; number += 7) {
      assertThat(discard(key(number))).isTrue();
    }
    closeTier();
    for (int number = 0; number < ENTRIES / 2; number++) {
      TierValue found = get(key(number));
      assertThat(found != null).isEqualTo(number % 7 != 0);
      if (found != null) {
        assertEntry(number, 0, found);
      }
    }
    assertThat(tier().estimatedSize()).isBetween(ENTRIES * 2L / 5, ENTRIES / 2L);
    millis.addAndGet(100_000);
    assertThat(contains(key(3))).isFalse();
    tier().clear();
    closeTier();
    assertThat(tier().estimatedSize()).isZero();
    assertThat(tier().cursor().next()).isFalse();
  }

  // ---- several threads

  /** The put is in the middle, its guard having held, when the discard is called: it must wait, and then remove. */
  @Test
  void aDiscardWaitsForThePutWhoseGuardHasBeenAsked() throws IOException, InterruptedException {
    for (boolean present : new boolean[] {false, true}) {
      byte[] key = key(present ? 1 : 2);
      if (present) {
        assertThat(put(key, value(1, 0))).isTrue();
      }
      Tier tier = tier();
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch goOn = new CountDownLatch(1);
      BooleanSupplier slowGuard =
          () -> {
            asked.countDown();
            await(goOn);
            return true;
          };
      AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
      Thread putter = start(failure, () -> put(key, value(1, 1), 0, 0, 0, slowGuard));
      await(asked);
      Thread discarder = start(failure, () -> tier.discard(key, 0, key.length));
      discarder.join(HEAD_START_MILLIS);
      goOn.countDown();
      join(putter);
      join(discarder);
      assertThat(failure.get()).isNull();
      assertThat(get(key)).isNull();
      assertThat(contains(key)).isFalse();
    }
  }

  /** After a discard no put appears whose guard has fallen before it: neither at once nor later. */
  @Test
  void noPutAppearsAfterADiscardThatCameBehindItsGuard() throws IOException, InterruptedException {
    Tier tier = tier();
    AtomicLongArray words = new AtomicLongArray(ORDER_KEYS);
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Thread> putters = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int seed = i;
      putters.add(start(failure, () -> putUnderWords(tier, words, seed, done)));
    }
    SplittableRandom random = new SplittableRandom(THREADS);
    TierValue target = new TierValue();
    long end = System.currentTimeMillis() + ORDER_MILLIS;
    try {
      for (int round = 0; round < ORDER_ROUNDS && failure.get() == null && System.currentTimeMillis() < end; round++) {
        int number = random.nextInt(ORDER_KEYS);
        byte[] key = key(number);
        words.incrementAndGet(number);
        tier.discard(key, 0, key.length);
        for (int look = 0; look < 1 + round % 4; look++) {
          assertThat(tier.get(key, 0, key.length, target)).as("round %d, look %d", round, look).isFalse();
          LockSupport.parkNanos(1);
        }
        words.incrementAndGet(number);
        if (round % 8 == 0) {
          LockSupport.parkNanos(1);
        }
      }
    } finally {
      done.set(true);
      for (Thread putter : putters) {
        join(putter);
      }
    }
    assertThat(failure.get()).isNull();
  }

  /** Puts while a key's word is even, by a guard that it has not changed; some of them take their time. */
  private static void putUnderWords(Tier tier, AtomicLongArray words, long seed, AtomicBoolean done) {
    SplittableRandom random = new SplittableRandom(seed);
    TierValue value = new TierValue();
    value.reserve(Long.BYTES);
    while (!done.get()) {
      int number = random.nextInt(ORDER_KEYS);
      byte[] key = key(number);
      long word = words.get(number);
      int pauses = random.nextInt(4) == 0 ? random.nextInt(200) : 0;
      if (word % 2 == 0) {
        // Now and then the word changes before the put, now and then between its guard and its end.
        LockSupport.parkNanos(random.nextInt(8) == 0 ? 1 : 0);
        value.set(Long.BYTES, 0, 0, 0, false);
        tier.put(
            key,
            0,
            key.length,
            value,
            () -> {
              boolean holds = words.get(number) == word;
              for (int i = 0; i < pauses; i++) {
                Thread.onSpinWait();
              }
              if (pauses > 150) {
                LockSupport.parkNanos(1);
              }
              return holds;
            });
      }
      if (random.nextInt(4) == 0) {
        // Locks need not be fair.
        LockSupport.parkNanos(1);
      }
    }
  }

  @Test
  void allThreadsSeeWholeEntries() throws IOException, InterruptedException {
    long seed = new Random().nextLong();
    Tier tier = tier();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      threads.add(start(failure, () -> mix(tier, random, MIXED_STEPS, () -> false)));
    }
    for (Thread thread : threads) {
      join(thread);
    }
    assertThat(failure.get()).as("seed %d", seed).isNull();
  }

  private static void mix(Tier tier, SplittableRandom random, int steps, BooleanSupplier done) {
    TierValue value = new TierValue();
    for (int step = 0; step < steps && !done.getAsBoolean(); step++) {
      int number = random.nextInt(300);
      byte[] key = key(number);
      switch (random.nextInt(step % 500 == 499 ? 10 : 8)) {
        case 0, 1, 2 -> {
          int round = random.nextInt(4);
          byte[] bytes = value(key, round, number % 50 == 0 ? LARGE_BYTES : 20 + 30 * round);
          System.arraycopy(bytes, 0, value.reserve(bytes.length), 0, bytes.length);
          tier.put(key, 0, key.length, value.set(bytes.length, 0, 100 + round, round, false), TierConformance::always);
        }
        case 3 -> tier.discard(key, 0, key.length);
        case 4 -> tier.touch(key, 0, key.length);
        case 5 -> tier.contains(key, 0, key.length);
        case 8 -> tier.clear();
        case 9 -> {
          Tier.Cursor cursor = tier.cursor();
          while (cursor.next()) {
            cursor.value(value);
            assertWhole(cursor.key(), value);
          }
        }
        default -> {
          if (tier.get(key, 0, key.length, value)) {
            assertWhole(key, value);
          }
        }
      }
    }
  }

  private static void assertWhole(byte[] key, TierValue value) {
    int round = value.flags();
    assertThat(value.cost()).isEqualTo(100 + round);
    assertThat(bytes(value)).isEqualTo(value(key, round, value.length()));
  }

  // ---- loss

  @Test
  void aLostTierFindsAndTakesNothingAndThrowsNothing() throws IOException, InterruptedException {
    Tier tier = tier();
    mix(tier, new SplittableRandom(THREADS), MIXED_STEPS / 10, TierConformance::never);
    Tier.Cursor begun = tier.cursor();
    assertThat(begun.next()).isTrue();
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom random = new SplittableRandom(i);
      threads.add(
          start(failure, () -> mix(tier, random, Integer.MAX_VALUE, () -> done.get() || failure.get() != null)));
    }
    boolean possible;
    try {
      possible = lose(folder);
      long end = System.currentTimeMillis() + WAIT_MILLIS;
      while (possible && !tier.isLost() && System.currentTimeMillis() < end) {
        tier.maintain();
        Thread.onSpinWait();
      }
    } finally {
      done.set(true);
      for (Thread thread : threads) {
        join(thread);
      }
    }
    assertThat(failure.get()).isNull();
    assumeTrue(possible, "it cannot be lost here");
    assertThat(tier.isLost()).isTrue();
    while (begun.next()) {
      begun.key();
      begun.value(new TierValue());
    }
    assertFindsAndTakesNothing(tier);
  }

  /** What a lost tier does. */
  protected static void assertFindsAndTakesNothing(Tier tier) {
    TierValue value = new TierValue();
    for (int number = 0; number < 100; number++) {
      byte[] key = key(number);
      assertThat(tier.put(key, 0, key.length, value.set(8, 0, 0, 0, false), TierConformance::always)).isFalse();
      assertThat(tier.get(key, 0, key.length, value)).isFalse();
      assertThat(tier.contains(key, 0, key.length)).isFalse();
      assertThat(tier.touch(key, 0, key.length)).isFalse();
      assertThat(tier.discard(key, 0, key.length)).isFalse();
    }
    tier.clear();
    assertThat(tier.cursor().next()).isFalse();
    assertThat(tier.estimatedSize()).isZero();
    assertThat(tier.usedBytes()).isNotNegative();
    assertThat(tier.evictions()).isNotNegative();
    assertThat(tier.valueBytesMax()).isNotNegative();
  }

  // ---- threads

  /** What a thread does. */
  private interface Work {
    void run() throws IOException;
  }

  private static Thread start(AtomicReference<@Nullable Throwable> failure, Work work) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                work.run();
              } catch (Throwable thrown) {
                failure.compareAndSet(null, thrown);
              }
            });
  }

  private static void join(Thread thread) throws InterruptedException {
    thread.join(WAIT_MILLIS);
    assertThat(thread.isAlive()).as("still at work").isFalse();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
  }
}
