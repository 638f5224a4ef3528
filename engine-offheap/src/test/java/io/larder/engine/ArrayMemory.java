package io.larder.engine;

import io.larder.allocator.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;

/**
 * The twin of the memory over a {@code long[]}: what a model checker can follow, and what a test can count,
 * disturb or stop at.
 *
 * <p>It does what the memory of segments does, to the byte and to the error. Accesses of less than a word
 * change their word by compare-and-set, so that they disturb no neighbour.
 */
class ArrayMemory implements Memory {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int WORD_SHIFT = 3;
  private static final int BYTE_MASK = Long.BYTES - 1;

  private final long[] words;
  private final long bytes;
  private volatile boolean closed;

  ArrayMemory(long bytes) {
    this.bytes = bytes;
    this.words = new long[Math.toIntExact((bytes + BYTE_MASK) >>> WORD_SHIFT)];
  }

  /** Called before each access to a word, or to a part of one; here it does nothing. */
  void access(long offset, int length) {}

  /** Reads an aligned word for who watches, which is no access. */
  final long peek(long offset) {
    check(offset, Long.BYTES);
    return words[(int) (offset >>> WORD_SHIFT)];
  }

  private void check(long offset, long length) {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    Objects.checkFromIndexSize(offset, length, bytes);
  }

  private void checkOne(long offset, int length) {
    check(offset, length);
    access(offset, length);
  }

  private int checkWord(long offset, int length) {
    checkOne(offset, length);
    if ((offset & (length - 1)) != 0) {
      throw new IllegalArgumentException("offset=" + offset + " is not aligned to " + length);
    }
    return (int) (offset >>> WORD_SHIFT);
  }

  private static int shift(long offset) {
    return (int) (offset & BYTE_MASK) << 3;
  }

  /** Reads {@code length} bytes, 1 to 8, at any alignment. */
  private long get(long offset, int length) {
    int index = (int) (offset >>> WORD_SHIFT);
    int shift = shift(offset);
    long value = words[index] >>> shift;
    if (shift + 8 * length > Long.SIZE) {
      value |= words[index + 1] << (Long.SIZE - shift);
    }
    return value & mask(length);
  }

  private void put(long offset, long value, int length) {
    int index = (int) (offset >>> WORD_SHIFT);
    int shift = shift(offset);
    if (length == Long.BYTES && shift == 0) {
      words[index] = value;
      return;
    }
    merge(index, value << shift, mask(length) << shift);
    if (shift + 8 * length > Long.SIZE) {
      merge(index + 1, value >>> (Long.SIZE - shift), mask(length) >>> (Long.SIZE - shift));
    }
  }

  private void merge(int index, long bits, long mask) {
    long word;
    do {
      word = (long) WORD.getOpaque(words, index);
    } while (!WORD.compareAndSet(words, index, word, (word & ~mask) | (bits & mask)));
  }

