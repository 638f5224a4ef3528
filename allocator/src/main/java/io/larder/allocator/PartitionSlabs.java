package io.larder.allocator;

import java.util.List;

/**
 * The slabs of one partition: blocks out of partial slabs, slabs out of the pool, and the ring of slabs by
 * age.
 *
 * <p>Everything is in the region; this object holds constants only. All methods are for the holder of the
 * partition's lock. No method allocates.
 *
 * <pre>
 * ALC-2  A block is allocated or free, and a kill can only leak it
 *   Shared     : the slab's bitmap (truth), live, hint and the lists (derived)
 *   Threads    : the holder of the partition's lock
 *   Invariant  : a block that an index slot or a chain refers to has its bit set
 *   Allocate   : A1 set the bit     A2 derived fields     (the caller builds the entry, then publishes a
 *                reference)
 *   Free       : (the caller has unpublished every reference)   F1 clear the bit   F2 derived fields
 *   Argument   : the reference exists only between A1 and F1
 *   Killed     : after A1 a set bit without a reference: a leak; between the bit and the derived fields these are
 *                stale. ALC-4 says where, and SlabsRepair finds it without being told
 *   Checked by : PartitionSlabsModelTest, WriteRulesTest, BudgetTest, CrashAtEveryStoreTest; StoreValidator walks the
 *                whole region
 *
 * ALC-4  What a killed writer was about is written down
 *   Words      : newBlock: allocated, or about to be, and not yet named by the index, nor in the making outside of the
 *                lock. oldBlock: about to be taken out of the index, or out of it, and not yet freed; or left by a
 *                dead builder. touched: the slab whose bits, counts or place in a list
 *                change. linking: a list is being changed, ALC-5. hand: a slab is on its way, ALC-1
 *   Writer     : each word is written before what it speaks of, with a release fence between, and emptied behind it;
 *                touched is left behind, and means nothing where the slab is whole. Where a word speaks of one thing
 *                after another there is a fence before it, too
 *   Argument   : so what is not written down is whole. What is written down may be whole as well: mending it then
 *                changes nothing
 *   Checked by : CrashAtEveryStoreTest
 * </pre>
 *
 * <p>{@link Spares} are allocated blocks that only the partition's record names.
 */
public final class PartitionSlabs {
  /** No block: offset 0 is the superblock. */
  public static final long NO_BLOCK = 0;

  /** No slab. */
  public static final int NO_SLAB = -1;

  private final Memory memory;
  private final RegionGeometry geometry;
  private final SizeClasses classes;
  private final SlabPool pool;
  private final int partition;
  private final long record;
  private final long slabsOffset;
  private final int slabShift;
  private final int unitShift;
  private final long descriptors;
  private final int descriptorBytes;
  private final Spares spares;
  private final SlabLists lists;

  public PartitionSlabs(Memory memory, RegionGeometry geometry, SizeClasses classes, SlabPool pool, int partition) {
    this.memory = memory;
    this.geometry = geometry;
    this.classes = classes;
    this.pool = pool;
    this.partition = partition;
    this.record = geometry.partitionSlabsOffset(partition);
    this.slabsOffset = geometry.slabsOffset();
    this.slabShift = geometry.slabShift();
    this.unitShift = geometry.unitShift();
    this.descriptors = geometry.descriptorOffset(0);
    this.descriptorBytes = SlabLayout.descriptorBytes(geometry.slabBytes());
    this.spares = Spares.of(memory, geometry, classes);
    this.lists = new SlabLists(memory, geometry, partition);
  }

