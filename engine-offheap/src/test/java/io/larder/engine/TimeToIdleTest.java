package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SegmentMemory;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries that expire when nobody gets them, with and without checksums, in one block and in several. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
class TimeToIdleTest {
  private static final long BYTES = 4 << 20;
  private static final long SEED = 7;
  private static final long IDLE = 1_000;

  /** What is set beyond the time. */
  private static final long SLACK = IDLE / 8;

  private static final byte[] KEY = {1, 2, 3};
  private static final byte[] OTHER_KEY = {4};
  private static final int SMALL = 50;
  private static final int CHAIN = 20_000;
  private static final int ROOM = 1 << 16;

  private final List<Long> noted = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private long now = 1_000_000;

  private final StoreClock clock =
      new StoreClock() {
        @Override
        public long millis() {
          return now;
        }

        @Override
        public void noteDeadline(long millis) {
          noted.add(millis);
        }
      };

  private final SegmentMemory memory = SegmentMemory.allocate(BYTES);
  private final StoreOptions options;
  private final Store store;
  private final PutSpec spec = new PutSpec();
  private final EntryInfo info = new EntryInfo();
  private final byte[] room = new byte[ROOM];

  TimeToIdleTest(boolean verify) {
    this.options =
        StoreOptions.ofMemory(BYTES)
            .withPartitions(1)
            .withHashSeed(SEED)
            .withVerifyReads(verify)
            .withClock(clock)
            .withSink((cause, key, value, flags) -> told.add(cause + " " + key.length));
    this.store = Store.open(memory, options);
  }

  @AfterEach
  void close() {
    store.assertValid();
    assertThat(store.verify().findings()).isEmpty();
    store.close();
  }

  private static byte[] value(int length) {
    byte[] value = new byte[length];
    Arrays.fill(value, (byte) length);
    return value;
  }

  private long hash(byte[] key) {
    return store.hash(key, 0, key.length);
  }

  private void put(byte[] key, int length) {
    assertThat(store.put(hash(key), key, 0, key.length, value(length), 0, length, spec)).isPositive();
  }

  private void putIdle(byte[] key, int length, long idle) {
    spec.reset().timeToIdle(idle, now);
    put(key, length);
    spec.reset();
  }

  private int get() {
    return store.get(hash(KEY), KEY, 0, KEY.length, room, 0, ROOM);
  }

  private boolean isThere() {
    return store.find(hash(KEY), KEY, 0, KEY.length, info);
  }

  /** When the entry expires if nobody gets it. */
  private long deadline() {
    assertThat(isThere()).isTrue();
    return info.expiryMillis();
  }

  private interface Access {
    boolean finds();
  }

  /** All ways to get a value. */
  private Map<String, Access> accesses() {
    return Map.of(
        "get", () -> get() >= 0,
        "get with too little room", () -> store.get(hash(KEY), KEY, 0, KEY.length, room, 0, 1) >= 0,
        "get with info", () -> store.get(hash(KEY), KEY, 0, KEY.length, room, 0, ROOM, info) >= 0,
        "get into a segment",
            () -> store.get(hash(KEY), KEY, 0, KEY.length, MemorySegment.ofArray(room), 0, ROOM) >= 0,
        "get into a segment with info",
            () -> store.get(hash(KEY), KEY, 0, KEY.length, MemorySegment.ofArray(room), 0, ROOM, info) >= 0,
        "get bytes", () -> store.getBytes(hash(KEY), KEY, 0, KEY.length, info) != null,
        "read", () -> store.read(hash(KEY), KEY, 0, KEY.length, this, (test, view) -> view.length()) != null,
        "get all", this::getAll);
  }

  private boolean getAll() {
    Batch batch = new Batch(2, ROOM).add(OTHER_KEY).add(KEY);
    store.getAll(batch);
    return batch.length(1) >= 0;
  }

