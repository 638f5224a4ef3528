package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The usual get and the usual overwrite, in as few steps as they can be. Whatever is not usual goes on to
 * {@link StoreReader} and {@link StoreWriter}, whose protocols these are: IDX-1 and IDX-3 of {@link HashIndex},
 * POL-1 of {@link Entries}, ENT-1 of {@link Partition}.
 *
 * <p>It is the template of {@link StoreGate}: in the copy that a store defines, {@link #ONLY} is a constant, and so
 * is what hangs on it, for the JIT compiler trusts the components of records. Each method starts from there, so that
 * this depends on no inlining. The class itself serves where no constants are wanted: in tests of many stores.
 *
 * <p>Any thread; allocates nothing.
 */
final class FastPath extends StoreGate {
  /** In a store's copy of this class its parts; null in the class itself. */
  private static final @Nullable Parts ONLY;

  static {
    try {
      ONLY = MethodHandles.classData(MethodHandles.lookup(), "_", Parts.class);
    } catch (IllegalAccessException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** A batch brings so many bytes from the start of an entry into the cache before it looks at any of them. */
  private static final int TOUCHED_BYTES = 3 * BucketLayout.BYTES;

  /** One in so many hits without a lookup is an access to the entry: two to the power of this. */
  private static final int ACCESS_SHIFT = 4;

  // A count times the golden ratio: which counts are taken has nothing to do with any period of the requests.
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final Parts own;

  FastPath(Parts parts) {
    this.own = parts;
  }

  private Parts parts() {
    Parts only = ONLY;
    return only == null ? own : only;
  }

  // ---- gets

  @Override
  int get(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room,
      @Nullable EntryInfo info) {
    Parts parts = parts();
    int length = tryGet(hash, key, keyOffset, keyLength, array, segment, at, room, info);
    if (length < 0) {
      length = parts.reader().read(hash, key, keyOffset, keyLength, array, segment, at, room, info);
    }
    parts.counters().count(length >= 0);
    return length;
  }

  @Override
  int get(byte[] key, byte[] target) {
    // Not by the general one: that is a method more of which the compiler may have made code of its own.
    Parts parts = parts();
    long hash = XxHash64.hash(key, 0, key.length, parts.seed());
    int length = tryGet(hash, key, 0, key.length, target, null, 0, target.length, null);
    if (length < 0) {
      length = parts.reader().read(hash, key, 0, key.length, target, null, 0, target.length, null);
    }
    parts.counters().count(length >= 0);
    return length;
  }

  /**
   * The usual get, to be compiled into its callers, which leaves out what theirs do not need; for that it may have 325
   * bytes of code, no more.
   *
   * <p>Usual is: the index rests, the entry lies in its home bucket, behind the first tag that fits, in one block,
   * and its value fits into the room; where checksums are verified it goes to an array, and its checksum is right.
   *
   * @return the value's length, or a negative number when it is not so
   */
  private int tryGet(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room,
      @Nullable EntryInfo info) {
    Parts parts = parts();
    Memory memory = parts.memory();
    Addresses where = parts.where();
    int partition = where.partition(hash);
    long record = where.record(partition);
    // The shape comes before the stamp although no fence is between: the stamp's address depends on it. The
    // fence behind the stamp makes acquire reads of both.
    long shape = memory.getLong(record + PartitionLayout.SHAPE_OFFSET);
    if ((shape & PartitionLayout.RESIZING) == 0 && (!parts.verify() || array != null)) {
      long bucket = where.bucketAtRest(memory, partition, shape, hash);
      if (bucket >= where.slabsOffset()) {
        long stamp = memory.getLong(bucket + BucketLayout.STAMP_OFFSET);
        VarHandle.acquireFence();
        long set = candidates(bucket, hash);
        if (set != 0 && (stamp & BucketLayout.WRITING) == 0) {
          long entry = where.block(memory.getInt(BucketLayout.candidate(bucket, set)));
          if (where.isInSlabs(entry)) {
            int length = copyPlain(entry, key, keyOffset, keyLength, array, segment, at, room);
            long word = parts.entries().versionWord(entry);
            if (parts.verify()) {
              length = lengthIfSound(entry, hash, word, array, at, length);
            }
            if (info != null && length >= 0) {
              describe(info, length, hash, entry, word, record, shape, bucket, stamp);
            }
            VarHandle.acquireFence();
            if (length >= 0
                && memory.getLong(bucket + BucketLayout.STAMP_OFFSET) == stamp
                && memory.getLong(record + PartitionLayout.SHAPE_OFFSET) == shape) {
              mark(entry, word, hash);
              return length;
            }
          }
        }
      }
    }
    return -1;
  }

  /** Marks an access to an entry whose version word was {@code word}, POL-1. */
  private void mark(long entry, long word, long hash) {
    Parts parts = parts();
    if (parts.marksHits()) {
      parts.entries().hit(entry, word);
      parts.sampler().hit(hash);
    }
  }

  /** The slots of a bucket whose tags fit the fingerprint, {@link BucketLayout#candidates}. */
  private long candidates(long bucket, long hash) {
    Parts parts = parts();
    return BucketLayout.candidates(
        parts.memory().getLong(bucket + BucketLayout.TAGS_OFFSET),
        parts.memory().getInt(bucket + BucketLayout.TAGS_TAIL_OFFSET),
        BucketLayout.pattern(BucketLayout.tag(hash)));
  }

  /**
   * Copies the value of an entry, if it has the key and nothing about it is unusual.
   *
   * @return the value's length; -1 if it is not so
   */
  private int copyPlain(
      long entry,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      long room) {
    Parts parts = parts();
    long head = parts.memory().getLong(entry + EntryLayout.VALUE_LENGTH_OFFSET);
    int info = (int) (head >>> Integer.SIZE) & EntryLayout.INFO_MASK;
    // By a branch and not by arithmetic on the flags: so the processor, guessing, fetches the lines of key and value
    // while it still waits for the header.
    long keyAt = entry + EntryLayout.HEADER_BYTES;
    if (info != keyLength) {
      if (info != EntryLayout.info(keyLength, EntryLayout.TERMS)
          || parts.reader().isHidden(entry, EntryLayout.TERMS)) {
        return -1;
      }
      keyAt += EntryLayout.OPTION_BYTES;
    }
    int length = (int) head;
    long value = keyAt + keyLength;
    if (Integer.toUnsignedLong(length) > room
        || value > parts.where().regionBytes() - length
        || !parts.memory().matches(keyAt, key, keyOffset, keyLength)) {
      return -1;
    }
    if (array != null) {
      parts.memory().copyOut(value, array, (int) at, length);
    } else if (segment != null) {
      parts.memory().copyOut(value, segment, at, length);
    }
    return length;
  }

  /**
   * The length of a value, if what has been copied is what its checksum was made of; -1 if not, or if there is no array
   * with it.
   *
   * @param word the entry's version word
   * @param length -1 if nothing has been copied
   */
  private int lengthIfSound(long entry, long hash, long word, byte @Nullable [] array, long at, int length) {
    if (array == null || length < 0) {
      return -1;
    }
    Parts parts = parts();
    int info = parts.memory().getInt(entry + EntryLayout.KEY_LENGTH_OFFSET) >>> EntryLayout.INFO_FLAGS_SHIFT;
    long seed =
        Entries.checksumSeed(
            hash, parts.entries().versionOf(word), terms(entry, info), 0, info >>> EntryLayout.USER_FLAGS_SHIFT);
    int checksum = Entries.fold(XxHash64.hash(array, (int) at, length, seed));
    return checksum == parts.memory().getInt(entry + EntryLayout.CHECKSUM_OFFSET) ? length : -1;
  }

  private long terms(long entry, int flags) {
    return (flags & EntryLayout.TERMS) != 0 ? parts().memory().getLong(entry + EntryLayout.HEADER_BYTES) : 0;
  }

  /** Tells about an entry with nothing unusual about it. */
  private void describe(
      EntryInfo info,
      int length,
      long hash,
      long entry,
      long word,
      long record,
      long shape,
      long bucket,
      long stamp) {
    Parts parts = parts();
    int flags = parts.memory().getInt(entry + EntryLayout.KEY_LENGTH_OFFSET) >>> EntryLayout.INFO_FLAGS_SHIFT;
    info.version = parts.entries().versionOf(word);
    info.policyBits = Entries.policyBitsOf(word);
    info.valueLength = length;
    info.terms = terms(entry, flags);
    info.idleMillis = 0;
    info.flags = flags;
    info.userFlags = (flags >>> EntryLayout.USER_FLAGS_SHIFT) & EntryLayout.USER_FLAGS_MAX;
    info.hash = hash;
    info.entry = entry;
    info.record = record;
    info.shape = shape;
    info.oldHome = StoreReader.NO_OLD_HOME;
    info.bucket = bucket;
    info.stamp = stamp;
  }

  @Override
  boolean isUnchanged(Sighting sighting) {
    Parts parts = parts();
    long shapeAt = parts.where().record(parts.where().partition(sighting.hash)) + PartitionLayout.SHAPE_OFFSET;
    if (parts.memory().getLong(shapeAt) != sighting.shape) {
      return false;
    }
    VarHandle.acquireFence();
    long stamp = parts.memory().getLong(sighting.bucket + BucketLayout.STAMP_OFFSET);
    VarHandle.acquireFence();
    if (stamp != sighting.stamp
        || parts.memory().getLong(shapeAt) != sighting.shape
        || (sighting.expiryMillis != 0 && sighting.expiryMillis <= parts.reader().clock().millis())) {
      return false;
    }
    long count = parts.counters().countUnchanged();
    if ((count * GOLDEN) >>> (Long.SIZE - ACCESS_SHIFT) == 0) {
      access(sighting);
    }
    return true;
  }

  /** Marks the entry of a sighting as a lookup would have done, if it is still the same, POL-1. */
  private void access(Sighting sighting) {
    Parts parts = parts();
    long word = parts.entries().versionWord(sighting.entry);
    if (parts.entries().versionOf(word) == sighting.version) {
      mark(sighting.entry, word, sighting.hash);
    }
  }

  @Override
  void getAll(Batch batch) {
    // Each step reads what the one before has led to, for all keys. Where that may be far away it is only touched
    // first: a load that nothing waits for lets the processor go on to the next, and the next.
    Parts parts = parts();
    int count = batch.count();
    int touched = 0;
    for (int i = 0; i < count; i++) {
      int length = batch.keyLengths[i];
      touched ^= length == 0 ? 0 : batch.keys[i][batch.keyOffsets[i] + length - 1];
    }
    for (int i = 0; i < count; i++) {
      long hash = XxHash64.hash(batch.keys[i], batch.keyOffsets[i], batch.keyLengths[i], parts.seed());
      batch.hashes[i] = hash;
      batch.places[i] = likelyBucket(hash);
    }
    for (int i = 0; i < count; i++) {
      long bucket = batch.places[i];
      touched ^= bucket < parts.where().slabsOffset() ? 0 : parts.memory().getInt(bucket);
    }
    for (int i = 0; i < count; i++) {
      long bucket = batch.places[i];
      batch.places[i] = bucket < parts.where().slabsOffset() ? -1 : likelyEntry(bucket, batch.hashes[i]);
    }
    for (int i = 0; i < count; i++) {
      touched ^= touch(batch.places[i]);
    }
    batch.touched = touched;
    for (int i = 0; i < count; i++) {
      batch.lengths[i] =
          get(
              batch.hashes[i],
              batch.keys[i],
              batch.keyOffsets[i],
              batch.keyLengths[i],
              batch.values,
              null,
              batch.offset(i),
              batch.valueBytesMax(),
              null);
    }
  }

  /**
   * The bucket that a lookup of the fingerprint would most likely read first; an offset before the slabs when there is
   * none at the moment.
   */
  private long likelyBucket(long hash) {
    Parts parts = parts();
    int partition = parts.where().partition(hash);
    long record = parts.where().record(partition);
    long shape = parts.memory().getLong(record + PartitionLayout.SHAPE_OFFSET);
    return parts.where().bucketAtRest(parts.memory(), partition, shape, hash);
  }

  /** The entry behind the first tag that fits; negative if there is none, or it is too near the end to touch. */
  private long likelyEntry(long bucket, long hash) {
    Parts parts = parts();
    long set = candidates(bucket, hash);
    if (set == 0) {
      return -1;
    }
    long entry = parts.where().block(parts.memory().getInt(BucketLayout.candidate(bucket, set)));
    return parts.where().isInSlabs(entry, TOUCHED_BYTES) ? entry : -1;
  }

  /** Reads from the first lines of an entry, so that they are in the cache soon; the result means nothing. */
  private int touch(long entry) {
    Parts parts = parts();
    return entry < 0
        ? 0
        : parts.memory().getInt(entry + EntryLayout.VERSION_OFFSET)
            ^ parts.memory().getInt(entry + BucketLayout.BYTES)
            ^ parts.memory().getInt(entry + 2L * BucketLayout.BYTES);
  }

  // ---- puts

  /**
   * {@inheritDoc}
   *
   * <p>Usual is: an entry is there that has the same key and flags, in a block of the class that the new one wants,
   * and this class has a spare.
   */
  @Override
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
    Parts parts = parts();
    int flags = spec.flags();
    if (!parts.plainWrites()
        || (spec.condition != PutSpec.Condition.ALWAYS && spec.condition != PutSpec.Condition.IF_GUARD)
        || (flags & EntryLayout.UNUSUAL) != 0
        || (long) EntryLayout.keyOffset(flags) + keyLength + valueLength > parts.sharedBytesMax()) {
      return parts.writer().put(hash, key, keyOffset, keyLength, array, segment, valueOffset, valueLength, spec);
    }
    int partition = parts.where().partition(hash);
    long lock = parts.where().record(partition) + PartitionLayout.LOCK_OFFSET;
    if (!PartitionLock.tryAcquire(parts.memory(), lock, parts.token())) {
      parts.partitions()[partition].lockSlowly();
    }
    try {
      long slot = overwritable(partition, hash, flags, key, keyOffset, keyLength);
      long version =
          slot == HashIndex.NO_SLOT
              ? 0
              : overwrite(
                  partition,
                  slot,
                  hash,
                  flags,
                  key,
                  keyOffset,
                  keyLength,
                  array,
                  segment,
                  valueOffset,
                  valueLength,
                  spec);
      return version != 0
          ? version
          : parts.writer().putSmall(
              parts.partitions()[partition],
              hash,
              key,
              keyOffset,
              keyLength,
              array,
              segment,
              valueOffset,
              valueLength,
              spec);
    } finally {
      PartitionLock.release(parts.memory(), lock);
    }
  }

  /**
   * The slot of the entry with this key, if nothing is in the way of overwriting it: the index rests, the entry
   * lies in its home bucket, behind the first tag that fits, and has the flags that the new one will have.
   */
  private long overwritable(
      int partition,
      long hash,
      int flags,
      byte[] key,
      int keyOffset,
      int keyLength) {
    Parts parts = parts();
    long shape = parts.memory().getLong(parts.where().record(partition) + PartitionLayout.SHAPE_OFFSET);
    if ((shape & PartitionLayout.RESIZING) != 0) {
      return HashIndex.NO_SLOT;
    }
    long bucket = parts.where().bucketAtRest(parts.memory(), partition, shape, hash);
    long set = candidates(bucket, hash);
    if (set == 0) {
      return HashIndex.NO_SLOT;
    }
    long slot = BucketLayout.candidate(bucket, set);
    long old = parts.where().block(parts.memory().getInt(slot));
    return parts.where().isInSlabs(old, EntryLayout.KEY_OFFSET_MAX + keyLength)
            && parts.memory().getInt(old + EntryLayout.KEY_LENGTH_OFFSET) == EntryLayout.info(keyLength, flags)
            && parts.memory().matches(old + EntryLayout.keyOffset(flags), key, keyOffset, keyLength)
            && ((flags & EntryLayout.TERMS) == 0 || !parts.reader().isHidden(old, flags))
        ? slot
        : HashIndex.NO_SLOT;
  }

  /**
   * Puts a value in the place of the one in a slot that is {@link #overwritable}.
   *
   * @return the new version; 0 when the new entry wants a block of another class, or the class has no spare, or what
   *     is there has been damaged, and nothing was done; {@link Store#MISMATCH} when the guard says no
   */
  private long overwrite(
      int partition,
      long slot,
      long hash,
      int flags,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long valueOffset,
      int valueLength,
      PutSpec spec) {
    Parts parts = parts();
    long old = parts.where().block(parts.memory().getInt(slot));
    int sizeClass = parts.classes().classFor(EntryLayout.keyOffset(flags) + keyLength + valueLength);
    long block = parts.spares().get(partition, sizeClass);
    int oldLength = parts.memory().getInt(old + EntryLayout.VALUE_LENGTH_OFFSET);
    int room = parts.classes().blockBytes(sizeClass) - EntryLayout.keyOffset(flags) - keyLength;
    if (block == PartitionSlabs.NO_BLOCK
        || Integer.compareUnsigned(oldLength, room) > 0
        || !parts.spares().canKeep(partition, sizeClass, old)) {
      return 0;
    }
    if (StoreWriter.checkGuard(spec) != Store.DONE) {
      return Store.MISMATCH;
    }
    long value = block + EntryLayout.keyOffset(flags) + keyLength;
    parts.writer().writeHead(block, flags, key, keyOffset, keyLength, valueLength, spec);
    parts.writer().copyValue(value, array, segment, valueOffset, valueLength);
    long record = parts.where().record(partition);
    long version = parts.memory().getLong(record + PartitionLayout.VERSION_OFFSET) + 1;
    parts.memory().putLong(record + PartitionLayout.VERSION_OFFSET, version);
    parts.sampler().hit(hash);
    parts.entries().setVersion(block, version, PolicyBits.hit(parts.entries().policyBits(old)));
    if (parts.verify()) {
      long seed =
          Entries.checksumSeed(hash, version, terms(block, flags), 0, flags >>> EntryLayout.USER_FLAGS_SHIFT);
      long checksum = XxHash64.hash(parts.memory(), value, valueLength, seed);
      parts.memory().putInt(block + EntryLayout.CHECKSUM_OFFSET, Entries.fold(checksum));
    }
    if ((flags & EntryLayout.TERMS) != 0) {
      parts.partitions()[partition].noteExpiry(block);
    }
    replace(partition, sizeClass, slot, old, block, valueLength - oldLength);
    return version;
  }

  /** Lets a slot name a finished block instead of the old one, which becomes the class's spare in its place. */
  private void replace(int partition, int sizeClass, long slot, long old, long block, int growth) {
    Parts parts = parts();
    long record = parts.where().record(partition);
    parts.spares().nameBoth(partition, block, old);
    if (growth != 0) {
      long payload = parts.memory().getLong(record + PartitionLayout.PAYLOAD_BYTES_OFFSET) + growth;
      parts.memory().putLong(record + PartitionLayout.PAYLOAD_BYTES_AFTER_OFFSET, payload);
      parts.memory().putLong(record + PartitionLayout.COUNTED_OFFSET, PartitionLayout.PAYLOAD_COUNTED);
    }
    parts.memory().releaseFence();
    parts.spares().drop(partition, sizeClass);
    HashIndex.replace(parts.memory(), record, slot, parts.entries().reference(block));
    parts.spares().keep(partition, sizeClass, old);
    add(record + PartitionLayout.PUTS_OFFSET, 1);
    if (growth != 0) {
      add(record + PartitionLayout.PAYLOAD_BYTES_OFFSET, growth);
      parts.memory().setLongRelease(record + PartitionLayout.COUNTED_OFFSET, 0);
    }
    parts.spares().nameNone(partition);
  }

  private void add(long counter, long delta) {
    Parts parts = parts();
    parts.memory().putLong(counter, parts.memory().getLong(counter) + delta);
  }
}
