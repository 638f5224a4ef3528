package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index of one partition against a map; the work of its steps against a bound. */
class HashIndexTest {
  private static final long SEED = 42;

  // A key is read and hashed for each of some twenty entries, and the buckets that they go to are searched for room.
  private static final int STEP_ACCESSES_MAX = 2_000;
  private static final int LAST_STEP_ACCESSES_MAX = 32;
  private static final int INSERTION_ACCESSES_MAX = 1_500;
  private static final int REMOVAL_ACCESSES_MAX = 1_500;

  private final SplittableRandom random = TestSeed.random("HashIndexTest");

  /** One partition, and a map of what its index should hold: from keys to references. */
  private static final class World {
    final Memory memory;
    final RegionGeometry geometry;
    final SizeClasses classes;
    final SlabPool pool;
    final Entries entries;
    final Partition partition;
    final HashIndex index;
    final Map<Long, Integer> expected = new HashMap<>();
    final List<Long> keys = new ArrayList<>();
    private final byte[] key = new byte[Long.BYTES];

    World(Memory memory) {
      this.memory = memory;
      geometry = RegionGeometry.of(memory.bytes(), 1, PartitionLayout.BYTES);
      classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
      pool = new SlabPool(memory, geometry);
      entries = new Entries(memory, geometry, SEED);
      partition = new Partition(memory, geometry, classes, pool, entries, 0, StoreOptions.ofExisting(memory.bytes()));
      index = partition.index;
      index.create();
    }

    private long hash(long number) {
      for (int i = 0; i < key.length; i++) {
        key[i] = (byte) (number >>> (8 * i));
      }
      return XxHash64.hash(key, 0, key.length, SEED);
    }

    private long find(long number) {
      return index.find(hash(number), key, 0, key.length);
    }

    /** Adds a key that is not there; says whether the index had room for it. */
    boolean add(long number) {
      int sizeClass = classes.classFor(EntryLayout.HEADER_BYTES + key.length);
      long block = partition.slabs.allocate(sizeClass);
      if (block == PartitionSlabs.NO_BLOCK) {
        assertThat(partition.slabs.addSlab(sizeClass)).as("a slab is left").isTrue();
        block = partition.slabs.allocate(sizeClass);
      }
      long hash = hash(number);
      entries.setVersion(block, partition.nextVersion(), 0);
      memory.putInt(block + EntryLayout.VALUE_LENGTH_OFFSET, 0);
      memory.putInt(block + EntryLayout.KEY_LENGTH_OFFSET, key.length);
      memory.copyIn(block + EntryLayout.HEADER_BYTES, key, 0, key.length);
      memory.putInt(block + EntryLayout.CHECKSUM_OFFSET, entries.checksum(block, hash));
      if (!partition.insert(hash, block)) {
        partition.slabs.free(block);
        return false;
      }
      assertThat(expected.put(number, entries.reference(block))).isNull();
      keys.add(number);
      return true;
    }

    /** Removes a key that is there, chosen by its place in the list of keys. */
    void removeAt(int place) {
      long number = keys.get(place);
      keys.set(place, keys.getLast());
      keys.removeLast();
      expected.remove(number);
      long slot = find(number);
      assertThat(slot).as("slot of key %d", number).isNotEqualTo(HashIndex.NO_SLOT);
      partition.remove(slot, RemovalSink.Cause.EXPLICIT);
    }

    /** Resizes by a step, if there is something to do and a slab to do it with. */
    void step() {
      index.considerResizing(partition.slotsUsed());
      if (index.isResizing()) {
        index.step();
      }
    }

    void checkKey(long number) {
      long slot = find(number);
      Integer reference = expected.get(number);
      if (reference == null) {
        assertThat(slot).as("slot of key %d, which is not there", number).isEqualTo(HashIndex.NO_SLOT);
        return;
      }
      assertThat(slot).as("slot of key %d", number).isNotEqualTo(HashIndex.NO_SLOT);
      assertThat(index.entry(slot)).isEqualTo(entries.offset(reference));
      assertThat(index.slotOf(hash(number), reference)).isEqualTo(slot);
    }

