package io.larder.engine;

import io.larder.allocator.DamagedRegionException;
import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabLayout;
import io.larder.allocator.SlabPool;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One partition, as its writers see it: the lock, the counters, the index, the slabs, and what happens to an
 * entry from its first byte to its last.
 *
 * <p>The methods say whether they take the lock or want it held. The object itself holds constants and
 * scratch space; all state is in the region.
 *
 * <pre>
 * ENT-1  An entry's life
 *   Writer     : E1 allocate a block, or take the spare     E2 write it     E3 name it in the index (IDX-1)
 *                E4 free the block it took the place of, or keep it as the spare
 *   Invariant  : a block that is named is allocated and written; one that is freed is not named
 *   Killed     : between E1 and E3 an allocated block that nothing names; between E3 and E4 likewise the old one: both
 *                are written down, REP-2. The old value is there until E3, the new one from E3 on
 *   Checked by : StoreModelTest, FastPathTest, DamagedOverwriteTest, WriteRulesTest, StoreInterleavingTest;
 *                jcstress EntryOverwrite, ChainOverwrite, BlockReuse, RelocationUnderReader
 * </pre>
 */
final class Partition {
  /** More further blocks than a value has besides those that are slabs of their own. */
  private static final int PIECES_BEHIND_SLABS = 64;

  /** So long waits who can do without the lock, which a process that is stopped may hold. */
  private static final long BRIEF_WAIT_NANOS = 250_000_000;

  /** So long waits who has read what he wanted, and only wants to say so. */
  private static final long MOMENT_NANOS = 10_000_000;

  private final Memory memory;
  private final RegionGeometry geometry;
  private final SlabPool pool;
  private final long record;
  private final @Nullable RemovalSink sink;
  private final @Nullable VictimSink victims;
  private final Victim victim;
  private final Entries entries;
  private final LockOwners owners;
  private final long token;
  private final long lockWaitNanos;
  final StoreClock clock;
  final int number;
  final PartitionSlabs slabs;
  final SizeClasses classes;
  final HashIndex index;
  final Fates fates;

  /** Null in a region that no process shares. */
  private final @Nullable WrittenRepair writtenRepair;

  /** Apart, because loggers take long to start, and this one is hardly ever needed. */
  private static final class Log {
    static final System.Logger LOG = System.getLogger(Partition.class.getName());
  }

  Partition(
      Memory memory,
      RegionGeometry geometry,
      SizeClasses classes,
      SlabPool pool,
      Entries entries,
      int number,
      StoreOptions options) {
    this.memory = memory;
    this.geometry = geometry;
    this.pool = pool;
    this.owners = options.owners();
    this.token = owners.token();
    this.lockWaitNanos = options.lockWaitNanos();
    this.clock = options.clock();
    this.number = number;
    this.record = geometry.partitionOffset(number);
    this.sink = options.sink();
    this.victims = options.victims();
    this.victim = new Victim(memory, entries);
    this.entries = entries;
    this.classes = classes;
    this.slabs = new PartitionSlabs(memory, geometry, classes, pool, number);
    this.index = new HashIndex(memory, geometry, slabs, entries, number);
    this.fates = new Fates(memory, geometry, number, options.clock());
    this.writtenRepair =
        owners.equals(LockOwners.PRIVATE) ? null : new WrittenRepair(memory, geometry, entries, this);
  }

  // ---- the lock

  void lock() {
    if (!tryLock()) {
      lockSlowly();
    }
  }

  /** Whether nobody has the lock at the moment; what its last holder did is seen then. */
  boolean isFree() {
    return PartitionLock.holder(memory, lockWord()) == 0;
  }

  boolean tryLock() {
    return PartitionLock.tryAcquire(memory, lockWord(), token);
  }

  /**
   * Waits for the lock, and repairs the partition if its holder has died.
   *
   * @throws PartitionBusyException when a process that lives does not let go of it
   */
  void lockSlowly() {
    if (!lockWithin(lockWaitNanos)) {
      throw new PartitionBusyException(number, lockWaitNanos);
    }
  }

  /** As {@link #lockSlowly}, for those who can do without: they wait for a moment, and false says it was too short. */
  boolean lockBriefly() {
    return tryLock() || lockWithin(briefWaitNanos());
  }

  /** As {@link #lockBriefly}, for those who are not even to be held up. */
  boolean lockForMoment() {
    return tryLock() || lockWithin(Math.min(lockWaitNanos, MOMENT_NANOS));
  }

