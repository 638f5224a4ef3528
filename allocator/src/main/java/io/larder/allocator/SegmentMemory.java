package io.larder.allocator;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * {@link Memory} over a {@link MemorySegment}: private memory, or whatever its creator mapped.
 *
 * <p>One arena for the whole life: closing a shared arena stops every thread of the JVM for a moment, so it
 * happens once, in {@link #close()}.
 *
 * <p>Short copies and comparisons go by 8-byte words, because the general copy of the JDK costs more than
 * such a copy itself.
 *
 * <p><b>Files that are cut.</b> An access beyond the end of a mapped file raises SIGBUS. HotSpot makes an error of it,
 * {@link MemoryFault}, but in the interpreter not of a compare-and-set and not of an opaque store of a byte, which end
 * the process. So a plain read of the same word comes first; compiled code leaves it out, since nothing uses it. And on
 * x86-64 not of every machine instruction: what C2 makes of a conversion of a loaded {@code int} to {@code long} with
 * its sign, and of a test of a loaded byte's bits, ends the process, too. So references are converted by {@link
 * Integer#toUnsignedLong}, and bits of bytes are taken from an {@code int} that holds them.
 *
 * <p>It is a record because the JIT compiler takes the components of a record for constants wherever the record
 * is one: the checks of each access then fold to a comparison with the segment's size.
 *
 * @param segment the bytes, aligned to 8; also for operating-system calls on their address range
 * @param arena whose closing ends the segment's life
 */
public record SegmentMemory(MemorySegment segment, Arena arena) implements Memory {
  private static final byte[] ZEROS = new byte[4096];
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG_ANYWHERE =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT_ANYWHERE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT_ANYWHERE =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private static final VarHandle LONG_WORD = LONG.varHandle();
  private static final VarHandle INT_WORD = INT.varHandle();
  private static final VarHandle BYTE_WORD = BYTE.varHandle();
  private static final VarHandle ARRAY_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle ARRAY_INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /**
   * Up to this many bytes are copied by a few words, which may overlap; beyond it the JDK's copy is the
   * faster one.
   */
  private static final int SHORT_COPY_BYTES_MAX = 4 * Long.BYTES;

  /**
   * Allocates private memory, aligned to a page and filled with zeros: all of it is resident when this
   * returns.
   *
   * @throws OutOfMemoryError when the operating system does not give that much
   */
  public static SegmentMemory allocate(long bytes) {
    Arena arena = Arena.ofShared();
    try {
      return new SegmentMemory(arena.allocate(bytes, RegionGeometry.PAGE_BYTES), arena);
    } catch (Throwable failure) {
      arena.close();
      throw failure;
    }
  }

  @Override
  public long bytes() {
    return segment.byteSize();
  }

  @Override
  public long getLong(long offset) {
    return segment.get(LONG_ANYWHERE, offset);
  }

  @Override
  public void putLong(long offset, long value) {
    segment.set(LONG_ANYWHERE, offset, value);
  }

  @Override
  public long getLongAcquire(long offset) {
    return (long) LONG_WORD.getAcquire(segment, offset);
  }

  @Override
  public long getLongOpaque(long offset) {
    return (long) LONG_WORD.getOpaque(segment, offset);
  }

  @Override
  public void setLongRelease(long offset, long value) {
    LONG_WORD.setRelease(segment, offset, value);
  }

  @Override
  public void setLongOpaque(long offset, long value) {
    LONG_WORD.setOpaque(segment, offset, value);
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    touchLong(offset);
    return LONG_WORD.compareAndSet(segment, offset, expected, value);
  }

  @Override
  public long getAndAddLong(long offset, long delta) {
    touchLong(offset);
    return (long) LONG_WORD.getAndAdd(segment, offset, delta);
  }

  /** In the interpreter, throws the error of an access that there is no page for. */
  @SuppressWarnings({"CheckReturnValue", "ReturnValueIgnored"}) // read for its failure alone
  private void touchLong(long offset) {
    segment.get(LONG_ANYWHERE, offset);
  }

  /** As {@link #touchLong}, for an access to a byte. */
  @SuppressWarnings({"CheckReturnValue", "ReturnValueIgnored"}) // read for its failure alone
  private void touchByte(long offset) {
    segment.get(BYTE, offset);
  }

  @Override
  public int getInt(long offset) {
    return segment.get(INT_ANYWHERE, offset);
  }

  @Override
  public void putInt(long offset, int value) {
    segment.set(INT_ANYWHERE, offset, value);
  }

  @Override
  public int getIntAcquire(long offset) {
    return (int) INT_WORD.getAcquire(segment, offset);
  }

  @Override
  public void setIntRelease(long offset, int value) {
    INT_WORD.setRelease(segment, offset, value);
  }

  @Override
  public int getShort(long offset) {
    return Short.toUnsignedInt(segment.get(SHORT_ANYWHERE, offset));
  }

  @Override
  public void putShort(long offset, int value) {
    segment.set(SHORT_ANYWHERE, offset, (short) value);
  }

  @Override
  public int getByte(long offset) {
    return Byte.toUnsignedInt(segment.get(BYTE, offset));
  }

  @Override
  public void setByteOpaque(long offset, int value) {
    touchByte(offset);
    BYTE_WORD.setOpaque(segment, offset, (byte) value);
  }

  @Override
  public void copyIn(long offset, byte[] source, int index, int length) {
    if (length > SHORT_COPY_BYTES_MAX) {
      MemorySegment.copy(source, index, segment, BYTE, offset, length);
    } else {
      copyShortIn(offset, source, index, length);
    }
  }

  @Override
  public void copyShortIn(long offset, byte[] source, int index, int length) {
    if (length > SHORT_COPY_BYTES_MAX) {
      MemorySegment.copy(source, index, segment, BYTE, offset, length);
    } else if (length >= Long.BYTES) {
      if (length > 2 * Long.BYTES) {
        segment.set(LONG_ANYWHERE, offset + 8, (long) ARRAY_LONG.get(source, index + 8));
        segment.set(LONG_ANYWHERE, offset + length - 16, (long) ARRAY_LONG.get(source, index + length - 16));
      }
      segment.set(LONG_ANYWHERE, offset, (long) ARRAY_LONG.get(source, index));
      segment.set(LONG_ANYWHERE, offset + length - 8, (long) ARRAY_LONG.get(source, index + length - 8));
    } else if (length >= Integer.BYTES) {
      segment.set(INT_ANYWHERE, offset, (int) ARRAY_INT.get(source, index));
      segment.set(INT_ANYWHERE, offset + length - 4, (int) ARRAY_INT.get(source, index + length - 4));
    } else {
      for (int i = 0; i < length; i++) {
        segment.set(BYTE, offset + i, source[index + i]);
      }
    }
  }

  @Override
  public void copyIn(long offset, MemorySegment source, long sourceOffset, long length) {
    MemorySegment.copy(source, sourceOffset, segment, offset, length);
  }

  @Override
  public void copyOut(long offset, byte[] target, int index, int length) {
    if (length > SHORT_COPY_BYTES_MAX) {
      MemorySegment.copy(segment, BYTE, offset, target, index, length);
    } else if (length >= Long.BYTES) {
      if (length > 2 * Long.BYTES) {
        ARRAY_LONG.set(target, index + 8, segment.get(LONG_ANYWHERE, offset + 8));
        ARRAY_LONG.set(target, index + length - 16, segment.get(LONG_ANYWHERE, offset + length - 16));
      }
      ARRAY_LONG.set(target, index, segment.get(LONG_ANYWHERE, offset));
      ARRAY_LONG.set(target, index + length - 8, segment.get(LONG_ANYWHERE, offset + length - 8));
    } else if (length >= Integer.BYTES) {
      ARRAY_INT.set(target, index, segment.get(INT_ANYWHERE, offset));
      ARRAY_INT.set(target, index + length - 4, segment.get(INT_ANYWHERE, offset + length - 4));
    } else {
      for (int i = 0; i < length; i++) {
        target[index + i] = segment.get(BYTE, offset + i);
      }
    }
  }

  @Override
  public void copyOut(long offset, MemorySegment target, long targetOffset, long length) {
    MemorySegment.copy(segment, offset, target, targetOffset, length);
  }

  @Override
  public void copy(long from, long to, long length) {
    MemorySegment.copy(segment, from, segment, to, length);
  }

  @Override
  public void zero(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, segment.byteSize());
    // A slice to be filled would be an object.
    for (long done = 0; done < length; done += ZEROS.length) {
      MemorySegment.copy(ZEROS, 0, segment, BYTE, offset + done, (int) Math.min(length - done, ZEROS.length));
    }
  }

  @Override
  public boolean matches(long offset, byte[] other, int index, int length) {
    if (length > SHORT_COPY_BYTES_MAX) {
      return matchesLong(offset, other, index, length);
    }
    // Words that may overlap, and one branch: a loop over so few words would cost more than they do.
    if (length >= Long.BYTES) {
      long difference =
          differenceOfLongs(offset, other, index)
              | differenceOfLongs(offset + length - 8, other, index + length - 8);
      if (length > 2 * Long.BYTES) {
        difference |= differenceOfLongs(offset + 8, other, index + 8);
        if (length > 3 * Long.BYTES) {
          difference |= differenceOfLongs(offset + length - 16, other, index + length - 16);
        }
      }
      return difference == 0;
    }
    if (length >= Integer.BYTES) {
      return segment.get(INT_ANYWHERE, offset) == (int) ARRAY_INT.get(other, index)
          && segment.get(INT_ANYWHERE, offset + length - 4) == (int) ARRAY_INT.get(other, index + length - 4);
    }
    for (int i = 0; i < length; i++) {
      if (segment.get(BYTE, offset + i) != other[index + i]) {
        return false;
      }
    }
    return true;
  }

  private long differenceOfLongs(long offset, byte[] other, int index) {
    return segment.get(LONG_ANYWHERE, offset) ^ (long) ARRAY_LONG.get(other, index);
  }

  private boolean matchesLong(long offset, byte[] other, int index, int length) {
    int last = length - Long.BYTES;
    for (int at = 0; at < last; at += Long.BYTES) {
      if (differenceOfLongs(offset + at, other, index + at) != 0) {
        return false;
      }
    }
    return differenceOfLongs(offset + last, other, index + last) == 0;
  }

  @Override
  public boolean isOpen() {
    return arena.scope().isAlive();
  }

  @Override
  public void close() {
    arena.close();
  }
}