  @Test
  void expiresBehindItsTimeAndAnEighth() {
    for (int length : new int[] {0, SMALL, CHAIN}) {
      putIdle(KEY, length, IDLE);
      long deadline = deadline();
      assertThat(deadline - now).isBetween(IDLE, IDLE + SLACK);
      now = deadline - 1;
      assertThat(isThere()).isTrue();
      now = deadline;
      assertThat(isThere()).isFalse();
      accesses().forEach((form, access) -> assertThat(access.finds()).as(form).isFalse());
    }
  }

  @Test
  void livesAsLongAsItIsAccessed() {
    accesses()
        .forEach(
            (form, access) -> {
              for (int length : new int[] {SMALL, CHAIN}) {
                putIdle(KEY, length, IDLE);
                for (int i = 0; i < 50; i++) {
                  now += IDLE * 9 / 10;
                  assertThat(access.finds()).as("%s of %d bytes, %d", form, length, i).isTrue();
                  assertThat(deadline() - now).as(form).isBetween(IDLE, IDLE + SLACK);
                }
                assertThat(store.getBytes(hash(KEY), KEY, 0, KEY.length, info)).isEqualTo(value(length));
                now += IDLE + SLACK;
                assertThat(access.finds()).as(form).isFalse();
              }
            });
  }

  @Test
  void isNotWrittenToWhileEnoughIsLeft() {
    putIdle(KEY, SMALL, IDLE);
    long deadline = deadline();
    for (int i = 0; i < 20; i++) {
      // The policy's bits are at their ends then.
      get();
    }
    now = deadline - IDLE;
    byte[] before = region();
    accesses().forEach((form, access) -> assertThat(access.finds()).as(form).isTrue());
    assertThat(Arrays.mismatch(region(), before)).as("the first byte that differs").isEqualTo(-1);
    now++;
    assertThat(get()).isEqualTo(SMALL);
    assertThat(deadline()).isGreaterThan(deadline);
  }

  private byte[] region() {
    byte[] region = new byte[(int) BYTES];
    memory.copyOut(0, region, 0, region.length);
    return region;
  }

  @Test
  void anAccessThatIsDueTellsWhatItHasMade() {
    putIdle(KEY, SMALL, IDLE);
    now += IDLE;
    store.get(hash(KEY), KEY, 0, KEY.length, room, 0, ROOM, info);
    long told = info.expiryMillis();
    assertThat(told - now).isBetween(IDLE, IDLE + SLACK);
    assertThat(deadline()).isEqualTo(told);
    Long seen =
        store.read(hash(KEY), KEY, 0, KEY.length, this, (test, view) -> view.info().expiryMillis());
    assertThat(seen).isEqualTo(told);
    put(OTHER_KEY, SMALL);
    store.get(hash(OTHER_KEY), OTHER_KEY, 0, OTHER_KEY.length, room, 0, ROOM, info);
    assertThat(info.expiryMillis()).as("of an entry without").isZero();
  }

  @Test
  void aLookIsNoAccess() {
    putIdle(KEY, SMALL, IDLE);
    long deadline = deadline();
    now += IDLE;
    assertThat(isThere()).isTrue();
    StoreIterator iterator = store.iterator();
    assertThat(iterator.next()).isTrue();
    assertThat(iterator.info().expiryMillis()).isEqualTo(deadline);
    assertThat(store.inspect().expiries()).isNotEmpty();
    assertThat(deadline()).isEqualTo(deadline);
  }

  @Test
  void aTimeToLiveEndsItAnyway() {
    spec.expiryMillis(now + 3 * IDLE).timeToIdle(IDLE, now).cost(7).userFlags(3);
    put(KEY, SMALL);
    long end = now + 3 * IDLE;
    while (now < end - IDLE / 2) {
      now += IDLE / 2;
      assertThat(store.get(hash(KEY), KEY, 0, KEY.length, room, 0, ROOM, info)).isEqualTo(SMALL);
      assertThat(info.cost()).isEqualTo(7);
      assertThat(info.userFlags()).isEqualTo(3);
      assertThat(info.expiryMillis()).isBetween(Math.min(end, now + IDLE), end);
    }
    now = end - 1;
    assertThat(get()).isEqualTo(SMALL);
    now = end;
    assertThat(get()).isEqualTo(Store.ABSENT);
  }

