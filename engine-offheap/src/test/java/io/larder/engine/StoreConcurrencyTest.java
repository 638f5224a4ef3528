package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Threads read, write and remove the same keys while entries are evicted and moved and the index is resized. Every
 * value describes itself: key, sequence number and checksum. Nobody sees a torn one, one of another key, or a version
 * older than one that he has seen before.
 */
class StoreConcurrencyTest {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final int HEADER_BYTES = 3 * Long.BYTES;

  /**
   * A store and its threads.
   *
   * @param operations of all threads together
   * @param valueBytesMax of most values; one in {@code largeEvery} is up to {@code largeBytesMax}
   */
  record Scenario(
      String name,
      int memoryMib,
      int partitions,
      boolean verify,
      int threads,
      int keys,
      int operations,
      int valueBytesMax,
      int largeEvery,
      int largeBytesMax) {
    @Override
    public String toString() {
      return name;
    }
  }

  static final List<Scenario> scenarios =
      List.of(
          new Scenario("few keys", 1, 1, false, 4, 16, 2_000_000, 200, 500, 20 * KIB),
          new Scenario("pressure", 2, 2, false, 4, 20_000, 2_000_000, 400, 500, 60 * KIB),
          new Scenario("verified", 4, 2, true, 4, 5_000, 600_000, 1_000, 100, 200 * KIB),
          new Scenario("growth", 48, 2, false, 3, 300_000, 2_000_000, 60, 5_000, 100 * KIB),
          new Scenario("chains", 4, 2, false, 4, 300, 200_000, 20 * KIB, 10, 300 * KIB));

  private final SplittableRandom random = TestSeed.random("StoreConcurrencyTest");

  /** What one thread does, and what it has seen. */
  private static final class Actor implements Callable<Long> {
    private final Store store;
    private final Scenario scenario;
    private final SplittableRandom random;
    private final int number;
    private final AtomicLong sequences;
    private final TestClock clock;
    private final long[] lastVersions;
    private final byte[] key = new byte[12];
    private final byte[] value;
    private final byte[] target;
    private final EntryInfo info = new EntryInfo();
    private final PutSpec spec = new PutSpec();
    private final Batch batch;
    private long hits;

    Actor(
        Store store, Scenario scenario, SplittableRandom random, int number, AtomicLong sequences, TestClock clock) {
      this.store = store;
      this.scenario = scenario;
      this.random = random;
      this.number = number;
      this.sequences = sequences;
      this.clock = clock;
      this.lastVersions = new long[scenario.keys];
      this.value = new byte[Math.max(scenario.valueBytesMax, scenario.largeBytesMax) + HEADER_BYTES];
      this.target = new byte[value.length];
      this.batch = new Batch(16, scenario.valueBytesMax + HEADER_BYTES);
    }

    @Override
    public Long call() {
      for (int i = 0; i < scenario.operations / scenario.threads; i++) {
        int keyNumber = random.nextInt(random.nextInt(4) == 0 ? Math.min(16, scenario.keys) : scenario.keys);
        switch (random.nextInt(20)) {
          case 0, 1, 2, 3, 4, 5 -> put(keyNumber);
          case 6, 7 -> remove(keyNumber);
          case 8 -> replace(keyNumber);
          case 9 -> load(keyNumber);
          case 10 -> getAll();
          case 11 -> read(keyNumber);
          default -> get(keyNumber);
        }
        if (random.nextInt(2_000) == 0) {
          seldom();
        }
      }
      return hits;
    }

    private void seldom() {
      switch (random.nextInt(12)) {
        case 0 -> walk();
        case 1 -> clock.advance(1);
        case 2 -> {
          if (random.nextInt(40) == 0) {
            store.clear();
          }
        }
        default -> {
          if (number == 0) {
            store.maintain(32);
          }
        }
      }
    }

    private byte[] key(int keyNumber) {
      ByteBuffer buffer = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
      buffer.putLong(0, keyNumber * 0x9E3779B97F4A7C15L).putInt(8, keyNumber);
      return key;
    }

    private long hash(byte[] bytes) {
      return store.hash(bytes, 0, bytes.length);
    }

    /** Fills {@link #value} with a value for the key, and returns its length. */
    private int fill(int keyNumber) {
      int most = random.nextInt(scenario.largeEvery) == 0 ? scenario.largeBytesMax : scenario.valueBytesMax;
      int length = HEADER_BYTES + random.nextInt(most);
      long sequence = sequences.incrementAndGet();
      Arrays.fill(value, HEADER_BYTES, length, (byte) sequence);
      ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putLong(0, keyNumber).putLong(8, sequence);
      long checksum = XxHash64.hash(value, HEADER_BYTES, length - HEADER_BYTES, sequence);
      ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putLong(16, checksum);
      spec.reset().expiryMillis(random.nextInt(4) == 0 ? clock.millis() + random.nextInt(3) : 0);
      spec.timeToIdle(random.nextInt(4) == 0 ? 1 + random.nextInt(8) : 0, clock.millis());
      return length;
    }

    /** Checks that a value is whole and the key's. */
    private static void check(int keyNumber, byte[] bytes, int offset, int length) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(length).isGreaterThanOrEqualTo(HEADER_BYTES);
      assertThat(buffer.getLong(offset)).as("key of the value").isEqualTo(keyNumber);
      long sequence = buffer.getLong(offset + 8);
      long checksum = XxHash64.hash(bytes, offset + HEADER_BYTES, length - HEADER_BYTES, sequence);
      assertThat(buffer.getLong(offset + 16)).as("checksum of value of key %d", keyNumber).isEqualTo(checksum);
    }

