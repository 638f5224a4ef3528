package io.larder.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionLayout;
import io.larder.allocator.SegmentMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of keys, beside what CacheTest and others of the cache's see from outside. */
class ExplainerTest {
  private static final int BYTES = 1 << 20;
  private static final int PARTITIONS = 2;
  private static final long HOLDER = 77;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment = arena.allocate(BYTES, 4096);
  private final SegmentMemory memory = new SegmentMemory(segment, arena);
  private final TestClock clock = new TestClock();
  private final StoreOptions options =
      StoreOptions.ofMemory(BYTES).withPartitions(PARTITIONS).withClock(clock).withVerifyReads(true);
  private final Store store = Store.open(memory, options);

  @AfterEach
  void free() {
    store.close();
  }

  private Store reader() {
    return Store.attachReadOnly(new SegmentMemory(segment.asReadOnly(), arena), options);
  }

  private static byte[] key(int number) {
    return ("key-" + number).getBytes(UTF_8);
  }

  private long hash(int number) {
    return store.hash(key(number), 0, key(number).length);
  }

  private long put(int number, int bytes, PutSpec spec) {
    byte[] key = key(number);
    return store.put(hash(number), key, 0, key.length, new byte[bytes], 0, bytes, spec);
  }

  private long put(int number) {
    return put(number, 40, new PutSpec());
  }

  private long remove(int number) {
    return store.remove(hash(number), key(number), 0, key(number).length, 0);
  }

  private int get(int number) {
    byte[] key = key(number);
    return store.get(hash(number), key, 0, key.length, new byte[64], 0, 64);
  }

  private KeyReport explain(Store asked, int number) {
    byte[] key = key(number);
    return asked.explain(asked.hash(key, 0, key.length), key, 0, key.length);
  }

  private KeyReport explain(int number) {
    return explain(store, number);
  }

  /** A number from {@code from} on whose key is in a partition. */
  private int numberIn(int partition, int from) {
    int number = from;
    while ((hash(number) & (PARTITIONS - 1)) != partition) {
      number++;
    }
    return number;
  }

  /** A mark would be a changed bit somewhere. */
  @Test
  void leavesNoMark() {
    put(1);
    put(2, 40, new PutSpec().expiryMillis(clock.millis() + 5));
    remove(3);
    clock.advance(5);
    byte[] before = segment.toArray(ValueLayout.JAVA_BYTE);
    assertThat(explain(1).fate()).isEqualTo(Fate.PRESENT);
    assertThat(explain(2).fate()).isEqualTo(Fate.EXPIRED);
    assertThat(explain(3).fate()).isEqualTo(Fate.UNKNOWN);
    assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(before);
    assertThat(store.hits() + store.misses()).isZero();
    get(1);
    assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).as("a get leaves one").isNotEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tellsOfALeaseUntilItEnds(boolean readOnly) {
    Store asked = readOnly ? reader() : store;
    byte[] key = key(1);
    put(1);
    remove(1);
    long lease = store.lease(hash(1), key, 0, key.length, clock.millis() + 1_000);
    assertThat(explain(asked, 1)).isEqualTo(new KeyReport(Fate.BEING_LOADED, KeyReport.NONE, 0, KeyReport.NONE));
    clock.advance(1_000);
    assertThat(explain(asked, 1).fate()).as("of a lease that is over").isEqualTo(Fate.REMOVED);
    store.remove(hash(1), key, 0, key.length, lease);
    assertThat(explain(asked, 1).fate()).as("of a lease that was given back").isEqualTo(Fate.REMOVED);
    lease = store.lease(hash(1), key, 0, key.length, 0);
    long version = store.put(hash(1), key, 0, key.length, key, 0, key.length, new PutSpec().ifVersion(lease));
    assertThat(explain(asked, 1)).isEqualTo(new KeyReport(Fate.PRESENT, KeyReport.NONE, version, KeyReport.NONE));
  }

  @Test
  void tellsOfDamageBeforeAndAfterItIsMet() {
    byte[] key = key(1);
    byte[] value = "needle in a haystack".getBytes(UTF_8);
    store.put(hash(1), key, 0, key.length, value, 0, value.length, new PutSpec());
    long at = find(value);
    segment.set(ValueLayout.JAVA_BYTE, at, (byte) (segment.get(ValueLayout.JAVA_BYTE, at) ^ 1));
    assertThat(explain(reader(), 1)).isEqualTo(KeyReport.of(Fate.FAILED_CHECKSUM, 0));
    assertThat(explain(1)).isEqualTo(KeyReport.of(Fate.FAILED_CHECKSUM, 0));
    assertThat(store.stats().corruptions()).as("explaining leaves it where it is").isZero();
    assertThat(get(1)).isEqualTo(Store.ABSENT);
    assertThat(store.stats().corruptions()).isOne();
    clock.advance(64_000);
    assertThat(explain(1).fate()).isEqualTo(Fate.FAILED_CHECKSUM);
    assertThat(explain(1).ageMillis()).isBetween(64_000L, 64_063L);
    put(1);
    assertThat(explain(1).fate()).isEqualTo(Fate.PRESENT);
  }

