package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SegmentMemory;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each entry that is evicted is shown once, whole, when it is not to be found any more; and no other is. */
class VictimTest {
  private static final long MEMORY_BYTES = 2 << 20;
  private static final int KEYS = 20_000;
  private static final int STEPS = 25_000;
  private static final int MARGIN = 3;

  /** How the store is kept from growing, and what is put into it. */
  record Scenario(String name, long maximumEntries, boolean verify, int valueBytesMax, int largeEvery, int largeBytes) {
    @Override
    public String toString() {
      return name;
    }
  }

  static final Scenario[] scenarios = {
    new Scenario("small values", 0, false, 200, Integer.MAX_VALUE, 0),
    new Scenario("chains", 0, false, 500, 20, 150_000),
    new Scenario("chains with checksums", 0, true, 500, 20, 150_000),
    new Scenario("a number of entries", 500, false, 200, 100, 20_000),
  };

  /** An entry as it was put. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Known(byte[] key, byte[] value, long expiryMillis, int cost, int userFlags, boolean idles) {}

  /** A store and what it should hold. It is told of victims by the store, and of all else it knows itself. */
  private static final class World implements VictimSink, AutoCloseable {
    final TestClock clock = new TestClock();
    final SplittableRandom random = TestSeed.random("VictimTest");
    final Map<ByteBuffer, Known> live = new HashMap<>();
    final PutSpec spec = new PutSpec();
    final EntryInfo info = new EntryInfo();
    final Scenario scenario;
    final SegmentMemory memory = SegmentMemory.allocate(MEMORY_BYTES);
    final Store store;
    final Partition[] partitions;
    private final byte[] room = new byte[1 << 20];
    private @Nullable ByteBuffer pendingKey;
    private @Nullable Known pending;
    long victims;
    long chained;

    World(Scenario scenario) {
      this.scenario = scenario;
      StoreOptions options =
          StoreOptions.ofMemory(MEMORY_BYTES)
              .withPartitions(2)
              .withHashSeed(random.nextLong())
              .withClock(clock)
              .withVerifyReads(scenario.verify)
              .withMaximumEntries(scenario.maximumEntries)
              .withVictims(this);
      this.store = Store.open(memory, options);
      RegionGeometry geometry = store.geometry();
      this.partitions = new Partition[geometry.partitionCount()];
      for (int i = 0; i < partitions.length; i++) {
        partitions[i] =
            new Partition(
                memory,
                geometry,
                SizeClasses.of(geometry.slabBytes(), geometry.unitShift()),
                new SlabPool(memory, geometry),
                new Entries(memory, geometry, options.hashSeed()),
                i,
                StoreOptions.ofExisting(MEMORY_BYTES));
      }
    }

    @Override
    public void evicted(Victim victim) {
      byte[] key = new byte[victim.keyLength()];
      byte[] value = new byte[victim.valueLength()];
      MemorySegment target = MemorySegment.ofArray(room);
      Arrays.fill(room, 0, 2 * MARGIN + key.length + value.length, (byte) 77);
      victim.copyKey(target, MARGIN);
      victim.copyValue(target, MARGIN + key.length);
      System.arraycopy(room, MARGIN, key, 0, key.length);
      System.arraycopy(room, MARGIN + key.length, value, 0, value.length);
      for (int i = 0; i < MARGIN; i++) {
        assertThat(room[i]).isEqualTo((byte) 77);
        assertThat(room[MARGIN + key.length + value.length + i]).isEqualTo((byte) 77);
      }
      ByteBuffer name = ByteBuffer.wrap(key);
      // The store has no other eviction of a key than that of what was put last.
      boolean own = name.equals(pendingKey) && !live.containsKey(name);
      Known known = own ? Objects.requireNonNull(pending) : live.remove(name);
      assertThat(known).as("victim that is not there").isNotNull();
      assertThat(Arrays.equals(value, Objects.requireNonNull(known).value)).as("bytes of a victim").isTrue();
      assertThat(victim.expiryMillis()).isEqualTo(known.expiryMillis);
      assertThat(victim.cost()).isEqualTo(known.cost);
      assertThat(victim.userFlags()).isEqualTo(known.userFlags);
      assertThat(victim.hasTimeToIdle()).isEqualTo(known.idles);
      assertThat(victim.hash()).isEqualTo(store.hash(key, 0, key.length));
      Partition partition = partitions[(int) victim.hash() & (partitions.length - 1)];
      assertThat(partition.index.find(victim.hash(), key, 0, key.length)).isEqualTo(HashIndex.NO_SLOT);
      assertThat(partition.isFree()).isFalse();
      victims++;
      chained += value.length > 10_000 ? 1 : 0;
    }

    byte[] key(int number) {
      return ByteBuffer.allocate(4 + number % 13).putInt(0, number).array();
    }

    private byte[] randomValue() {
      boolean large = random.nextInt(scenario.largeEvery) == 0;
      byte[] value = new byte[random.nextInt(1 + (large ? scenario.largeBytes : scenario.valueBytesMax))];
      random.nextBytes(value);
      return value;
    }