  @Test
  void aTimeToIdleEndsItBeforeItsTimeToLive() {
    spec.expiryMillis(now + 3 * IDLE).timeToIdle(IDLE, now);
    put(KEY, CHAIN);
    now += IDLE + SLACK;
    assertThat(get()).isEqualTo(Store.ABSENT);
  }

  @Test
  void aWriteBeginsAnew() {
    putIdle(KEY, SMALL, IDLE);
    now += IDLE;
    putIdle(KEY, SMALL + 1, 2 * IDLE);
    assertThat(deadline() - now).isBetween(2 * IDLE, 2 * (IDLE + SLACK));
    put(KEY, SMALL);
    assertThat(deadline()).as("without a time to idle").isZero();
    now += 100 * IDLE;
    assertThat(get()).isEqualTo(SMALL);
    putIdle(KEY, SMALL, IDLE);
    now += IDLE + SLACK;
    assertThat(get()).isEqualTo(Store.ABSENT);
  }

  @Test
  void whatHasExpiredIsNotInTheWayOfAPut() {
    putIdle(KEY, SMALL, IDLE);
    spec.ifPresent();
    now += IDLE + SLACK;
    assertThat(store.put(hash(KEY), KEY, 0, KEY.length, value(1), 0, 1, spec)).isEqualTo(Store.ABSENT);
    spec.ifAbsent();
    put(KEY, 1);
    assertThat(told).containsExactly("EXPIRED " + KEY.length);
    assertThat(store.stats().expirations()).isOne();
  }

  @Test
  void maintenanceTakesTheSpaceBack() {
    int entries = 1_000;
    for (int i = 0; i < entries; i++) {
      putIdle(ByteBuffer.allocate(4).putInt(i).array(), SMALL, IDLE);
    }
    putIdle(KEY, CHAIN, IDLE);
    now += IDLE;
    assertThat(get()).isEqualTo(CHAIN);
    now += 2 * SLACK;
    store.maintain(Integer.MAX_VALUE);
    assertThat(store.estimatedSize()).isOne();
    assertThat(told).hasSize(entries).allMatch(removal -> removal.startsWith("EXPIRED"));
    assertThat(get()).isEqualTo(CHAIN);
    now = IdleTime.reclaimMillis(IdleTime.span(IDLE), deadline());
    store.maintain(Integer.MAX_VALUE);
    assertThat(store.estimatedSize()).isZero();
    assertThat(store.stats().expirations()).isEqualTo(entries + 1);
  }

  /** Entries that live on make their slabs look as if something had expired there. */
  @Test
  void maintenanceLooksAtEntriesThatLiveOnAFewTimesInTheirTime() {
    int entries = 500;
    for (int i = 0; i < entries; i++) {
      putIdle(ByteBuffer.allocate(4).putInt(i).array(), SMALL, IDLE);
    }
    long begin = now;
    int looks = 0;
    long earliest = 0;
    for (int i = 0; now < begin + 10 * IDLE; i++) {
      now += IDLE / 2 / entries;
      byte[] key = ByteBuffer.allocate(4).putInt(i % entries).array();
      assertThat(store.get(hash(key), key, 0, key.length, room, 0, ROOM)).isEqualTo(SMALL);
      store.maintain(Integer.MAX_VALUE);
      long next = earliestExpiry(key);
      assertThat(next).as("the slab's earliest expiry").isGreaterThan(now);
      looks += next == earliest ? 0 : 1;
      earliest = next;
    }
    assertThat(looks).isBetween(1, 10 * 16 + 1);
    assertThat(store.estimatedSize()).isEqualTo(entries);
  }

  private long earliestExpiry(byte[] key) {
    Partition partition = partition();
    long slot = partition.index.find(hash(key), key, 0, key.length);
    return partition.slabs.earliestExpiry(partition.slabs.slabOf(partition.index.entry(slot)));
  }

