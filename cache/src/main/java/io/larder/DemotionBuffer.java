package io.larder;

import io.larder.allocator.SegmentMemory;
import io.larder.engine.Victim;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Entries on their way from the memory to the second tier: a ring of records outside of the heap. Any thread that
 * evicts puts them in, and never waits: what does not fit is dropped. One thread takes them out.
 *
 * <pre>
 * DEM-1  Many put in, one takes out
 *   Shared     : head, tail; the first word of each record: 0 not there yet, else its length, negative when it only
 *                fills the ring's end
 *   Invariant  : between head and tail lie whole records; beyond them the ring is all zeros
 *   Putter     : B1 tail, head: is there room?   B2 CAS tail over the record   B3 write all but the first word
 *                B4 the first word, release
 *   Taker      : C1 the first word at head, acquire; 0: nothing   C2 read the record   C3 zero it   C4 head, release
 *   Argument   : B2 gives the range to one putter. It is free: head has been past it, C4 meets B1, so C3 comes before
 *                B3. C1 meets B4, so C2 reads what B3 has written. A putter that is slow between B2 and B4 lets the
 *                taker wait, not other putters
 *   Checked by : DemotionBufferTest
 * </pre>
 */
class DemotionBuffer {
  /** The {@link #valueLength()} of a record that has only the key. */
  static final int NO_VALUE = -1;

  /** Offsets in a record, whose first word is its length in bytes. */
  private static final int HASH = 8;
  private static final int STAMP = 16;
  private static final int EXPIRY = 24;
  private static final int COST = 32;
  private static final int FLAGS = 36;
  private static final int KEY_LENGTH = 40;
  private static final int VALUE_LENGTH = 44;
  private static final int FREQUENCY = 48;
  private static final int KEY = 52;

  private static final int BYTES_MIN = 1 << 18;
  private static final int BYTES_MAX = 1 << 24;

  /** It takes so small a part of the memory. */
  private static final int MEMORY_PER_BYTE = 32;

  /** A record is at most so small a part of it. */
  private static final int RECORDS_MIN = 4;

  /** The taker is woken when so small a part of it is full. */
  private static final int WAKING_PART = 8;

  private static final VarHandle TAIL;
  private static final VarHandle HEAD;

  static {
    try {
      TAIL = MethodHandles.lookup().findVarHandle(DemotionBuffer.class, "tail", long.class);
      HEAD = MethodHandles.lookup().findVarHandle(DemotionBuffer.class, "head", long.class);
    } catch (ReflectiveOperationException failure) {
      throw new ExceptionInInitializerError(failure);
    }
  }

  private final SegmentMemory memory;
  private final int capacity;

  @SuppressWarnings("unused") // by its handle
  private long tail;

  @SuppressWarnings("unused") // by its handle
  private long head;

  private volatile @Nullable Thread sleeper;

  /** The record that is being read; for the taker. */
  private long record;

  /** One for a cache of so many bytes of memory. */
  DemotionBuffer(long memoryBytes) {
    this(SegmentMemory.allocate(bytesFor(memoryBytes)));
  }

  /** One in memory of zeros, a power of two of bytes. */
  DemotionBuffer(SegmentMemory memory) {
    this.memory = memory;
    this.capacity = Math.toIntExact(memory.bytes());
  }

  private static long bytesFor(long memoryBytes) {
    return Long.highestOneBit(Math.clamp(memoryBytes / MEMORY_PER_BYTE, BYTES_MIN, BYTES_MAX));
  }

  /** The most bytes that key and value may have together. */
  int payloadBytesMax() {
    return capacity / RECORDS_MIN - KEY - Long.BYTES;
  }

