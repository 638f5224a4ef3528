package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.Memory;
import io.larder.allocator.SegmentMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stays for a whole walk is seen exactly once, whatever is written meanwhile. */
class StoreIteratorTest {
  private static final int STABLE = 1_500;
  private static final int CHURNING_MAX = 4_000;

  private final SplittableRandom random = TestSeed.random("StoreIteratorTest");
  private final PutSpec spec = new PutSpec();

  private static Store open(Memory memory, int partitions, TestClock clock) {
    return Store.open(memory, StoreOptions.ofMemory(memory.bytes()).withPartitions(partitions).withClock(clock));
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  private static int number(StoreIterator iterator) {
    assertThat(iterator.keyLength()).isEqualTo(Integer.BYTES);
    byte[] key = new byte[Integer.BYTES];
    iterator.copyKey(key, 0);
    return ByteBuffer.wrap(key).getInt();
  }

  private void put(Store store, byte[] key, byte[] value) {
    long hash = store.hash(key, 0, key.length);
    assertThat(store.put(hash, key, 0, key.length, value, 0, value.length, new PutSpec())).isPositive();
  }

  private static void remove(Store store, int number) {
    byte[] key = key(number);
    store.remove(store.hash(key, 0, key.length), key, 0, key.length, 0);
  }

  /** Walks over the store, and counts how often each number is seen. */
  private static Map<Integer, Integer> walk(Store store) {
    Map<Integer, Integer> seen = new HashMap<>();
    StoreIterator iterator = store.iterator();
    while (iterator.next()) {
      int number = number(iterator);
      byte[] value = new byte[iterator.valueLength()];
      iterator.copyValue(value, 0);
      assertThat(value).as("value of %d", number).startsWith(key(number));
      seen.merge(number, 1, Integer::sum);
    }
    return seen;
  }

  private static void assertStableOnce(Map<Integer, Integer> seen) {
    for (int number = 0; number < STABLE; number++) {
      assertThat(seen.getOrDefault(number, 0)).as("entry %d is seen so often", number).isEqualTo(1);
    }
    seen.forEach((number, times) -> assertThat(times).as("entry %d is seen so often", number).isEqualTo(1));
  }

  /** Between the accesses of the walk the index is resized up and down, step by step. */
  @ParameterizedTest
  @CsvSource({"1, 1", "7, 1", "41, 1", "293, 1", "41, 2", "2003, 2"})
  void seesStableEntriesOnceWhileTheIndexIsResized(int accessesBetween, int partitions) {
    SteppedMemory memory = new SteppedMemory(1 << 20);
    try (Store store = open(memory, partitions, new TestClock())) {
      for (int number = 0; number < STABLE; number++) {
        put(store, key(number), key(number));
      }
      Churn churn = new Churn(store);
      for (int round = 0; round < 30; round++) {
        List<Map<Integer, Integer>> seen = new ArrayList<>();
        memory.interrupt(
            () -> seen.add(walk(store)), 1 + random.nextInt(accessesBetween), accessesBetween, churn::step);
        assertStableOnce(seen.getFirst());
        store.assertValid();
      }
      assertThat(churn.resizings).isPositive();
      assertThat(store.stats().evictions()).isZero();
    }
  }

  /**
   * What is collected for a position lies before the position that comes next, although the bucket there is being
   * moved at that moment.
   */
  @Test
  void collectsNothingTwiceWhereTheIndexIsBeingMoved() {
    SteppedMemory memory = new SteppedMemory(1 << 20);
    StoreOptions options = StoreOptions.ofMemory(memory.bytes()).withPartitions(1);
    try (Store store = Store.open(memory, options)) {
      long shape = store.geometry().partitionOffset(0) + PartitionLayout.SHAPE_OFFSET;
      long resize = store.geometry().partitionOffset(0) + PartitionLayout.RESIZE_OFFSET;
      Entries entries = new Entries(memory, store.geometry(), options.hashSeed());
      StoreReader reader = new StoreReader(
          memory,
          store.geometry(),
          new Partition[0],
          entries,
          Policy.of(memory, store.geometry(), new Partition[0], entries, options),
          options);
      KeyList keys = new KeyList();
      int interrupted = 0;
      for (int number = 0; interrupted < 300; number++) {
        int next = number;
        boolean resizing = (memory.getLong(shape) & PartitionLayout.RESIZING) != 0;
        long moved = PartitionLayout.moved(memory.getLong(resize));
        if (!resizing || moved == 0) {
          put(store, key(next), key(next));
          continue;
        }
        long count = PartitionLayout.bucketCount(memory.getLong(shape));
        long position = PartitionLayout.position(moved, count) - 1;
        long[] end = new long[1];
        memory.interrupt(
            () -> end[0] = reader.collect(0, position, keys),
            1 + random.nextInt(40),
            () -> put(store, key(next), key(next)));
        if (end[0] != StoreReader.CONTENDED) {
          assertThat(end[0]).isGreaterThan(position);
          for (int i = 0; i < keys.count(); i++) {
            assertThat(keys.hash(i) >>> Integer.SIZE).isBetween(position, end[0] - 1);
          }
          interrupted++;
        }
      }
    }
  }

  /** Entries that come and go beside the stable ones, so many and so few in turn that the index is resized. */
  private final class Churn {
    final Store store;
    int next = STABLE;
    int first = STABLE;
    boolean growing = true;
    int resizings;
    long slots;

    Churn(Store store) {
      this.store = store;
    }

    void step() {
      growing = next == first || (growing && next - first < CHURNING_MAX);
      if (growing) {
        put(store, key(next), key(next));
        next++;
      } else {
        remove(store, first++);
        store.maintain(1);
      }
      // Sometimes a stable entry gets another value: it stays all the same.
      if (random.nextInt(8) == 0) {
        int number = random.nextInt(STABLE);
        put(store, key(number), Arrays.copyOf(key(number), 4 + random.nextInt(60)));
      }
      long slotsNow = store.stats().indexSlots();
      resizings += slotsNow == slots ? 0 : 1;
      slots = slotsNow;
    }
  }

  @Test
  void seesKeysOfAllLengths() {
    TestClock clock = new TestClock();
    try (Store store = open(SegmentMemory.allocate(32 << 20), 2, clock)) {
      Set<ByteBuffer> expected = new HashSet<>();
      List<Integer> lengths = new ArrayList<>(List.of(0, 1, 2, 255, 256, 4_000, store.keyBytesMax()));
      for (int i = 0; i < 2_000; i++) {
        lengths.add(random.nextInt(i % 10 == 0 ? store.keyBytesMax() : 40));
      }
      for (int length : lengths) {
        byte[] key = new byte[length];
        random.nextBytes(key);
        put(store, key, Arrays.copyOf(key, Math.max(4, length)));
        expected.add(ByteBuffer.wrap(key));
      }
      Set<ByteBuffer> seen = new HashSet<>();
      StoreIterator iterator = store.iterator();
      while (iterator.next()) {
        byte[] key = new byte[iterator.keyLength() + 3];
        iterator.copyKey(key, 3);
        assertThat(seen.add(ByteBuffer.wrap(key, 3, key.length - 3).slice())).isTrue();
      }
      assertThat(seen).isEqualTo(expected);
    }
  }

  @Test
  void tellsWhatThereIsToKnowAndNothingOfTheExpired() {
    TestClock clock = new TestClock();
    try (Store store = open(SegmentMemory.allocate(1 << 20), 1, clock)) {
      byte[] key = key(1);
      byte[] large = new byte[100_000];
      Arrays.fill(large, (byte) 5);
      spec.cost(77).userFlags(2).expiryMillis(clock.millis() + 10);
      long hash = store.hash(key, 0, key.length);
      long version = store.put(hash, key, 0, key.length, large, 0, large.length, spec);
      byte[] leased = key(2);
      store.lease(store.hash(leased, 0, leased.length), leased, 0, leased.length, 0);
      StoreIterator iterator = store.iterator();
      assertThat(iterator.next()).isTrue();
      assertThat(number(iterator)).isEqualTo(1);
      assertThat(iterator.valueLength()).isEqualTo(large.length);
      byte[] value = new byte[large.length];
      iterator.copyValue(value, 0);
      assertThat(value).isEqualTo(large);
      assertThat(iterator.info().version()).isEqualTo(version);
      assertThat(iterator.info().cost()).isEqualTo(77);
      assertThat(iterator.info().userFlags()).isEqualTo(2);
      assertThat(iterator.info().expiryMillis()).isEqualTo(clock.millis() + 10);
      assertThat(iterator.next()).as("a lease is no entry").isFalse();
      clock.advance(10);
      assertThat(store.iterator().next()).isFalse();
    }
  }

  @Test
  void seesStableEntriesOnceWhileThreadsWrite() throws InterruptedException, ExecutionException {
    try (Store store = open(SegmentMemory.allocate(24 << 20), 2, new TestClock());
        ExecutorService executor = Executors.newFixedThreadPool(2)) {
      for (int number = 0; number < STABLE; number++) {
        put(store, key(number), key(number));
      }
      AtomicInteger walksLeft = new AtomicInteger(60);
      SplittableRandom ofWriter = random.split();
      Future<?> writer = executor.submit(() -> writeUntilWalked(store, ofWriter, walksLeft));
      Future<?> walker =
          executor.submit(
              () -> {
                try {
                  while (walksLeft.getAndDecrement() > 0) {
                    assertStableOnce(walk(store));
                  }
                } finally {
                  walksLeft.set(0);
                }
              });
      walker.get();
      writer.get();
      assertThat(store.stats().evictions()).isZero();
      store.assertValid();
    }
  }

  private void writeUntilWalked(Store store, SplittableRandom ofWriter, AtomicInteger walksLeft) {
    for (int round = 0; walksLeft.get() > 0; round++) {
      int most = ofWriter.nextInt(60_000);
      for (int number = STABLE; number < STABLE + most && walksLeft.get() > 0; number++) {
        put(store, key(number), Arrays.copyOf(key(number), 4 + ofWriter.nextInt(60)));
        int stable = ofWriter.nextInt(STABLE);
        put(store, key(stable), Arrays.copyOf(key(stable), 4 + ofWriter.nextInt(60)));
      }
      if (round % 4 == 3) {
        for (int number = STABLE; number < STABLE + 60_000; number++) {
          remove(store, number);
        }
      }
    }
  }
}