  private Partition partition() {
    RegionGeometry geometry = store.geometry();
    SizeClasses classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
    Entries entries = new Entries(memory, geometry, SEED);
    return new Partition(memory, geometry, classes, new SlabPool(memory, geometry), entries, 0, options);
  }

  @Test
  void theClockHearsOfEachDeadline() {
    putIdle(KEY, SMALL, IDLE);
    assertThat(noted).isNotEmpty().allMatch(millis -> millis >= deadline());
    noted.clear();
    get();
    assertThat(noted).isEmpty();
    now += IDLE;
    get();
    assertThat(noted).isNotEmpty().allMatch(millis -> millis >= deadline());
  }

  @Test
  void livesThroughAClockThatGoesBack() {
    putIdle(KEY, SMALL, IDLE);
    now -= 100 * IDLE;
    assertThat(isThere()).isTrue();
    assertThat(get()).isEqualTo(SMALL);
    assertThat(deadline() - now).as("set right").isBetween(IDLE, IDLE + SLACK);
    store.assertValid();
    now += IDLE + SLACK;
    assertThat(get()).isEqualTo(Store.ABSENT);
    now += SLACK;
    store.maintain(Integer.MAX_VALUE);
    assertThat(store.estimatedSize()).isZero();
  }

  @Test
  void longAndShortTimes() {
    for (Duration idle : List.of(Duration.ofMillis(1), Duration.ofDays(30), Duration.ofDays(3_650))) {
      long millis = idle.toMillis();
      putIdle(KEY, SMALL, millis);
      for (int i = 0; i < 20; i++) {
        long deadline = deadline();
        assertThat(deadline - now).isBetween(millis, millis + millis / 8 + millis / (1 << 20));
        now = deadline - 1;
        assertThat(get()).isEqualTo(SMALL);
      }
      now = deadline();
      assertThat(get()).isEqualTo(Store.ABSENT);
    }
    putIdle(KEY, SMALL, IdleTime.MILLIS_MAX + 1);
    assertThat(deadline()).as("for ever").isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.timeToIdle(-1, now))
        .withMessage("timeToIdle=-1 is negative");
  }

  /** Somebody who is stopped has the lock: the read does not wait for him for long. */
  @Test
  void aReadGoesOnWithoutTheLock() {
    putIdle(KEY, SMALL, IDLE);
    long deadline = deadline();
    now += IDLE;
    long word = store.geometry().partitionOffset(0) + PartitionLayout.LOCK_OFFSET;
    memory.putLong(word, 77);
    assertThat(store.get(hash(KEY), KEY, 0, KEY.length, room, 0, ROOM)).isEqualTo(SMALL);
    assertThat(deadline()).isEqualTo(deadline);
    memory.putLong(word, 0);
    assertThat(get()).isEqualTo(SMALL);
    assertThat(deadline()).isGreaterThan(deadline);
  }

  @Test
  void isMovedWithItsDeadline() {
    for (int i = 0; i < 2_000; i++) {
      putIdle(ByteBuffer.allocate(4).putInt(i).array(), SMALL, 100 * IDLE);
      if (i == 1_000) {
        putIdle(KEY, SMALL, 100 * IDLE);
        now += 20 * IDLE;
        get();
      }
    }
    long deadline = deadline();
    for (int i = 0; i < 2_000; i++) {
      if (i % 8 != 0) {
        byte[] key = ByteBuffer.allocate(4).putInt(i).array();
        store.remove(hash(key), key, 0, key.length, 0);
      }
    }
    Partition partition = partition();
    Sweeper sweeper = new Sweeper(memory, partition, new Entries(memory, store.geometry(), SEED), clock);
    partition.lock();
    while (sweeper.compact()) {
      assertThat(isThere()).isTrue();
    }
    partition.unlock();
    assertThat(store.stats().relocations()).isPositive();
    assertThat(deadline()).isEqualTo(deadline);
  }
}
