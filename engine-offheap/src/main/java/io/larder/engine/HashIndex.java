package io.larder.engine;

import io.larder.allocator.DamagedRegionException;
import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import java.util.Arrays;

/**
 * The index of one partition, as its writer sees it: finds, inserts, removes, and resizes by bounded steps.
 *
 * <p><b>Structure.</b> Open addressing in buckets of a cache line ({@link BucketLayout}). A fingerprint's
 * home bucket is its upper half as a fraction of the table ({@link PartitionLayout#home}); when the home is
 * full the entry goes to the next bucket with room, and every bucket on the way counts it in {@code pass}.
 * Removing pulls an entry back from behind, so the distances stay those of a freshly filled table however
 * long entries come and go. The table's buckets lie in slabs named by a directory.
 *
 * <p><b>Why not the textbook's doubling.</b> Doubling halves the load, and needs twice the memory or a second
 * lookup. Here the mapping keeps the order of fingerprints, so a table can be moved home bucket by home
 * bucket to one a fifth larger, the old table's slabs being freed and the new one's taken as the move goes
 * along: load stays between 0.67 and 0.80 in any but the smallest tables, and the work of one step is one
 * home bucket. The price is that an entry is moved five times in the growth of the table by a factor of e;
 * and each move reads its key.
 *
 * <p><b>Adversaries.</b> The fingerprint is seeded per region, so keys that collide cannot be prepared
 * without knowing the seed. Keys are always compared.
 *
 * <p>Everything is in the region but scratch space. All methods are for the holder of the partition's lock;
 * readers have {@link StoreReader}.
 *
 * <pre>
 * IDX-1  A bucket is read whole or not at all
 *   Shared     : stamp, tags, slots, pass of a bucket; the bytes of the entries that its slots name
 *   Threads    : one writer holding the partition's lock; any number of readers
 *   Invariant  : while the stamp is even, tags and slots agree, and every named entry is completely written
 *   Writer     : W0 build the entry in a block that nothing names      W1 opaque odd stamp     W2 release
 *                fence
 *                W3 plain tags and slots      W4 release even stamp     W5 free the block that was named
 *                before
 *   Reader     : R1 acquire stamp, even       R2 plain tags, slot, entry     R3 acquire fence     R4 opaque
 *                stamp, equal to R1
 *   Argument   : if R2 saw anything of W3, or of a later use of the block freed in W5 (both are behind the
 *                fence W2), then R4 sees W1 or
 *                later by the pair of fences W2/R3, and differs from R1. If R1 read the value of W4 then W0
 *                and W3 happen-before R2.
 *   Stale read : R2 may use any garbage as offset or length; the reader bounds it first, and R4 throws the
 *                result away
 *   Killed     : between W1 and W4 the stamp stays odd; a slot names what it named before or what it was to name,
 *                which is complete by then. IndexRepair makes the rest of the bucket anew
 *   Checked by : WriteRulesTest, StoreInterleavingTest, StoreLincheckTest, StoreConcurrencyTest; jcstress
 *                EntryPublication, EntryOverwrite, ChainOverwrite, BlockReuse, RelocationUnderReader,
 *                ViewUnderWriter, ExpiryVersusRead
 *
 * IDX-2  A miss is a miss at one moment
 *   Shared     : the buckets from a home bucket to the first with pass == 0
 *   Writer     : entries move between them only with the stamps of both odd (pull-back)
 *   Reader     : sums the stamps on the way, walks again after an acquire fence, and compares the sums
 *   Argument   : stamps only grow, so equal sums mean that none changed between the two walks: between them
 *                all buckets were as read at once
 *   Checked by : HashIndexTest, WriteRulesTest, StoreInterleavingTest; jcstress PullBackUnderReader
 *
 * IDX-3  Growth under readers
 *   Shared     : shape, resize, both directories, both tables
 *   Writer     : for each home bucket: S1 insert its entries into the new table (IDX-1)   S2 release resize =
 *                moved + 1
 *                S3 remove its entries from the old table's further buckets (IDX-1); now and then: S4 clear a
 *                directory word, free the slab
 *                at the end: S5 release shape, which names the new table
 *   Reader     : R1 acquire shape, and resize while resizing   R2 the lookup in the table that they name   R3
 *                acquire fence
 *                R4 shape as before; where the old table was used, the home bucket is still not below moved
 *   Argument   : entries of a home bucket leave the old table (S3, S4) only after S2; a reader that met the
 *                absence, or a slab's later use, sees S2
 *                in R4 and retries. A reader that was sent to the new table read resize after S2, so it sees
 *                S1
 *   Killed     : after S1 entries stand in both tables, and the old one counts, since moved says so; after S2 the
 *                new one counts, and the rest of S3 is left. IndexRepair empties the slots that do not count
 *   Checked by : HashIndexTest, StoreIteratorTest, WriteRulesTest, StoreInterleavingTest,
 *                StoreConcurrencyTest; jcstress GrowthUnderReader, WalkDuringGrowth
 *
 * IDX-4  Where a killed writer was is written down
 *   Words      : window: buckets of one table of which stamps, slots or pass are being changed. replacing: the slot
 *                that names another block now; left behind, and without meaning where the stamp is even. stepping: a
 *                home bucket is being moved, the one that moved says or the one before
 *   Writer     : each is written before the first store into a bucket, with a release fence between, and window and
 *                stepping are emptied behind the last
 *   Argument   : so buckets elsewhere are whole. IndexRepair changes nothing in buckets that are
 *   Checked by : CrashAtEveryStoreTest
 * </pre>
 */