  private long briefWaitNanos() {
    return Math.min(lockWaitNanos, BRIEF_WAIT_NANOS);
  }

  /** What those may throw who have not got the lock, {@link #lockBriefly}. */
  PartitionBusyException busyBriefly() {
    return new PartitionBusyException(number, briefWaitNanos());
  }

  private boolean lockWithin(long nanos) {
    PartitionLock.Outcome outcome = PartitionLock.acquireSlowly(memory, lockWord(), owners, nanos);
    if (outcome == PartitionLock.Outcome.TAKEN_OVER) {
      repairOrUnlock();
    }
    return outcome != PartitionLock.Outcome.BUSY;
  }

  /** Takes the lock if it is free, or its holder has died; repairs the partition then. */
  boolean tryLockOrTakeOver() {
    if (tryLock()) {
      return true;
    }
    long holder = PartitionLock.holder(memory, lockWord());
    boolean taken = holder != token && PartitionLock.takeOver(memory, lockWord(), holder, owners);
    if (taken) {
      repairOrUnlock();
    }
    return taken;
  }

  /**
   * Takes the lock from a dead owner, if he holds it, repairs the partition and unlocks it.
   *
   * @return whether he held it
   */
  boolean repairAfter(long deadToken) {
    boolean held =
        PartitionLock.holder(memory, lockWord()) == deadToken
            && PartitionLock.takeOver(memory, lockWord(), deadToken, owners);
    if (held) {
      repairOrUnlock();
      unlock();
    }
    return held;
  }

  /** Repairs; if that fails the lock is free again, and the partition as damaged as it was. */
  private void repairOrUnlock() {
    try {
      repair();
    } catch (Throwable failure) {
      unlock();
      throw failure;
    }
  }

  /** Makes a sound partition of one in which something is not as it must be; it may lose entries. */
  void mend() {
    lock();
    try {
      newMending().prepare();
      repairWhole();
    } finally {
      unlock();
    }
  }

  private void repair() {
    long start = System.nanoTime();
    if (!repairWritten()) {
      repairWhole();
      add(PartitionLayout.WHOLE_REPAIRS_OFFSET, 1);
    }
    add(PartitionLayout.REPAIRS_OFFSET, 1);
    add(PartitionLayout.REPAIR_NANOS_OFFSET, System.nanoTime() - start);
  }

  private boolean repairWritten() {
    try {
      return writtenRepair != null && writtenRepair.run();
    } catch (RuntimeException damaged) {
      Log.LOG.log(System.Logger.Level.WARNING, "partition " + number + " is damaged and is walked over", damaged);
      return false;
    }
  }

  private void repairWhole() {
    newMending().checkIndex();
    try {
      newRepair().run();
    } catch (RuntimeException damaged) {
      // Not what a kill can leave. A cache may lose what it has, and may not stand still.
      Log.LOG.log(System.Logger.Level.WARNING, "partition " + number + " is damaged and is cleared", damaged);
      set(PartitionLayout.CLEARING_OFFSET, 1);
      newRepair().run();
    }
  }

  private PartitionMending newMending() {
    return new PartitionMending(memory, geometry, classes, pool, this);
  }

  private PartitionRepair newRepair() {
    return new PartitionRepair(memory, geometry, classes, pool, entries, this, owners);
  }

  // ---- what a killed writer was about, REP-2

  /** From here on the lock's holder does what is written down nowhere, so that repair has to walk. They nest. */
  void beginUndescribed() {
    add(PartitionLayout.WHOLE_OFFSET, 1);
    memory.releaseFence();
  }

  /** Ends what the last {@link #beginUndescribed} began. */
  void endUndescribed() {
    memory.setLongRelease(record + PartitionLayout.WHOLE_OFFSET, get(PartitionLayout.WHOLE_OFFSET) - 1);
  }

  /** Writes down what the counters will be when {@code entry} is in the index, or, with -1, out of it. */
  private void beginCounting(long entry, int sign) {
    boolean lease = entries.is(entry, EntryLayout.LEASE);
    long bytes = lease ? 0 : payloadBytes(entry);
    set(PartitionLayout.ENTRIES_AFTER_OFFSET, get(PartitionLayout.ENTRIES_OFFSET) + (lease ? 0 : sign));
    set(PartitionLayout.LEASES_AFTER_OFFSET, get(PartitionLayout.LEASES_OFFSET) + (lease ? sign : 0));
    set(PartitionLayout.PAYLOAD_BYTES_AFTER_OFFSET, get(PartitionLayout.PAYLOAD_BYTES_OFFSET) + sign * bytes);
  }