  @Test
  void tellsOfDamageThatTheUserHasMet() {
    long older = put(1);
    long version = put(1);
    put(2);
    byte[] key = key(1);
    store.quarantine(hash(1), key, 0, key.length, older);
    assertThat(get(1)).as("of an older version").isEqualTo(40);
    store.quarantine(hash(3), key(3), 0, key.length, 1);
    reader().quarantine(hash(1), key, 0, key.length, version);
    assertThat(store.stats().corruptions()).isZero();
    store.quarantine(hash(1), key, 0, key.length, version);
    assertThat(get(1)).isEqualTo(Store.ABSENT);
    assertThat(get(2)).isEqualTo(40);
    assertThat(store.stats().corruptions()).isOne();
    assertThat(store.stats().entries()).isOne();
    assertThat(store.stats().quarantinedBytes()).isPositive();
    assertThat(explain(1).fate()).isEqualTo(Fate.FAILED_CHECKSUM);
    store.assertValid();
    put(1);
    assertThat(get(1)).isEqualTo(40);
    store.assertValid();
  }

  private long find(byte[] value) {
    for (long at = 0; at < BYTES - value.length; at++) {
      if (memory.matches(at, value, 0, value.length)) {
        return at;
      }
    }
    throw new AssertionError("the value is nowhere");
  }

  /** All space is in a partition that somebody has locked. */
  @ParameterizedTest
  @ValueSource(ints = {40, 10_000, 200_000})
  void tellsOfAValueForWhichThereWasNoSpace(int bytes) {
    int number = 100;
    while (store.stats().evictions() == 0) {
      number = numberIn(0, number + 1);
      put(number, 1_000, new PutSpec());
    }
    int other = numberIn(1, 0);
    long lock = store.geometry().partitionOffset(0) + PartitionLayout.LOCK_OFFSET;
    memory.putLong(lock, HOLDER);
    // The few slabs that are kept back, too.
    memory.putLong(RegionLayout.POOL_HEAD_OFFSET, 0);
    memory.putLong(RegionLayout.POOL_UNTOUCHED_OFFSET, store.geometry().slabCount());
    assertThat(put(other, bytes, new PutSpec())).isEqualTo(Store.REJECTED);
    memory.putLong(lock, 0);
    assertThat(explain(other)).isEqualTo(KeyReport.of(Fate.NO_SPACE, clock.millis() % 64));
  }

  /** As a writer leaves it who was killed in the midst of a change, and nobody has repaired it yet. */
  @Test
  void doesNotHangAtABucketThatIsBeingChangedForEver() {
    for (int i = 0; i < 1_000; i++) {
      put(i);
    }
    Store asked = reader();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      int table = PartitionLayout.table(memory.getLong(store.geometry().partitionOffset(partition)));
      int slab = memory.getInt(store.geometry().directoryOffset(partition, table)) - 1;
      for (long at = 0; at < store.geometry().slabBytes(); at += BucketLayout.BYTES) {
        long stamp = store.geometry().slabOffset(slab) + at;
        memory.putLong(stamp, memory.getLong(stamp) | BucketLayout.WRITING);
      }
    }
    for (int i = 0; i < 10; i++) {
      assertThat(explain(asked, i).fate()).isIn(Fate.UNKNOWN, Fate.PRESENT);
    }
  }

  @Test
  void nothingBadComesOfGarbage() {
    SplittableRandom random = TestSeed.random("ExplainerTest");
    for (int i = 0; i < 1_000; i++) {
      put(i);
    }
    Store asked = reader();
    for (int round = 0; round < 50; round++) {
      for (long at = store.geometry().fatesOffset(0); at < store.geometry().slabsOffset(); at += Long.BYTES) {
        memory.putLong(at, random.nextLong());
      }
      for (int partition = 0; partition < PARTITIONS; partition++) {
        memory.putLong(
            store.geometry().partitionOffset(partition) + PartitionLayout.FATE_NEXT_OFFSET, random.nextLong());
      }
      for (int i = 0; i < 100; i++) {
        assertThat(explain(asked, i).fate()).isEqualTo(Fate.PRESENT);
        KeyReport unknown = explain(asked, 1_000 + i);
        assertThat(unknown.fate()).isNotIn(Fate.PRESENT, Fate.BEING_LOADED);
        assertThat(unknown.ageMillis()).isGreaterThanOrEqualTo(KeyReport.NONE);
      }
      remove(round);
      assertThat(explain(asked, round).fate()).isEqualTo(Fate.REMOVED);
      put(round);
    }
    store.assertValid();
  }

  @Test
  void aLostStoreKnowsNothing() {
    put(1);
    store.giveUp("for the test");
    assertThat(explain(1)).isEqualTo(KeyReport.UNKNOWN);
  }
}