    /** Versions of a key never fall, for whoever looks or writes. */
    private void checkVersion(int keyNumber, long version) {
      assertThat(version).as("version of key %d", keyNumber).isGreaterThanOrEqualTo(lastVersions[keyNumber]);
      lastVersions[keyNumber] = version;
    }

    private void put(int keyNumber) {
      int length = fill(keyNumber);
      byte[] bytes = key(keyNumber);
      long outcome = store.put(hash(bytes), bytes, 0, bytes.length, value, 0, length, spec);
      // Threads that build large values at once may leave no space for each other in a small region.
      if (outcome != Store.REJECTED) {
        checkVersion(keyNumber, outcome);
      }
    }

    private void remove(int keyNumber) {
      byte[] bytes = key(keyNumber);
      long outcome = store.remove(hash(bytes), bytes, 0, bytes.length, 0);
      if (outcome > 0) {
        checkVersion(keyNumber, outcome);
      } else {
        assertThat(outcome).isEqualTo(Store.ABSENT);
      }
    }

    private void replace(int keyNumber) {
      byte[] bytes = key(keyNumber);
      if (store.find(hash(bytes), bytes, 0, bytes.length, info)) {
        checkVersion(keyNumber, info.version());
        int length = fill(keyNumber);
        spec.ifVersion(info.version());
        long outcome = store.put(hash(bytes), bytes, 0, bytes.length, value, 0, length, spec);
        if (outcome > 0) {
          assertThat(outcome).isGreaterThan(info.version());
          checkVersion(keyNumber, outcome);
        }
      }
    }

    private void load(int keyNumber) {
      byte[] bytes = key(keyNumber);
      long lease = store.lease(hash(bytes), bytes, 0, bytes.length, 0);
      if (lease > 0) {
        checkVersion(keyNumber, lease);
        int length = fill(keyNumber);
        spec.ifVersion(lease);
        long outcome = store.put(hash(bytes), bytes, 0, bytes.length, value, 0, length, spec);
        if (outcome > 0) {
          assertThat(outcome).isGreaterThan(lease);
          checkVersion(keyNumber, outcome);
        }
      }
    }

    private void get(int keyNumber) {
      byte[] bytes = key(keyNumber);
      long hash = hash(bytes);
      int length =
          switch (random.nextInt(3)) {
            case 0 -> store.get(hash, bytes, 0, bytes.length, target, 0, target.length, info);
            case 1 ->
                store.get(hash, bytes, 0, bytes.length, MemorySegment.ofArray(target), 0, target.length, info);
            default -> {
              info.version = lastVersions[keyNumber];
              yield store.get(hash, bytes, 0, bytes.length, target, 0, target.length);
            }
          };
      if (length >= 0) {
        hits++;
        check(keyNumber, target, 0, length);
        checkVersion(keyNumber, info.version());
      }
    }

    private void read(int keyNumber) {
      byte[] bytes = key(keyNumber);
      Integer length = store.read(hash(bytes), bytes, 0, bytes.length, this, Actor::copyOut);
      if (length != null) {
        check(keyNumber, target, 0, length);
        checkVersion(keyNumber, info.version());
      }
    }

    private static Integer copyOut(Actor actor, ValueView view) {
      actor.info.version = view.info().version();
      view.copyTo(0, actor.target, 0, view.length());
      return view.length();
    }

    private void getAll() {
      int first = random.nextInt(scenario.keys);
      batch.clear();
      for (int i = 0; i < 16; i++) {
        batch.add(key((first + i) % scenario.keys).clone());
      }
      store.getAll(batch);
      for (int i = 0; i < 16; i++) {
        if (batch.length(i) >= 0 && batch.length(i) <= batch.valueBytesMax()) {
          check((first + i) % scenario.keys, batch.values(), batch.offset(i), batch.length(i));
        }
      }
    }

    private void walk() {
      StoreIterator iterator = store.iterator();
      byte[] seen = new byte[12];
      while (iterator.next()) {
        iterator.copyKey(seen, 0);
        int length = iterator.valueLength();
        iterator.copyValue(target, 0);
        int keyNumber = ByteBuffer.wrap(seen).order(ByteOrder.LITTLE_ENDIAN).getInt(8);
        check(keyNumber, target, 0, length);
        checkVersion(keyNumber, iterator.info().version());
      }
    }
  }

  @ParameterizedTest
  @FieldSource("scenarios")
  void everybodySeesWholeValuesInTheirOrder(Scenario scenario) throws InterruptedException, ExecutionException {
    TestClock clock = new TestClock();
    StoreOptions options =
        StoreOptions.ofMemory((long) scenario.memoryMib * MIB)
            .withPartitions(scenario.partitions)
            .withVerifyReads(scenario.verify)
            .withClock(clock);
    AtomicInteger told = new AtomicInteger();
    try (Store store = Store.open(options.withSink((cause, key, value, flags) -> told.incrementAndGet()));
        ExecutorService executor = Executors.newFixedThreadPool(scenario.threads)) {
      AtomicLong sequences = new AtomicLong();
      List<Future<Long>> runs = new ArrayList<>();
      for (int thread = 0; thread < scenario.threads; thread++) {
        runs.add(executor.submit(new Actor(store, scenario, random.split(), thread, sequences, clock)));
      }
      long hits = 0;
      for (Future<Long> run : runs) {
        hits += run.get();
      }
      store.assertValid();
      StoreStats stats = store.stats();
      System.out.println(scenario + ": hits=" + hits + " " + stats);
      assertThat(hits).isGreaterThan(scenario.operations / 100);
      assertThat(stats.corruptions()).isZero();
      assertThat(stats.usedBytes()).isLessThanOrEqualTo(stats.regionBytes());
      // Whatever was put is there, or its removal was told.
      assertThat(stats.entries() + told.get()).isEqualTo(stats.puts());
    }
  }
}