  /** As {@link #beginCounting}, for a second entry. */
  private void countAfter(long entry, int sign) {
    if (entries.is(entry, EntryLayout.LEASE)) {
      add(PartitionLayout.LEASES_AFTER_OFFSET, sign);
    } else {
      add(PartitionLayout.ENTRIES_AFTER_OFFSET, sign);
      add(PartitionLayout.PAYLOAD_BYTES_AFTER_OFFSET, sign * payloadBytes(entry));
    }
  }

  /** Lets what was written down count, from before the index is changed. */
  private void writeDown() {
    memory.releaseFence();
    set(PartitionLayout.COUNTED_OFFSET, PartitionLayout.ALL_COUNTED);
    memory.releaseFence();
  }

  /** The change has taken place: the counters become what was written down. */
  void applyCounted() {
    long counted = get(PartitionLayout.COUNTED_OFFSET);
    if (counted >= PartitionLayout.BUILDING_MORE) {
      set(PartitionLayout.BUILDING_OFFSET, get(PartitionLayout.BUILDING_AFTER_OFFSET));
    } else if (counted != 0) {
      set(PartitionLayout.PAYLOAD_BYTES_OFFSET, get(PartitionLayout.PAYLOAD_BYTES_AFTER_OFFSET));
    }
    if (counted == PartitionLayout.ALL_COUNTED) {
      set(PartitionLayout.ENTRIES_OFFSET, get(PartitionLayout.ENTRIES_AFTER_OFFSET));
      set(PartitionLayout.LEASES_OFFSET, get(PartitionLayout.LEASES_AFTER_OFFSET));
    }
    memory.setLongRelease(record + PartitionLayout.COUNTED_OFFSET, 0);
  }

  /** For repair: nothing is under way any more. */
  void forgetWritten() {
    set(PartitionLayout.WINDOW_OFFSET, 0);
    set(PartitionLayout.REPLACING_OFFSET, 0);
    set(PartitionLayout.COUNTED_OFFSET, 0);
    putInt(PartitionLayout.STEPPING_OFFSET, 0);
    putInt(PartitionLayout.REOPENING_OFFSET, 0);
    slabs.nameNone();
    memory.setLongRelease(record + PartitionLayout.WHOLE_OFFSET, 0);
  }

  private long lockWord() {
    return record + PartitionLayout.LOCK_OFFSET;
  }

  void unlock() {
    PartitionLock.release(memory, lockWord());
  }

  // ---- counters; written under the lock, read at any time

  long get(long field) {
    return memory.getLong(record + field);
  }

  void set(long field, long value) {
    memory.putLong(record + field, value);
  }

  void add(long field, long delta) {
    memory.putLong(record + field, memory.getLong(record + field) + delta);
  }

  int getInt(long field) {
    return memory.getInt(record + field);
  }

  void putInt(long field, int value) {
    memory.putInt(record + field, value);
  }

  /**
   * Under the lock: the next version of this partition. It grows with every write, so it does for every key.
   */
  long nextVersion() {
    add(PartitionLayout.VERSION_OFFSET, 1);
    return get(PartitionLayout.VERSION_OFFSET);
  }

  /** Entries and leases: what takes slots. */
  long slotsUsed() {
    return get(PartitionLayout.ENTRIES_OFFSET) + get(PartitionLayout.LEASES_OFFSET);
  }

  // ---- entries, under the lock

  /**
   * Finds the slot of the entry with a key; {@link HashIndex#NO_SLOT} when there is none. A slot that has been damaged
   * may name a block that is free, or the spare, in which there is an older entry with the key: it is emptied. The
   * entry that it should have named is counted out by a sweep.
   */
  long find(long hash, byte[] key, int keyOffset, int keyLength) {
    long slot = index.find(hash, key, keyOffset, keyLength);
    while (slot != HashIndex.NO_SLOT && !slabs.isInUse(index.entry(slot))) {
      index.removeFound(slot);
      slot = index.find(hash, key, keyOffset, keyLength);
    }
    return slot;
  }

