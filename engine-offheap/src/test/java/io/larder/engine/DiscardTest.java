package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is discarded without a lock, what is put under a guard, and how the two take turns: DIS-1. */
class DiscardTest {
  private static final long MEMORY_BYTES = 1 << 20;
  private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);
  private static final int SMALL = 100;

  /** In two blocks, and in slabs of its own. */
  private static final int[] LENGTHS = {0, SMALL, 5_000, 100_000};

  private WatchedMemory memory = new WatchedMemory(MEMORY_BYTES);
  private final TestClock clock = new TestClock();
  private final EntryInfo info = new EntryInfo();
  private final PutSpec spec = new PutSpec();
  private Store store = open(false);

  private Store open(boolean verify) {
    return Store.open(memory, options().withVerifyReads(verify));
  }

  private StoreOptions options() {
    return StoreOptions.ofMemory(MEMORY_BYTES).withPartitions(1).withHashSeed(17).withClock(clock);
  }

  @AfterEach
  void close() {
    store.assertValid();
    store.close();
  }

  private long hash() {
    return store.hash(KEY, 0, KEY.length);
  }

  private long put(int length, int fill) {
    byte[] value = value(length, fill);
    return store.put(hash(), KEY, 0, KEY.length, value, 0, length, spec);
  }

  private static byte[] value(int length, int fill) {
    byte[] value = new byte[length];
    Arrays.fill(value, (byte) fill);
    return value;
  }

  private void assertHas(int length, int fill) {
    assertThat(store.getBytes(hash(), KEY, 0, KEY.length, info)).isEqualTo(value(length, fill));
  }

  private void assertHasNothing() {
    assertThat(store.getBytes(hash(), KEY, 0, KEY.length, info)).isNull();
  }

  private long discard() {
    return store.discard(hash(), KEY, 0, KEY.length, info);
  }

  private long lease() {
    return store.lease(hash(), KEY, 0, KEY.length, 0);
  }

  private static PutSpec guarded(BooleanSupplier guard) {
    return new PutSpec().ifHolds(guard);
  }

  private long put(int length, int fill, PutSpec how) {
    byte[] value = value(length, fill);
    return store.put(hash(), KEY, 0, KEY.length, value, 0, length, how);
  }

  /** A second look at the partition. */
  private Partition partition() {
    RegionGeometry geometry = store.geometry();
    SizeClasses classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
    return new Partition(
        memory,
        geometry,
        classes,
        new SlabPool(memory, geometry),
        new Entries(memory, geometry, options().hashSeed()),
        0,
        options());
  }

  // ---- discarding

  @ParameterizedTest
  @MethodSource("lengths")
  void discardsWhatIsThere(int length) {
    long version = put(length, 1);
    assertThat(discard()).isEqualTo(version);
    assertHasNothing();
    assertThat(store.stats().removals()).isEqualTo(1);
    assertThat(store.stats().entries()).isZero();
    assertThat(discard()).isEqualTo(Store.ABSENT);
  }

  @Test
  void whatIsNotThereIsDiscardedWithoutAStore() {
    put(SMALL, 1);
    byte[] other = {7};
    AtomicInteger stores = new AtomicInteger();
    memory.watch((mode, offset, length, value) -> stores.incrementAndGet());
    for (int i = 0; i < 100; i++) {
      other[0] = (byte) i;
      assertThat(store.discard(store.hash(other, 0, 1), other, 0, 1, info)).isEqualTo(Store.ABSENT);
    }
    assertThat(stores).hasValue(0);
    discard();
    assertThat(stores).hasPositiveValue();
  }

  @Test
  void whatHasExpiredDoesNotComeBackWhenTheClockDoes() {
    spec.expiryMillis(clock.millis() + 10);
    put(SMALL, 1);
    clock.advance(10);
    assertThat(discard()).isEqualTo(Store.ABSENT);
    clock.advance(-10);
    assertHasNothing();
    assertThat(store.stats().entries()).isZero();
  }

  @Test
  void whatIsIdleDoesNotComeBackWhenTheClockDoes() {
    spec.timeToIdle(1_000, clock.millis());
    put(SMALL, 1);
    clock.advance(2_000);
    assertThat(discard()).isEqualTo(Store.ABSENT);
    clock.advance(-2_000);
    assertHasNothing();
  }

  @Test
  void aLeaseEnds() {
    long lease = lease();
    assertThat(discard()).isEqualTo(Store.ABSENT);
    assertThat(put(SMALL, 1, new PutSpec().ifVersion(lease))).isEqualTo(Store.ABSENT);
    assertHasNothing();
  }

  /** Its checksum is wrong, so that nobody would get it; but nobody knows what would become of it otherwise. */
  @ParameterizedTest
  @ValueSource(ints = {SMALL, 5_000})
  void whatIsDamagedGoes(int length) {
    store.close();
    memory = new WatchedMemory(MEMORY_BYTES);
    store = open(true);
    put(length, 1);
    Partition partition = partition();
    long entry = partition.index.entry(partition.index.find(hash(), KEY, 0, KEY.length));
    long value = entry + EntryLayout.HEADER_BYTES + EntryLayout.OPTION_BYTES + KEY.length;
    memory.setByteOpaque(value, 2);
    discard();
    assertThat(partition.index.find(hash(), KEY, 0, KEY.length)).isEqualTo(HashIndex.NO_SLOT);
  }

  @Test
  void aKeyOfAnyPlaceIsFound() {
    for (int number = 0; number < 3_000; number++) {
      byte[] key = {(byte) number, (byte) (number >>> 8), 5};
      byte[] value = {(byte) number};
      assertThat(store.put(store.hash(key, 0, 3), key, 0, 3, value, 0, 1, spec)).isPositive();
    }
    assertThat(store.stats().evictions()).isZero();
    for (int number = 0; number < 3_000; number++) {
      byte[] key = {(byte) number, (byte) (number >>> 8), 5};
      assertThat(store.discard(store.hash(key, 0, 3), key, 0, 3, info)).as("key %d", number).isPositive();
    }
    assertThat(store.stats().entries()).isZero();
  }

  /**
   * DIS-1, the third case: the guard of a put has been asked before the discard begins, and the entry is published
   * when that waits for the lock, or has returned already if it does not.
   */
  @ParameterizedTest
  @MethodSource("lengths")
  void waitsForAPutWhoseGuardHasHeld(int length) throws InterruptedException {
    AtomicReference<Thread> discarder = new AtomicReference<>();
    AtomicLong discarded = new AtomicLong();
    BooleanSupplier guard =
        () -> {
          Thread thread = new Thread(() -> discarded.set(store.discard(hash(), KEY, 0, KEY.length, new EntryInfo())));
          if (discarder.compareAndSet(null, thread)) {
            thread.start();
            awaitWaiting(thread);
          }
          return true;
        };
    long version = put(length, 1, guarded(guard));
    Objects.requireNonNull(discarder.get()).join();
    assertThat(discarded).hasValue(version);
    assertHasNothing();
  }

  /** Until the thread sleeps, or has ended. */
  private static void awaitWaiting(Thread thread) {
    while (thread.getState() == Thread.State.RUNNABLE || thread.getState() == Thread.State.NEW) {
      Thread.onSpinWait();
    }
  }

  // ---- guards

  private static boolean holds() {
    return true;
  }

  private static boolean hasFallen() {
    return false;
  }

  static Stream<Integer> lengths() {
    return Arrays.stream(LENGTHS).boxed();
  }

  /** What is there before a put, its length; and the length of what is put. */
  static Stream<Arguments> pairs() {
    return lengths().flatMap(before -> lengths().map(length -> Arguments.of(before, length)));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void putsWhateverIsThereIfTheGuardHolds(int before, int length) {
    assertThat(put(length, 1, guarded(DiscardTest::holds))).isPositive();
    assertHas(length, 1);
    long present = put(before, 2);
    assertThat(put(length, 3, guarded(DiscardTest::holds))).isGreaterThan(present);
    assertHas(length, 3);
    assertThat(store.stats().entries()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void nothingIsPutAndNothingLeakedIfTheGuardHasFallen(int before, int length) {
    StoreStats empty = store.stats();
    assertThat(put(length, 1, guarded(DiscardTest::hasFallen))).isEqualTo(Store.MISMATCH);
    assertHasNothing();
    assertSameBytes(empty);
    long version = put(before, 2);
    StoreStats present = store.stats();
    assertThat(put(length, 3, guarded(DiscardTest::hasFallen))).isEqualTo(Store.MISMATCH);
    assertHas(before, 2);
    assertThat(info.version()).isEqualTo(version);
    assertSameBytes(present);
  }

  private void assertSameBytes(StoreStats expected) {
    StoreStats stats = store.stats();
    assertThat(stats.entries()).isEqualTo(expected.entries());
    assertThat(stats.payloadBytes()).isEqualTo(expected.payloadBytes());
    assertThat(stats.blockBytes()).isEqualTo(expected.blockBytes());
    assertThat(stats.puts()).isEqualTo(expected.puts());
    store.assertValid();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void putsOnlyWhereThereIsNothingIfTheGuardHolds(int before, int length) {
    long version = put(before, 1);
    assertThat(put(length, 2, new PutSpec().ifAbsentAndHolds(DiscardTest::holds))).isEqualTo(Store.PRESENT);
    assertThat(put(length, 2, new PutSpec().ifAbsentAndHolds(DiscardTest::hasFallen))).isEqualTo(Store.PRESENT);
    assertHas(before, 1);
    assertThat(info.version()).isEqualTo(version);
    assertThat(discard()).isEqualTo(version);
    StoreStats empty = store.stats();
    assertThat(put(length, 3, new PutSpec().ifAbsentAndHolds(DiscardTest::hasFallen))).isEqualTo(Store.MISMATCH);
    assertHasNothing();
    assertSameBytes(empty);
    assertThat(put(length, 4, new PutSpec().ifAbsentAndHolds(DiscardTest::holds))).isPositive();
    assertHas(length, 4);
  }

  @Test
  void whatHasExpiredAndALeaseAreNothing() {
    spec.expiryMillis(clock.millis() + 10);
    put(SMALL, 1);
    clock.advance(10);
    assertThat(put(SMALL, 2, new PutSpec().ifAbsentAndHolds(DiscardTest::hasFallen))).isEqualTo(Store.MISMATCH);
    assertThat(put(SMALL, 2, new PutSpec().ifAbsentAndHolds(DiscardTest::holds))).isPositive();
    assertHas(SMALL, 2);
    discard();
    long lease = lease();
    assertThat(put(SMALL, 3, new PutSpec().ifAbsentAndHolds(DiscardTest::hasFallen))).isEqualTo(Store.MISMATCH);
    assertThat(put(SMALL, 3, new PutSpec().ifAbsentAndHolds(DiscardTest::holds))).isPositive();
    assertThat(put(SMALL, 4, new PutSpec().ifVersion(lease))).isEqualTo(Store.MISMATCH);
    assertHas(SMALL, 3);
  }

  /** It is asked under the very lock under which the entry is published then, for the last time at least. */
  @ParameterizedTest
  @MethodSource("lengths")
  void theGuardIsAskedUnderTheLock(int length) {
    Partition partition = partition();
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger unlocks = new AtomicInteger();
    long lock = store.geometry().partitionOffset(0) + PartitionLayout.LOCK_OFFSET;
    memory.watch(
        (mode, offset, bytes, value) -> {
          if (offset == lock && value == 0) {
            unlocks.incrementAndGet();
          }
        });
    BooleanSupplier guard =
        () -> {
          assertThat(partition.isFree()).isFalse();
          asked.incrementAndGet();
          unlocks.set(0);
          return true;
        };
    for (PutSpec how : List.of(guarded(guard), new PutSpec().ifAbsentAndHolds(guard))) {
      asked.set(0);
      assertThat(put(length, 1, how)).isPositive();
      assertThat(asked).hasPositiveValue();
      assertThat(unlocks).as("unlocked behind the last question").hasValue(1);
      discard();
    }
  }

  @Test
  void aSpecThatIsUsedAgainHasNoGuardLeft() {
    PutSpec used = new PutSpec().ifAbsentAndHolds(DiscardTest::hasFallen);
    assertThat(put(SMALL, 1, used)).isEqualTo(Store.MISMATCH);
    assertThat(put(SMALL, 2, used.ifAbsent())).isPositive();
    discard();
    assertThat(put(SMALL, 3, used.ifHolds(DiscardTest::hasFallen).ifAbsent())).isPositive();
  }

  // ---- what a lookup leaves and tells

  @Test
  void aTouchIsAnAccessAndNoHit() {
    assertThat(store.touch(hash(), KEY, 0, KEY.length)).isFalse();
    put(SMALL, 1);
    StoreStats before = store.stats();
    assertThat(store.touch(hash(), KEY, 0, KEY.length)).isTrue();
    assertThat(store.stats().hits()).isEqualTo(before.hits());
    assertThat(store.stats().misses()).isEqualTo(before.misses());
    assertHas(SMALL, 1);
    assertThat(info.wasHit()).isTrue();
  }

  @Test
  void aTouchMovesTheIdleDeadline() {
    spec.timeToIdle(1_000, clock.millis());
    put(SMALL, 1);
    clock.advance(900);
    assertThat(store.touch(hash(), KEY, 0, KEY.length)).isTrue();
    clock.advance(900);
    assertHas(SMALL, 1);
  }

  @Test
  void aTouchFindsNothingThatIsHidden() {
    spec.expiryMillis(clock.millis() + 10);
    put(SMALL, 1);
    clock.advance(10);
    assertThat(store.touch(hash(), KEY, 0, KEY.length)).isFalse();
    discard();
    lease();
    assertThat(store.touch(hash(), KEY, 0, KEY.length)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void tellsWhetherAnEntryWasHitBefore(int length) {
    put(length, 1);
    byte[] room = new byte[length];
    assertThat(store.get(hash(), KEY, 0, KEY.length, room, 0, length, info)).isEqualTo(length);
    assertThat(info.wasHit()).isFalse();
    assertThat(store.get(hash(), KEY, 0, KEY.length, room, 0, length, info)).isEqualTo(length);
    assertThat(info.wasHit()).isTrue();
  }
}