  /** Allocates a block of the class from a slab that has one free; {@link #NO_BLOCK} when none has. */
  public long allocate(int sizeClass) {
    int slab = memory.getInt(partialHead(sizeClass)) - 1;
    if (slab == NO_SLAB) {
      return allocateSpare(sizeClass);
    }
    long descriptor = descriptor(slab);
    int blocks = classes.blocksPerSlab(sizeClass);
    int word = memory.getInt(descriptor + SlabLayout.HINT_OFFSET);
    long free = freeBits(descriptor, word, blocks);
    while (free == 0) {
      free = freeBits(descriptor, ++word, blocks);
    }
    int bit = Long.numberOfTrailingZeros(free);
    long block = slabOffset(slab) + (long) ((word << 6) + bit) * classes.blockBytes(sizeClass);
    nameNew(block);
    touch(slab);
    long bitmapWord = SlabLayout.bitmapWord(descriptor, word);
    memory.putLong(bitmapWord, memory.getLong(bitmapWord) | 1L << bit);
    memory.putInt(descriptor + SlabLayout.HINT_OFFSET, word);
    int live = memory.getInt(descriptor + SlabLayout.LIVE_OFFSET) + 1;
    memory.putInt(descriptor + SlabLayout.LIVE_OFFSET, live);
    if (live == blocks) {
      lists.unlinkPartial(slab, sizeClass);
    }
    return block;
  }

  private long allocateSpare(int sizeClass) {
    long block = spares.get(partition, sizeClass);
    if (block != NO_BLOCK) {
      nameNew(block);
      memory.releaseFence();
      spares.drop(partition, sizeClass);
    }
    return block;
  }

  // ---- what a killed writer was about, ALC-4

  /** Names the block that is allocated and that nothing else names yet; {@link #NO_BLOCK} when there is none. */
  public void nameNew(long block) {
    memory.putInt(record + PartitionSlabsLayout.NEW_BLOCK_OFFSET, (int) (block >>> unitShift));
  }

  /** The block of {@link #nameNew}. */
  public long newBlock() {
    return Integer.toUnsignedLong(memory.getInt(record + PartitionSlabsLayout.NEW_BLOCK_OFFSET)) << unitShift;
  }

  /** Names the block that is about to be taken out of the index and freed; {@link #NO_BLOCK} when there is none. */
  public void nameOld(long block) {
    memory.putInt(record + PartitionSlabsLayout.OLD_BLOCK_OFFSET, (int) (block >>> unitShift));
  }

  /** The block of {@link #nameOld}. */
  public long oldBlock() {
    return Integer.toUnsignedLong(memory.getInt(record + PartitionSlabsLayout.OLD_BLOCK_OFFSET)) << unitShift;
  }

  /** Nothing is on its way any more, neither from the allocator into the index nor back. */
  public void nameNone() {
    memory.setLongRelease(record + PartitionSlabsLayout.NEW_BLOCK_OFFSET, 0);
  }

  /** Says that bits, counts or the lists of a slab are about to change, and that those of the one before are done. */
  private void touch(int slab) {
    memory.releaseFence();
    memory.putInt(record + PartitionSlabsLayout.TOUCHED_OFFSET, slab + 1);
    memory.releaseFence();
  }

  // ---- blocks and slabs

  private long freeBits(long descriptor, int word, int blocks) {
    int left = blocks - (word << 6);
    if (left <= 0) {
      throw new DamagedRegionException("no block is free in a slab that is listed as having one");
    }
    long valid = left >= Long.SIZE ? -1L : (1L << left) - 1;
    return ~memory.getLong(SlabLayout.bitmapWord(descriptor, word)) & valid;
  }

  /**
   * Takes a slab from the pool for blocks of the class.
   *
   * @return false when the pool is empty
   */
  public boolean addSlab(int sizeClass) {
    int slab = pool.take(hand());
    if (slab == SlabPool.NONE) {
      return false;
    }
    long descriptor = descriptor(slab);
    memory.putInt(descriptor + SlabLayout.LIVE_OFFSET, 0);
    memory.putInt(descriptor + SlabLayout.HINT_OFFSET, 0);
    memory.putLong(descriptor + SlabLayout.EARLIEST_EXPIRY_OFFSET, 0);
    claim(slab, SlabLayout.BLOCKS, sizeClass);
    lists.append(slab);
    lists.linkPartial(slab, sizeClass);
    memory.putInt(record + PartitionSlabsLayout.SLABS_OFFSET, slabCount() + 1);
    // Without a block so far, and not meant to stay so.
    touch(slab);
    putDown();
    return true;
  }