  /**
   * Names a complete block in the index anew.
   *
   * @return false when the index has no room for it
   */
  boolean insert(long hash, long block) {
    beginCounting(block, 1);
    writeDown();
    boolean done = index.insert(hash, entries.reference(block));
    if (done) {
      applyCounted();
      slabs.nameNone();
    } else {
      set(PartitionLayout.COUNTED_OFFSET, 0);
    }
    return done;
  }

  /**
   * Names a complete block in the index in the place of the entry in {@code slot}, whose blocks it frees, but for the
   * one that becomes the spare of its class.
   */
  void replace(long slot, long block, StoreClock clock) {
    long old = index.entry(slot);
    if (!isSound(old)) {
      beginUndescribed();
      index.replace(slot, entries.reference(block));
      quarantine(old);
      count(block, 1);
      slabs.nameNone();
      endUndescribed();
      return;
    }
    boolean expired = entries.isExpired(old, clock);
    slabs.nameOld(old);
    beginCounting(old, -1);
    countAfter(block, 1);
    writeDown();
    index.replace(slot, entries.reference(block));
    applyCounted();
    if (sink == null && !expired && !entries.is(old, EntryLayout.LEASE | EntryLayout.CHAINED)) {
      slabs.freeOrKeep(old);
    } else {
      seeOut(old, expired ? RemovalSink.Cause.EXPIRED : RemovalSink.Cause.REPLACED);
    }
    slabs.nameNone();
  }

  private void count(long entry, int sign) {
    beginCounting(entry, sign);
    set(PartitionLayout.COUNTED_OFFSET, PartitionLayout.ALL_COUNTED);
    applyCounted();
  }

  private long payloadBytes(long entry) {
    return entries.keyLength(entry) + entries.valueBytes(entry);
  }

  /** Takes the entry in the slot that the last lookup found out of the index, and frees its blocks. */
  void remove(long slot, RemovalSink.Cause cause) {
    long entry = index.entry(slot);
    if (!isSound(entry)) {
      quarantineFound(slot);
      return;
    }
    slabs.nameOld(entry);
    beginCounting(entry, -1);
    writeDown();
    index.removeFound(slot);
    applyCounted();
    seeOut(entry, cause);
    slabs.nameNone();
  }

  /** The slot that names the entry at an offset; {@link HashIndex#NO_SLOT} only when its key has been damaged. */
  long slotOf(long entry) {
    return index.slotOf(entries.hash(entry), entries.reference(entry));
  }

  /** Takes the entry at an offset, which is evicted or has expired, out of the index, and frees its blocks. */
  void removeEntry(long entry, RemovalSink.Cause cause) {
    removeEntry(entry, entries.hash(entry), cause == RemovalSink.Cause.EXPIRED ? Fate.EXPIRED : Fate.EVICTED);
  }

  /** As {@link #removeEntry(long, RemovalSink.Cause)}, for who knows the fingerprint and more about its end. */
  void removeEntry(long entry, long hash, Fate fate) {
    long slot = index.slotOf(hash, entries.reference(entry));
    if (slot == HashIndex.NO_SLOT) {
      quarantineEntry(entry);
    } else {
      writeFate(entry, hash, fate);
      remove(slot, fate == Fate.EXPIRED ? RemovalSink.Cause.EXPIRED : RemovalSink.Cause.EVICTED);
    }
  }

  /** Writes down what becomes of an entry that is about to go; of a lease nothing. */
  void writeFate(long entry, long hash, Fate fate) {
    if (entries.is(entry, EntryLayout.LEASE)) {
      return;
    }
    if (fate == Fate.EXPIRED) {
      fates.add(hash, fate, entries.expiryMillis(entry, clock));
    } else {
      fates.add(hash, fate);
    }
  }

  /**
   * Whether what an entry says of its lengths fits its blocks, and its chain is its own. What is not sound
   * has been damaged, and is not to be copied or told of.
   */
  boolean isSound(long entry) {
    int flags = entries.flags(entry);
    int keyLength = entries.keyLength(entry);
    long length = entries.valueBytes(entry);
    if ((flags & EntryLayout.CHAINED) == 0) {
      return length >= 0 && EntryLayout.keyOffset(flags) + keyLength + length <= slabs.blockBytesOf(entry);
    }
    return isSoundChain(entry, length);
  }