    void put() {
      byte[] key = key(random.nextInt(KEYS));
      byte[] value = randomValue();
      spec.reset();
      spec.expiryMillis(random.nextInt(4) == 0 ? clock.millis() + 1 + random.nextInt(5_000) : 0);
      boolean idles = random.nextInt(8) == 0;
      spec.timeToIdle(idles ? 1_000_000 : 0, clock.millis());
      spec.cost(random.nextInt(20) == 0 ? random.nextInt(1_000) : 0).userFlags(random.nextInt(4));
      pendingKey = ByteBuffer.wrap(key);
      pending = new Known(key, value, spec.expiryMillis, spec.cost, spec.userFlags, idles);
      long victimsBefore = victims;
      long outcome = store.put(store.hash(key, 0, key.length), key, 0, key.length, value, 0, value.length, spec);
      assertThat(outcome).isPositive();
      boolean there = store.find(store.hash(key, 0, key.length), key, 0, key.length, info);
      if (there) {
        live.put(pendingKey, pending);
      } else {
        assertThat(victims).as("a put that is gone at once").isGreaterThan(victimsBefore);
        live.remove(pendingKey);
      }
      pendingKey = null;
    }

    void remove(boolean discards) {
      byte[] key = key(random.nextInt(KEYS));
      long hash = store.hash(key, 0, key.length);
      if (discards) {
        store.discard(hash, key, 0, key.length, info);
      } else {
        store.remove(hash, key, 0, key.length, 0);
      }
      live.remove(ByteBuffer.wrap(key));
    }

    void lease() {
      byte[] key = key(random.nextInt(KEYS));
      if (store.lease(store.hash(key, 0, key.length), key, 0, key.length, 0) > 0) {
        live.remove(ByteBuffer.wrap(key));
      }
    }

    void expire() {
      clock.advance(random.nextInt(100));
      store.maintain(Integer.MAX_VALUE);
      long now = clock.millis();
      live.values().removeIf(known -> known.expiryMillis != 0 && known.expiryMillis <= now);
    }

    void check() {
      assertThat(victims).isEqualTo(store.stats().evictions());
      assertThat(store.stats().entries()).isEqualTo(live.size());
      for (Known known : live.values()) {
        byte[] key = known.key;
        byte[] value = store.getBytes(store.hash(key, 0, key.length), key, 0, key.length, info);
        assertThat(Arrays.equals(value, known.value)).as("what was not evicted").isTrue();
      }
      store.assertValid();
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @ParameterizedTest
  @FieldSource("scenarios")
  void isShownOnceAndWhole(Scenario scenario) {
    try (World world = new World(scenario)) {
      for (int step = 0; step < STEPS; step++) {
        switch (world.random.nextInt(20)) {
          case 0 -> world.remove(true);
          case 1 -> world.remove(false);
          case 2 -> world.lease();
          default -> world.put();
        }
        if (step % 1_000 == 0) {
          world.expire();
        }
        if (step % (STEPS / 5) == 0) {
          world.check();
        }
      }
      world.check();
      assertThat(world.victims).isGreaterThan(STEPS / 100);
      if (scenario.largeBytes > 100_000) {
        assertThat(world.chained).isGreaterThan(100);
      }
      System.out.println(scenario + ": victims=" + world.victims + " chained=" + world.chained);
    }
  }

  /** In a store with room for all there are replacements, removals, expiry and clearing, and no victim. */
  @ParameterizedTest
  @ValueSource(ints = {50, 20_000})
  void nothingElseIsShown(int valueBytes) {
    TestClock clock = new TestClock();
    VictimSink none =
        victim -> {
          throw new AssertionError("a victim of " + victim.valueLength() + " bytes");
        };
    StoreOptions options = StoreOptions.ofMemory(MEMORY_BYTES).withClock(clock).withVictims(none);
    try (Store store = Store.open(options)) {
      byte[] value = new byte[valueBytes];
      EntryInfo info = new EntryInfo();
      PutSpec mortal = new PutSpec().expiryMillis(clock.millis() + 10);
      byte[][] keys = {{1}, {2}, {3}, {4}};
      for (int round = 0; round < 3; round++) {
        for (byte[] key : keys) {
          long hash = store.hash(key, 0, 1);
          store.put(hash, key, 0, 1, value, 0, valueBytes, new PutSpec());
          store.put(hash, key, 0, 1, value, 0, valueBytes / 2, new PutSpec());
          switch (key[0]) {
            case 1 -> store.remove(hash, key, 0, 1, 0);
            case 2 -> store.discard(hash, key, 0, 1, info);
            case 3 -> {
              store.put(hash, key, 0, 1, value, 0, valueBytes, mortal);
              clock.advance(20);
              store.maintain(Integer.MAX_VALUE);
            }
            default -> store.clear();
          }
        }
      }
      StoreStats stats = store.stats();
      assertThat(stats.evictions()).isZero();
      assertThat(stats.removals()).isGreaterThanOrEqualTo(9);
      assertThat(stats.expirations()).isEqualTo(3);
      store.assertValid();
    }
  }
}
