package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;
import java.lang.foreign.MemorySegment;

/**
 * What the bytes of an entry mean, for whoever may rely on them: the holder of the partition's lock.
 *
 * <p>Methods take the offset of the entry's block. Nothing here is bounded against garbage; readers without
 * the lock have their own code.
 *
 * <pre>
 * POL-1  A hit changes nothing but its entry's policy bits
 *   Shared     : the entry's first word: its version and the policy's bits, under a mask that is the region's secret
 *   Threads    : any number of readers without the lock; the holder of the partition's lock
 *   Invariant  : a reader's store never reaches memory that has become something else
 *   Reader     : H1 read the word within a lookup that IDX-1 has found whole, or one that has the version which was
 *                read there
 *                H2 CAS from it to one that a hit has raised
 *   Argument   : versions are not used twice, so once the block has been freed the word never again is what H1 read
 *                as an entry's; and what else may come to lie there, a user's bytes or the store's, equals it by
 *                chance only, of 2^-54 for each hit that is overtaken, since nobody outside knows the mask
 *   Stale read : H2 fails, and a hit is not counted
 *   Checked by : WriteRulesTest, StoreInterleavingTest; jcstress HitMark
 *
 * IDL-1  An access moves the idle deadline of its entry and of no other
 *   Shared     : the deadline in the word idle, 4 B aligned
 *   Threads    : any number of readers without the lock; the holder of the partition's lock
 *   Invariant  : the deadline of an entry that is named is changed by the lock's holder alone; one that has passed, by
 *                the holder's clock, is not changed
 *   Reader     : D1 read span and deadline within a lookup that IDX-1 has found whole; go on if the deadline is due
 *                D2 take the lock     D3 find the key again: the same version, not expired, still due
 *                D4 release the deadline (setIntRelease)     D5 give the lock back
 *   Argument   : between D2 and D5 the entry stays named, so its block is nobody else's; versions are not used twice,
 *                so it is the entry that was read. What others read and write of the word is 4 B, aligned: they meet
 *                the old deadline or the new one, and both are right
 *   Stale read : D1 meets an old deadline: D3 sees that it has been moved. Who does not get the lock, for one who is
 *                stopped has it, leaves the deadline as it is. Another reader may find the entry expired between the
 *                look at the clock in D3 and D4, and again there afterwards
 *   Killed     : D4 is one store and nothing depends on it; the lock goes as any other, LCK-1
 *   Checked by : IdleTimeTest, WriteRulesTest, StoreInterleavingTest, CrashAtEveryStoreTest; jcstress IdleExtension
 * </pre>
 *
 * @param versionMask the secret of POL-1
 */
record Entries(Memory memory, int unitShift, long seed, long versionMask, long slabsOffset, long regionBytes) {

  Entries(Memory memory, RegionGeometry geometry, long seed) {
    this(
        memory,
        geometry.unitShift(),
        seed,
        XxHash64.hash(memory, 0, 0, seed) & ~(long) PolicyBits.MASK,
        geometry.slabsOffset(),
        geometry.regionBytes());
  }

  /** Whether an entry with a key of so many bytes can be at an offset; whatever is not so has been damaged. */
  boolean canBeAt(long offset, int keyLength) {
    return offset >= slabsOffset && offset <= regionBytes - EntryLayout.KEY_OFFSET_MAX - keyLength;
  }

  /** The offset of the block that a slot or a link names. */
  long offset(int reference) {
    return Integer.toUnsignedLong(reference) << unitShift;
  }

  /** The name of the block at an offset. */
  int reference(long offset) {
    return (int) (offset >>> unitShift);
  }

  long version(long entry) {
    return versionOf(versionWord(entry));
  }

  /** The word of version and policy bits, as it stands in the entry. */
  long versionWord(long entry) {
    return memory.getLong(entry + EntryLayout.VERSION_OFFSET);
  }

  /** The version in a word. */
  long versionOf(long word) {
    return (word ^ versionMask) >>> PolicyBits.BITS;
  }

  /** The policy's bits in a word. */
  static int policyBitsOf(long word) {
    return (int) word & PolicyBits.MASK;
  }

  /** Writes the version, which makes the entry one that no other ever was, and its first policy bits. */
  void setVersion(long entry, long version, int policyBits) {
    memory.putLong(
        entry + EntryLayout.VERSION_OFFSET, ((version << PolicyBits.BITS) ^ versionMask) | policyBits);
  }

  /** Sets the policy's bits; a hit at the same moment may be lost. */
  void setPolicyBits(long entry, int policyBits) {
    long version = versionWord(entry) & ~(long) PolicyBits.MASK;
    memory.putLong(entry + EntryLayout.VERSION_OFFSET, version | policyBits);
  }