  private boolean isSoundChain(long entry, long valueBytes) {
    int inline = entries.inlineLength(entry);
    long left = valueBytes - inline;
    if (inline < 0 || left < 0 || entries.usedBytes(entry) > slabs.blockBytesOf(entry)) {
      return false;
    }
    long next = entries.firstContinuation(entry);
    for (; left > 0; next = entries.nextContinuation(next)) {
      if (!isPiece(next, entry)) {
        return false;
      }
      int length = entries.continuationLength(next);
      if (length <= 0 || length > left || length > slabs.blockBytesOf(next) - ContinuationLayout.HEADER_BYTES) {
        return false;
      }
      left -= length;
    }
    // A chain that goes on behind its value would be followed to anywhere, and written to.
    return next == 0;
  }

  /** Whether an offset is that of a further block of an entry. */
  private boolean isPiece(long block, long entry) {
    return slabs.isAllocated(block) && entries.is(block, EntryLayout.CONTINUATION) && entries.head(block) == entry;
  }

  /**
   * Whether a further block is in the chain of the entry that it names; it is not when one of them has been
   * damaged.
   */
  boolean hasOwner(long continuation) {
    long entry = entries.head(continuation);
    if (!slabs.isInUse(entry) || entries.is(entry, EntryLayout.NO_ENTRY)) {
      return false;
    }
    int piecesMax = slabs.slabCount() + PIECES_BEHIND_SLABS;
    long next = entries.firstContinuation(entry);
    for (int pieces = 0; pieces < piecesMax && isPiece(next, entry); pieces++) {
      if (next == continuation) {
        return true;
      }
      next = entries.nextContinuation(next);
    }
    return false;
  }

  /** For repair: lets further blocks of an entry name it again that name the block to which it was to be moved. */
  void mendHeads(long entry, long to) {
    int piecesMax = slabs.slabCount() + PIECES_BEHIND_SLABS;
    long next = entries.firstContinuation(entry);
    for (int pieces = 0; pieces < piecesMax && (isPiece(next, entry) || isPiece(next, to)); pieces++) {
      if (entries.head(next) == to) {
        memory.putInt(next + ContinuationLayout.HEAD_OFFSET, entries.reference(entry));
      }
      next = entries.nextContinuation(next);
    }
  }

  /** Tells the sink of an entry that the index does not name any more, and frees its blocks. */
  private void seeOut(long entry, RemovalSink.Cause cause) {
    if (!entries.is(entry, EntryLayout.LEASE)) {
      tell(entry, cause);
      switch (cause) {
        case EVICTED -> {
          add(PartitionLayout.EVICTIONS_OFFSET, 1);
          add(PartitionLayout.EVICTED_BYTES_OFFSET, payloadBytes(entry));
          if (victims != null) {
            victims.evicted(victim.at(entry));
          }
        }
        case EXPIRED -> add(PartitionLayout.EXPIRATIONS_OFFSET, 1);
        case EXPLICIT -> add(PartitionLayout.REMOVALS_OFFSET, 1);
        case REPLACED -> {}
      }
    }
    if (cause == RemovalSink.Cause.EVICTED && !entries.is(entry, EntryLayout.CHAINED)) {
      // Most likely the block is what the next entry wants.
      slabs.freeOrKeep(entry);
    } else {
      freeBlocks(entry);
    }
  }

  private void tell(long entry, RemovalSink.Cause cause) {
    if (sink == null) {
      return;
    }
    byte[] key = new byte[entries.keyLength(entry)];
    memory.copyOut(entries.key(entry), key, 0, key.length);
    byte[] value = new byte[entries.valueLength(entry)];
    entries.copyValue(entry, value);
    sink.removed(cause, key, value, entries.userFlags(entry));
  }

  /**
   * Frees the blocks of an entry that nothing names: the further ones first, each cut off before, so that what is left
   * is a chain at any time.
   */
  void freeBlocks(long entry) {
    slabs.nameOld(entry);
    long chainWord = entry + EntryLayout.chainOffset(entries.flags(entry));
    long piece = entries.firstContinuation(entry);
    while (isPiece(piece, entry)) {
      long next = entries.nextContinuation(piece);
      // What was the new block until now is freed, or is the entry itself.
      memory.releaseFence();
      slabs.nameNew(piece);
      memory.releaseFence();
      memory.putInt(chainWord, entries.reference(next));
      slabs.free(piece);
      piece = next;
    }
    slabs.free(entry);
  }

  /** For repair: frees what is left of the blocks of an entry that nothing names, unless it is a spare. */
  void freeRest(long entry) {
    if (slabs.isInUse(entry) && entries.canBeAt(entry, 0)) {
      freeBlocks(entry);
    }
  }

