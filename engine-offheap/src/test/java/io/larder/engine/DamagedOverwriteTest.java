package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import io.larder.allocator.Spares;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A slot or a header is damaged, one bit at a time, and then its key is overwritten or removed: whatever the slot
 * names instead, no block is handed out that somebody has, and no store goes beyond a block.
 */
class DamagedOverwriteTest {
  private static final long MEMORY_BYTES = 1 << 20;
  private static final int OTHERS = 300;
  private static final int VALUE_BYTES = 100;
  private static final int LONGER_BYTES = 300;
  private static final int SEEDS = 40;

  /** A key of which an entry is to be seen wherever there are zeros, such as in values. */
  private static final byte[] EMPTY_KEY = {};

  /** With it, its entries are in blocks of the class that the others' are in. */
  private static final int EMPTY_KEY_VALUE_BYTES = VALUE_BYTES + 8;

  private static final byte[] KEY = {1, 2, 3, 4, 5, 6, 7, 8};

  /** A store of one partition, and a second look at its region. */
  private static final class World implements AutoCloseable {
    final Store store;
    final Memory memory;
    final Partition partition;
    final Spares spares;
    private final PutSpec spec = new PutSpec();
    private final EntryInfo info = new EntryInfo();

    World(long seed) {
      StoreOptions options = StoreOptions.ofMemory(MEMORY_BYTES).withPartitions(1).withHashSeed(seed);
      store = Store.open(options);
      memory = store.memory();
      RegionGeometry geometry = store.geometry();
      Entries entries = new Entries(memory, geometry, options.hashSeed());
      SizeClasses classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
      SlabPool pool = new SlabPool(memory, geometry);
      partition = new Partition(memory, geometry, classes, pool, entries, 0, StoreOptions.ofExisting(memory.bytes()));
      spares = Spares.of(memory, geometry, classes);
    }

    void put(byte[] key, int length, int fill) {
      byte[] value = value(length, fill);
      assertThat(store.put(hash(key), key, 0, key.length, value, 0, length, spec)).isPositive();
    }

    void remove(byte[] key) {
      store.remove(hash(key), key, 0, key.length, 0);
    }

    byte @Nullable [] get(byte[] key) {
      return store.getBytes(hash(key), key, 0, key.length, info);
    }

    private long hash(byte[] key) {
      return store.hash(key, 0, key.length);
    }

    long slot(byte[] key) {
      return partition.index.find(hash(key), key, 0, key.length);
    }

    long entry(byte[] key) {
      return partition.index.entry(slot(key));
    }

    long spareOf(long block) {
      return spares.get(0, partition.slabs.sizeClass(partition.slabs.slabOf(block)));
    }

    /** Lets the slot of a key name another block. */
    void redirect(byte[] key, long block) {
      memory.putInt(slot(key), (int) (block >>> store.geometry().unitShift()));
    }

    void putOthers(int fill) {
      for (int number = 0; number < OTHERS; number++) {
        put(other(number), VALUE_BYTES, fill);
      }
    }

    void assertOthers(int fill) {
      for (int number = 0; number < OTHERS; number++) {
        assertThat(get(other(number))).as("entry %d", number).isEqualTo(value(VALUE_BYTES, fill));
      }
    }

    @Override
    public void close() {
      store.close();
    }
  }

  private static byte[] other(int number) {
    return ByteBuffer.allocate(8).putInt(4, number).array();
  }