  private long hand() {
    return record + PartitionSlabsLayout.HAND_OFFSET;
  }

  /** Names a slab that is about to be in no list, for repair to find it. */
  private void pickUp(int slab) {
    memory.putInt(hand(), slab + 1);
    memory.releaseFence();
  }

  /** The slab that was in hand is where it belongs. */
  private void putDown() {
    memory.setIntRelease(hand(), 0);
  }

  private void claim(int slab, int state, int sizeClass) {
    memory.setIntRelease(descriptor(slab) + SlabLayout.STATE_OFFSET, state | sizeClass << 8 | partition << 16);
  }

  /**
   * Frees a block that nothing refers to any more; a slab left without blocks but a spare goes back to the pool,
   * unless it is drained.
   */
  public void free(long block) {
    int slab = slabOf(block);
    touch(slab);
    long descriptor = descriptor(slab);
    int sizeClass = memory.getByte(descriptor + SlabLayout.SIZE_CLASS_OFFSET);
    int index = classes.blockIndex(sizeClass, block - slabOffset(slab));
    int word = index >>> 6;
    long bitmapWord = SlabLayout.bitmapWord(descriptor, word);
    long bits = memory.getLong(bitmapWord);
    if ((bits & 1L << index) == 0) {
      throw new DamagedRegionException("block=" + block + " is freed twice");
    }
    memory.putLong(bitmapWord, bits & ~(1L << index));
    if (word < memory.getInt(descriptor + SlabLayout.HINT_OFFSET)) {
      memory.putInt(descriptor + SlabLayout.HINT_OFFSET, word);
    }
    int live = memory.getInt(descriptor + SlabLayout.LIVE_OFFSET) - 1;
    memory.putInt(descriptor + SlabLayout.LIVE_OFFSET, live);
    boolean draining = state(slab) == SlabLayout.DRAINING;
    boolean wasFull = live + 1 == classes.blocksPerSlab(sizeClass);
    if (draining) {
      return;
    }
    if (live == 0) {
      if (!wasFull) {
        lists.unlinkPartial(slab, sizeClass);
      }
      release(slab);
      return;
    }
    if (wasFull) {
      lists.linkPartial(slab, sizeClass);
    }
    if (live == 1) {
      freeSpareIn(slab, sizeClass);
    }
  }

  /** Frees the spare of a class if it lies in a slab, which so has a block less. */
  private void freeSpareIn(int slab, int sizeClass) {
    long spare = spares.get(partition, sizeClass);
    if (spare != NO_BLOCK && slabOf(spare) == slab) {
      memory.releaseFence();
      nameNew(spare);
      memory.releaseFence();
      free(spares.take(partition, sizeClass));
      memory.releaseFence();
      nameNew(NO_BLOCK);
    }
  }

  /** Frees a block that nothing refers to any more, or keeps it as the spare of its class. */
  public void freeOrKeep(long block) {
    int sizeClass = sizeClass(slabOf(block));
    if (spares.canKeep(partition, sizeClass, block) && spares.get(partition, sizeClass) == NO_BLOCK) {
      spares.keep(partition, sizeClass, block);
    } else {
      free(block);
    }
  }

  /** Frees the spares of all classes. */
  public void freeSpares() {
    for (int sizeClass = 0; sizeClass < spares.classes(); sizeClass++) {
      long block = spares.take(partition, sizeClass);
      if (block != NO_BLOCK) {
        free(block);
      }
    }
  }

  /** Whether a block is the spare of its class. */
  public boolean isSpare(long block) {
    return spares.get(partition, sizeClass(slabOf(block))) == block;
  }

  /** Whether {@code offset} is the start of an allocated block of this partition that is no spare. */
  public boolean isInUse(long offset) {
    return isAllocated(offset) && !isSpare(offset);
  }

