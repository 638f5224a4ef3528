package io.larder;

import io.larder.engine.EntryInfo;
import io.larder.engine.PutSpec;
import io.larder.engine.Store;
import io.larder.engine.StoreClock;
import io.larder.engine.StoreIterator;
import io.larder.engine.Victim;
import io.larder.engine.VictimSink;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a cache and the tier below it as one: who writes goes through both, who reads and finds nothing in the
 * memory goes on below. The protocol is TIER-1 of {@link KeyStamps}.
 *
 * <p>An entry whose present value the tier has, too, is marked {@link #CLEAN} in the memory.
 *
 * <p>Any thread, but for what says otherwise; allocates nothing.
 */
final class Tiers implements VictimSink {
  /** A flag of an entry in the memory: it came from the tier, which had it then. */
  static final int CLEAN = 1;

  /** A flag of an entry in the tier: its value is compressed. */
  static final int COMPRESSED = 1;

  /** A flag of an entry in the tier: it had not been hit in the memory when it was evicted. */
  private static final int UNHIT = 2;

  /** A longer value of a clean entry is not copied to the buffer, for the case that the tier has it no more. */
  private static final int CLEAN_BYTES_MAX = 512;

  /** What expires so soon is not worth writing. */
  private static final long LEFT_MILLIS_MIN = 1_000;

  /** Longer values are not compressed: no array could hold what it may take to try. */
  private static final int VALUE_BYTES_MAX = 1 << 30;

  /** What stands for the version of an entry that was in the tier only. */
  static final long VERSION_BELOW = 1;

  private static final int ATTEMPTS = 16;
  private static final int SPINS = 64;

  private final KeyStamps stamps;
  private final Tier below;
  private final DemotionBuffer buffer;
  private final StoreClock clock;
  private final @Nullable Compression compression;
  private final @Nullable Packing packing;

  private final LongAdder hits = new LongAdder();
  private final LongAdder promotions = new LongAdder();
  private final LongAdder demotions = new LongAdder();
  private final LongAdder demotedBytes = new LongAdder();
  private final LongAdder writtenBytes = new LongAdder();
  private final LongAdder cleanSkips = new LongAdder();
  private final LongAdder filtered = new LongAdder();
  private final LongAdder superseded = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder damaged = new LongAdder();

  private final AtomicBoolean belowClosed = new AtomicBoolean();
  private final ReentrantLock demoting = new ReentrantLock();

  // Guarded by demoting.
  private byte[] demotedKey = new byte[0];
  private byte[] demotedValue = new byte[0];
  private final TierValue demoted = new TierValue();
  private final DemotionYield ofHit = new DemotionYield();
  private final DemotionYield ofUnhit = new DemotionYield();
  private final KeyStamps.Guard demotedGuard = new KeyStamps.Guard();

  /** A null packing says that nothing in the memory is compressed. */
  Tiers(
      Tier below,
      long memoryBytes,
      StoreClock clock,
      @Nullable Compression compression,
      @Nullable Packing packing) {
    this.below = below;
    this.stamps = new KeyStamps(memoryBytes);
    this.buffer = new DemotionBuffer(memoryBytes);
    this.clock = clock;
    this.compression = compression;
    this.packing = packing;
  }

  // ---- writes

  /** W1 and W2, before a write to the memory; {@link #end} must follow. Says whether the tier had the key. */
  boolean begin(long hash, byte[] key, int keyOffset, int keyLength) {
    stamps.begin(hash);
    try {
      return below.discard(key, keyOffset, keyLength);
    } catch (Throwable failure) {
      stamps.end(hash);
      throw failure;
    }
  }

  /** W4, after a write to the memory. */
  void end(long hash) {
    stamps.end(hash);
  }

  /** Removes all keys from both. */
  void clear(Store memory) {
    stamps.beginAll();
    try {
      below.clear();
      memory.clear();
    } finally {
      stamps.endAll();
    }
  }

  // ---- reads of keys that the memory did not have a moment ago

  /** Finds the value, and promotes it if it is used again; counts a hit of the tier. */
  boolean find(Store memory, long hash, byte[] key, int keyOffset, int keyLength, TierRead read) {
    boolean found = find(memory, hash, key, keyOffset, keyLength, read, false);
    if (found) {
      hits.increment();
    }
    return found;
  }

  /** As {@link #find}, and promotes it in any case: {@link TierRead#version} is its version in the memory. */
  boolean findForVersion(Store memory, long hash, byte[] key, int keyOffset, int keyLength, TierRead read) {
    boolean found = promote(memory, hash, key, keyOffset, keyLength, read);
    if (found) {
      hits.increment();
    }
    return found;
  }

  /** As {@link #findForVersion}, for who is about to write: it does not count. */
  boolean promote(Store memory, long hash, byte[] key, int keyOffset, int keyLength, TierRead read) {
    return find(memory, hash, key, keyOffset, keyLength, read, true);
  }

  /**
   * Copies the value to an array from {@code at} on, if it is at most {@code room} bytes.
   *
   * @return its length, or {@link Store#ABSENT}
   */
  int get(Store memory, long hash, byte[] key, int keyOffset, int keyLength, byte[] target, int at, int room) {
    Scratch scratch = Scratch.take();
    try {
      TierRead read = scratch.tierRead();
      if (!find(memory, hash, key, keyOffset, keyLength, read)) {
        return Store.ABSENT;
      }
      if (read.length <= room) {
        System.arraycopy(read.array(), 0, target, at, read.length);
      }
      return read.length;
    } finally {
      scratch.release();
    }
  }

  /** As {@link #get(Store, long, byte[], int, int, byte[], int, int)}, to a segment. */
  int get(
      Store memory, long hash, byte[] key, int keyOffset, int keyLength, MemorySegment target, long at, long room) {
    Scratch scratch = Scratch.take();
    try {
      TierRead read = scratch.tierRead();
      if (!find(memory, hash, key, keyOffset, keyLength, read)) {
        return Store.ABSENT;
      }
      if (read.length <= room) {
        MemorySegment.copy(read.array(), 0, target, ValueLayout.JAVA_BYTE, at, read.length);
      }
      return read.length;
    } finally {
      scratch.release();
    }
  }

  /** The value in a new array, or null. */
  byte @Nullable [] getBytes(Store memory, long hash, byte[] key, int keyOffset, int keyLength) {
    Scratch scratch = Scratch.take();
    try {
      TierRead read = scratch.tierRead();
      return find(memory, hash, key, keyOffset, keyLength, read) ? Arrays.copyOf(read.array(), read.length) : null;
    } finally {
      scratch.release();
    }
  }

  /** Gets those values of a batch that the memory did not have. */
  void getAbsent(Store memory, io.larder.engine.Batch batch) {
    for (int i = 0; i < batch.count(); i++) {
      if (batch.length(i) == Store.ABSENT) {
        byte[] key = batch.key(i);
        int offset = batch.keyOffset(i);
        int length = batch.keyLength(i);
        long hash = memory.hash(key, offset, length);
        batch.setLength(
            i, get(memory, hash, key, offset, length, batch.values(), batch.offset(i), batch.valueBytesMax()));
      }
    }
  }

  /** Whether the tier has the key; no access. */
  boolean contains(long hash, byte[] key, int keyOffset, int keyLength) {
    long word = quietWord(hash);
    return KeyStamps.isQuiet(word) && below.contains(key, keyOffset, keyLength) && stamps.isCurrent(hash, word);
  }

  private boolean find(
      Store memory, long hash, byte[] key, int keyOffset, int keyLength, TierRead read, boolean forVersion) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0 && findInMemory(memory, hash, key, keyOffset, keyLength, read)) {
        return true;
      }
      long word = stamps.read(hash);
      if (!KeyStamps.isQuiet(word)) {
        quietWord(hash);
        continue;
      }
      read.version = 0;
      if (!below.get(key, keyOffset, keyLength, read.stored)) {
        return false;
      }
      if (!stamps.isCurrent(hash, word)) {
        continue;
      }
      if (!unpack(read)) {
        damaged.increment();
        below.discard(key, keyOffset, keyLength);
        return false;
      }
      if (!read.stored.wasHit()) {
        yieldOf(read.stored.flags() & UNHIT).countHit();
      }
      if (forVersion || read.stored.wasHit()) {
        read.version = promote(memory, hash, word, key, keyOffset, keyLength, read);
      }
      if (!forVersion || read.version > 0) {
        return true;
      }
      if (read.version == Store.REJECTED) {
        return false;
      }
    }
    return false;
  }

  /** The word of a key once no write is under way, or as it is after some time. */
  private long quietWord(long hash) {
    long word = stamps.read(hash);
    for (int spin = 0; spin < SPINS && !KeyStamps.isQuiet(word); spin++) {
      Thread.onSpinWait();
      word = stamps.read(hash);
    }
    return word;
  }

  private boolean findInMemory(
      Store memory, long hash, byte[] key, int keyOffset, int keyLength, TierRead read) {
    EntryInfo info = read.stored.info;
    if (packing != null) {
      return packing.find(memory, hash, key, keyOffset, keyLength, read, info);
    }
    byte[] room = read.reservePlain(0);
    int length = memory.get(hash, key, keyOffset, keyLength, room, 0, room.length, info);
    while (length > room.length) {
      room = read.reservePlain(length);
      length = memory.getAgain(hash, key, keyOffset, keyLength, room, 0, room.length, info);
    }
    read.length = length;
    read.version = length < 0 ? 0 : info.version();
    return length >= 0;
  }

  /** P1 and P2; the new version, or an outcome of the store. */
  private long promote(
      Store memory, long hash, long word, byte[] key, int keyOffset, int keyLength, TierRead read) {
    TierValue stored = read.stored;
    boolean packed = staysPacked(read);
    byte[] value = packed ? stored.bytes() : read.array();
    int valueLength = packed ? stored.length() : read.length;
    if (keyLength > memory.keyBytesMax() || valueLength > memory.valueBytesMax()) {
      return Store.REJECTED;
    }
    PutSpec spec = stored.spec.reset();
    spec.ifAbsentAndHolds(read.guard.set(stamps, hash, word));
    spec.cost(stored.cost()).userFlags(packed ? CLEAN | Packing.PACKED : CLEAN);
    if (stored.expiryMillis() != 0) {
      spec.expiryMillis(stored.expiryMillis());
      clock.noteDeadline(stored.expiryMillis());
    }
    long outcome = memory.put(hash, key, keyOffset, keyLength, value, 0, valueLength, spec);
    if (outcome > 0) {
      promotions.increment();
    }
    return outcome;
  }

  /** Whether a value of the tier comes into the memory as it is, compressed. */
  private boolean staysPacked(TierRead read) {
    return packing != null
        && (read.stored.flags() & COMPRESSED) != 0
        && read.length <= Packing.VALUE_BYTES_MAX;
  }

  /** Makes the value of what the tier has; false if that is damaged. */
  static boolean unpack(TierRead read) {
    return read.unpack(VALUE_BYTES_MAX, Long.MAX_VALUE);
  }

  // ---- demotion

  /** E1 and E2, under the lock of the victim's partition. */
  @Override
  public void evicted(Victim victim) {
    if (victim.hasTimeToIdle() || (buffer.isHalfFull() && isCheap(victim))) {
      filtered.increment();
      return;
    }
    long hash = victim.hash();
    long word = stamps.read(hash);
    boolean clean = (victim.userFlags() & CLEAN) != 0;
    boolean withValue = !clean || victim.valueLength() <= CLEAN_BYTES_MAX;
    if (!KeyStamps.isQuiet(word)) {
      superseded.increment();
    } else if (!fits(victim, withValue) || !buffer.offer(victim, hash, word, withValue)) {
      (clean ? cleanSkips : dropped).increment();
    }
  }

  private boolean fits(Victim victim, boolean withValue) {
    return (long) victim.keyLength() + (withValue ? victim.valueLength() : 0) <= buffer.payloadBytesMax();
  }

  /** Whether it was not hit of late, and costs nothing that is known: it is left out first when there is too much. */
  private static boolean isCheap(Victim victim) {
    return victim.frequency() == 0 && victim.cost() == 0;
  }

  /**
   * Writes what waits to the tier.
   *
   * @param most how many entries
   * @return how many there were; 0 also when another thread is at it
   */
  int demote(int most) {
    if (!demoting.tryLock()) {
      return 0;
    }
    try {
      return demoteAlone(most);
    } finally {
      demoting.unlock();
    }
  }

  /** Writes all that waits by now to the tier, when another thread that may be at it has done its part. */
  void demoteAll() {
    demoting.lock();
    try {
      long end = buffer.end();
      while (buffer.isBefore(end) && demoteAlone(1) > 0) {
        Thread.onSpinWait();
      }
    } finally {
      demoting.unlock();
    }
  }

  private int demoteAlone(int most) {
    int count = 0;
    while (count < most && buffer.next()) {
      try {
        demoteNext();
      } finally {
        buffer.release();
      }
      count++;
    }
    return count;
  }

  private void demoteNext() {
    long hash = buffer.hash();
    long stamp = buffer.stamp();
    long expiry = buffer.expiryMillis();
    int keyLength = buffer.keyLength();
    if (!stamps.isCurrent(hash, stamp)) {
      superseded.increment();
    } else if (isAboutToExpire(expiry)) {
      filtered.increment();
    } else {
      demotedKey = atLeast(demotedKey, keyLength);
      buffer.copyKey(demotedKey);
      if ((buffer.flags() & CLEAN) != 0 && below.touch(demotedKey, 0, keyLength)) {
        cleanSkips.increment();
      } else if (buffer.valueLength() == DemotionBuffer.NO_VALUE) {
        dropped.increment();
      } else if (buffer.cost() == 0 && !yieldOf(unhit(buffer.frequency())).admits()) {
        filtered.increment();
      } else {
        int valueLength = buffer.valueLength();
        demotedValue = atLeast(demotedValue, valueLength);
        buffer.copyValue(demotedValue);
        write(hash, stamp, keyLength, valueLength, expiry, buffer.cost(), buffer.frequency(), buffer.flags());
      }
    }
  }

  /** D2 and D3; the flags are those that the entry had in the memory. */
  private void write(
      long hash, long stamp, int keyLength, int valueLength, long expiryMillis, int cost, int frequency, int flags) {
    boolean packed = (flags & Packing.PACKED) != 0;
    int plainLength = packed ? Lz4.rawLength(demotedValue, 0, valueLength, VALUE_BYTES_MAX) : valueLength;
    if (plainLength == Lz4.ABSURD) {
      damaged.increment();
      return;
    }
    int unhit = unhit(frequency);
    pack(valueLength, packed, expiryMillis, cost, unhit);
    if (below.put(demotedKey, 0, keyLength, demoted, demotedGuard.set(stamps, hash, stamp))) {
      demotions.increment();
      demotedBytes.add((long) keyLength + plainLength);
      writtenBytes.add((long) keyLength + demoted.length());
      DemotionYield yield = yieldOf(unhit);
      if (yield.countWritten()) {
        yield.judge(below.estimatedSize(), below.evictions() > 0);
      }
    } else if (stamps.isCurrent(hash, stamp)) {
      dropped.increment();
    } else {
      superseded.increment();
    }
  }

  private static int unhit(int frequency) {
    return frequency == 0 ? UNHIT : 0;
  }

  /** Those that were hit in the memory and those that were not are judged apart. */
  private DemotionYield yieldOf(int unhit) {
    return unhit == 0 ? ofHit : ofUnhit;
  }

  private boolean isAboutToExpire(long expiryMillis) {
    return expiryMillis != 0 && expiryMillis - clock.now() < LEFT_MILLIS_MIN;
  }

  /** Makes what is to be written of the value that the memory had, {@code packed} or not. */
  private void pack(int valueLength, boolean packed, long expiryMillis, int cost, int unhit) {
    if (!packed && isWorthTrying(valueLength)) {
      byte[] target = demoted.reserve(Lz4.compressedBytesMax(valueLength));
      int length = Lz4.compress(demotedValue, 0, valueLength, target);
      if (length != Lz4.LITTLE_SAVED) {
        demoted.set(length, expiryMillis, cost, COMPRESSED | unhit, false);
        return;
      }
    }
    System.arraycopy(demotedValue, 0, demoted.reserve(valueLength), 0, valueLength);
    demoted.set(valueLength, expiryMillis, cost, packed ? COMPRESSED | unhit : unhit, false);
  }

  /** Not if the memory keeps values compressed: then it has been tried before. */
  private boolean isWorthTrying(int valueLength) {
    return packing == null
        && compression != null
        && valueLength >= compression.aboveBytes()
        && valueLength <= VALUE_BYTES_MAX;
  }

  private static byte[] atLeast(byte[] present, int length) {
    return present.length >= length ? present : new byte[Math.max(length, 2 * present.length)];
  }

  /**
   * Writes to the tier what is in the memory and not there; for the thread that demotes, when nobody writes any more.
   * It takes as long as that does.
   */
  void flush(Store memory) {
    demoting.lock();
    try {
      flushAlone(memory);
    } finally {
      demoting.unlock();
    }
  }

  private void flushAlone(Store memory) {
    EntryInfo info = new EntryInfo();
    StoreIterator entries = memory.iterator();
    while (entries.next() && !below.isLost()) {
      int keyLength = entries.keyLength();
      demotedKey = atLeast(demotedKey, keyLength);
      entries.copyKey(demotedKey, 0);
      long hash = memory.hash(demotedKey, 0, keyLength);
      long word = stamps.read(hash);
      // The entry is still there after the word was read, so that the word is not younger than the value.
      boolean current =
          KeyStamps.isQuiet(word)
              && memory.find(hash, demotedKey, 0, keyLength, info)
              && info.version() == entries.info().version();
      if (!current || isAboutToExpire(info.expiryMillis()) || info.hasTimeToIdle()) {
        continue;
      }
      if ((info.userFlags() & CLEAN) != 0 && below.contains(demotedKey, 0, keyLength)) {
        cleanSkips.increment();
        continue;
      }
      int valueLength = entries.valueLength();
      demotedValue = atLeast(demotedValue, valueLength);
      entries.copyValue(demotedValue, 0);
      write(hash, word, keyLength, valueLength, info.expiryMillis(), info.cost(), 1, info.userFlags());
    }
  }

  // ---- the rest

  Tier below() {
    return below;
  }

  DemotionBuffer buffer() {
    return buffer;
  }

  TierStats stats() {
    return new TierStats(
        hits.sum(),
        promotions.sum(),
        demotions.sum(),
        demotedBytes.sum(),
        writtenBytes.sum(),
        cleanSkips.sum(),
        filtered.sum(),
        superseded.sum(),
        dropped.sum(),
        below.evictions(),
        damaged.sum(),
        below.estimatedSize(),
        below.usedBytes(),
        buffer.bytes(),
        below.isLost());
  }

  /** Gives the tier up, which may take as long as writing it to its disk; only the first time. */
  void closeBelow() {
    if (belowClosed.compareAndSet(false, true)) {
      below.close();
    }
  }

  /** Gives up what is left; when nobody writes to the memory any more. */
  void close() {
    closeBelow();
    buffer.close();
  }
}