  /**
   * Counts a hit, without the lock, POL-1.
   *
   * @param word what the entry's word was while it was certainly the entry's
   */
  void hit(long entry, long word) {
    if (!PolicyBits.isSaturated(word)) {
      int bits = policyBitsOf(word);
      memory.compareAndSetLong(entry + EntryLayout.VERSION_OFFSET, word, word - bits + PolicyBits.hit(bits));
    }
  }

  /** Marks a block that nothing names as one that is never used again. */
  void setQuarantined(long block) {
    setVersion(block, 0, 0);
    memory.setByteOpaque(block + EntryLayout.FLAGS_OFFSET, EntryLayout.QUARANTINED);
  }

  /**
   * Whether a block is quarantined, for sure: in one that was allocated and not written the flags are anything, but no
   * entry has version 0, and nothing else equals it under the mask but by chance.
   */
  boolean isQuarantined(long block) {
    return flags(block) == EntryLayout.QUARANTINED && version(block) == 0;
  }

  /** The store's flags; taken from a word that holds them, see {@link io.larder.allocator.SegmentMemory}. */
  int flags(long entry) {
    int info = memory.getInt(entry + EntryLayout.KEY_LENGTH_OFFSET);
    return (info >>> EntryLayout.INFO_FLAGS_SHIFT) & EntryLayout.FLAGS_MASK;
  }

  /** The user's flags, and nothing above them. */
  int userFlags(long entry) {
    return memory.getInt(entry + EntryLayout.KEY_LENGTH_OFFSET)
        >>> (EntryLayout.INFO_FLAGS_SHIFT + EntryLayout.USER_FLAGS_SHIFT);
  }

  boolean is(long entry, int flag) {
    return (flags(entry) & flag) != 0;
  }

  int policyBits(long entry) {
    return policyBitsOf(versionWord(entry));
  }

  int keyLength(long entry) {
    return memory.getShort(entry + EntryLayout.KEY_LENGTH_OFFSET);
  }

  int valueLength(long entry) {
    return memory.getInt(entry + EntryLayout.VALUE_LENGTH_OFFSET);
  }

  /** The value's length, for sums; taken from a word that holds it, see {@link io.larder.allocator.SegmentMemory}. */
  long valueBytes(long entry) {
    return (int) memory.getLong(entry + EntryLayout.VALUE_LENGTH_OFFSET);
  }

  long key(long entry) {
    return entry + EntryLayout.keyOffset(flags(entry));
  }

  /** The word of cost and expiry; 0 when the entry has none. */
  long terms(long entry) {
    return is(entry, EntryLayout.TERMS) ? memory.getLong(entry + EntryLayout.HEADER_BYTES) : 0;
  }

  /** The entry's time to idle, {@link IdleTime#span}; 0 when it has none. */
  int idleSpan(long entry) {
    int flags = flags(entry);
    return (flags & EntryLayout.IDLE) == 0
        ? 0
        : memory.getInt(entry + EntryLayout.idleOffset(flags) + EntryLayout.IDLE_SPAN_OFFSET);
  }

  /** When the idle deadline of an entry that has one is, in milliseconds. */
  long idleMillis(long entry, int span, long nowMillis) {
    return IdleTime.deadlineMillis(span, memory.getIntAcquire(idleDeadline(entry)), nowMillis);
  }

  /** Moves the idle deadline of an entry that has one, IDL-1. */
  void prolong(long entry, int span, long nowMillis) {
    memory.setIntRelease(idleDeadline(entry), IdleTime.deadline(span, nowMillis));
  }

  private long idleDeadline(long entry) {
    return entry + EntryLayout.idleOffset(flags(entry)) + EntryLayout.IDLE_DEADLINE_OFFSET;
  }

  /** The time of expiry in milliseconds, as it is now; 0 for never. Asks the clock only for what may become idle. */
  long expiryMillis(long entry, StoreClock clock) {
    long expiry = EntryLayout.expiryMillis(terms(entry));
    int span = idleSpan(entry);
    return span == 0 ? expiry : IdleTime.earlier(expiry, idleMillis(entry, span, clock.millis()));
  }

  /** When to look whether the entry has expired, in milliseconds; 0 for never, and else not before it may have. */
  long reclaimMillis(long entry, StoreClock clock) {
    long expiry = EntryLayout.expiryMillis(terms(entry));
    int span = idleSpan(entry);
    return span == 0
        ? expiry
        : IdleTime.earlier(expiry, IdleTime.reclaimMillis(span, idleMillis(entry, span, clock.now())));
  }