  /** How many classes have a spare. */
  public int spareCount() {
    int count = 0;
    for (int sizeClass = 0; sizeClass < spares.classes(); sizeClass++) {
      count += spares.get(partition, sizeClass) == NO_BLOCK ? 0 : 1;
    }
    return count;
  }

  private void release(int slab) {
    pickUp(slab);
    lists.unlink(slab);
    claim(slab, SlabLayout.FREE, 0);
    memory.putInt(record + PartitionSlabsLayout.SLABS_OFFSET, slabCount() - 1);
    pool.give(slab);
    putDown();
  }

  /**
   * Takes a slab from the pool for the partition's tables, filled with zeros, and names it in a word of a directory.
   *
   * @return false when the pool is empty
   */
  public boolean addTable(long directoryWord) {
    int slab = pool.take(hand());
    if (slab == SlabPool.NONE) {
      return false;
    }
    claim(slab, SlabLayout.TABLE, 0);
    memory.zero(slabOffset(slab), classes.slabBytes());
    memory.putInt(record + PartitionSlabsLayout.TABLES_OFFSET, tableCount() + 1);
    memory.setIntRelease(directoryWord, slab + 1);
    putDown();
    return true;
  }

  /** Gives the table that a word of a directory names back to the pool; if there is none, does nothing. */
  public void freeTable(long directoryWord) {
    int reference = memory.getInt(directoryWord);
    if (reference == 0) {
      return;
    }
    pickUp(reference - 1);
    memory.setIntRelease(directoryWord, 0);
    claim(reference - 1, SlabLayout.FREE, 0);
    memory.putInt(record + PartitionSlabsLayout.TABLES_OFFSET, tableCount() - 1);
    pool.give(reference - 1);
    putDown();
  }

  /**
   * Takes a slab from the pool that is going to lose its space.
   *
   * @return its index, or {@link #NO_SLAB} when the pool is empty
   */
  public int retire() {
    int slab = pool.take(hand());
    if (slab != SlabPool.NONE) {
      claim(slab, SlabLayout.RETIRED, 0);
      putDown();
    }
    return slab;
  }

  /** Gives a retired slab that has space again to the pool. */
  public void restore(int slab) {
    pickUp(slab);
    claim(slab, SlabLayout.FREE, 0);
    pool.give(slab);
    putDown();
  }

  /** Closes a slab for allocation so that its blocks can be moved or freed, until {@link #endDrain}. */
  public void drain(int slab) {
    touch(slab);
    int sizeClass = sizeClass(slab);
    if (live(slab) != classes.blocksPerSlab(sizeClass)) {
      lists.unlinkPartial(slab, sizeClass);
    }
    claim(slab, SlabLayout.DRAINING, sizeClass);
    freeSpareIn(slab, sizeClass);
  }

  /**
   * Gives an empty drained slab to the pool; one that still has blocks is opened again.
   *
   * @return whether it went to the pool
   */
  public boolean endDrain(int slab) {
    touch(slab);
    if (live(slab) == 0) {
      release(slab);
      return true;
    }
    int sizeClass = sizeClass(slab);
    claim(slab, SlabLayout.BLOCKS, sizeClass);
    if (live(slab) != classes.blocksPerSlab(sizeClass)) {
      lists.linkPartial(slab, sizeClass);
    }
    return false;
  }

  /** Makes a slab the youngest of the ring. */
  public void rejuvenate(int slab) {
    pickUp(slab);
    lists.unlink(slab);
    lists.append(slab);
    putDown();
  }

  /** The slab that is longest in use, or {@link #NO_SLAB}. */
  public int oldest() {
    return memory.getInt(record + PartitionSlabsLayout.RING_OLDEST_OFFSET) - 1;
  }

  /** The slab that came after {@code slab}, or {@link #NO_SLAB}. */
  public int younger(int slab) {
    return memory.getInt(descriptor(slab) + SlabLayout.RING_NEXT_OFFSET) - 1;
  }

  /** The slab that is in use since last, or {@link #NO_SLAB}. */
  public int youngest() {
    return memory.getInt(record + PartitionSlabsLayout.RING_YOUNGEST_OFFSET) - 1;
  }

