package io.larder.allocator;

import java.lang.foreign.MemorySegment;

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
 * <p>It is an abstract class with a single implementation in production, so that the JIT compiler binds the
 * calls statically; tests put other implementations in its place (a twin over a {@code long[]} for model
 * checking, a recorder for crash tests).
 *
 * <p>Any thread may call any method; what a race yields is the business of the protocol above.
 */
public abstract class Memory implements AutoCloseable {

  /** For implementations. */
  protected Memory() {}

  /** The size of the region in bytes; every offset is below it. */
  public abstract long bytes();

  /** Reads 8 bytes at any alignment. */
  public abstract long getLong(long offset);

  /** Writes 8 bytes at any alignment. */
  public abstract void putLong(long offset, long value);

  /** Reads the aligned word in acquire mode. */
  public abstract long getLongAcquire(long offset);

  /** Reads the aligned word in opaque mode. */
  public abstract long getLongOpaque(long offset);

  /** Writes the aligned word in release mode. */
  public abstract void setLongRelease(long offset, long value);

  /** Writes the aligned word in opaque mode. */
  public abstract void setLongOpaque(long offset, long value);

  /**
   * Sets the aligned word to {@code value} if it is {@code expected}, in volatile mode; says whether it did.
   */
  public abstract boolean compareAndSetLong(long offset, long expected, long value);

  /** Adds to the aligned word in volatile mode and returns what it held before. */
  public abstract long getAndAddLong(long offset, long delta);

  /** Reads 4 bytes at any alignment. */
  public abstract int getInt(long offset);

  /** Writes 4 bytes at any alignment. */
  public abstract void putInt(long offset, int value);

  /** Reads the aligned word in acquire mode. */
  public abstract int getIntAcquire(long offset);

  /** Writes the aligned word in release mode. */
  public abstract void setIntRelease(long offset, int value);

  /** Reads 2 bytes at any alignment, unsigned. */
  public abstract int getShort(long offset);

  /** Writes the low 2 bytes of {@code value} at any alignment. */
  public abstract void putShort(long offset, int value);

  /** Reads one byte, unsigned. */
  public abstract int getByte(long offset);

  /** Writes the low byte of {@code value} in opaque mode, which disturbs none of its neighbours. */
  public abstract void setByteOpaque(long offset, int value);

  /** Copies {@code length} bytes of {@code source} from {@code index} to {@code offset}. */
  public abstract void copyIn(long offset, byte[] source, int index, int length);

  /** Copies {@code length} bytes of {@code source} from {@code sourceOffset} to {@code offset}. */
  public abstract void copyIn(long offset, MemorySegment source, long sourceOffset, long length);

  /** Copies {@code length} bytes from {@code offset} into {@code target} at {@code index}. */
  public abstract void copyOut(long offset, byte[] target, int index, int length);

  /** Copies {@code length} bytes from {@code offset} into {@code target} at {@code targetOffset}. */
  public abstract void copyOut(long offset, MemorySegment target, long targetOffset, long length);

  /** Copies {@code length} bytes inside the region; the two ranges do not overlap. */
  public abstract void copy(long from, long to, long length);

  /** Sets {@code length} bytes from {@code offset} to zero. */
  public abstract void zero(long offset, long length);

  /** Whether the {@code length} bytes at {@code offset} equal those of {@code other} from {@code index}. */
  public abstract boolean matches(long offset, byte[] other, int index, int length);

  /** Gives the backing memory up; every later access throws {@link IllegalStateException}. */
  @Override
  public abstract void close();
}