  /**
   * Under the lock: moves the idle deadline of the entry with a key, if it is still the one of that version, D3 and D4
   * of IDL-1.
   *
   * @return when the deadline is now, in milliseconds; 0 when there is no such entry
   */
  long prolong(long hash, byte[] key, int keyOffset, int keyLength, long version) {
    long slot = index.find(hash, key, keyOffset, keyLength);
    long entry = slot == HashIndex.NO_SLOT ? 0 : index.entry(slot);
    if (entry == 0 || !slabs.isInUse(entry) || entries.version(entry) != version) {
      return 0;
    }
    int span = entries.idleSpan(entry);
    long now = clock.now();
    long deadline = span == 0 ? 0 : entries.idleMillis(entry, span, now);
    if (deadline <= now || !IdleTime.isDue(span, deadline, now)) {
      return deadline;
    }
    entries.prolong(entry, span, now);
    noteExpiry(entry);
    return entries.idleMillis(entry, span, now);
  }

  /** Lets a slab, and the clock, know of an entry that expires. */
  void noteExpiry(long entry) {
    long expiry = entries.reclaimMillis(entry, clock);
    if (expiry != 0) {
      if (entries.is(entry, EntryLayout.IDLE)) {
        clock.noteDeadline(expiry);
      }
      int slab = slabs.slabOf(entry);
      long earliest = slabs.earliestExpiry(slab);
      if (earliest == 0 || expiry < earliest) {
        slabs.setEarliestExpiry(slab, expiry);
      }
    }
  }

  /** Takes the entry with a key for damaged, if it still has that version. */
  void quarantine(long hash, byte[] key, int keyOffset, int keyLength, long version) {
    long slot = index.find(hash, key, keyOffset, keyLength);
    long entry = slot == HashIndex.NO_SLOT ? 0 : index.entry(slot);
    if (entry != 0 && slabs.isInUse(entry) && entries.version(entry) == version) {
      quarantineFound(slot);
    }
  }

  /** Takes a damaged entry out of the slot that the last lookup found. */
  void quarantineFound(long slot) {
    long entry = index.entry(slot);
    beginUndescribed();
    index.removeFound(slot);
    if (slabs.isInUse(entry)) {
      quarantine(entry);
    }
    endUndescribed();
  }

  /** Takes a damaged entry out of the index, if it is still to be found there. */
  void quarantineEntry(long entry) {
    long slot = slotOf(entry);
    beginUndescribed();
    if (slot != HashIndex.NO_SLOT) {
      index.removeFound(slot);
    }
    quarantine(entry);
    endUndescribed();
  }

  /** Never uses the block of a damaged entry again. Its further blocks are freed when a sweep comes to them. */
  private void quarantine(long entry) {
    count(entry, -1);
    writeFate(entry, entries.hash(entry), Fate.FAILED_CHECKSUM);
    entries.setQuarantined(entry);
    add(PartitionLayout.CORRUPTIONS_OFFSET, 1);
    add(PartitionLayout.QUARANTINED_BYTES_OFFSET, slabs.blockBytesOf(entry));
  }

  /** Drops every entry; blocks that are being built stay. */
  void clear() {
    set(PartitionLayout.CLEARING_OFFSET, 1);
    memory.releaseFence();
    slabs.freeSpares();
    fates.addClearing();
    if (sink != null) {
      forEachLiveBlock(
          entry -> {
            if (!entries.is(entry, EntryLayout.NO_ENTRY | EntryLayout.LEASE)) {
              tell(entry, RemovalSink.Cause.EXPLICIT);
            }
          });
    }
    add(PartitionLayout.REMOVALS_OFFSET, get(PartitionLayout.ENTRIES_OFFSET));
    add(PartitionLayout.ENTRIES_OFFSET, -get(PartitionLayout.ENTRIES_OFFSET));
    add(PartitionLayout.LEASES_OFFSET, -get(PartitionLayout.LEASES_OFFSET));
    add(PartitionLayout.PAYLOAD_BYTES_OFFSET, -get(PartitionLayout.PAYLOAD_BYTES_OFFSET));
    index.clear();
    forEachLiveBlock(
        block -> {
          if (!isBuilding(block) && !entries.is(block, EntryLayout.QUARANTINED)) {
            slabs.free(block);
          }
        });
    Evictor.forget(this);
    int draining = getInt(PartitionLayout.DRAINING_OFFSET) - 1;
    if (draining != PartitionSlabs.NO_SLAB) {
      putInt(PartitionLayout.DRAINING_OFFSET, 0);
      slabs.endDrain(draining);
    }
    memory.releaseFence();
    set(PartitionLayout.CLEARING_OFFSET, 0);
  }

