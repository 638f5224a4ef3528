package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabLayout;
import io.larder.allocator.SlabPool;
import io.larder.engine.StoreModel.Load;
import io.larder.engine.StoreModel.Mix;
import io.larder.engine.WatchedMemory.Mode;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Each store into the region, of a million random operations, is one that the proofs allow: under the right lock, into
 * a bucket while its stamp is odd, into the block of an entry before the entry is named. What would only now and then
 * show to a reader of another thread, or only on some processors, shows here every time.
 */
class WriteRulesTest {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final int SPARE_OPERATIONS = 100_000;

  /** What goes into a store. */
  record Scenario(
      String name, long memoryBytes, int partitions, boolean verify, boolean told, Load load, int operations) {
    /** A store with a sink. */
    Scenario(String name, long memoryBytes, int partitions, boolean verify, Load load, int operations) {
      this(name, memoryBytes, partitions, verify, true, load, operations);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static final List<Scenario> scenarios =
      List.of(
          new Scenario("small", MIB, 1, false, new Load(20_000, 1, 24, 200, 2_000, 100 * KIB), 150_000),
          new Scenario("verified", 2 * MIB, 2, true, new Load(20_000, 1, 24, 500, 500, 60 * KIB), 150_000),
          new Scenario("growing", 4 * MIB, 1, false, new Load(60_000, 8, 16, 8, 20_000, 20 * KIB), 300_000),
          new Scenario("chains", 4 * MIB, 2, false, new Load(500, 1, 900, 20 * KIB, 10, 400 * KIB), 60_000),
          new Scenario("overwrites", 16 * MIB, 2, false, false, new Load(500, 0, 40, 300, 500, 60 * KIB), 200_000));

  @ParameterizedTest
  @FieldSource("scenarios")
  void storesOnlyWhatTheProofsAllow(Scenario scenario) {
    SplittableRandom random = TestSeed.random("WriteRulesTest");
    WatchedMemory memory = new WatchedMemory(scenario.memoryBytes);
    StoreOptions options =
        StoreOptions.ofMemory(scenario.memoryBytes)
            .withPartitions(scenario.partitions)
            .withVerifyReads(scenario.verify)
            .withHashSeed(random.nextLong());
    try (StoreModel model = new StoreModel(memory, options, scenario.told, scenario.load, random)) {
      Rules rules = new Rules(memory, model.store.geometry(), options);
      memory.watch(rules);
      int phase = scenario.operations / 12;
      Mix mix = Mix.FILL;
      for (int operation = 0; operation < scenario.operations; operation++) {
        model.operate(mix);
        if (operation % phase == 0) {
          mix = operation / phase % 3 == 0 ? Mix.FILL : Mix.ALL.get(random.nextInt(Mix.ALL.size()));
        }
        if (random.nextInt(scenario.operations) < (rules.isAnyResizing() ? 60 : 3)) {
          model.clear();
        }
      }
      model.check();
      System.out.println(scenario + ": " + model);
    }
  }

  /** A store without a sink, where overwrites keep spares, while it is short of space: no map can follow it. */
  @Test
  void storesOnlyWhatTheProofsAllowWhileSparesAreSwept() {
    SplittableRandom random = TestSeed.random("WriteRulesTest");
    WatchedMemory memory = new WatchedMemory(MIB);
    TestClock clock = new TestClock();
    StoreOptions options =
        StoreOptions.ofMemory(MIB).withPartitions(1).withHashSeed(random.nextLong()).withClock(clock);
    try (Store store = Store.open(memory, options)) {
      memory.watch(new Rules(memory, store.geometry(), options));
      PutSpec spec = new PutSpec();
      for (int operation = 0; operation < SPARE_OPERATIONS; operation++) {
        byte[] key = {(byte) random.nextInt(), (byte) (operation % 5_000 < 2_500 ? 0 : random.nextInt(40))};
        long hash = store.hash(key, 0, key.length);
        // Few lengths, so that most overwrites find a block of their class.
        int length = 40 << random.nextInt(6);
        int choice = random.nextInt(100);
        if (choice < 80) {
          spec.reset().expiryMillis(random.nextInt(4) == 0 ? clock.millis() + random.nextInt(3_000) : 0);
          long outcome = store.put(hash, key, 0, key.length, new byte[length], 0, length, spec);
          assertThat(outcome).isPositive();
        } else if (choice < 90) {
          store.get(hash, key, 0, key.length, new byte[length], 0, length);
        } else if (choice < 97) {
          store.remove(hash, key, 0, key.length, 0);
        } else {
          clock.advance(20);
          store.maintain(random.nextInt(64));
        }
        if (operation % 1_000 == 0) {
          store.assertValid();
        }
        if (random.nextInt(10_000) == 0) {
          store.clear();
        }
      }
      StoreStats stats = store.stats();
      assertThat(stats.evictions()).isPositive();
      assertThat(stats.relocations()).isPositive();
      assertThat(stats.expirations()).isPositive();
    }
  }

  /** The rules, for a store in which one thread writes. */
  private static final class Rules implements WatchedMemory.Watcher {
    private final WatchedMemory memory;
    private final RegionGeometry geometry;
    private final SizeClasses classes;
    private final Entries entries;
    private final Partition[] partitions;

    Rules(WatchedMemory memory, RegionGeometry geometry, StoreOptions options) {
      this.memory = memory;
      this.geometry = geometry;
      this.classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
      this.entries = new Entries(memory, geometry, options.hashSeed());
      this.partitions = new Partition[geometry.partitionCount()];
      SlabPool pool = new SlabPool(memory, geometry);
      for (int i = 0; i < partitions.length; i++) {
        partitions[i] = new Partition(
            memory, geometry, classes, pool, entries, i, StoreOptions.ofExisting(memory.bytes()));
      }
    }

    private static void require(boolean allowed, String rule, Mode mode, long offset, long length) {
      if (!allowed) {
        throw new AssertionError(rule + ": " + mode + " store of " + length + " bytes at " + offset);
      }
    }

    private boolean isLocked(int partition) {
      return memory.getLong(geometry.partitionOffset(partition) + PartitionLayout.LOCK_OFFSET) != 0;
    }

    private boolean isAnyLocked() {
      for (int i = 0; i < partitions.length; i++) {
        if (isLocked(i)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void store(Mode mode, long offset, long length, long value) {
      if (offset >= geometry.slabsOffset()) {
        intoSlab(mode, offset, length, value);
      } else if (offset >= geometry.fatesOffset(0)) {
        int partition = (int) ((offset - geometry.fatesOffset(0)) / geometry.fatesBytes());
        require(isLocked(partition), "fates are written down under the lock", mode, offset, length);
        boolean word = offset % Fates.WORD_BYTES == 0 && length == Fates.WORD_BYTES;
        require(word, "a fate is one store of an aligned word", mode, offset, length);
      } else if (offset >= geometry.policyOffset(0)) {
        boolean selector = offset >= geometry.selectorOffset();
        int partition = selector ? 0 : (int) ((offset - geometry.policyOffset(0)) / geometry.policyBytes());
        long end = selector ? geometry.fatesOffset(0) : geometry.policyOffset(partition + 1);
        require(isLocked(partition), "the policy's memory is changed under the lock", mode, offset, length);
        require(offset + length <= end, "the policy of a partition stays in its own memory", mode, offset, length);
      } else if (offset >= geometry.directoryOffset(0, 0)) {
        intoDirectory(mode, offset, length, value);
      } else if (offset >= geometry.descriptorOffset(0)) {
        intoDescriptor(mode, offset, length, value);
      } else if (offset >= geometry.partitionOffset(0)) {
        intoPartition(mode, offset, length, value);
      } else {
        require(mode == Mode.ATOMIC, "the superblock is changed by atomic stores", mode, offset, length);
      }
    }

    private void intoPartition(Mode mode, long offset, long length, long value) {
      int partition = (int) ((offset - geometry.partitionOffset(0)) / geometry.partitionBytes());
      long record = geometry.partitionOffset(partition);
      long field = offset - record;
      boolean lock = field == PartitionLayout.LOCK_OFFSET;
      require(lock || isLocked(partition), "a partition is changed under its lock", mode, offset, length);
      if (field == PartitionLayout.SHAPE_OFFSET) {
        long shape = memory.getLong(offset);
        require(Long.compareUnsigned(value, shape) > 0, "a shape does not come again, IDX-3", mode, offset, length);
        boolean begins = (value & ~shape & PartitionLayout.RESIZING) != 0;
        long moved = PartitionLayout.moved(memory.getLong(record + PartitionLayout.RESIZE_OFFSET));
        require(!begins || moved == 0, "nothing has moved when a resizing begins, IDX-3", mode, offset, length);
      }
      long spares = geometry.partitionSlabsOffset(partition) + PartitionSlabsLayout.SPARE_OFFSET;
      if (offset >= spares && offset < spares + PartitionSlabsLayout.CLASSES_MAX * Integer.BYTES) {
        intoSpares(partitions[partition], (int) (offset - spares) / Integer.BYTES, mode, offset, length, value);
      }
      if (field == PartitionLayout.DRAINING_OFFSET && value != 0) {
        int slab = (int) value - 1;
        long spare = spare(partition, partitions[partition].slabs.sizeClass(slab));
        boolean drained = spare != 0 && partitions[partition].slabs.slabOf(spare) == slab;
        require(!drained, "a spare does not lie in a slab that is drained", mode, offset, length);
      }
    }

    private long spare(int partition, int sizeClass) {
      long spares = geometry.partitionSlabsOffset(partition) + PartitionSlabsLayout.SPARE_OFFSET;
      return entries.offset(memory.getInt(spares + (long) sizeClass * Integer.BYTES));
    }

    private void intoSpares(Partition partition, int sizeClass, Mode mode, long offset, long length, long value) {
      if (value == 0) {
        return;
      }
      PartitionSlabs slabs = partition.slabs;
      long block = entries.offset((int) value);
      int slab = slabs.slabOf(block);
      require(spare(partition.number, sizeClass) == 0, "a spare that there is is not lost", mode, offset, length);
      require(slabs.isAllocated(block), "a spare is allocated, ALC-2", mode, offset, length);
      require(slabs.sizeClass(slab) == sizeClass, "a spare is of its class", mode, offset, length);
      boolean open = slabs.state(slab) == SlabLayout.BLOCKS;
      require(open, "a spare does not lie in a slab that is drained", mode, offset, length);
      require(entryOf(partition, block) == 0, "a block that is named is not kept, ENT-1", mode, offset, length);
    }

    boolean isAnyResizing() {
      return Arrays.stream(partitions).anyMatch(partition -> partition.index.isResizing());
    }

    // ---- slabs and directories

    private void intoDescriptor(Mode mode, long offset, long length, long value) {
      require(isAnyLocked(), "a descriptor is changed under a lock", mode, offset, length);
      int descriptorBytes = SlabLayout.descriptorBytes(geometry.slabBytes());
      int slab = (int) ((offset - geometry.descriptorOffset(0)) / descriptorBytes);
      long field = offset - geometry.descriptorOffset(slab);
      Partition partition = partitions[partitions[0].slabs.partition(slab)];
      PartitionSlabs slabs = partition.slabs;
      boolean blocks = isOfBlocks(slabs.state(slab));
      if (field == SlabLayout.STATE_OFFSET && (value & 0xFF) == SlabLayout.FREE) {
        require(!blocks || slabs.nextLive(slab, 0) < 0, "a slab with blocks is not free", mode, offset, length);
        require(!isNamedTable(partition.number, slab), "a table that is named is not free", mode, offset, length);
      }
      if (field >= SlabLayout.BITMAP_OFFSET && blocks) {
        int first = (int) (field - SlabLayout.BITMAP_OFFSET) * Byte.SIZE;
        for (long freed = memory.getLong(offset) & ~value; freed != 0; freed &= freed - 1) {
          long block = slabs.blockOffset(slab, first + Long.numberOfTrailingZeros(freed));
          require(entryOf(partition, block) == 0, "a block that is named is not freed, ENT-1", mode, offset, length);
          require(!slabs.isSpare(block), "a block that is a spare is not freed, ENT-1", mode, offset, length);
        }
      }
    }

    private static boolean isOfBlocks(int state) {
      return state == SlabLayout.BLOCKS || state == SlabLayout.DRAINING;
    }

    private boolean isNamedTable(int partition, int slab) {
      return chunkOf(partition, slab) >= 0;
    }

    /**
     * Which part of which table of a partition a slab is: the number of its word in the two directories; -1 for none.
     */
    private int chunkOf(int partition, int slab) {
      for (int chunk = 0; chunk < 2 * geometry.directoryCapacity(); chunk++) {
        if (chunkReference(partition, chunk) == slab + 1) {
          return chunk;
        }
      }
      return -1;
    }

    private int chunkReference(int partition, int chunk) {
      return memory.getInt(geometry.directoryOffset(partition, 0) + (long) chunk * Integer.BYTES);
    }

    private void intoDirectory(Mode mode, long offset, long length, long value) {
      int word = (int) ((offset - geometry.directoryOffset(0, 0)) / Integer.BYTES);
      int table = word / geometry.directoryCapacity();
      int partition = table / 2;
      require(isLocked(partition), "a directory is changed under the lock", mode, offset, length);
      require(mode == Mode.RELEASE, "a directory is changed by releasing stores, IDX-3", mode, offset, length);
      if (value == 0) {
        boolean reachable = isReachable(partition, table % 2, word % geometry.directoryCapacity());
        require(!reachable, "a table goes when no lookup is sent there, IDX-3", mode, offset, length);
      } else {
        int state = partitions[partition].slabs.state((int) value - 1);
        require(state == SlabLayout.TABLE, "a directory names tables", mode, offset, length);
      }
    }

    /** Whether a lookup that begins now may be sent to a part of a table. */
    private boolean isReachable(int partition, int table, int chunk) {
      long record = geometry.partitionOffset(partition);
      long shape = memory.getLong(record + PartitionLayout.SHAPE_OFFSET);
      boolean resizing = (shape & PartitionLayout.RESIZING) != 0;
      if (table != PartitionLayout.table(shape)) {
        return resizing;
      }
      long moved = resizing ? PartitionLayout.moved(memory.getLong(record + PartitionLayout.RESIZE_OFFSET)) : 0;
      long count = PartitionLayout.bucketCount(shape);
      long buckets = geometry.slabBytes() / BucketLayout.BYTES;
      long first = chunk * buckets;
      return moved < count && moved < first + buckets && first < count + HashIndex.SPILL_BUCKETS;
    }

    private void intoSlab(Mode mode, long offset, long length, long value) {
      PartitionSlabs any = partitions[0].slabs;
      int slab = any.slabOf(offset);
      Partition partition = partitions[any.partition(slab)];
      int state = any.state(slab);
      require(state != SlabLayout.FREE, "nothing is written into a free slab", mode, offset, length);
      if (isOfBlocks(state)) {
        intoBlock(partition, slab, mode, offset, length, value);
      } else {
        require(isLocked(partition.number), "a table is changed under the lock", mode, offset, length);
        int chunk = chunkOf(partition.number, slab);
        if (chunk >= 0) {
          intoBucket(partition, chunk, mode, offset, length, value);
        }
      }
    }

    // ---- buckets, IDX-1

    private void intoBucket(Partition partition, int chunk, Mode mode, long offset, long length, long value) {
      long bucket = BucketLayout.bucketOf(offset);
      long stamp = memory.getLong(bucket);
      boolean odd = (stamp & BucketLayout.WRITING) != 0;
      long field = offset - bucket;
      if (field == BucketLayout.STAMP_OFFSET) {
        boolean began = !odd && mode == Mode.OPAQUE && value == (stamp | BucketLayout.WRITING);
        boolean ended =
            odd
                && mode == Mode.RELEASE
                && (value & BucketLayout.WRITING) == 0
                && BucketLayout.counter(value) > BucketLayout.counter(stamp);
        require(began || ended, "a stamp becomes odd, and even later on", mode, offset, length);
      } else if (field == BucketLayout.PASS_OFFSET) {
        boolean counted = value >= passing(partition, chunk, bucket, 0, 0);
        require(counted, "pass counts all entries that are named behind, IDX-2", mode, offset, length);
      } else {
        require(odd, "tags and slots change while the stamp is odd, IDX-1", mode, offset, length);
        boolean slot = field >= BucketLayout.SLOTS_OFFSET && field < BucketLayout.TAGS_TAIL_OFFSET;
        if (slot && value != 0) {
          long entry = entries.offset((int) value);
          boolean whole = partition.slabs.isAllocated(entry) && !entries.is(entry, EntryLayout.NO_ENTRY);
          require(whole, "a slot names an entry that is allocated and written, ENT-1", mode, offset, length);
          boolean spare = partition.slabs.isSpare(entry);
          require(!spare, "a block is no spare any more when it is named, ENT-1", mode, offset, length);
          boolean counted = isCounted(partition, chunk, offset, (int) value);
          require(counted, "pass counts an entry before it is named, IDX-2", mode, offset, length);
        }
      }
    }

    /** Whether each bucket from an entry's home to the one with the slot that is to name it counts it. */
    private boolean isCounted(Partition partition, int chunk, long slot, int reference) {
      int table = chunk / geometry.directoryCapacity();
      long index = index(chunk, BucketLayout.bucketOf(slot));
      for (long passed = home(partition, table, reference); passed < index; passed++) {
        int passedChunk = chunkAt(table, passed);
        long passedBucket = bucket(partition, table, passed);
        int pass = memory.getByte(passedBucket + BucketLayout.PASS_OFFSET);
        if (pass <= passing(partition, passedChunk, passedBucket, reference, slot)) {
          return false;
        }
      }
      return true;
    }

    /**
     * How many entries are named behind a bucket whose home is it or one before it.
     *
     * @param withoutReference an entry that is not counted
     * @param withoutSlot a slot that is not counted
     */
    private int passing(Partition partition, int chunk, long bucket, int withoutReference, long withoutSlot) {
      int table = chunk / geometry.directoryCapacity();
      long index = index(chunk, bucket);
      int count = 0;
      for (long behind = index + 1; behind <= index + HashIndex.SPILL_BUCKETS; behind++) {
        if (chunkAt(table, behind) / geometry.directoryCapacity() != table
            || chunkReference(partition.number, chunkAt(table, behind)) == 0) {
          break;
        }
        long other = bucket(partition, table, behind);
        for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
          long slotOffset = BucketLayout.slot(other, slot);
          int reference = slotOffset == withoutSlot ? 0 : memory.getInt(slotOffset);
          if (reference != 0 && reference != withoutReference && home(partition, table, reference) <= index) {
            count++;
          }
        }
      }
      return count;
    }

    private int bucketsShift() {
      return geometry.slabShift() - Integer.numberOfTrailingZeros(BucketLayout.BYTES);
    }

    private int chunkAt(int table, long index) {
      return table * geometry.directoryCapacity() + (int) (index >>> bucketsShift());
    }

    private long index(int chunk, long bucket) {
      long inSlab = (bucket - geometry.slabsOffset()) % geometry.slabBytes() / BucketLayout.BYTES;
      return ((long) (chunk % geometry.directoryCapacity()) << bucketsShift()) + inSlab;
    }

    private long bucket(Partition partition, int table, long index) {
      int slab = chunkReference(partition.number, chunkAt(table, index)) - 1;
      return geometry.slabOffset(slab) + (index & ((1L << bucketsShift()) - 1)) * BucketLayout.BYTES;
    }

    private long home(Partition partition, int table, int reference) {
      long record = geometry.partitionOffset(partition.number);
      long shape = memory.getLong(record + PartitionLayout.SHAPE_OFFSET);
      long count =
          table == PartitionLayout.table(shape)
              ? PartitionLayout.bucketCount(shape)
              : PartitionLayout.newCount(memory.getLong(record + PartitionLayout.RESIZE_OFFSET));
      return PartitionLayout.home(entries.hash(entries.offset(reference)), count);
    }

    // ---- entries

    private void intoBlock(Partition partition, int slab, Mode mode, long offset, long length, long value) {
      PartitionSlabs slabs = partition.slabs;
      int sizeClass = slabs.sizeClass(slab);
      long block = slabs.blockOffset(slab, classes.blockIndex(sizeClass, offset - slabs.slabOffset(slab)));
      require(slabs.isAllocated(block), "what is written to is allocated, ALC-2", mode, offset, length);
      boolean inside = offset + length <= block + classes.blockBytes(sizeClass);
      require(inside, "a store stays in its block", mode, offset, length);
      if (mode != Mode.ATOMIC && !partition.isBuilding(block)) {
        require(isLocked(partition.number), "an entry is changed under the lock", mode, offset, length);
      }
      long entry = entryOf(partition, block);
      if (entry != 0) {
        require(
            entry == block
                ? mayChangeInEntry(partition, entry, offset - entry, length, value)
                : mayChangeInPiece(partition, entry, offset - block, length),
            "an entry that is named does not change but for references, idle deadlines and links, ENT-1",
            mode,
            offset,
            length);
      }
    }

    /** The entry that a block belongs to, if a slot names it; 0 otherwise. */
    private long entryOf(Partition partition, long block) {
      if (partition.slotOf(block) != HashIndex.NO_SLOT) {
        return block;
      }
      if (!entries.is(block, EntryLayout.CONTINUATION) || !partition.hasOwner(block)) {
        return 0;
      }
      long entry = entries.head(block);
      return partition.slotOf(entry) != HashIndex.NO_SLOT ? entry : 0;
    }

    private boolean mayChangeInEntry(Partition partition, long entry, long field, long length, long value) {
      if (field == EntryLayout.VERSION_OFFSET && length == Long.BYTES) {
        return entries.versionOf(value) == entries.version(entry);
      }
      int flags = entries.flags(entry);
      if ((flags & EntryLayout.IDLE) != 0
          && field == EntryLayout.idleOffset(flags) + EntryLayout.IDLE_DEADLINE_OFFSET
          && length == Integer.BYTES) {
        return true;
      }
      boolean link = (flags & EntryLayout.CHAINED) != 0 && field == EntryLayout.chainOffset(flags);
      return link && length == Integer.BYTES && isBeingChanged(partition, entry);
    }

    /** Readers do not look at a piece's head. */
    private boolean mayChangeInPiece(Partition partition, long entry, long field, long length) {
      boolean head = field == ContinuationLayout.HEAD_OFFSET;
      boolean link = field == ContinuationLayout.NEXT_OFFSET;
      return length == Integer.BYTES && (head || (link && isBeingChanged(partition, entry)));
    }

    private boolean isBeingChanged(Partition partition, long entry) {
      return (memory.getLong(BucketLayout.bucketOf(partition.slotOf(entry))) & BucketLayout.WRITING) != 0;
    }
  }
}