  /** The slab that came before {@code slab}, or {@link #NO_SLAB}. */
  public int older(int slab) {
    return memory.getInt(descriptor(slab) + SlabLayout.RING_PREVIOUS_OFFSET) - 1;
  }

  /** The index of the first allocated block of a slab from index {@code from} on; -1 when there is none. */
  public int nextLive(int slab, int from) {
    int blocks = classes.blocksPerSlab(sizeClass(slab));
    long descriptor = descriptor(slab);
    for (int word = from >>> 6; word << 6 < blocks; word++) {
      long bits = memory.getLong(SlabLayout.bitmapWord(descriptor, word));
      if (word == from >>> 6) {
        bits &= -1L << from;
      }
      if (bits != 0) {
        return (word << 6) + Long.numberOfTrailingZeros(bits);
      }
    }
    return -1;
  }

  /** The offset of a block of a slab. */
  public long blockOffset(int slab, int index) {
    return slabOffset(slab) + (long) index * classes.blockBytes(sizeClass(slab));
  }

  /** Whether {@code offset} is the start of an allocated block of this partition. */
  public boolean isAllocated(long offset) {
    if (offset < slabsOffset || offset >= geometry.slabsEnd()) {
      return false;
    }
    int slab = slabOf(offset);
    int state = state(slab);
    if ((state != SlabLayout.BLOCKS && state != SlabLayout.DRAINING) || partition(slab) != partition) {
      return false;
    }
    int sizeClass = sizeClass(slab);
    int index = classes.blockIndex(sizeClass, offset - slabOffset(slab));
    return index < classes.blocksPerSlab(sizeClass)
        && blockOffset(slab, index) == offset
        && (memory.getLong(SlabLayout.bitmapWord(descriptor(slab), index >>> 6)) & 1L << index) != 0;
  }

  /** The slab that an offset lies in. */
  public int slabOf(long offset) {
    return (int) ((offset - slabsOffset) >>> slabShift);
  }

  /** The bytes of the block that starts at {@code block}. */
  public int blockBytesOf(long block) {
    return classes.blockBytes(sizeClass(slabOf(block)));
  }

  /** One of the states of {@link SlabLayout}. */
  public int state(int slab) {
    return memory.getByte(descriptor(slab) + SlabLayout.STATE_OFFSET);
  }

  /** The partition that a slab was last given to. */
  public int partition(int slab) {
    return memory.getShort(descriptor(slab) + SlabLayout.PARTITION_OFFSET);
  }

  /** The size class of a slab of blocks. */
  public int sizeClass(int slab) {
    return memory.getByte(descriptor(slab) + SlabLayout.SIZE_CLASS_OFFSET);
  }

  /** How many blocks of a slab are allocated. */
  public int live(int slab) {
    return memory.getInt(descriptor(slab) + SlabLayout.LIVE_OFFSET);
  }

  /** No block of the slab expires before this time in milliseconds; 0 when none expires. */
  public long earliestExpiry(int slab) {
    return memory.getLong(descriptor(slab) + SlabLayout.EARLIEST_EXPIRY_OFFSET);
  }

  /** Sets {@link #earliestExpiry(int)}. */
  public void setEarliestExpiry(int slab, long millis) {
    memory.setLongOpaque(descriptor(slab) + SlabLayout.EARLIEST_EXPIRY_OFFSET, millis);
  }

  /** How many slabs of blocks the partition owns; a glance without the lock may be a moment old. */
  public int slabCount() {
    return memory.getInt(record + PartitionSlabsLayout.SLABS_OFFSET);
  }

  /** How many slabs the partition's tables take. */
  public int tableCount() {
    return memory.getInt(record + PartitionSlabsLayout.TABLES_OFFSET);
  }