final class HashIndex {
  /** No slot: offset 0 is the superblock. */
  static final long NO_SLOT = 0;

  /** Buckets behind the last home bucket, for its overflow. */
  static final int SPILL_BUCKETS = 64;

  /** A table of this many entries for each 100 slots begins to grow; and shrinks below the other number. */
  private static final int LOAD_PERCENT_MAX = 80;

  private static final int LOAD_PERCENT_MIN = 30;
  private static final int LOAD_PERCENT_AFTER_SHRINKING = 60;

  // A name is the 24 highest bits of the fingerprint, which lead to the home bucket, and the tag.
  private static final int NAME_HOME_SHIFT = 40;
  private static final int NAME_TAG_BITS = 8;

  private final Memory memory;
  private final PartitionSlabs slabs;
  private final Entries entries;
  private final long record;
  private final long[] directories;
  private final int directoryCapacity;
  private final int bucketsShift;
  private final int bucketsMask;

  // Where the last lookup went: the table, the home bucket and the bucket of the slot found. Guarded by the
  // partition's lock.
  private long directory;
  private long home;
  private long found;

  private final long[] movedSlots = new long[BucketLayout.PASS_MAX + 1];
  private final long[] movedIndexes = new long[BucketLayout.PASS_MAX + 1];

  HashIndex(Memory memory, RegionGeometry geometry, PartitionSlabs slabs, Entries entries, int partition) {
    this.memory = memory;
    this.slabs = slabs;
    this.entries = entries;
    this.record = geometry.partitionOffset(partition);
    this.directories = new long[] {geometry.directoryOffset(partition, 0), geometry.directoryOffset(partition, 1)};
    this.directoryCapacity = geometry.directoryCapacity();
    this.bucketsShift = geometry.slabShift() - BucketLayout.BYTES_SHIFT;
    this.bucketsMask = (1 << bucketsShift) - 1;
  }

  /** Makes the first table, of one slab; the pool has one. */
  void create() {
    long shape = memory.getLong(record + PartitionLayout.SHAPE_OFFSET);
    if (!slabs.addTable(word(directories[0], 0))) {
      throw new IllegalStateException("no slab is free for the index");
    }
    memory.setLongRelease(
        record + PartitionLayout.SHAPE_OFFSET, PartitionLayout.shape(shape, bucketCount(1), 0, false));
  }

  /**
   * Drops everything: an empty table of one slab takes the place of the present ones, and nothing names a
   * block any more.
   */
  void clear() {
    empty();
    freeOtherTables();
  }