    void check() {
      new StoreValidator(memory, geometry, classes, pool, entries, new Partition[] {partition}, true).check();
      assertThat(partition.slotsUsed()).isEqualTo(expected.size());
      expected.keySet().forEach(this::checkKey);
    }
  }

  @Test
  void holdsWhatAMapHoldsWhileItGrowsAndShrinks() {
    World world = new World(new ArrayMemory(4 << 20));
    for (int operation = 0; operation < 240_000; operation++) {
      boolean growing = operation / 60_000 % 2 == 0;
      if (random.nextInt(100) < (growing ? 80 : 20)) {
        assertThat(world.add(operation)).isTrue();
      } else if (!world.keys.isEmpty()) {
        world.removeAt(random.nextInt(world.keys.size()));
      }
      world.step();
      if (random.nextInt(4) == 0) {
        world.checkKey(random.nextInt(operation + 2));
      }
      if (operation % 10_000 == 0) {
        world.check();
      }
    }
    world.check();
    while (!world.keys.isEmpty()) {
      world.removeAt(world.keys.size() - 1);
      world.step();
    }
    while (world.index.isResizing()) {
      world.step();
    }
    world.check();
    assertThat(world.partition.slabs.tableCount()).isEqualTo(1);
    assertThat(world.pool.freeCount()).isEqualTo(world.geometry.slabCount() - 1);
  }

  @Test
  void isValidAfterEveryStepOfAResizing() {
    World world = new World(new ArrayMemory(1 << 20));
    int resizings = 0;
    long next = 0;
    boolean growing = true;
    while (resizings < 4) {
      boolean before = world.index.isResizing();
      world.step();
      resizings += before && !world.index.isResizing() ? 1 : 0;
      if (world.index.isResizing()) {
        world.check();
      }
      growing = world.keys.isEmpty() || (growing && world.keys.size() < 4_500);
      if (random.nextInt(100) < (growing ? 90 : 10)) {
        assertThat(world.add(next++)).isTrue();
      } else if (!world.keys.isEmpty()) {
        world.removeAt(random.nextInt(world.keys.size()));
      }
    }
    world.check();
  }

  /** Keys whose home is one bucket fill the buckets behind it, until there is no room within reach. */
  @Test
  void keepsKeysOfOneHomeWithinReach() {
    World world = new World(new ArrayMemory(1 << 20));
    long home = random.nextInt(192);
    long number = 0;
    boolean room = true;
    while (room) {
      number++;
      if (PartitionLayout.home(world.hash(number), world.index.slotCount() / BucketLayout.SLOTS) == home) {
        room = world.add(number);
      }
    }
    world.check();
    assertThat(world.keys).hasSizeGreaterThan(BucketLayout.PASS_MAX);
    world.checkKey(number);
    while (!world.keys.isEmpty()) {
      world.removeAt(random.nextInt(world.keys.size()));
      world.check();
    }
  }

  /** After any removal no entry has passed a bucket with room, as in a table filled afresh. */
  @Test
  void pullsEntriesBackWhenRoomIsMade() {
    World world = new World(new ArrayMemory(1 << 20));
    long homes = world.index.slotCount() / BucketLayout.SLOTS;
    long number = 0;
    while (world.keys.size() < 20 * BucketLayout.SLOTS * 95 / 100) {
      number++;
      if (PartitionLayout.home(world.hash(number), homes) < 20) {
        assertThat(world.add(number)).isTrue();
      }
    }
    for (int i = 0; i < 200; i++) {
      world.removeAt(random.nextInt(world.keys.size()));
      world.check();
      assertNoRoomIsPassed(world);
    }
  }