  /**
   * The bytes of all allocated blocks but the spares, counted slab by slab; a glance without the lock may be a little
   * off.
   */
  public long blockBytes() {
    long bytes = 0;
    int slab = oldest();
    for (int left = slabCount(); slab != NO_SLAB && left > 0; left--) {
      bytes += Integer.toUnsignedLong(live(slab)) * classes.blockBytes(sizeClass(slab));
      slab = younger(slab);
    }
    for (int sizeClass = 0; sizeClass < spares.classes(); sizeClass++) {
      bytes -= spares.get(partition, sizeClass) == NO_BLOCK ? 0 : classes.blockBytes(sizeClass);
    }
    return bytes;
  }

  /** The first slab with a free block of the class, or {@link #NO_SLAB}. */
  public int firstPartial(int sizeClass) {
    return memory.getInt(partialHead(sizeClass)) - 1;
  }

  /** The slab after {@code slab} in the list of its class's partial slabs, or {@link #NO_SLAB}. */
  public int nextPartial(int slab) {
    return memory.getInt(descriptor(slab) + SlabLayout.PARTIAL_NEXT_OFFSET) - 1;
  }

  /** The offset of a slab's first byte. */
  public long slabOffset(int slab) {
    return slabsOffset + ((long) slab << slabShift);
  }

  private long descriptor(int slab) {
    return descriptors + (long) slab * descriptorBytes;
  }

  private long partialHead(int sizeClass) {
    return record + PartitionSlabsLayout.PARTIAL_OFFSET + (long) sizeClass * Integer.BYTES;
  }

  /** For repair: whether another repair was killed while it made the lists anew. */
  public boolean isRelinking() {
    return memory.getInt(record + PartitionSlabsLayout.RELINKING_OFFSET) != 0;
  }

  /** For repair: makes the lists whole; throws {@link DamagedRegionException} when what is written down is nonsense. */
  public void mendLists() {
    lists.mend();
  }

  /**
   * For repair, while the lists are whole: brings the slab that was on its way to where it belongs, and counts slabs
   * and tables again.
   *
   * @param draining the slab that is being drained
   */
  public void mendInHand(int draining) {
    int slab = memory.getInt(hand()) - 1;
    if (slab < 0 || slab >= geometry.slabCount()) {
      return;
    }
    boolean own = partition(slab) == partition;
    int state = state(slab);
    if (own && (state == SlabLayout.BLOCKS || state == SlabLayout.DRAINING)) {
      if (!isInRing(slab)) {
        lists.append(slab);
      }
      mend(slab, draining);
    } else {
      if (own && state == SlabLayout.TABLE && !isTable(slab)) {
        claim(slab, SlabLayout.FREE, 0);
      }
      if (state(slab) == SlabLayout.FREE) {
        pool.giveIfLost(slab, partition);
      }
    }
    memory.putInt(record + PartitionSlabsLayout.SLABS_OFFSET, countRing());
    memory.putInt(record + PartitionSlabsLayout.TABLES_OFFSET, countTables());
    putDown();
  }

  private boolean isInRing(int slab) {
    int met = oldest();
    for (int left = geometry.slabCount(); met != NO_SLAB && met != slab && left > 0; left--) {
      met = younger(met);
    }
    return met == slab;
  }

  private int countRing() {
    int count = 0;
    for (int slab = oldest(); slab != NO_SLAB && count < geometry.slabCount(); slab = younger(slab)) {
      count++;
    }
    return count;
  }

  /** For repair: whether a directory of the partition names a slab. */
  boolean isTable(int slab) {
    for (int table = 0; table < RegionGeometry.TABLES_PER_PARTITION; table++) {
      for (int chunk = 0; chunk < geometry.directoryCapacity(); chunk++) {
        if (table(table, chunk) == slab) {
          return true;
        }
      }
    }
    return false;
  }

  /** For repair: how many slabs the directories of the partition name. */
  int countTables() {
    int tables = 0;
    for (int table = 0; table < RegionGeometry.TABLES_PER_PARTITION; table++) {
      for (int chunk = 0; chunk < geometry.directoryCapacity(); chunk++) {
        tables += table(table, chunk) == NO_SLAB ? 0 : 1;
      }
    }
    return tables;
  }