  /** The first part of {@link #clear}: nothing names a block any more. */
  void empty() {
    long shape = shape();
    int present = PartitionLayout.table(shape);
    int table = chunkReference(directories[present], 0) != 0 ? present : present ^ 1;
    // Readers that began before are turned away by the new shape, so what follows is hidden from them.
    memory.setLongRelease(
        record + PartitionLayout.SHAPE_OFFSET, PartitionLayout.shape(shape, bucketCount(1), table, false));
    memory.releaseFence();
    for (long index = 0; index <= bucketsMask; index++) {
      long bucket = bucket(directories[table], index);
      long stamp = beginWrite(bucket);
      memory.zero(bucket + Long.BYTES, BucketLayout.BYTES - Long.BYTES);
      endWrite(bucket, withoutDistances(stamp));
    }
  }

  /** The second part of {@link #clear}: only the slab of the empty table is left. */
  void freeOtherTables() {
    int table = PartitionLayout.table(shape());
    for (int chunk = 0; chunk < directoryCapacity; chunk++) {
      slabs.freeTable(word(directories[table ^ 1], chunk));
      if (chunk > 0) {
        slabs.freeTable(word(directories[table], chunk));
      }
    }
  }

  private static long withoutDistances(long stamp) {
    long cleared = stamp;
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      cleared = BucketLayout.withDistance(cleared, slot, 0);
    }
    return cleared;
  }

  /** The home buckets of a table of so many slabs: its last buckets take the overflow. */
  private long bucketCount(long tableSlabs) {
    return (tableSlabs << bucketsShift) - SPILL_BUCKETS;
  }

  private long tableSlabs(long bucketCount) {
    return (bucketCount + SPILL_BUCKETS) >>> bucketsShift;
  }

  private long shape() {
    return memory.getLong(record + PartitionLayout.SHAPE_OFFSET);
  }

  private long resize() {
    return memory.getLong(record + PartitionLayout.RESIZE_OFFSET);
  }

  /** Whether a move to another table is under way. */
  boolean isResizing() {
    return (shape() & PartitionLayout.RESIZING) != 0;
  }

  /** The slots of the home buckets of the table that is in use. */
  long slotCount() {
    return PartitionLayout.bucketCount(shape()) * BucketLayout.SLOTS;
  }

  // ---- lookups

  private void locate(long hash) {
    long shape = shape();
    int table = PartitionLayout.table(shape);
    long index = PartitionLayout.home(hash, PartitionLayout.bucketCount(shape));
    if ((shape & PartitionLayout.RESIZING) != 0) {
      long resize = resize();
      if (index < PartitionLayout.moved(resize)) {
        table ^= 1;
        index = PartitionLayout.home(hash, PartitionLayout.newCount(resize));
      }
    }
    directory = directories[table];
    home = index;
  }

  private int chunkReference(long ofDirectory, long chunk) {
    return memory.getInt(word(ofDirectory, chunk));
  }

  private static long word(long ofDirectory, long chunk) {
    return ofDirectory + chunk * Integer.BYTES;
  }

  private long bucket(long ofDirectory, long index) {
    int reference = chunkReference(ofDirectory, index >>> bucketsShift);
    if (reference == 0) {
      // Before the first slab are structures that nothing may be written to as if they were buckets.
      throw new DamagedRegionException("bucket=" + index + " has no slab");
    }
    return slabs.slabOffset(reference - 1) + ((index & bucketsMask) << BucketLayout.BYTES_SHIFT);
  }

  private int pass(long bucket) {
    return memory.getByte(bucket + BucketLayout.PASS_OFFSET);
  }

  private void addPass(long bucket, int delta) {
    memory.setByteOpaque(bucket + BucketLayout.PASS_OFFSET, pass(bucket) + delta);
  }

  /** The slots of a bucket whose tags fit a pattern, {@link BucketLayout#candidates}. */
  private long candidates(long bucket, long pattern) {
    return BucketLayout.candidates(
        memory.getLong(bucket + BucketLayout.TAGS_OFFSET),
        memory.getInt(bucket + BucketLayout.TAGS_TAIL_OFFSET),
        pattern);
  }

  /** Finds the slot of the entry with this key; {@link #NO_SLOT} when there is none. */
  long find(long hash, byte[] key, int keyOffset, int keyLength) {
    locate(hash);
    long pattern = BucketLayout.pattern(BucketLayout.tag(hash));
    for (long index = home; ; index++) {
      long bucket = bucket(directory, index);
      for (long set = candidates(bucket, pattern); set != 0; set &= set - 1) {
        long slot = BucketLayout.candidate(bucket, set);
        if (holdsKey(slot, key, keyOffset, keyLength)) {
          found = index;
          return slot;
        }
      }
      if (pass(bucket) == 0 || index - home == SPILL_BUCKETS) {
        return NO_SLOT;
      }
    }
  }

  private boolean holdsKey(long slot, byte[] key, int keyOffset, int keyLength) {
    long entry = entries.offset(memory.getInt(slot));
    return entries.canBeAt(entry, keyLength)
        && entries.hasKey(entry, key, keyOffset, keyLength)
        && !entries.is(entry, EntryLayout.NO_ENTRY);
  }

  /**
   * Finds the slot that names a block, given the fingerprint of its entry; {@link #NO_SLOT} when none does.
   */
  long slotOf(long hash, int reference) {
    locate(hash);
    int tag = BucketLayout.tag(hash);
    for (long index = home; ; index++) {
      long bucket = bucket(directory, index);
      int slot = slotIn(bucket, tag, reference);
      if (slot >= 0) {
        found = index;
        return BucketLayout.slot(bucket, slot);
      }
      if (pass(bucket) == 0 || index - home == SPILL_BUCKETS) {
        return NO_SLOT;
      }
    }
  }

  /** The slot of a bucket that holds a reference, by its tag if that is right, and otherwise whatever its tag is. */
  private int slotIn(long bucket, int tag, int reference) {
    for (long set = candidates(bucket, BucketLayout.pattern(tag)); set != 0; set &= set - 1) {
      long slot = BucketLayout.candidate(bucket, set);
      if (memory.getInt(slot) == reference) {
        return BucketLayout.slotIndex(slot);
      }
    }
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      if (memory.getInt(BucketLayout.slot(bucket, slot)) == reference) {
        return slot;
      }
    }
    return -1;
  }

  /** The name by which an entry of the window is found again: the parts of its fingerprint that a lookup needs. */
  static int name(long hash) {
    return (int) (hash >>> NAME_HOME_SHIFT) << NAME_TAG_BITS | BucketLayout.tag(hash);
  }

  /**
   * Finds the slot of an entry that is in the window, given its name; of two with the same name it may be the other.
   * {@link #NO_SLOT} when there is none.
   */
  long findInWindow(int name) {
    int tag = name & ((1 << NAME_TAG_BITS) - 1);
    locate((long) (name >>> NAME_TAG_BITS) << NAME_HOME_SHIFT);
    for (long index = home; ; index++) {
      long bucket = bucket(directory, index);
      for (long set = candidates(bucket, BucketLayout.pattern(tag)); set != 0; set &= set - 1) {
        long slot = BucketLayout.candidate(bucket, set);
        long entry = entries.offset(memory.getInt(slot));
        if (slabs.isInUse(entry)
            && !entries.is(entry, EntryLayout.NO_ENTRY | EntryLayout.LEASE)
            && !PolicyBits.isMain(entries.policyBits(entry))) {
          found = index;
          return slot;
        }
      }
      if (pass(bucket) == 0 || index - home == SPILL_BUCKETS) {
        return NO_SLOT;
      }
    }
  }

  /** The entries that the home bucket of a fingerprint names, into an array of at least {@link BucketLayout#SLOTS}. */
  int entriesAt(long hash, long[] into, int from) {
    locate(hash);
    long bucket = bucket(directory, home);
    int count = from;
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      int reference = memory.getInt(BucketLayout.slot(bucket, slot));
      if (reference != 0) {
        into[count++] = entries.offset(reference);
      }
    }
    return count;
  }

  /** The block that a slot names. */
  long entry(long slot) {
    return entries.offset(memory.getInt(slot));
  }

  // ---- changes of one bucket, IDX-1

  private static long beginWrite(Memory memory, long bucket) {
    long stamp = memory.getLong(bucket);
    memory.setLongOpaque(bucket, stamp | BucketLayout.WRITING);
    memory.releaseFence();
    return stamp;
  }

  private static void endWrite(Memory memory, long bucket, long stamp) {
    memory.setLongRelease(bucket, BucketLayout.after(stamp));
  }

  private long beginWrite(long bucket) {
    return beginWrite(memory, bucket);
  }

  private void endWrite(long bucket, long stamp) {
    endWrite(memory, bucket, stamp);
  }

  private void writeSlot(long bucket, int slot, int reference, int tag) {
    memory.setByteOpaque(BucketLayout.tagOf(bucket, slot), tag);
    memory.putInt(BucketLayout.slot(bucket, slot), reference);
  }

  /** Lets a slot name another block with the same key. */
  void replace(long slot, int reference) {
    replace(memory, record, slot, reference);
  }

  /** As {@link #replace(long, int)}, in the partition with a record. */
  static void replace(Memory memory, long record, long slot, int reference) {
    memory.putLong(record + PartitionLayout.REPLACING_OFFSET, slot);
    memory.releaseFence();
    long bucket = BucketLayout.bucketOf(slot);
    long stamp = beginWrite(memory, bucket);
    memory.putInt(slot, reference);
    endWrite(memory, bucket, stamp);
  }

  /**
   * Marks the bucket of a slot as being changed, for a change of the entry's own blocks; ends with {@link
   * #endChange}.
   */
  long beginChange(long slot) {
    return beginWrite(BucketLayout.bucketOf(slot));
  }

  /** Ends what {@link #beginChange} began. */
  void endChange(long slot, long stamp) {
    endWrite(BucketLayout.bucketOf(slot), stamp);
  }

  /**
   * Adds a slot for an entry whose key is in no slot.
   *
   * @return false when there is no room within reach, which an index at its usual load has
   */
  boolean insert(long hash, int reference) {
    locate(hash);
    return insert(directory, home, BucketLayout.tag(hash), reference);
  }

  private boolean insert(long into, long homeIndex, int tag, int reference) {
    long index = homeIndex;
    long bucket;
    int slot;
    while (true) {
      bucket = bucketIfPresent(into, index);
      if (bucket == NO_SLOT) {
        return false;
      }
      slot = slotIn(bucket, 0, 0);
      if (slot >= 0) {
        break;
      }
      if (pass(bucket) == BucketLayout.PASS_MAX || index - homeIndex == SPILL_BUCKETS) {
        return false;
      }
      index++;
    }
    openWindow(into, homeIndex, index);
    for (long passed = homeIndex; passed < index; passed++) {
      addPass(bucket(into, passed), 1);
    }
    long stamp = beginWrite(bucket);
    writeSlot(bucket, slot, reference, tag);
    endWrite(bucket, BucketLayout.withDistance(stamp, slot, (int) (index - homeIndex)));
    closeWindow();
    return true;
  }

  /** Says which buckets of a table are about to change, IDX-4. */
  private void openWindow(long ofDirectory, long first, long last) {
    memory.putLong(
        record + PartitionLayout.WINDOW_OFFSET,
        PartitionLayout.window(ofDirectory == directories[0] ? 0 : 1, first, last));
    memory.releaseFence();
  }

  private void closeWindow() {
    memory.setLongRelease(record + PartitionLayout.WINDOW_OFFSET, 0);
  }

  private long bucketIfPresent(long ofDirectory, long index) {
    long chunk = index >>> bucketsShift;
    return chunk >= directoryCapacity || chunkReference(ofDirectory, chunk) == 0 ? NO_SLOT : bucket(ofDirectory, index);
  }

  /** Empties the slot that the last lookup found. */
  void removeFound(long slot) {
    openWindow(directory, home, found);
    clearSlot(slot);
    for (long passed = home; passed < found; passed++) {
      addPass(bucket(directory, passed), -1);
    }
    pullBack(directory, found);
    closeWindow();
  }

  private void clearSlot(long slot) {
    long bucket = BucketLayout.bucketOf(slot);
    int index = BucketLayout.slotIndex(slot);
    long stamp = beginWrite(bucket);
    memory.putInt(slot, 0);
    memory.setByteOpaque(BucketLayout.tagOf(bucket, index), 0);
    endWrite(bucket, BucketLayout.withDistance(stamp, index, 0));
  }

  /**
   * Fills the room in a bucket with an entry that had to go on behind it, and the room that leaves likewise,
   * IDX-2.
   */
  private void pullBack(long ofDirectory, long roomIndex) {
    long room = roomIndex;
    while (pass(bucket(ofDirectory, room)) > 0) {
      long roomBucket = bucket(ofDirectory, room);
      int to = slotIn(roomBucket, 0, 0);
      long index = room;
      int from = -1;
      long fromBucket;
      do {
        fromBucket = bucket(ofDirectory, ++index);
        from = slotFromBefore(ofDirectory, fromBucket, index, room);
      } while (from < 0 && pass(fromBucket) > 0 && index - room < SPILL_BUCKETS);
      if (to < 0 || from < 0) {
        return;
      }
      long fromSlot = BucketLayout.slot(fromBucket, from);
      int reference = memory.getInt(fromSlot);
      int distance = BucketLayout.distance(memory.getLong(fromBucket), from);
      distance =
          distance < BucketLayout.DISTANCE_FAR
              ? (int) (distance - (index - room))
              : Math.clamp(room - homeIn(ofDirectory, reference), 0, BucketLayout.DISTANCE_FAR);
      openWindow(ofDirectory, home, index);
      long fromStamp = beginWrite(fromBucket);
      long toStamp = beginWrite(roomBucket);
      writeSlot(roomBucket, to, reference, memory.getByte(BucketLayout.tagOf(fromBucket, from)));
      // Killed in between, the entry is in both, and not in neither.
      memory.releaseFence();
      memory.putInt(fromSlot, 0);
      memory.setByteOpaque(BucketLayout.tagOf(fromBucket, from), 0);
      endWrite(roomBucket, BucketLayout.withDistance(toStamp, to, distance));
      endWrite(fromBucket, BucketLayout.withDistance(fromStamp, from, 0));
      for (long passed = room; passed < index; passed++) {
        addPass(bucket(ofDirectory, passed), -1);
      }
      room = index;
    }
  }

  /**
   * A slot of the bucket at {@code index} whose entry's home is {@code room} or before it; -1 when it has
   * none.
   */
  private int slotFromBefore(long ofDirectory, long bucket, long index, long room) {
    long stamp = memory.getLong(bucket);
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      int distance = BucketLayout.distance(stamp, slot);
      if (distance == 0) {
        continue;
      }
      if (distance < BucketLayout.DISTANCE_FAR || index - room <= BucketLayout.DISTANCE_FAR) {
        if (distance >= index - room) {
          return slot;
        }
      } else if (homeIn(ofDirectory, memory.getInt(BucketLayout.slot(bucket, slot))) <= room) {
        return slot;
      }
    }
    return -1;
  }

  private long homeIn(long ofDirectory, int reference) {
    long shape = shape();
    boolean present = ofDirectory == directories[PartitionLayout.table(shape)];
    long count = present ? PartitionLayout.bucketCount(shape) : PartitionLayout.newCount(resize());
    long entry = entries.offset(reference);
    return entries.canBeAt(entry, 0) ? PartitionLayout.home(entries.hash(entry), count) : Long.MAX_VALUE;
  }

  // ---- resizing, IDX-3

  /** Begins to resize when the load asks for it; the moving is done by {@link #step}. */
  void considerResizing(long entryCount) {
    long shape = shape();
    if ((shape & PartitionLayout.RESIZING) != 0) {
      return;
    }
    long count = PartitionLayout.bucketCount(shape);
    long slots = count * BucketLayout.SLOTS;
    if (entryCount * 100 > slots * LOAD_PERCENT_MAX) {
      long tableSlabs = tableSlabs(count);
      startResizing(shape, bucketCount(Math.min(tableSlabs + Math.max(1, tableSlabs / 5), directoryCapacity)));
    } else if (entryCount * 100 < slots * LOAD_PERCENT_MIN && tableSlabs(count) > 1) {
      long wanted = entryCount * 100 / (BucketLayout.SLOTS * LOAD_PERCENT_AFTER_SHRINKING);
      startResizing(shape, bucketCount((wanted + SPILL_BUCKETS + bucketsMask) >>> bucketsShift));
    }
  }

  private void startResizing(long shape, long newCount) {
    long count = PartitionLayout.bucketCount(shape);
    if (newCount == count) {
      return;
    }
    memory.setLongRelease(record + PartitionLayout.RESIZE_OFFSET, PartitionLayout.resize(0, newCount));
    memory.setLongRelease(
        record + PartitionLayout.SHAPE_OFFSET, PartitionLayout.shape(shape, count, PartitionLayout.table(shape), true));
  }

  /**
   * Moves one home bucket to the new table: at most {@link BucketLayout#SLOTS} entries and those that its
   * {@code pass} counts.
   *
   * @return false when the pool had no slab for the new table, and nothing was done
   */
  boolean step() {
    long shape = shape();
    long resize = resize();
    long count = PartitionLayout.bucketCount(shape);
    long moved = PartitionLayout.moved(resize);
    long newCount = PartitionLayout.newCount(resize);
    long from = directories[PartitionLayout.table(shape)];
    long to = directories[PartitionLayout.table(shape) ^ 1];
    if (moved == count) {
      finishResizing(shape, newCount, from);
      return true;
    }
    if (!ensureSlabs(to, firstNewHome(moved, count, newCount), lastNewIndex(moved, count, newCount))) {
      return false;
    }
    memory.putInt(record + PartitionLayout.STEPPING_OFFSET, 1);
    memory.releaseFence();
    long bucket = bucket(from, moved);
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      moveSlot(BucketLayout.slot(bucket, slot), moved, count, to, newCount);
    }
    int guests = 0;
    int pass = pass(bucket);
    for (long index = moved + 1; guests < pass && index - moved <= SPILL_BUCKETS; index++) {
      guests = moveGuests(from, index, moved, count, guests, to, newCount);
    }
    memory.setLongRelease(record + PartitionLayout.RESIZE_OFFSET, PartitionLayout.resize(moved + 1, newCount));
    for (int guest = 0; guest < guests; guest++) {
      clearSlot(movedSlots[guest]);
      for (long passed = moved + 1; passed < movedIndexes[guest]; passed++) {
        addPass(bucket(from, passed), -1);
      }
    }
    if (((moved + 1) & bucketsMask) == 0) {
      slabs.freeTable(word(from, moved >>> bucketsShift));
    }
    memory.setIntRelease(record + PartitionLayout.STEPPING_OFFSET, 0);
    return true;
  }

  /** The first bucket of a new table that entries of a home bucket may go to. */
  static long firstNewHome(long moved, long count, long newCount) {
    return moved * newCount / count;
  }

  /** The last bucket of a new table that entries of a home bucket may go to. */
  static long lastNewIndex(long moved, long count, long newCount) {
    return Math.min((moved + 1) * newCount / count, newCount - 1) + SPILL_BUCKETS;
  }

  private void moveSlot(long slot, long moved, long count, long to, long newCount) {
    int reference = memory.getInt(slot);
    long entry = entries.offset(reference);
    if (!entries.canBeAt(entry, 0)) {
      return;
    }
    long hash = entries.hash(entry);
    if (PartitionLayout.home(hash, count) != moved) {
      // Its key has been damaged, so nobody could find it here: it is left behind, for a sweep to find its block.
      return;
    }
    if (!insert(to, PartitionLayout.home(hash, newCount), BucketLayout.tag(hash), reference)) {
      throw new DamagedRegionException("no room in a table of " + newCount + " buckets");
    }
  }

  /** Moves what lies in the bucket at {@code index} and has its home at {@code moved}. */
  private int moveGuests(
      long from, long index, long moved, long count, int guestsBefore, long to, long newCount) {
    int guests = guestsBefore;
    long bucket = bucket(from, index);
    long stamp = memory.getLong(bucket);
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      long slotOffset = BucketLayout.slot(bucket, slot);
      int distance = BucketLayout.distance(stamp, slot);
      boolean guest =
          distance == BucketLayout.DISTANCE_FAR
              ? index - moved >= distance && homeIn(from, memory.getInt(slotOffset)) == moved
              : distance == index - moved;
      if (guest) {
        moveSlot(slotOffset, moved, count, to, newCount);
        movedIndexes[guests] = index;
        movedSlots[guests++] = slotOffset;
      }
    }
    return guests;
  }

  private void finishResizing(long shape, long newCount, long from) {
    memory.putInt(record + PartitionLayout.STEPPING_OFFSET, 1);
    memory.releaseFence();
    memory.setLongRelease(
        record + PartitionLayout.SHAPE_OFFSET,
        PartitionLayout.shape(shape, newCount, PartitionLayout.table(shape) ^ 1, false));
    memory.releaseFence();
    // The last one: those before it went when their last buckets had moved.
    slabs.freeTable(word(from, PartitionLayout.bucketCount(shape) >>> bucketsShift));
    memory.setIntRelease(record + PartitionLayout.STEPPING_OFFSET, 0);
  }

  private boolean ensureSlabs(long ofDirectory, long first, long last) {
    for (long chunk = first >>> bucketsShift; chunk <= last >>> bucketsShift; chunk++) {
      if (chunkReference(ofDirectory, chunk) == 0 && !slabs.addTable(word(ofDirectory, chunk))) {
        return false;
      }
    }
    return true;
  }

  // ---- walks, for validation

  /**
   * Calls {@code visitor} for every slot in use of both tables. Home buckets that have moved are left out.
   */
  void forEachSlot(SlotVisitor visitor) {
    long shape = shape();
    long count = PartitionLayout.bucketCount(shape);
    int table = PartitionLayout.table(shape);
    boolean resizing = (shape & PartitionLayout.RESIZING) != 0;
    long moved = resizing ? PartitionLayout.moved(resize()) : 0;
    visitTable(visitor, directories[table], count, moved);
    if (resizing) {
      visitTable(visitor, directories[table ^ 1], PartitionLayout.newCount(resize()), 0);
    }
  }

  private void visitTable(SlotVisitor visitor, long ofDirectory, long count, long first) {
    for (long index = first; index < count + SPILL_BUCKETS; index++) {
      long bucket = bucketIfPresent(ofDirectory, index);
      if (bucket == NO_SLOT) {
        continue;
      }
      for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
        int reference = memory.getInt(BucketLayout.slot(bucket, slot));
        int tag = memory.getByte(BucketLayout.tagOf(bucket, slot));
        if (reference != 0 || tag != 0) {
          long homeIndex = reference == 0 ? -1 : PartitionLayout.home(entries.hash(entries.offset(reference)), count);
          visitor.slot(reference, tag, homeIndex, index, BucketLayout.distance(memory.getLong(bucket), slot));
        }
      }
      visitor.bucket(ofDirectory == directories[0] ? 0 : 1, index, memory.getLong(bucket), pass(bucket));
    }
  }

  /** Sees the slots of a bucket, then the bucket. */
  interface SlotVisitor {
    void slot(int reference, int tag, long home, long index, int distance);

    void bucket(int table, long index, long stamp, int pass);
  }

  @Override
  public String toString() {
    return "HashIndex[shape=" + Long.toHexString(shape()) + ", directories=" + Arrays.toString(directories) + ']';
  }
}
