package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import java.nio.ByteBuffer;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sweep keeps of a slab, and what goes. */
class SweeperTest {
  private static final long MEMORY_BYTES = 1 << 20;
  private static final int VALUE_BYTES = 200;

  private final ArrayMemory memory = new ArrayMemory(MEMORY_BYTES);
  private final StoreOptions options = StoreOptions.ofMemory(MEMORY_BYTES).withPartitions(1).withHashSeed(99);
  private final Store store = Store.open(memory, options);
  private final EntryInfo info = new EntryInfo();
  private final Entries entries;
  private final Partition partition;
  private final Sweeper sweeper;
  private int blocks;

  SweeperTest() {
    RegionGeometry geometry = store.geometry();
    entries = new Entries(memory, geometry, options.hashSeed());
    SizeClasses classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
    partition = new Partition(
        memory, geometry, classes, new SlabPool(memory, geometry), entries, 0, StoreOptions.ofExisting(memory.bytes()));
    sweeper = new Sweeper(memory, partition, entries, options.clock());
  }

  /** Fills two slabs: one with the entries below {@link #blocks}, and one with as many from there on. */
  @BeforeEach
  void fill() {
    put(0);
    blocks = partition.classes.blocksPerSlab(partition.slabs.sizeClass(partition.slabs.oldest()));
    LongStream.range(1, 2L * blocks).forEach(this::put);
    assertThat(partition.slabs.slabCount()).isEqualTo(2);
  }

  @AfterEach
  void check() {
    store.assertValid();
    store.close();
  }

  private static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private long hash(byte[] key) {
    return store.hash(key, 0, key.length);
  }

  private void put(long number) {
    put(number, VALUE_BYTES);
  }

  private void put(long number, int length) {
    byte[] key = bytes(number);
    byte[] value = new byte[length];
    assertThat(store.put(hash(key), key, 0, key.length, value, 0, value.length, new PutSpec())).isPositive();
  }

  /** As an access. */
  private boolean read(long number) {
    byte[] key = bytes(number);
    return store.touch(hash(key), key, 0, key.length);
  }

  private boolean find(long number) {
    byte[] key = bytes(number);
    return store.find(hash(key), key, 0, key.length, info);
  }

  private void remove(long number) {
    byte[] key = bytes(number);
    assertThat(store.remove(hash(key), key, 0, key.length, 0)).isPositive();
  }

  private void sweep() {
    partition.lock();
    try {
      assertThat(sweeper.sweepSlab(false)).isTrue();
    } finally {
      partition.unlock();
    }
  }

  private long count(LongPredicate condition) {
    return LongStream.range(0, 2L * blocks).filter(condition).filter(this::find).count();
  }

  /** Does not count as a hit. */
  private int clock(long number) {
    byte[] key = bytes(number);
    partition.lock();
    try {
      long slot = partition.index.find(hash(key), key, 0, key.length);
      return PolicyBits.clock(entries.policyBits(partition.index.entry(slot)));
    } finally {
      partition.unlock();
    }
  }

  /** What is freed behind a put is not what it has put, however few entries share its slab. */
  @ParameterizedTest
  @ValueSource(ints = {10, VALUE_BYTES, 20_000, 150_000})
  void aSweepBehindAPutSparesWhatWasPut(int length) {
    long last = 4L * blocks;
    put(last, length);
    partition.lock();
    try {
      for (int sweep = 0; sweep < 40; sweep++) {
        sweeper.stepBehindPut(MEMORY_BYTES);
      }
      assertThat(find(last)).as("behind its put").isTrue();
      for (int sweep = 0; sweep < 40; sweep++) {
        sweeper.step(MEMORY_BYTES);
      }
      assertThat(find(last)).as("later").isFalse();
    } finally {
      partition.unlock();
    }
  }

  @Test
  void evictsWhatNobodyHasReadEvenWhereThereIsRoom() {
    remove(0);
    remove(blocks);
    remove(blocks + 1);
    sweep();
    assertThat(count(number -> number < blocks)).isZero();
    assertThat(count(number -> number >= blocks)).isEqualTo(blocks - 2);
    assertThat(partition.slabs.slabCount()).isOne();
  }

  @Test
  void keepsTheHalfThatIsReadMost() {
    int quarter = blocks / 4;
    int read = 3 * quarter;
    int kept = blocks / 2;
    for (int number = 0; number < read; number++) {
      read(number);
    }
    for (int number = 0; number < quarter; number++) {
      read(number);
    }
    sweep();
    assertThat(clock(0)).as("of one that was read twice").isOne();
    assertThat(count(number -> number < quarter)).as("of those read twice").isEqualTo(quarter);
    assertThat(count(number -> number >= quarter && number < read))
        .as("of those read once")
        .isEqualTo(kept - quarter);
    assertThat(count(number -> number >= read && number < blocks)).as("of those not read").isZero();
    assertThat(count(number -> number >= blocks)).as("in the other slab").isEqualTo(blocks);
  }

  @Test
  void keepsALargeValueAsLongAsItIsRead() {
    store.clear();
    put(0, 12 * store.geometry().slabBytes());
    int slabs = partition.slabs.slabCount();
    for (int round = 0; round < 2 * slabs; round++) {
      assertThat(read(0)).as("after %d sweeps", round).isTrue();
      sweep();
    }
    for (int round = 0; partition.slabs.slabCount() > 0; round++) {
      assertThat(round).isLessThan(4 * slabs);
      sweep();
    }
    assertThat(find(0)).isFalse();
  }

  @Test
  void movesTheFewOfASparseSlabIntoTheHolesOfOthers() {
    int quarter = blocks / 4;
    for (int number = quarter; number < blocks + 2 * quarter; number++) {
      remove(number);
    }
    sweep();
    assertThat(count(number -> number < quarter)).as("of the sparse slab").isEqualTo(quarter);
    assertThat(count(number -> number >= blocks)).as("in the other slab").isEqualTo(blocks - 2 * quarter);
    assertThat(partition.slabs.slabCount()).isOne();
    assertThat(store.stats().evictions()).isZero();
  }
}