  // ---- blocks that are being built, outside of the lock

  /**
   * From here on the block that was last allocated, and says already whose it is, counts as one that is being built:
   * it is {@code newBlock} no more.
   */
  void beginBuilding() {
    writeDownBuilding(PartitionLayout.BUILDING_MORE, 1);
    slabs.nameNone();
    memory.releaseFence();
    applyCounted();
  }

  /**
   * From here on an entry is built, and is a new one that nothing names yet.
   *
   * @param blocks how many it has
   */
  void endBuilding(long head, int blocks) {
    writeDownBuilding(PartitionLayout.BUILDING_FEWER, -blocks);
    slabs.nameNew(head);
    memory.releaseFence();
    memory.putInt(head + EntryLayout.CHECKSUM_OFFSET, 0);
    memory.setByteOpaque(head + EntryLayout.FLAGS_OFFSET, entries.flags(head) & ~EntryLayout.BUILDING);
    applyCounted();
  }

  /** Writes down how many blocks will be in the making when {@code newBlock} or {@code oldBlock} has changed. */
  private void writeDownBuilding(int how, int blocks) {
    set(PartitionLayout.BUILDING_AFTER_OFFSET, get(PartitionLayout.BUILDING_OFFSET) + blocks);
    memory.releaseFence();
    set(PartitionLayout.COUNTED_OFFSET, how);
    memory.releaseFence();
  }

  /** Whether an allocated block is part of an entry that somebody is building: its head says so. */
  boolean isBuilding(long block) {
    long head = headOf(block);
    return (head == block || slabs.isAllocated(head))
        && (entries.flags(head) & (EntryLayout.BUILDING | EntryLayout.CONTINUATION)) == EntryLayout.BUILDING;
  }

  /** The token of who builds a block, in 32 bits. */
  int builder(long block) {
    return memory.getInt(headOf(block) + EntryLayout.CHECKSUM_OFFSET);
  }

  private long headOf(long block) {
    return entries.is(block, EntryLayout.CONTINUATION) ? entries.head(block) : block;
  }

  /**
   * Frees the blocks of one slab that a dead process was building.
   *
   * @param heads whether it is the turn of the first blocks of entries: those behind them go before, as they are known
   *     by them
   * @return how many there were
   */
  int freeBuiltBy(long deadToken, int slab, boolean heads) {
    int state = slabs.state(slab);
    if (slabs.partition(slab) != number || (state != SlabLayout.BLOCKS && state != SlabLayout.DRAINING)) {
      return 0;
    }
    int freed = 0;
    // The last one may take the slab with it: count down rather than ask.
    int left = slabs.live(slab);
    for (int block = slabs.nextLive(slab, 0); left > 0 && block >= 0; left--) {
      long offset = slabs.blockOffset(slab, block);
      int next = left == 1 ? -1 : slabs.nextLive(slab, block + 1);
      if (entries.is(offset, EntryLayout.CONTINUATION) != heads
          && isBuilding(offset)
          && builder(offset) == (int) deadToken) {
        freeBuilt(offset);
        freed++;
      }
      block = next;
    }
    return freed;
  }

  private void freeBuilt(long block) {
    writeDownBuilding(PartitionLayout.BUILDING_FREED, -1);
    slabs.nameOld(block);
    memory.releaseFence();
    applyCounted();
    slabs.free(block);
    slabs.nameNone();
  }

  private void forEachLiveBlock(LongConsumer visitor) {
    int slab = slabs.oldest();
    for (int slabsLeft = geometry.slabCount(); slab != PartitionSlabs.NO_SLAB; slabsLeft--) {
      if (slabsLeft == 0) {
        throw new DamagedRegionException("the ring of slabs comes to no end");
      }
      int younger = slabs.younger(slab);
      // The visitor may free the last block and with it the slab: count down rather than ask.
      int left = slabs.live(slab);
      for (int block = -1; left > 0; left--) {
        block = slabs.nextLive(slab, block + 1);
        if (block < 0) {
          throw new DamagedRegionException("slab " + slab + " has fewer blocks than it counts");
        }
        visitor.accept(slabs.blockOffset(slab, block));
      }
      slab = younger;
    }
  }
}