  private static long mask(int length) {
    return length == Long.BYTES ? -1L : (1L << (8 * length)) - 1;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public long getLong(long offset) {
    checkOne(offset, Long.BYTES);
    return get(offset, Long.BYTES);
  }

  @Override
  public void putLong(long offset, long value) {
    checkOne(offset, Long.BYTES);
    put(offset, value, Long.BYTES);
  }

  @Override
  public long getLongAcquire(long offset) {
    return (long) WORD.getAcquire(words, checkWord(offset, Long.BYTES));
  }

  @Override
  public long getLongOpaque(long offset) {
    return (long) WORD.getOpaque(words, checkWord(offset, Long.BYTES));
  }

  @Override
  public void setLongRelease(long offset, long value) {
    WORD.setRelease(words, checkWord(offset, Long.BYTES), value);
  }

  @Override
  public void setLongOpaque(long offset, long value) {
    WORD.setOpaque(words, checkWord(offset, Long.BYTES), value);
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    return WORD.compareAndSet(words, checkWord(offset, Long.BYTES), expected, value);
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    return (long) WORD.getAndAdd(words, checkWord(offset, Long.BYTES), delta);
  }

  @Override
  public int getInt(long offset) {
    checkOne(offset, Integer.BYTES);
    return (int) get(offset, Integer.BYTES);
  }

  @Override
  public void putInt(long offset, int value) {
    checkOne(offset, Integer.BYTES);
    put(offset, value, Integer.BYTES);
  }

  @Override
  public int getIntAcquire(long offset) {
    long word = (long) WORD.getAcquire(words, checkWord(offset, Integer.BYTES));
    return (int) (word >>> shift(offset));
  }

  @Override
  public void setIntRelease(long offset, int value) {
    checkWord(offset, Integer.BYTES);
    put(offset, value, Integer.BYTES);
  }

  @Override
  public int getShort(long offset) {
    checkOne(offset, Short.BYTES);
    return (int) get(offset, Short.BYTES);
  }

  @Override
  public void putShort(long offset, int value) {
    checkOne(offset, Short.BYTES);
    put(offset, value, Short.BYTES);
  }

  @Override
  public int getByte(long offset) {
    checkOne(offset, 1);
    return (int) get(offset, 1);
  }

  @Override
  public void setByteOpaque(long offset, int value) {
    checkOne(offset, 1);
    put(offset, value, 1);
  }

  @Override
  public void copyIn(long offset, byte[] source, int index, int length) {
    check(offset, length);
    Objects.checkFromIndexSize(index, length, source.length);
    int at = 0;
    while (at < length) {
      int piece = Math.min(length - at, Long.BYTES - (int) ((offset + at) & BYTE_MASK));
      long value = 0;
      for (int i = piece - 1; i >= 0; i--) {
        value = value << 8 | Byte.toUnsignedLong(source[index + at + i]);
      }
      access(offset + at, piece);
      put(offset + at, value, piece);
      at += piece;
    }
  }

  @Override
  public void copyIn(long offset, MemorySegment source, long sourceOffset, long length) {
    check(offset, length);
    copyIn(offset, source.asSlice(sourceOffset, length).toArray(ValueLayout.JAVA_BYTE), 0, (int) length);
  }

  @Override
  public void copyOut(long offset, byte[] target, int index, int length) {
    check(offset, length);
    Objects.checkFromIndexSize(index, length, target.length);
    int at = 0;
    while (at < length) {
      int piece = Math.min(length - at, Long.BYTES - (int) ((offset + at) & BYTE_MASK));
      access(offset + at, piece);
      long value = get(offset + at, piece);
      for (int i = 0; i < piece; i++) {
        target[index + at + i] = (byte) (value >>> (8 * i));
      }
      at += piece;
    }
  }

  @Override
  public void copyOut(long offset, MemorySegment target, long targetOffset, long length) {
    check(offset, length);
    byte[] piece = new byte[(int) length];
    copyOut(offset, piece, 0, piece.length);
    MemorySegment.copy(piece, 0, target, ValueLayout.JAVA_BYTE, targetOffset, piece.length);
  }

  @Override
  public void copy(long from, long to, long length) {
    byte[] piece = new byte[(int) length];
    copyOut(from, piece, 0, piece.length);
    copyIn(to, piece, 0, piece.length);
  }

  @Override
  public void zero(long offset, long length) {
    check(offset, length);
    if (((offset | length) & BYTE_MASK) == 0) {
      int first = (int) (offset >>> WORD_SHIFT);
      Arrays.fill(words, first, first + (int) (length >>> WORD_SHIFT), 0);
    } else {
      copyIn(offset, new byte[(int) length], 0, (int) length);
    }
  }

  @Override
  public boolean matches(long offset, byte[] other, int index, int length) {
    check(offset, length);
    Objects.checkFromIndexSize(index, length, other.length);
    int at = 0;
    while (at < length) {
      int piece = Math.min(length - at, Long.BYTES - (int) ((offset + at) & BYTE_MASK));
      access(offset + at, piece);
      long value = get(offset + at, piece);
      for (int i = 0; i < piece; i++) {
        if ((byte) (value >>> (8 * i)) != other[index + at + i]) {
          return false;
        }
      }
      at += piece;
    }
    return true;
  }

  @Override
  public void close() {
    closed = true;
  }
}
