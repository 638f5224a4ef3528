package io.larder.engine;

import io.larder.allocator.DamagedRegionException;
import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The lock-free way to a value: IDX-1, IDX-2 and IDX-3 of {@link HashIndex}, the reader's part.
 *
 * <p>A lookup reads the partition's shape, the bucket's line and the entry's first lines. It writes nothing
 * but the mark of a hit (POL-1 of {@link Entries}) and, seldom, a time of expiry (IDL-1). Whatever it reads may be
 * garbage until the stamp is seen unchanged, so nothing is used as an offset or a length before it is
 * bounded. After some fruitless attempts it takes the partition's lock, under which nothing changes; where nothing
 * may be written it tries for some time more, and then calls it a miss.
 *
 * <p>Any thread; allocates nothing.
 *
 * @param prolongs whether a hit is an access: the policy is told, and an entry that expires by not being accessed stays
 *     for longer
 */
@SuppressWarnings("ArrayRecordComponent") // as fixed as the other components, and never compared
record StoreReader(
    Memory memory,
    Addresses where,
    Partition[] partitions,
    Entries entries,
    HitSampler sampler,
    StoreClock clock,
    ReadCounters counters,
    boolean verify,
    boolean readOnly,
    boolean prolongs,
    long seed) {

  /** Beside the outcomes of {@link Store}: a writer was in the way. */
  static final int CONTENDED = -5;

  /** The checksum is wrong. */
  static final int CORRUPT = -6;

  /** In the place of a home bucket of the table that is being moved: the lookup is not in that table. */
  static final long NO_OLD_HOME = Long.MAX_VALUE;

  private static final int ATTEMPTS = 32;
  private static final int SPINS_MAX = 64;

  // Who may not write cannot wait for the lock, only for the change to be over: about four milliseconds in all.
  private static final int PATIENT_ATTEMPTS = 64;
  private static final long PATIENT_PARK_NANOS = 50_000;

  StoreReader(
      Memory memory,
      RegionGeometry geometry,
      Partition[] partitions,
      Entries entries,
      Policy policy,
      StoreOptions options) {
    this(
        memory,
        Addresses.of(geometry),
        partitions,
        entries,
        policy.sampler(),
        options.clock(),
        new ReadCounters(),
        options.verifyReads(),
        options.isReadOnly(),
        !options.isReadOnly(),
        options.hashSeed());
  }

  /** The same, for reads that are no accesses. */
  StoreReader withoutAccess() {
    return new StoreReader(
        memory, where, partitions, entries, sampler, clock, counters, verify, readOnly, false, seed);
  }

  /** The same, for looks that leave nothing behind. */
  StoreReader withoutMarks() {
    return new StoreReader(
        memory, where, partitions, entries, sampler, clock, counters, verify, true, false, seed);
  }

  /**
   * Looks a key up and copies its value, to {@code array} or, where that is null, to {@code segment}, from
   * {@code at} on, if it is at most {@code room} bytes; or lets {@code view} look at it.
   *
   * @return the value's length, or {@link Store#ABSENT}
   */
  int read(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room,
      @Nullable EntryInfo info) {
    int outcome = attempt(hash, key, keyOffset, keyLength, array, segment, at, room, info, null, false);
    return outcome > CONTENDED
        ? outcome
        : readAgain(hash, key, keyOffset, keyLength, array, segment, at, room, info, null, outcome);
  }

  private int readAgain(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room,
      @Nullable EntryInfo info,
      @Nullable ValueView view,
      int firstOutcome) {
    int outcome = firstOutcome;
    for (int attempt = 1; attempt < ATTEMPTS && outcome == CONTENDED; attempt++) {
      for (int spin = 0; spin < Math.min(attempt, SPINS_MAX); spin++) {
        Thread.onSpinWait();
      }
      outcome = attempt(hash, key, keyOffset, keyLength, array, segment, at, room, info, view, false);
    }
    if (outcome > CONTENDED) {
      return outcome;
    }
    if (readOnly) {
      for (int attempt = 0; attempt < PATIENT_ATTEMPTS && outcome == CONTENDED; attempt++) {
        LockSupport.parkNanos(PATIENT_PARK_NANOS);
        outcome = attempt(hash, key, keyOffset, keyLength, array, segment, at, room, info, view, false);
      }
      return outcome > CONTENDED ? outcome : Store.ABSENT;
    }
    Partition partition = partitions[where.partition(hash)];
    if (!partition.lockBriefly()) {
      return Store.ABSENT;
    }
    try {
      outcome = attempt(hash, key, keyOffset, keyLength, array, segment, at, room, info, view, true);
      if (outcome > CONTENDED) {
        return outcome;
      }
      // Nobody was in the way, so the entry itself is broken, or the index.
      long slot = partition.index.find(hash, key, keyOffset, keyLength);
      if (slot == HashIndex.NO_SLOT) {
        throw new DamagedRegionException("a lookup in partition " + partition.number + " comes to no end");
      }
      partition.quarantineFound(slot);
      return Store.ABSENT;
    } finally {
      partition.unlock();
    }
  }

  /**
   * Looks a key up and binds {@code view} to the value; {@link #stillValid} must be asked after use, unless
   * the view has a copy.
   */
  int view(long hash, byte[] key, int keyOffset, int keyLength, ValueView view) {
    int outcome = attempt(hash, key, keyOffset, keyLength, null, null, 0, 0, view.infoToFill(), view, false);
    return outcome > CONTENDED
        ? outcome
        : readAgain(hash, key, keyOffset, keyLength, null, null, 0, 0, view.infoToFill(), view, outcome);
  }

  /**
   * Looks a key up once, for who wants to know about its entry only; what is hidden tells about itself too.
   *
   * @return 0 or more when there is an entry, {@link Store#ABSENT}, {@link #CONTENDED} or {@link #CORRUPT}
   */
  int glance(long hash, byte[] key, int keyOffset, int keyLength, EntryInfo info) {
    info.flags = EntryInfo.NOTHING;
    return attempt(hash, key, keyOffset, keyLength, null, null, 0, -1, info, null, false);
  }

  /** Whether what a view was bound to has not changed since. */
  boolean stillValid(ValueView view) {
    EntryInfo info = view.infoToFill();
    VarHandle.acquireFence();
    return memory.getLongOpaque(info.bucket + BucketLayout.STAMP_OFFSET) == info.stamp
        && holds(info.record, info.shape, info.oldHome);
  }

  private int attempt(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room,
      @Nullable EntryInfo info,
      @Nullable ValueView view,
      boolean locked) {
    int partition = where.partition(hash);
    long record = where.record(partition);
    long shape = memory.getLongAcquire(record + PartitionLayout.SHAPE_OFFSET);
    int table = PartitionLayout.table(shape);
    long home = PartitionLayout.home(hash, PartitionLayout.bucketCount(shape));
    long oldHome = NO_OLD_HOME;
    if ((shape & PartitionLayout.RESIZING) != 0) {
      long resize = memory.getLongAcquire(record + PartitionLayout.RESIZE_OFFSET);
      if (home < PartitionLayout.moved(resize)) {
        table ^= 1;
        home = PartitionLayout.home(hash, PartitionLayout.newCount(resize));
      } else {
        oldHome = home;
      }
    }
    long directory = where.directory(partition, table);
    long pattern = BucketLayout.pattern(BucketLayout.tag(hash));
    long stamps = 0;
    long index = home;
    while (true) {
      long bucket = bucket(directory, index);
      if (bucket < 0) {
        return CONTENDED;
      }
      long stamp = memory.getLongAcquire(bucket + BucketLayout.STAMP_OFFSET);
      if ((stamp & BucketLayout.WRITING) != 0) {
        return CONTENDED;
      }
      int tail = memory.getInt(bucket + BucketLayout.TAGS_TAIL_OFFSET);
      long set = BucketLayout.candidates(memory.getLong(bucket + BucketLayout.TAGS_OFFSET), tail, pattern);
      for (; set != 0; set &= set - 1) {
        long entry = match(BucketLayout.candidate(bucket, set), key, keyOffset, keyLength);
        if (entry != 0) {
          return take(
              hash,
              entry,
              key,
              keyOffset,
              keyLength,
              array,
              segment,
              at,
              room,
              info,
              view,
              record,
              shape,
              oldHome,
              bucket,
              stamp,
              locked);
        }
      }
      stamps += BucketLayout.counter(stamp);
      if (tail >>> BucketLayout.TAIL_PASS_SHIFT == 0 || index - home == HashIndex.SPILL_BUCKETS) {
        return missed(directory, home, index, stamps, record, shape, oldHome);
      }
      index++;
    }
  }

  /** The bucket of a table; negative when it has none, as may be while the table is being taken down. */
  private long bucket(long directory, long index) {
    if (index >>> where.bucketsShift() >= where.directoryCapacity()) {
      return -1;
    }
    int reference = memory.getIntAcquire(where.directoryWord(directory, index));
    return reference == 0 ? -1 : where.bucket(reference, index);
  }

  /** The entry that a slot names, if it has the key; 0 otherwise. */
  private long match(long slot, byte[] key, int keyOffset, int keyLength) {
    long entry = where.block(memory.getInt(slot));
    if (!where.isInSlabs(entry, EntryLayout.KEY_OFFSET_MAX + (long) keyLength)) {
      return 0;
    }
    int head = memory.getInt(entry + EntryLayout.KEY_LENGTH_OFFSET);
    if ((head & EntryLayout.KEY_LENGTH_MASK) != keyLength) {
      return 0;
    }
    int flags = head >>> EntryLayout.INFO_FLAGS_SHIFT;
    boolean matches = memory.matches(entry + EntryLayout.keyOffset(flags), key, keyOffset, keyLength);
    return matches && (flags & EntryLayout.NO_ENTRY) == 0 ? entry : 0;
  }

  /** Takes what is asked for out of an entry, and sees whether it was whole. */
  private int take(
      long hash,
      long entry,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room,
      @Nullable EntryInfo info,
      @Nullable ValueView view,
      long record,
      long shape,
      long oldHome,
      long bucket,
      long stamp,
      boolean locked) {
    int head = memory.getInt(entry + EntryLayout.KEY_LENGTH_OFFSET);
    int flags = head >>> EntryLayout.INFO_FLAGS_SHIFT;
    int length = memory.getInt(entry + EntryLayout.VALUE_LENGTH_OFFSET);
    long value = entry + EntryLayout.keyOffset(flags) + keyLength;
    int outcome = length;
    if ((flags & (EntryLayout.TERMS | EntryLayout.LEASE | EntryLayout.IDLE)) != 0 && isHidden(entry, flags)) {
      outcome = Store.ABSENT;
    } else if ((flags & EntryLayout.CHAINED) != 0 || verify) {
      outcome =
          takeSlowly(
              hash, entry, flags, length, value, array, segment, at, room, view, record, shape, oldHome, bucket, stamp);
    } else if (length < 0 || length > where.regionBytes() - value) {
      outcome = CONTENDED;
    } else if (view != null) {
      view.bind(value, length);
    } else if (length <= room) {
      if (array != null) {
        memory.copyOut(value, array, (int) at, length);
      } else if (segment != null) {
        memory.copyOut(value, segment, at, length);
      }
    }
    long word = entries.versionWord(entry);
    if (info != null) {
      info.version = entries.versionOf(word);
      info.terms = (flags & EntryLayout.TERMS) != 0 ? memory.getLong(entry + EntryLayout.HEADER_BYTES) : 0;
      info.flags = flags;
      info.idleMillis = 0;
      info.userFlags = (flags >>> EntryLayout.USER_FLAGS_SHIFT) & EntryLayout.USER_FLAGS_MAX;
      info.valueLength = length;
      info.policyBits = Entries.policyBitsOf(word);
      info.hash = hash;
      info.entry = entry;
      info.record = record;
      info.shape = shape;
      info.oldHome = oldHome;
      info.bucket = bucket;
      info.stamp = stamp;
    }
    int span = 0;
    int deadline = 0;
    if ((flags & EntryLayout.IDLE) != 0) {
      span = idleSpan(entry, flags);
      deadline = idleDeadline(entry, flags);
    }
    VarHandle.acquireFence();
    if (memory.getLongOpaque(bucket + BucketLayout.STAMP_OFFSET) != stamp || !holds(record, shape, oldHome)) {
      return CONTENDED;
    }
    if (outcome >= 0 && prolongs) {
      entries.hit(entry, word);
      sampler.hit(hash);
    }
    if (span != 0) {
      long now = clock.millis();
      long idleMillis = IdleTime.deadlineMillis(span, deadline, now);
      if (outcome >= 0 && prolongs && IdleTime.isDue(span, idleMillis, now)) {
        long moved = prolong(hash, key, keyOffset, keyLength, entries.versionOf(word), locked);
        idleMillis = moved == 0 ? idleMillis : moved;
      }
      if (info != null) {
        info.idleMillis = idleMillis;
      }
    }
    return outcome;
  }

  boolean isHidden(long entry, int flags) {
    if ((flags & EntryLayout.LEASE) != 0) {
      return true;
    }
    if ((flags & EntryLayout.TERMS) != 0) {
      long expiry = EntryLayout.expiryMillis(memory.getLong(entry + EntryLayout.HEADER_BYTES));
      if (expiry != 0 && expiry <= clock.millis()) {
        return true;
      }
    }
    return (flags & EntryLayout.IDLE) != 0 && isIdle(entry, flags);
  }

  private boolean isIdle(long entry, int flags) {
    long now = clock.millis();
    return IdleTime.deadlineMillis(idleSpan(entry, flags), idleDeadline(entry, flags), now) <= now;
  }

  private int idleSpan(long entry, int flags) {
    return memory.getInt(entry + EntryLayout.idleOffset(flags) + EntryLayout.IDLE_SPAN_OFFSET);
  }

  private int idleDeadline(long entry, int flags) {
    return memory.getIntAcquire(entry + EntryLayout.idleOffset(flags) + EntryLayout.IDLE_DEADLINE_OFFSET);
  }

  /**
   * Moves the deadline of an entry that has been read, as it is due, IDL-1.
   *
   * @param locked whether the caller has the partition's lock
   * @return when the deadline is then, in milliseconds; 0 when it is not known: the entry has gone, or the lock was not
   *     to be had
   */
  private long prolong(long hash, byte[] key, int keyOffset, int keyLength, long version, boolean locked) {
    Partition partition = partitions[where.partition(hash)];
    if (!locked && !partition.lockForMoment()) {
      return 0;
    }
    try {
      return partition.prolong(hash, key, keyOffset, keyLength, version);
    } finally {
      if (!locked) {
        partition.unlock();
      }
    }
  }

  /** The value of an entry that is in several blocks or whose checksum is to be checked. */
  private int takeSlowly(
      long hash,
      long entry,
      int flags,
      int length,
      long value,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room,
      @Nullable ValueView view,
      long record,
      long shape,
      long oldHome,
      long bucket,
      long stamp) {
    // From here on a changed entry is seen before its length is used for anything costly.
    VarHandle.acquireFence();
    if (length < 0
        || length > where.regionBytes()
        || memory.getLongOpaque(bucket + BucketLayout.STAMP_OFFSET) != stamp
        || !holds(record, shape, oldHome)) {
      return CONTENDED;
    }
    boolean chained = (flags & EntryLayout.CHAINED) != 0;
    byte[] target = view != null && chained ? view.copyRoom(length) : array;
    boolean fits = length <= room || (view != null && chained);
    long chain = chained ? memory.getLong(entry + EntryLayout.chainOffset(flags)) : 0;
    int inline = chained ? (int) (chain >>> Integer.SIZE) : length;
    if (inline < 0 || inline > length || inline > where.regionBytes() - value) {
      return CONTENDED;
    }
    long checksum = 0;
    if (verify) {
      long terms = (flags & EntryLayout.TERMS) != 0 ? memory.getLong(entry + EntryLayout.HEADER_BYTES) : 0;
      int idle = (flags & EntryLayout.IDLE) != 0 ? idleSpan(entry, flags) : 0;
      checksum =
          Entries.checksumSeed(hash, entries.version(entry), terms, idle, flags >>> EntryLayout.USER_FLAGS_SHIFT);
    }
    checksum = takePiece(value, fits, target, segment, at, inline, checksum);
    int done = inline;
    long next = where.block((int) chain);
    while (done < length) {
      if (!where.isInSlabs(next, ContinuationLayout.HEADER_BYTES)) {
        return CONTENDED;
      }
      int piece = memory.getInt(next + ContinuationLayout.LENGTH_OFFSET);
      long data = next + ContinuationLayout.HEADER_BYTES;
      if (piece <= 0 || piece > length - done || piece > where.regionBytes() - data) {
        return CONTENDED;
      }
      checksum = takePiece(data, fits, target, segment, at + done, piece, checksum);
      done += piece;
      next = where.block(memory.getInt(next + ContinuationLayout.NEXT_OFFSET));
    }
    if (verify && Entries.fold(checksum) != memory.getInt(entry + EntryLayout.CHECKSUM_OFFSET)) {
      return CORRUPT;
    }
    if (view != null) {
      if (chained) {
        view.bindCopy(length);
      } else {
        view.bind(value, length);
      }
    }
    return length;
  }

  /**
   * Copies a piece of a value, if the value fits, and goes on with the checksum: over the copy where that is an array,
   * which costs less, and says more.
   *
   * @param checksum of what was before it
   * @return the checksum with it, if checksums are verified
   */
  private long takePiece(
      long from,
      boolean fits,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      int length,
      long checksum) {
    if (fits && array != null) {
      memory.copyOut(from, array, (int) at, length);
      return verify ? XxHash64.hash(array, (int) at, length, checksum) : 0;
    }
    if (fits && segment != null) {
      memory.copyOut(from, segment, at, length);
    }
    return verify ? XxHash64.hash(memory, from, length, checksum) : 0;
  }

  /** Whether the table that a lookup was sent to was the right one all the time, IDX-3. */
  private boolean holds(long record, long shape, long oldHome) {
    if (memory.getLongOpaque(record + PartitionLayout.SHAPE_OFFSET) != shape) {
      return false;
    }
    return oldHome == NO_OLD_HOME
        || oldHome >= PartitionLayout.moved(memory.getLongOpaque(record + PartitionLayout.RESIZE_OFFSET));
  }

  /** A miss, if no bucket on the way has changed, IDX-2. */
  private int missed(long directory, long home, long last, long stamps, long record, long shape, long oldHome) {
    VarHandle.acquireFence();
    long again = 0;
    for (long index = home; index <= last; index++) {
      long bucket = bucket(directory, index);
      if (bucket < 0) {
        return CONTENDED;
      }
      again += BucketLayout.counter(memory.getLongOpaque(bucket + BucketLayout.STAMP_OFFSET));
    }
    return again == stamps && holds(record, shape, oldHome) ? Store.ABSENT : CONTENDED;
  }

  // ---- walks

  /**
   * Collects the keys of one home bucket: of the first that has fingerprints at {@code position} or behind
   * it.
   *
   * @return the position of the next home bucket, or {@link #CONTENDED}
   */
  long collect(int partition, long position, KeyList keys) {
    long record = where.record(partition);
    long shape = memory.getLongAcquire(record + PartitionLayout.SHAPE_OFFSET);
    int table = PartitionLayout.table(shape);
    long count = PartitionLayout.bucketCount(shape);
    long hash = position << Integer.SIZE;
    long home = PartitionLayout.home(hash, count);
    long oldHome = NO_OLD_HOME;
    long movedEnd = Long.MAX_VALUE;
    if ((shape & PartitionLayout.RESIZING) != 0) {
      long resize = memory.getLongAcquire(record + PartitionLayout.RESIZE_OFFSET);
      if (home < PartitionLayout.moved(resize)) {
        table ^= 1;
        movedEnd = PartitionLayout.position(PartitionLayout.moved(resize), count);
        count = PartitionLayout.newCount(resize);
        home = PartitionLayout.home(hash, count);
      } else {
        oldHome = home;
      }
    }
    long directory = where.directory(partition, table);
    long stamps = 0;
    keys.clear();
    for (long index = home; ; index++) {
      long bucket = bucket(directory, index);
      long stamp = bucket < 0 ? BucketLayout.WRITING : memory.getLongAcquire(bucket + BucketLayout.STAMP_OFFSET);
      if ((stamp & BucketLayout.WRITING) != 0) {
        return CONTENDED;
      }
      collectBucket(bucket, home, count, position, movedEnd, keys);
      stamps += BucketLayout.counter(stamp);
      if (memory.getByte(bucket + BucketLayout.PASS_OFFSET) == 0 || index - home == HashIndex.SPILL_BUCKETS) {
        boolean whole = missed(directory, home, index, stamps, record, shape, oldHome) == Store.ABSENT;
        return whole ? Math.min(PartitionLayout.position(home + 1, count), movedEnd) : CONTENDED;
      }
    }
  }

  /** The position behind the home bucket that {@link #collect} would look at, for who cannot wait until it is whole. */
  long skip(int partition, long position) {
    long record = where.record(partition);
    long shape = memory.getLongAcquire(record + PartitionLayout.SHAPE_OFFSET);
    long count = Math.max(1, PartitionLayout.bucketCount(shape));
    return PartitionLayout.position(PartitionLayout.home(position << Integer.SIZE, count) + 1, count);
  }

  /** What is at {@code end} or behind it was moved here a moment ago: the next call will find it. */
  private void collectBucket(long bucket, long home, long count, long position, long end, KeyList keys) {
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      long entry = where.block(memory.getInt(BucketLayout.slot(bucket, slot)));
      if (!where.isInSlabs(entry, EntryLayout.KEY_OFFSET_MAX)) {
        continue;
      }
      int head = memory.getInt(entry + EntryLayout.KEY_LENGTH_OFFSET);
      int keyLength = head & EntryLayout.KEY_LENGTH_MASK;
      long key = entry + EntryLayout.keyOffset(head >>> EntryLayout.INFO_FLAGS_SHIFT);
      if (keyLength > where.regionBytes() - key) {
        continue;
      }
      long hash = XxHash64.hash(memory, key, keyLength, seed);
      long at = hash >>> Integer.SIZE;
      if (PartitionLayout.home(hash, count) == home && at >= position && at < end) {
        memory.copyOut(key, keys.add(keyLength, hash), keys.lastOffset(), keyLength);
      }
    }
  }
}
