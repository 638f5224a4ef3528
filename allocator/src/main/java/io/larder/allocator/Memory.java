package io.larder.allocator;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The bytes of one region, addressed by offset from its base: the only way in which the store touches memory.
 *
 * <p>Offsets and lengths are in bytes. Every access is checked against {@link #bytes()} and against the
 * lifetime of the backing; an access outside throws {@link IndexOutOfBoundsException}, one after {@link
 * #close()} throws {@link IllegalStateException}. Words are little-endian.
 *
 * <p>The access mode is in the name. A name without one is a plain access: it is not atomic, may be
 * unaligned, and orders nothing. The other modes are those of {@link java.lang.invoke.VarHandle}; they need
 * natural alignment.
 *
 * <p>{@link SegmentMemory} is the only implementation in most JVMs, so that the JIT compiler binds the calls
 * statically. Where there is a tier in a file it has a second one, over that, which sees to it that pages are there.
 * Tests put others in its place (a twin over a {@code long[]} for model checking, a recorder for crash tests).
 *
 * <p>Any thread may call any method; what a race yields is the business of the protocol above.
 */
public interface Memory extends AutoCloseable {

  /** The size of the region in bytes; every offset is below it. */
  long bytes();

  /**
   * The memory through which to read a range by many plain accesses: what has to be done before an access to it has
   * been done for all of them.
   */
  default Memory forReading(long offset, long length) {
    return this;
  }

  /** Reads 8 bytes at any alignment. */
  long getLong(long offset);

  /** Writes 8 bytes at any alignment. */
  void putLong(long offset, long value);

  /** Reads the aligned word in acquire mode. */
  long getLongAcquire(long offset);

  /** Reads the aligned word in opaque mode. */
  long getLongOpaque(long offset);

  /** Writes the aligned word in release mode. */
  void setLongRelease(long offset, long value);

  /** Writes the aligned word in opaque mode. */
  void setLongOpaque(long offset, long value);

  /**
   * Sets the aligned word to {@code value} if it is {@code expected}, in volatile mode; says whether it did.
   */
  boolean compareAndSetLong(long offset, long expected, long value);

  /** Adds to the aligned word in volatile mode and returns what it held before. */
  long getAndAddLong(long offset, long delta);

  /**
   * Orders all reads and writes before it ahead of the writes behind it, as {@link VarHandle#releaseFence()} does. All
   * fences of writers are this one, so that a recorder can see them.
   */
  default void releaseFence() {
    VarHandle.releaseFence();
  }

  /** Reads 4 bytes at any alignment. */
  int getInt(long offset);

  /** Writes 4 bytes at any alignment. */
  void putInt(long offset, int value);

  /** Reads the aligned word in acquire mode. */
  int getIntAcquire(long offset);

  /** Writes the aligned word in release mode. */
  void setIntRelease(long offset, int value);

  /** Reads 2 bytes at any alignment, unsigned. */
  int getShort(long offset);

  /** Writes the low 2 bytes of {@code value} at any alignment. */
  void putShort(long offset, int value);

  /** Reads one byte, unsigned. */
  int getByte(long offset);

  /** Writes the low byte of {@code value} in opaque mode, which disturbs none of its neighbours. */
  void setByteOpaque(long offset, int value);

  /** Copies {@code length} bytes of {@code source} from {@code index} to {@code offset}. */
  void copyIn(long offset, byte[] source, int index, int length);

  /**
   * As {@link #copyIn(long, byte[], int, int)}, for what is usually short, such as keys: the JIT compiler learns the
   * usual lengths of keys and of values apart.
   */
  default void copyShortIn(long offset, byte[] source, int index, int length) {
    copyIn(offset, source, index, length);
  }

  /** Copies {@code length} bytes of {@code source} from {@code sourceOffset} to {@code offset}. */
  void copyIn(long offset, MemorySegment source, long sourceOffset, long length);

  /** Copies {@code length} bytes from {@code offset} into {@code target} at {@code index}. */
  void copyOut(long offset, byte[] target, int index, int length);

  /** Copies {@code length} bytes from {@code offset} into {@code target} at {@code targetOffset}. */
  void copyOut(long offset, MemorySegment target, long targetOffset, long length);

  /** Copies {@code length} bytes inside the region; the two ranges do not overlap. */
  void copy(long from, long to, long length);

  /** Sets {@code length} bytes from {@code offset} to zero. */
  void zero(long offset, long length);

  /** Whether the {@code length} bytes at {@code offset} equal those of {@code other} from {@code index}. */
  boolean matches(long offset, byte[] other, int index, int length);

  /** Whether {@link #close()} has not been called, or could not be obeyed. */
  default boolean isOpen() {
    return true;
  }

  /** Gives the backing memory up; every later access throws {@link IllegalStateException}. */
  @Override
  void close();
}