  /**
   * Puts a victim in, with its word of {@link KeyStamps}.
   *
   * @param withValue whether its value is wanted
   * @return false if there is no room
   */
  boolean offer(Victim victim, long hash, long stamp, boolean withValue) {
    int keyLength = victim.keyLength();
    int valueLength = withValue ? victim.valueLength() : 0;
    int bytes = aligned(KEY + keyLength + valueLength);
    long at = claim(bytes);
    if (at < 0) {
      return false;
    }
    MemorySegment segment = memory.segment();
    memory.putLong(at + HASH, hash);
    memory.putLong(at + STAMP, stamp);
    memory.putLong(at + EXPIRY, victim.expiryMillis());
    memory.putInt(at + COST, victim.cost());
    memory.putInt(at + FLAGS, victim.userFlags());
    memory.putInt(at + FREQUENCY, victim.frequency());
    memory.putInt(at + KEY_LENGTH, keyLength);
    memory.putInt(at + VALUE_LENGTH, withValue ? valueLength : NO_VALUE);
    victim.copyKey(segment, at + KEY);
    if (withValue) {
      victim.copyValue(segment, at + KEY + keyLength);
    }
    memory.setLongRelease(at, bytes);
    wake();
    return true;
  }

  private static int aligned(int bytes) {
    return (bytes + Long.BYTES - 1) & -Long.BYTES;
  }

  /** B1 and B2: the place of a record, which does not go over the ring's end; -1 if there is no room. */
  private long claim(int bytes) {
    while (true) {
      long end = (long) TAIL.getVolatile(this);
      int at = (int) end & (capacity - 1);
      int fill = bytes <= capacity - at ? 0 : capacity - at;
      if (end + fill + bytes - (long) HEAD.getAcquire(this) > capacity) {
        return -1;
      }
      if (TAIL.compareAndSet(this, end, end + fill + bytes)) {
        if (fill == 0) {
          return at;
        }
        memory.setLongRelease(at, -fill);
        return 0;
      }
    }
  }

  private void wake() {
    Thread thread = sleeper;
    if (thread != null && bytes() > capacity / WAKING_PART) {
      sleeper = null;
      LockSupport.unpark(thread);
    }
  }

  /** Whether the taker is behind. */
  boolean isHalfFull() {
    return bytes() > capacity / 2;
  }

  /** The bytes that are in it. */
  long bytes() {
    return (long) TAIL.getVolatile(this) - (long) HEAD.getVolatile(this);
  }

  // ---- for the thread that takes them out

  /** Sleeps for a time, or until there is much to take out. */
  void sleep(long nanos) {
    sleeper = Thread.currentThread();
    if (bytes() <= capacity / WAKING_PART) {
      LockSupport.parkNanos(nanos);
    }
    sleeper = null;
  }

  /** Behind the last record, in bytes that were ever put in. */
  long end() {
    return (long) TAIL.getVolatile(this);
  }

  /** Whether the next record is one of those before an {@link #end}. */
  boolean isBefore(long end) {
    return (long) HEAD.getOpaque(this) < end;
  }

  /** Goes to the next record, after {@link #release} of the last one; says whether there is one. */
  boolean next() {
    while (true) {
      long start = (long) HEAD.getOpaque(this);
      int at = (int) start & (capacity - 1);
      long length = memory.getLongAcquire(at);
      if (length >= 0) {
        record = at;
        return length > 0;
      }
      wipe(at, Long.BYTES);
      HEAD.setRelease(this, start - length);
    }
  }

  /** Gives the room of the record back. */
  void release() {
    long length = memory.getLong(record);
    wipe(record, length);
    HEAD.setRelease(this, (long) HEAD.getOpaque(this) + length);
  }

  /** C3. */
  void wipe(long from, long length) {
    memory.zero(from, length);
  }

  long hash() {
    return memory.getLong(record + HASH);
  }

  long stamp() {
    return memory.getLong(record + STAMP);
  }

  long expiryMillis() {
    return memory.getLong(record + EXPIRY);
  }

  int cost() {
    return memory.getInt(record + COST);
  }

  int flags() {
    return memory.getInt(record + FLAGS);
  }

  int frequency() {
    return memory.getInt(record + FREQUENCY);
  }

  int keyLength() {
    return memory.getInt(record + KEY_LENGTH);
  }

  int valueLength() {
    return memory.getInt(record + VALUE_LENGTH);
  }

  void copyKey(byte[] target) {
    memory.copyOut(record + KEY, target, 0, keyLength());
  }

  void copyValue(byte[] target) {
    memory.copyOut(record + KEY + keyLength(), target, 0, valueLength());
  }

  /** Gives the memory back, when nobody puts anything in any more. */
  void close() {
    memory.close();
  }
}
