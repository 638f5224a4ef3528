package io.larder.engine;

import io.larder.allocator.DamagedRegionException;
import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.Spares;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Puts and removes. Any thread; writers of one partition take turns.
 *
 * <p>A small entry is built under the lock. A large one is built outside of it, piece by piece, under a head that is
 * marked as being built, and then published like any other.
 */
@SuppressWarnings("ArrayRecordComponent") // as fixed as the other components, and never compared
record StoreWriter(
    Memory memory,
    Addresses where,
    SizeClasses classes,
    int sharedBytesMax,
    Partition[] partitions,
    Entries entries,
    Spares spares,
    SpaceKeeper space,
    Policy policy,
    StoreClock clock,
    boolean checksums,
    boolean plain,
    boolean readOnly,
    long token) {

  /**
   * Home buckets that a write moves while the index is being resized: enough to be done long before the next
   * resizing.
   */
  static final int RESIZE_STEPS = 2;

  /** More blocks than any value has. */
  private static final int BLOCKS_PER_ENTRY_MAX = 1 << 20;

  /** How often an insertion for which the index has no room may evict to make some. */
  private static final int INSERT_ATTEMPTS = 8;

  StoreWriter(
      Memory memory,
      RegionGeometry geometry,
      SizeClasses classes,
      Partition[] partitions,
      Entries entries,
      SpaceKeeper space,
      Policy policy,
      StoreOptions options) {
    this(
        memory,
        Addresses.of(geometry),
        classes,
        classes.sharedBytesMax(),
        partitions,
        entries,
        Spares.of(memory, geometry, classes),
        space,
        policy,
        options.clock(),
        options.verifyReads(),
        !options.isReadOnly() && options.sink() == null,
        options.isReadOnly(),
        options.owners().token());
  }

  /**
   * Puts a value that lies in an array or, where that is null, in a segment.
   *
   * @return the new version, or one of the outcomes of {@link Store}
   */
  long put(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long valueOffset,
      int valueLength,
      PutSpec spec) {
    requireWritable();
    int flags = spec.flags();
    long bytes = (long) EntryLayout.keyOffset(flags) + keyLength + valueLength;
    Partition partition = partitions[where.partition(hash)];
    if (bytes > sharedBytesMax) {
      return putLarge(
          partition, hash, key, keyOffset, keyLength, array, segment, valueOffset, valueLength, spec);
    }
    partition.lock();
    try {
      return putSmall(partition, hash, key, keyOffset, keyLength, array, segment, valueOffset, valueLength, spec);
    } finally {
      partition.unlock();
    }
  }

  private void requireWritable() {
    if (readOnly) {
      throw Store.readOnly();
    }
  }

  /** Under the lock: puts an entry that fits a shared block. */
  long putSmall(
      Partition partition,
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long valueOffset,
      int valueLength,
      PutSpec spec) {
    int flags = spec.flags();
    int bytes = EntryLayout.keyOffset(flags) + keyLength + valueLength;
    int sizeClass = classes.classFor(bytes);
    long slot = partition.find(hash, key, keyOffset, keyLength);
    int outcome = check(partition, slot, spec);
    if (outcome != Store.DONE) {
      return outcome;
    }
    slot = makeRoom(partition, slot, hash, key, keyOffset, keyLength, spec);
    long block = space.allocate(partition, sizeClass);
    if (block == PartitionSlabs.NO_BLOCK) {
      block = space.obtain(partition, sizeClass);
      if (block == PartitionSlabs.NO_BLOCK) {
        return reject(partition, hash, Fate.NO_SPACE);
      }
      if (slot != HashIndex.NO_SLOT) {
        // What was there may be gone.
        slot = partition.find(hash, key, keyOffset, keyLength);
        outcome = check(partition, slot, spec);
        if (outcome != Store.DONE) {
          partition.slabs.free(block);
          partition.slabs.nameNone();
          return outcome;
        }
      }
    }
    buildPlain(partition, block, flags, key, keyOffset, keyLength, array, segment, valueOffset, valueLength, spec);
    return publish(partition, slot, hash, block, bytes);
  }

  /** Evicts an entry if there may be no further one; returns the slot that has been found, or where it is now. */
  private long makeRoom(
      Partition partition, long slot, long hash, byte[] key, int keyOffset, int keyLength, PutSpec spec) {
    boolean fresh = slot == HashIndex.NO_SLOT || entries.is(partition.index.entry(slot), EntryLayout.LEASE);
    if (!fresh || spec.lease || !policy.of(partition).isFull()) {
      return slot;
    }
    policy.of(partition).evictForNumber();
    return partition.find(hash, key, keyOffset, keyLength);
  }

  /** Puts an entry that does not fit a shared block: it is built without the lock, in several blocks. */
  private long putLarge(
      Partition partition,
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long valueOffset,
      int valueLength,
      PutSpec spec) {
    int outcome = checkFirst(partition, hash, key, keyOffset, keyLength, spec);
    if (outcome != Store.DONE) {
      return outcome;
    }
    long built = buildChain(partition, key, keyOffset, keyLength, array, segment, valueOffset, valueLength, spec);
    if (built == PartitionSlabs.NO_BLOCK) {
      return rejectLarge(partition, hash, valueLength);
    }
    partition.lock();
    try {
      long slot = partition.find(hash, key, keyOffset, keyLength);
      outcome = check(partition, slot, spec);
      if (outcome == Store.DONE) {
        slot = makeRoom(partition, slot, hash, key, keyOffset, keyLength, spec);
      }
      endBuilding(partition, built);
      if (outcome != Store.DONE) {
        partition.freeBlocks(built);
        partition.slabs.nameNone();
        return outcome;
      }
      return publish(partition, slot, hash, built, sharedBytesMax);
    } finally {
      partition.unlock();
    }
  }

  /** Whether it is worth building a large entry at all; the answer counts only when it is no. */
  private int checkFirst(Partition partition, long hash, byte[] key, int keyOffset, int keyLength, PutSpec spec) {
    if (spec.condition == PutSpec.Condition.ALWAYS || spec.condition == PutSpec.Condition.IF_GUARD) {
      return Store.DONE;
    }
    partition.lock();
    try {
      return check(partition, partition.find(hash, key, keyOffset, keyLength), spec);
    } finally {
      partition.unlock();
    }
  }

  private long rejectLarge(Partition partition, long hash, int valueLength) {
    partition.lock();
    try {
      return reject(partition, hash, space.canHold(valueLength) ? Fate.NO_SPACE : Fate.TOO_LARGE);
    } finally {
      partition.unlock();
    }
  }

  /** Under the lock: counts a put for which there is no space, and writes down why. */
  private static long reject(Partition partition, long hash, Fate fate) {
    partition.add(PartitionLayout.REJECTIONS_OFFSET, 1);
    partition.fates.add(hash, fate);
    return Store.REJECTED;
  }

  /** Whether the condition of a put or remove holds for what the slot names. An expired entry is none. */
  private int check(Partition partition, long slot, PutSpec spec) {
    long entry = slot == HashIndex.NO_SLOT ? 0 : partition.index.entry(slot);
    boolean visible =
        entry != 0 && !entries.is(entry, EntryLayout.LEASE) && !entries.isExpired(entry, clock);
    return switch (spec.condition) {
      case ALWAYS -> Store.DONE;
      case IF_GUARD -> checkGuard(spec);
      case IF_ABSENT -> visible ? Store.PRESENT : checkAbsent(partition, entry, spec);
      case IF_PRESENT -> visible ? Store.DONE : Store.ABSENT;
      case IF_VERSION -> checkVersion(entry, visible, spec.expectedVersion);
    };
  }

  private int checkAbsent(Partition partition, long entry, PutSpec spec) {
    int guarded = checkGuard(spec);
    return guarded == Store.DONE ? checkLease(partition, entry, spec) : guarded;
  }

  static int checkGuard(PutSpec spec) {
    return spec.guard == null || spec.guard.getAsBoolean() ? Store.DONE : Store.MISMATCH;
  }

  /** Whether a lease is in the way: of another lease, when another process has it. */
  private int checkLease(Partition partition, long entry, PutSpec spec) {
    if (!spec.lease || entry == 0 || !entries.is(entry, EntryLayout.LEASE) || entries.isExpired(entry, clock)) {
      return Store.DONE;
    }
    spec.holder = partition.isSound(entry) ? entries.holder(entry) : 0;
    spec.holderVersion = entries.version(entry);
    return spec.holder == token ? Store.DONE : Store.LEASED;
  }

  private int checkVersion(long entry, boolean visible, long expectedVersion) {
    if (entry == 0 || (!visible && !entries.is(entry, EntryLayout.LEASE))) {
      return Store.ABSENT;
    }
    return entries.version(entry) == expectedVersion ? Store.DONE : Store.MISMATCH;
  }

  private long publish(Partition partition, long foundSlot, long hash, long block, int bytesToPace) {
    long version = partition.nextVersion();
    long old = foundSlot == HashIndex.NO_SLOT ? PartitionSlabs.NO_BLOCK : partition.index.entry(foundSlot);
    boolean fresh = old == PartitionSlabs.NO_BLOCK || entries.is(old, EntryLayout.LEASE);
    int bits =
        fresh
            ? policy.of(partition).admit(hash, block)
            : policy.of(partition).overwrite(hash, entries.policyBits(old));
    entries.setVersion(block, version, bits);
    if (checksums) {
      memory.putInt(block + EntryLayout.CHECKSUM_OFFSET, entries.checksum(block, hash));
    }
    partition.noteExpiry(block);
    if (foundSlot == HashIndex.NO_SLOT) {
      if (!insert(partition, hash, block)) {
        return Store.REJECTED;
      }
    } else {
      partition.replace(foundSlot, block, clock);
    }
    partition.add(PartitionLayout.PUTS_OFFSET, entries.is(block, EntryLayout.LEASE) ? 0 : 1);
    if (foundSlot == HashIndex.NO_SLOT || partition.index.isResizing()) {
      moveIndex(partition);
    }
    space.pace(partition, bytesToPace);
    return version;
  }

  /** Inserts an entry whose key is in no slot; when the index has no room, other entries go. */
  private boolean insert(Partition partition, long hash, long block) {
    for (int attempt = 0; attempt < INSERT_ATTEMPTS; attempt++) {
      if (partition.insert(hash, block)) {
        return true;
      }
      // The index is full and could not grow: what goes from the slabs goes from the index too.
      partition.beginUndescribed();
      int checksum = memory.getInt(block + EntryLayout.CHECKSUM_OFFSET);
      memory.putInt(block + EntryLayout.CHECKSUM_OFFSET, (int) token);
      memory.setByteOpaque(block + EntryLayout.FLAGS_OFFSET, entries.flags(block) | EntryLayout.BUILDING);
      space.sweepOwn(partition, true);
      moveIndex(partition);
      memory.setByteOpaque(block + EntryLayout.FLAGS_OFFSET, entries.flags(block) & ~EntryLayout.BUILDING);
      memory.putInt(block + EntryLayout.CHECKSUM_OFFSET, checksum);
      partition.slabs.nameNew(block);
      partition.endUndescribed();
    }
    partition.freeBlocks(block);
    partition.slabs.nameNone();
    reject(partition, hash, Fate.NO_SPACE);
    return false;
  }

  private void moveIndex(Partition partition) {
    partition.index.considerResizing(partition.slotsUsed());
    for (int step = 0; step < RESIZE_STEPS && partition.index.isResizing(); step++) {
      if (!partition.index.step()) {
        space.sweepOwn(partition, false);
      }
    }
  }

  /** Writes an entry into its block; when the caller's bytes cannot be read, the block is free again. */
  private void buildPlain(
      Partition partition,
      long block,
      int flags,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long valueOffset,
      int valueLength,
      PutSpec spec) {
    boolean complete = false;
    try {
      writeHead(block, flags, key, keyOffset, keyLength, valueLength, spec);
      copyValue(block + EntryLayout.keyOffset(flags) + keyLength, array, segment, valueOffset, valueLength);
      complete = true;
    } finally {
      if (!complete) {
        partition.slabs.free(block);
        partition.slabs.nameNone();
      }
    }
  }

  void writeHead(
      long block, int flags, byte[] key, int keyOffset, int keyLength, int valueLength, PutSpec spec) {
    // The checksum, 0 until it is known, or who is building the entry; and the value's length.
    long builder = (flags & EntryLayout.BUILDING) == 0 ? 0 : token;
    memory.putLong(block + EntryLayout.CHECKSUM_OFFSET, (long) valueLength << Integer.SIZE | builder);
    memory.putInt(block + EntryLayout.KEY_LENGTH_OFFSET, EntryLayout.info(keyLength, flags));
    if ((flags & EntryLayout.TERMS) != 0) {
      memory.putLong(block + EntryLayout.HEADER_BYTES, spec.terms());
    }
    if ((flags & EntryLayout.IDLE) != 0) {
      long idle = block + EntryLayout.idleOffset(flags);
      memory.putInt(idle + EntryLayout.IDLE_SPAN_OFFSET, spec.idleSpan);
      memory.putInt(idle + EntryLayout.IDLE_DEADLINE_OFFSET, spec.idleDeadline);
    }
    memory.copyShortIn(block + EntryLayout.keyOffset(flags), key, keyOffset, keyLength);
  }

  void copyValue(
      long to, byte @Nullable [] array, @Nullable MemorySegment segment, long valueOffset, int length) {
    if (array != null) {
      memory.copyIn(to, array, (int) valueOffset, length);
    } else if (segment != null) {
      memory.copyIn(to, segment, valueOffset, length);
    }
  }

  // ---- large values

  /**
   * Builds an entry whose value goes on in further blocks: whole slabs for the bulk, shared blocks for the
   * rest, and in the entry's own block what fits beside the key. The lock is taken for each allocation only.
   * When the caller's bytes cannot be read, the blocks are free again.
   *
   * @return {@link PartitionSlabs#NO_BLOCK} when there is no space for it
   */
  private long buildChain(
      Partition partition,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long valueOffset,
      int valueLength,
      PutSpec spec) {
    if (!space.canHold(valueLength)) {
      return PartitionSlabs.NO_BLOCK;
    }
    int flags = spec.flags() | EntryLayout.CHAINED | EntryLayout.BUILDING;
    int fixedBytes = EntryLayout.keyOffset(flags) + keyLength;
    int wholeData = classes.slabBytes() - ContinuationLayout.HEADER_BYTES;
    int rest = valueLength % wholeData;
    int inline = Math.min(rest, sharedBytesMax - fixedBytes);
    long head = beginBlock(partition, classes.classFor(fixedBytes + inline), flags, PartitionSlabs.NO_BLOCK);
    if (head == PartitionSlabs.NO_BLOCK) {
      return head;
    }
    long chainWord = head + EntryLayout.chainOffset(flags);
    memory.putLong(chainWord, (long) inline << Integer.SIZE);
    boolean complete = false;
    try {
      writeHead(head, flags, key, keyOffset, keyLength, valueLength, spec);
      copyValue(head + fixedBytes, array, segment, valueOffset, inline);
      complete = buildPieces(partition, head, chainWord, array, segment, valueOffset, inline, valueLength);
    } finally {
      if (!complete) {
        abandon(partition, head);
      }
    }
    return complete ? head : PartitionSlabs.NO_BLOCK;
  }

  /**
   * Builds the further blocks of a value, from byte {@code inline} on, each linked as soon as it is there.
   *
   * @return whether there was space for all of them
   */
  private boolean buildPieces(
      Partition partition,
      long head,
      long chainWord,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long valueOffset,
      int inline,
      int valueLength) {
    int wholeData = classes.slabBytes() - ContinuationLayout.HEADER_BYTES;
    long link = chainWord;
    int done = inline;
    for (int position = 0; done < valueLength; position++) {
      int length = pieceLength(valueLength - done, wholeData);
      int sizeClass =
          length + ContinuationLayout.HEADER_BYTES > sharedBytesMax
              ? classes.whole()
              : classes.classFor(length + ContinuationLayout.HEADER_BYTES);
      long piece = beginBlock(partition, sizeClass, EntryLayout.CONTINUATION, head);
      if (piece == PartitionSlabs.NO_BLOCK) {
        return false;
      }
      memory.putInt(piece + ContinuationLayout.NEXT_OFFSET, 0);
      memory.putInt(piece + ContinuationLayout.LENGTH_OFFSET, length);
      memory.putInt(piece + ContinuationLayout.POSITION_OFFSET, position);
      memory.putInt(link, entries.reference(piece));
      copyValue(piece + ContinuationLayout.HEADER_BYTES, array, segment, valueOffset + done, length);
      link = piece + ContinuationLayout.NEXT_OFFSET;
      done += length;
    }
    return true;
  }

  /** How much of what is left the next block takes. */
  private int pieceLength(int left, int wholeData) {
    if (left >= wholeData - wholeData / 8) {
      return Math.min(left, wholeData);
    }
    return Math.min(left, sharedBytesMax - ContinuationLayout.HEADER_BYTES);
  }

  /** Allocates a block and says whose it is: the head says it for all blocks of the entry to be. */
  private long beginBlock(Partition partition, int sizeClass, int flags, long head) {
    partition.lock();
    try {
      long block = space.allocate(partition, sizeClass);
      block = block == PartitionSlabs.NO_BLOCK ? space.obtain(partition, sizeClass) : block;
      if (block != PartitionSlabs.NO_BLOCK) {
        if (head == PartitionSlabs.NO_BLOCK) {
          memory.putInt(block + EntryLayout.CHECKSUM_OFFSET, (int) token);
        } else {
          memory.putInt(block + ContinuationLayout.HEAD_OFFSET, entries.reference(head));
        }
        memory.setByteOpaque(block + EntryLayout.FLAGS_OFFSET, flags);
        // Only now: a page that is touched first is where a kill is met most often.
        memory.releaseFence();
        partition.beginBuilding();
      }
      return block;
    } finally {
      partition.unlock();
    }
  }

  private void abandon(Partition partition, long head) {
    partition.lock();
    try {
      endBuilding(partition, head);
      partition.freeBlocks(head);
      partition.slabs.nameNone();
    } finally {
      partition.unlock();
    }
  }

  /** Under the lock: from here on the blocks count as used, and the first is one that nothing names yet. */
  private void endBuilding(Partition partition, long head) {
    int blocks = 1;
    for (long next = entries.firstContinuation(head); next != 0; next = entries.nextContinuation(next)) {
      if (++blocks > BLOCKS_PER_ENTRY_MAX) {
        throw new DamagedRegionException("a chain comes to no end: a block was allocated twice");
      }
    }
    partition.endBuilding(head, blocks);
  }

  // ---- removal

  /**
   * Removes an entry.
   *
   * @param expectedVersion the version that it must have; 0 for any
   * @param rejected whether it goes because its new value was rejected, which has been written down as its fate
   * @return its version, or {@link Store#ABSENT} or {@link Store#MISMATCH}
   */
  long remove(long hash, byte[] key, int keyOffset, int keyLength, long expectedVersion, boolean rejected) {
    requireWritable();
    Partition partition = partitions[where.partition(hash)];
    partition.lock();
    try {
      long slot = partition.find(hash, key, keyOffset, keyLength);
      if (slot == HashIndex.NO_SLOT) {
        return Store.ABSENT;
      }
      long entry = partition.index.entry(slot);
      long version = entries.version(entry);
      boolean lease = entries.is(entry, EntryLayout.LEASE);
      boolean expired = entries.isExpired(entry, clock);
      if (!expired && expectedVersion != 0 && version != expectedVersion) {
        return lease ? Store.ABSENT : Store.MISMATCH;
      }
      if (!rejected) {
        partition.writeFate(entry, hash, expired ? Fate.EXPIRED : Fate.REMOVED);
      }
      // A lease goes too, so that a load which began before the removal is not published after it.
      partition.remove(slot, expired ? RemovalSink.Cause.EXPIRED : RemovalSink.Cause.EXPLICIT);
      partition.index.considerResizing(partition.slotsUsed());
      return lease || expired ? Store.ABSENT : version;
    } finally {
      partition.unlock();
    }
  }
}