  private static void assertNoRoomIsPassed(World world) {
    Map<Long, Integer> used = new HashMap<>();
    Map<Long, Integer> passes = new HashMap<>();
    world.index.forEachSlot(
        new HashIndex.SlotVisitor() {
          @Override
          public void slot(int reference, int tag, long home, long index, int distance) {
            used.merge(index, 1, Integer::sum);
          }

          @Override
          public void bucket(int table, long index, long stamp, int pass) {
            passes.put(index, pass);
          }
        });
    passes.forEach(
        (index, pass) -> {
          if (pass > 0) {
            assertThat(used.get(index)).as("slots in use of bucket %d", index).isEqualTo(BucketLayout.SLOTS);
          }
        });
  }

  @Test
  void waitsForASlabWhenThePoolIsEmpty() {
    World world = new World(new ArrayMemory(1 << 20));
    List<Integer> hostages = new ArrayList<>();
    long number = 0;
    while (!world.index.isResizing()) {
      assertThat(world.add(number++)).isTrue();
      world.index.considerResizing(world.partition.slotsUsed());
    }
    long hand = world.geometry.partitionSlabsOffset(0) + PartitionSlabsLayout.HAND_OFFSET;
    for (int slab = world.pool.take(hand); slab != SlabPool.NONE; slab = world.pool.take(hand)) {
      hostages.add(slab);
    }
    assertThat(world.index.step()).isFalse();
    assertThat(world.index.isResizing()).isTrue();
    world.expected.keySet().forEach(world::checkKey);
    hostages.forEach(world.pool::give);
    while (world.index.isResizing()) {
      assertThat(world.index.step()).isTrue();
      world.check();
    }
    assertThat(world.partition.slabs.tableCount()).isEqualTo(2);
  }

  /** Cleared at every moment of a resizing, the index is empty, whole, and of one slab. */
  @Test
  void clearsInTheMiddleOfAResizing() {
    World world = new World(new ArrayMemory(1 << 20));
    long number = 0;
    for (int steps = 0; steps < 400; steps += 13) {
      while (!world.index.isResizing() || world.keys.size() < 3_500) {
        assertThat(world.add(number++)).isTrue();
        world.index.considerResizing(world.partition.slotsUsed());
        if (world.index.isResizing() && world.keys.size() < 3_000) {
          world.index.step();
        }
      }
      for (int step = 0; step < steps && world.index.isResizing(); step++) {
        world.index.step();
      }
      world.partition.clear();
      world.expected.clear();
      world.keys.clear();
      world.check();
      assertThat(world.partition.slabs.tableCount()).isEqualTo(1);
      assertThat(world.index.isResizing()).isFalse();
    }
  }

  /**
   * The work of each step, in accesses to memory, has a bound that a table of a hundred slabs does not come nearer to
   * than one of two.
   */
  @ParameterizedTest
  @ValueSource(ints = {15, 24})
  void aStepIsBoundedWhateverTheSize(int regionMib) {
    CountingMemory memory = new CountingMemory((long) regionMib << 20);
    World world = new World(memory);
    long next = 0;
    while (world.keys.size() < 280_000) {
      memory.reset();
      assertThat(world.add(next++)).isTrue();
      assertThat(memory.accesses()).as("accesses of an insertion").isLessThan(INSERTION_ACCESSES_MAX);
      // As many as a write makes: with fewer the table may be full before its entries have moved.
      for (int step = 0; step < StoreWriter.RESIZE_STEPS; step++) {
        boolean resizing = world.index.isResizing();
        memory.reset();
        world.step();
        boolean finished = resizing && !world.index.isResizing();
        assertThat(memory.accesses())
            .as("accesses of a step; it is the last: %s", finished)
            .isLessThan(finished ? LAST_STEP_ACCESSES_MAX : STEP_ACCESSES_MAX);
        assertThat(memory.zeroedBytes()).as("zeroed bytes of a step").isLessThanOrEqualTo(world.classes.slabBytes());
      }
      if (next % 4 == 0) {
        memory.reset();
        world.removeAt(random.nextInt(world.keys.size()));
        assertThat(memory.accesses()).as("accesses of a removal").isLessThan(REMOVAL_ACCESSES_MAX);
      }
    }
    world.check();
    assertThat(world.partition.slabs.tableCount()).isGreaterThan(30);
  }
}