  /** Whether the entry's time is over; asks the clock only when it has one. */
  boolean isExpired(long entry, StoreClock clock) {
    long expiry = expiryMillis(entry, clock);
    return expiry != 0 && expiry <= clock.millis();
  }

  /** Whether the entry has exactly this key. */
  boolean hasKey(long entry, byte[] key, int offset, int length) {
    return keyLength(entry) == length && memory.matches(key(entry), key, offset, length);
  }

  /** The fingerprint of the entry's key; it does not reach beyond the region even if the length was damaged. */
  long hash(long entry) {
    long key = key(entry);
    return XxHash64.hash(memory, key, Math.min(keyLength(entry), regionBytes - key), seed);
  }

  /** How many bytes of the value lie in the entry's own block. */
  int inlineLength(long entry) {
    int flags = flags(entry);
    return (flags & EntryLayout.CHAINED) == 0
        ? valueLength(entry)
        : (int) (memory.getLong(entry + EntryLayout.chainOffset(flags)) >>> Integer.SIZE);
  }

  /** The first further block of the value, or 0. */
  long firstContinuation(long entry) {
    int flags = flags(entry);
    return (flags & EntryLayout.CHAINED) == 0
        ? 0
        : offset((int) memory.getLong(entry + EntryLayout.chainOffset(flags)));
  }

  /** The further block after this one, or 0. */
  long nextContinuation(long continuation) {
    return offset(memory.getInt(continuation + ContinuationLayout.NEXT_OFFSET));
  }

  /** The entry that a further block belongs to. */
  long head(long continuation) {
    return offset(memory.getInt(continuation + ContinuationLayout.HEAD_OFFSET));
  }

  int continuationLength(long continuation) {
    return memory.getInt(continuation + ContinuationLayout.LENGTH_OFFSET);
  }

  /** The bytes from the entry's start to the end of what its own block holds. */
  int usedBytes(long entry) {
    return EntryLayout.keyOffset(flags(entry)) + keyLength(entry) + inlineLength(entry);
  }

  /** Copies the value into {@code target}, which has room for it. */
  void copyValue(long entry, byte[] target) {
    int length = inlineLength(entry);
    memory.copyOut(key(entry) + keyLength(entry), target, 0, length);
    int at = length;
    for (long next = firstContinuation(entry); next != 0; next = nextContinuation(next)) {
      length = continuationLength(next);
      memory.copyOut(next + ContinuationLayout.HEADER_BYTES, target, at, length);
      at += length;
    }
  }

  /** As {@link #copyValue(long, byte[])}, into a segment from {@code at} on. */
  void copyValue(long entry, MemorySegment target, long at) {
    int length = inlineLength(entry);
    memory.copyOut(key(entry) + keyLength(entry), target, at, length);
    long to = at + length;
    for (long next = firstContinuation(entry); next != 0; next = nextContinuation(next)) {
      length = continuationLength(next);
      memory.copyOut(next + ContinuationLayout.HEADER_BYTES, target, to, length);
      to += length;
    }
  }

  /** The token of who has a lease; 0, which nobody has, where it has been damaged. */
  long holder(long lease) {
    long holder = 0;
    if (valueLength(lease) == Long.BYTES) {
      for (int at = 0; at < Long.BYTES; at++) {
        holder |= (memory.getByte(key(lease) + keyLength(lease) + at) & 0xFFL) << (Byte.SIZE * at);
      }
    }
    return holder;
  }

  /**
   * The checksum of an entry: over the value, seeded with the key's fingerprint, the version, the terms, the time to
   * idle and the user's flags, so that parts of different entries or versions do not fit together.
   */
  int checksum(long entry, long keyHash) {
    long hash =
        XxHash64.hash(
            memory,
            key(entry) + keyLength(entry),
            Integer.toUnsignedLong(inlineLength(entry)),
            checksumSeed(keyHash, version(entry), terms(entry), idleSpan(entry), userFlags(entry)));
    for (long next = firstContinuation(entry); next != 0; next = nextContinuation(next)) {
      long length = Integer.toUnsignedLong(continuationLength(next));
      hash = XxHash64.hash(memory, next + ContinuationLayout.HEADER_BYTES, length, hash);
    }
    return fold(hash);
  }

  static long checksumSeed(long keyHash, long version, long terms, int idleSpan, int userFlags) {
    long idle = (long) idleSpan << Integer.SIZE;
    return keyHash ^ Long.rotateLeft(version, 32) ^ terms ^ idle ^ Long.rotateRight(userFlags, Byte.SIZE);
  }

  static int fold(long hash) {
    return (int) (hash ^ hash >>> Integer.SIZE);
  }
}