  private static byte[] value(int length, int fill) {
    byte[] value = new byte[length];
    Arrays.fill(value, (byte) fill);
    return value;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSlotThatNamesAnotherPlaceCostsNobodyElse(boolean removes) {
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      try (World world = new World(bit)) {
        world.putOthers(0);
        world.put(EMPTY_KEY, EMPTY_KEY_VALUE_BYTES, 0);
        world.put(EMPTY_KEY, EMPTY_KEY_VALUE_BYTES, 0);
        long slot = world.slot(EMPTY_KEY);
        world.memory.putInt(slot, world.memory.getInt(slot) ^ 1 << bit);
        if (removes) {
          world.remove(EMPTY_KEY);
        }
        world.put(EMPTY_KEY, EMPTY_KEY_VALUE_BYTES, 0);
        world.assertOthers(0);
        for (int fill = 1; fill <= 3; fill++) {
          world.put(EMPTY_KEY, EMPTY_KEY_VALUE_BYTES, 10 + fill);
          world.putOthers(fill);
          world.assertOthers(fill);
          assertThat(world.get(EMPTY_KEY)).as("bit %d", bit).isEqualTo(value(EMPTY_KEY_VALUE_BYTES, 10 + fill));
          world.put(KEY, VALUE_BYTES, fill);
          world.remove(KEY);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSlotThatNamesTheSpareDoesNotKeepIt(boolean removes) {
    for (int seed = 0; seed < SEEDS; seed++) {
      redirectToSpare(seed, removes);
    }
  }

  private static void redirectToSpare(long seed, boolean removes) {
    try (World world = new World(seed)) {
      world.putOthers(0);
      world.put(KEY, VALUE_BYTES, 1);
      world.put(KEY, VALUE_BYTES, 2);
      long spare = world.spareOf(world.entry(KEY));
      assertThat(spare).isNotEqualTo(PartitionSlabs.NO_BLOCK);
      world.redirect(KEY, spare);
      assertThat(world.entry(KEY)).as("an older entry with the key").isEqualTo(spare);
      if (removes) {
        world.remove(KEY);
        assertThat(world.partition.slabs.isAllocated(spare)).isTrue();
      }
      world.put(KEY, VALUE_BYTES, 3);
      assertThat(world.entry(KEY)).isNotEqualTo(world.spareOf(world.entry(KEY)));
      world.putOthers(4);
      world.assertOthers(4);
      assertThat(world.get(KEY)).isEqualTo(value(VALUE_BYTES, 3));
    }
  }

  /** The block may be the next that is handed out, or not, which depends on the ways of the overwrites before. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSlotThatNamesAFreeBlockDoesNotKeepIt(boolean removes) {
    for (int seed = 0; seed < SEEDS; seed++) {
      redirectToFreeBlock(seed, removes);
    }
  }

  private static void redirectToFreeBlock(long seed, boolean removes) {
    try (World world = new World(seed)) {
      world.putOthers(0);
      world.put(KEY, VALUE_BYTES, 1);
      world.putOthers(1);
      long free = world.entry(KEY);
      assertThat(world.spareOf(free)).isNotEqualTo(PartitionSlabs.NO_BLOCK);
      world.put(KEY, LONGER_BYTES, 2);
      assertThat(world.partition.slabs.isAllocated(free)).isFalse();
      world.redirect(KEY, free);
      assertThat(world.entry(KEY)).as("an older entry with the key").isEqualTo(free);
      if (removes) {
        world.remove(KEY);
      }
      world.put(KEY, VALUE_BYTES, 3);
      assertThat(world.spareOf(world.entry(KEY))).isNotEqualTo(free);
      byte[] fresh = other(OTHERS);
      world.put(fresh, VALUE_BYTES, 5);
      world.putOthers(6);
      world.assertOthers(6);
      assertThat(world.get(fresh)).isEqualTo(value(VALUE_BYTES, 5));
      assertThat(world.get(KEY)).isEqualTo(value(VALUE_BYTES, 3));
    }
  }

  @Test
  void aDamagedHeaderCostsItsOwnEntryOnly() {
    for (int bit = 0; bit < EntryLayout.HEADER_BYTES * Byte.SIZE; bit++) {
      try (World world = new World(bit)) {
        world.putOthers(0);
        world.put(KEY, VALUE_BYTES, 1);
        world.putOthers(1);
        long at = world.entry(KEY) + bit / Byte.SIZE;
        world.memory.setByteOpaque(at, world.memory.getByte(at) ^ 1 << bit % Byte.SIZE);
        for (int fill = 2; fill <= 4; fill++) {
          world.put(KEY, VALUE_BYTES, fill);
          world.putOthers(fill);
          world.assertOthers(fill);
          assertThat(world.get(KEY)).as("bit %d", bit).isEqualTo(value(VALUE_BYTES, fill));
        }
      }
    }
  }

  /** What an overwrite finds to be damaged is quarantined, as by anyone else who finds it. */
  @Test
  void anOverwriteQuarantinesAnEntryThatCannotBe() {
    try (World world = new World(1)) {
      world.putOthers(0);
      world.put(KEY, VALUE_BYTES, 1);
      world.putOthers(1);
      long entry = world.entry(KEY);
      long payloadBytes = world.store.stats().payloadBytes();
      world.memory.putInt(entry + EntryLayout.VALUE_LENGTH_OFFSET, -1);
      world.put(KEY, VALUE_BYTES, 2);
      assertThat(world.store.stats().corruptions()).isOne();
      assertThat(world.store.stats().entries()).isEqualTo(OTHERS + 1);
      assertThat(world.entry(KEY)).isNotEqualTo(entry);
      assertThat(world.spareOf(entry)).isNotEqualTo(entry);
      // Its own length counts, whatever it was: nobody else knows what it had been.
      assertThat(world.store.stats().payloadBytes()).isEqualTo(payloadBytes + VALUE_BYTES + 1);
    }
  }

  /** The zeros of the superblock look like an entry with the empty key and an empty value. */
  @Test
  void nothingBeforeTheSlabsIsAnEntry() {
    try (World world = new World(1)) {
      world.put(EMPTY_KEY, VALUE_BYTES, 1);
      long slot = world.slot(EMPTY_KEY);
      world.memory.putInt(slot, (RegionGeometry.PAGE_BYTES / 2) >>> world.store.geometry().unitShift());
      byte[] target = new byte[VALUE_BYTES];
      long hash = world.hash(EMPTY_KEY);
      assertThat(world.store.get(hash, EMPTY_KEY, 0, 0, target, 0, VALUE_BYTES)).isEqualTo(Store.ABSENT);
      assertThat(world.get(EMPTY_KEY)).isNull();
      world.put(EMPTY_KEY, VALUE_BYTES, 2);
      assertThat(world.get(EMPTY_KEY)).isEqualTo(value(VALUE_BYTES, 2));
    }
  }

  /** A lookup is bounded by what the caller's key would need, however long that is. */
  @Test
  void aKeyLongerThanTheRegionIsAMissWhateverSlotsName() {
    try (World world = new World(1)) {
      byte[] longKey = new byte[(int) MEMORY_BYTES + 1];
      long hash = world.hash(longKey);
      long shape = world.memory.getLong(world.store.geometry().partitionOffset(0) + PartitionLayout.SHAPE_OFFSET);
      long bucket = Addresses.of(world.store.geometry()).bucketAtRest(world.memory, 0, shape, hash);
      world.memory.setByteOpaque(BucketLayout.tagOf(bucket, 0), BucketLayout.tag(hash));
      world.memory.putInt(BucketLayout.slot(bucket, 0), -1);
      assertThat(world.store.get(hash, longKey, 0, longKey.length, new byte[8], 0, 8)).isEqualTo(Store.ABSENT);
      assertThat(world.get(longKey)).isNull();
      world.remove(longKey);
    }
  }
}
