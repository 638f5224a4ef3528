package io.larder;

import io.larder.engine.Batch;
import io.larder.engine.EntryInfo;
import io.larder.engine.Store;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What a cache does that keeps values compressed in its memory, {@link Compression#inMemory}: makes what is put, and
 * gives back what was. A cache that does not has none of these.
 *
 * <p>Each entry says by a flag, {@link #PACKED}, whether its value is in the stored form of {@link Lz4}. What is read
 * is copied out first, so that no torn bytes are decompressed, but by who looks at a value in place, which then does
 * not count. A value that cannot be decompressed is a miss: its entry
 * is quarantined, as one with a wrong checksum is.
 *
 * <p>Any thread; no lock is held while values are compressed. Reading allocates nothing but for values over {@link
 * Scratch#RETAINED_BYTES_MAX}, and where a new array is asked for.
 */
final class Packing {
  /** A flag of an entry in the memory: its value is compressed. The other one is {@link Tiers#CLEAN}. */
  static final int PACKED = 2;

  /** Longer values are kept as they are, so that nobody runs out of heap over a length that damage has made. */
  static final int VALUE_BYTES_MAX = 1 << 26;

  /** Of {@link #find}: the value is longer than what it was to copy. */
  private static final int LONG = Integer.MIN_VALUE;

  private final int aboveBytes;
  private final LongAdder hitsAgain;

  /** Reads that the store has counted as hits, of values that could not be decompressed. */
  final LongAdder damaged = new LongAdder();

  /**
   * One for what is put to be compressed as said, or not at all for null, where others compress what is to be read;
   * {@code hitsAgain} is that of {@link Core}.
   */
  Packing(@Nullable Compression compression, LongAdder hitsAgain) {
    this.aboveBytes = compression == null ? Integer.MAX_VALUE : compression.aboveBytes();
    this.hitsAgain = hitsAgain;
  }

  static boolean isPacked(EntryInfo info) {
    return (info.userFlags() & PACKED) != 0;
  }

  // ---- writes

  /** Whether values of that length are tried to be made smaller. */
  boolean takes(long valueLength) {
    return valueLength >= aboveBytes && valueLength <= VALUE_BYTES_MAX;
  }

  /** Writes the stored form of a value to the target, which is another array; false when that saves too little. */
  boolean pack(byte[] value, int offset, int length, TierValue target) {
    int packedLength = Lz4.compress(value, offset, length, target.reserve(Lz4.compressedBytesMax(length)));
    if (packedLength == Lz4.LITTLE_SAVED) {
      return false;
    }
    target.set(packedLength, 0, 0, Tiers.COMPRESSED, false);
    return true;
  }

  // ---- reads

  /** As {@link Store#get(long, byte[], int, int, byte[], int, int)}. */
  int get(Store store, long hash, byte[] key, int keyOffset, int keyLength, byte[] target, int at, int room) {
    Scratch scratch = Scratch.take();
    try {
      TierRead read = scratch.tierRead();
      EntryInfo info = scratch.info;
      while (true) {
        int length = find(store, hash, key, keyOffset, keyLength, read, info, room, Scratch.RETAINED_BYTES_MAX);
        if (length != LONG) {
          if (length >= 0 && length <= room) {
            System.arraycopy(read.array(), 0, target, at, length);
          }
          return length;
        }
        length = store.get(hash, key, keyOffset, keyLength, target, at, room, info);
        if (length < 0 || !isPacked(info)) {
          return length;
        }
        hitsAgain.increment();
      }
    } finally {
      scratch.release();
    }
  }

  /** As {@link Store#get(long, byte[], int, int, MemorySegment, long, long)}. */
  int get(
      Store store, long hash, byte[] key, int keyOffset, int keyLength, MemorySegment target, long at, long room) {
    Scratch scratch = Scratch.take();
    try {
      TierRead read = scratch.tierRead();
      EntryInfo info = scratch.info;
      while (true) {
        int length = find(store, hash, key, keyOffset, keyLength, read, info, room, Scratch.RETAINED_BYTES_MAX);
        if (length != LONG) {
          if (length >= 0 && length <= room) {
            MemorySegment.copy(read.array(), 0, target, ValueLayout.JAVA_BYTE, at, length);
          }
          return length;
        }
        length = store.get(hash, key, keyOffset, keyLength, target, at, room, info);
        if (length < 0 || !isPacked(info)) {
          return length;
        }
        hitsAgain.increment();
      }
    } finally {
      scratch.release();
    }
  }

  /** As {@link Store#getBytes}. */
  byte @Nullable [] getBytes(Store store, long hash, byte[] key, int keyOffset, int keyLength) {
    Scratch scratch = Scratch.take();
    try {
      TierRead read = scratch.tierRead();
      EntryInfo info = scratch.info;
      while (true) {
        int length =
            find(store, hash, key, keyOffset, keyLength, read, info, Long.MAX_VALUE, Scratch.RETAINED_BYTES_MAX);
        if (length != LONG) {
          return length < 0 ? null : Arrays.copyOf(read.array(), length);
        }
        byte[] value = store.getBytes(hash, key, keyOffset, keyLength, info);
        if (value == null || !isPacked(info)) {
          return value;
        }
        hitsAgain.increment();
      }
    } finally {
      scratch.release();
    }
  }

  /** As {@link Store#getAll}, but one after the other. */
  void getAll(Store store, Batch batch) {
    for (int i = 0; i < batch.count(); i++) {
      byte[] key = batch.key(i);
      int offset = batch.keyOffset(i);
      int length = batch.keyLength(i);
      long hash = store.hash(key, offset, length);
      batch.setLength(
          i, get(store, hash, key, offset, length, batch.values(), batch.offset(i), batch.valueBytesMax()));
    }
  }

  /** Finds a value, of any length; says whether there is one. Tells about its entry. */
  boolean find(Store store, long hash, byte[] key, int keyOffset, int keyLength, TierRead read, EntryInfo info) {
    boolean found =
        find(store, hash, key, keyOffset, keyLength, read, info, Long.MAX_VALUE, Integer.MAX_VALUE) >= 0;
    read.version = found ? info.version() : 0;
    return found;
  }

  /**
   * Finds a value.
   *
   * @param room a compressed value that is longer is not decompressed, as only its length is wanted
   * @param plainBytesMax a value that is not compressed and longer is not copied
   * @return the value's length, {@link Store#ABSENT}, or {@link #LONG} when it was not copied
   */
  private int find(
      Store store,
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      TierRead read,
      EntryInfo info,
      long room,
      int plainBytesMax) {
    TierValue stored = read.stored;
    byte[] bytes = stored.bytes();
    int length = store.get(hash, key, keyOffset, keyLength, bytes, 0, bytes.length, info);
    while (length > bytes.length) {
      if (length > plainBytesMax && !isPacked(info)) {
        hitsAgain.increment();
        return LONG;
      }
      bytes = stored.reserve(length);
      length = store.getAgain(hash, key, keyOffset, keyLength, bytes, 0, bytes.length, info);
      if (length < 0) {
        hitsAgain.increment();
      }
    }
    if (length < 0) {
      return Store.ABSENT;
    }
    take(stored, length, info);
    if (!read.unpack(VALUE_BYTES_MAX, room)) {
      damaged(store, hash, key, keyOffset, keyLength, info.version());
      return Store.ABSENT;
    }
    return read.length;
  }

  /** Says what has been copied to a target out of an entry, for {@link TierRead#unpack}. */
  static void take(TierValue target, int length, EntryInfo info) {
    target.set(length, info.expiryMillis(), info.cost(), isPacked(info) ? Tiers.COMPRESSED : 0, info.wasHit());
  }

  /** A read has met a value that cannot be decompressed: it is a miss, and the entry goes. */
  void damaged(Store store, long hash, byte[] key, int keyOffset, int keyLength, long version) {
    damaged.increment();
    store.quarantine(hash, key, keyOffset, keyLength, version);
  }

  /** The value of a stored form that is a whole array, in a new array; null if it is damaged. */
  static byte @Nullable [] unpack(byte[] packed) {
    int length = Lz4.rawLength(packed, 0, packed.length, VALUE_BYTES_MAX);
    if (length == Lz4.ABSURD) {
      return null;
    }
    byte[] plain = new byte[length];
    return Lz4.decompress(packed, 0, packed.length, plain, 0, length) ? plain : null;
  }
}