  private int table(int table, int chunk) {
    return memory.getInt(geometry.directoryOffset(partition, table) + (long) chunk * Integer.BYTES) - 1;
  }

  /**
   * For repair, while the lists are whole: mends the slab that was last touched.
   *
   * @param draining the slab that is being drained; another that says so is opened again
   */
  public void mendTouched(int draining) {
    int slab = memory.getInt(record + PartitionSlabsLayout.TOUCHED_OFFSET) - 1;
    if (slab >= 0 && slab < geometry.slabCount()) {
      mend(slab, draining);
    }
  }

  /**
   * For repair, while the lists are whole: makes the counts of a slab anew from its bitmap, and lists it where it
   * belongs.
   *
   * @param draining the slab that is being drained; another that says so is opened again
   */
  public void mend(int slab, int draining) {
    int state = state(slab);
    if (partition(slab) != partition || (state != SlabLayout.BLOCKS && state != SlabLayout.DRAINING)) {
      return;
    }
    int sizeClass = sizeClass(slab);
    int blocks = classes.blocksPerSlab(sizeClass);
    int live = 0;
    for (int word = 0; word << 6 < blocks; word++) {
      live += Long.bitCount(memory.getLong(SlabLayout.bitmapWord(descriptor(slab), word)));
    }
    memory.putInt(descriptor(slab) + SlabLayout.LIVE_OFFSET, live);
    memory.putInt(descriptor(slab) + SlabLayout.HINT_OFFSET, 0);
    if (state == SlabLayout.DRAINING && slab == draining) {
      return;
    }
    claim(slab, SlabLayout.BLOCKS, sizeClass);
    boolean listed = isPartial(slab, sizeClass);
    if (listed != (live != 0 && live < blocks)) {
      if (listed) {
        lists.unlinkPartial(slab, sizeClass);
      } else {
        lists.linkPartial(slab, sizeClass);
      }
    }
    if (live == 0) {
      release(slab);
    } else if (live == 1) {
      freeSpareIn(slab, sizeClass);
    }
  }

  private boolean isPartial(int slab, int sizeClass) {
    int listed = firstPartial(sizeClass);
    for (int left = geometry.slabCount(); listed != NO_SLAB && listed != slab && left > 0; left--) {
      listed = nextPartial(listed);
    }
    return listed == slab;
  }

  /** For repair: makes these slabs, the oldest first, the partition's, and lists those that have room. */
  void relink(List<Integer> ring) {
    int previous = 0;
    long age = 0;
    for (int slab : ring) {
      long descriptor = descriptor(slab);
      memory.putInt(descriptor + SlabLayout.RING_PREVIOUS_OFFSET, previous);
      memory.putInt(descriptor + SlabLayout.RING_NEXT_OFFSET, 0);
      if (previous == 0) {
        memory.putInt(record + PartitionSlabsLayout.RING_OLDEST_OFFSET, slab + 1);
      } else {
        memory.putInt(descriptor(previous - 1) + SlabLayout.RING_NEXT_OFFSET, slab + 1);
      }
      previous = slab + 1;
      age = Math.max(age + 1, memory.getLong(descriptor + SlabLayout.AGE_OFFSET));
      memory.putLong(descriptor + SlabLayout.AGE_OFFSET, age);
      if (live(slab) < classes.blocksPerSlab(sizeClass(slab))) {
        lists.linkPartial(slab, sizeClass(slab));
      }
    }
    if (previous == 0) {
      memory.putInt(record + PartitionSlabsLayout.RING_OLDEST_OFFSET, 0);
    }
    memory.putInt(record + PartitionSlabsLayout.RING_YOUNGEST_OFFSET, previous);
    memory.putInt(record + PartitionSlabsLayout.SLABS_OFFSET, ring.size());
    memory.putLong(record + PartitionSlabsLayout.AGE_NEXT_OFFSET, age + 1);
  }

  /** For repair: gives a slab without blocks, which is listed as having room, to the pool. */
  void freeEmpty(int slab) {
    lists.unlinkPartial(slab, sizeClass(slab));
    release(slab);
  }
}
