package io.larder.engine;

import io.larder.allocator.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A read-only look at the bytes of a value where they lie. It is valid while the {@link ValueReader} runs,
 * for its thread; later uses throw {@link IllegalStateException}. Positions are in bytes from the value's
 * start; an access outside throws {@link IndexOutOfBoundsException}. Numbers are little-endian.
 */
public final class ValueView {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int CLOSED = -1;
  private static final byte[] NONE = new byte[0];

  /** A copy with more room than this is not kept for the next read. */
  private static final int COPY_BYTES_KEPT_MAX = 1 << 20;

  private final Memory memory;
  private final EntryInfo info = new EntryInfo();

  // Either the region from an offset on, or an own copy: of a value in several blocks, or of what one stands for.
  private long offset;
  private int length = CLOSED;
  private byte[] copy = NONE;
  private boolean copied;

  /** Whether the reader's function is running, or has thrown something. */
  private boolean userRunning;

  ValueView(Memory memory) {
    this.memory = memory;
  }

  void bind(long valueOffset, int valueLength) {
    offset = valueOffset;
    length = valueLength;
    copied = false;
  }

  /**
   * Room for a copy of a value of so many bytes; if there is one already, it may be overwritten by what is written
   * there.
   */
  public byte[] copyRoom(int bytes) {
    if (copy.length < bytes) {
      copy = new byte[Math.max(bytes, Math.min(2 * copy.length, Integer.MAX_VALUE - 64))];
    }
    return copy;
  }

  /**
   * Looks at the first bytes of the last {@link #copyRoom} from now on: for a {@link ValueReader} that has written
   * there what the bytes of the store stand for.
   */
  public void bindCopy(int valueLength) {
    length = valueLength;
    copied = true;
  }

  boolean isCopy() {
    return copied;
  }

  boolean isUserRunning() {
    return userRunning;
  }

  void setUserRunning(boolean running) {
    userRunning = running;
  }

  void close() {
    length = CLOSED;
    userRunning = false;
    if (copy.length > COPY_BYTES_KEPT_MAX) {
      copy = NONE;
    }
  }

  EntryInfo infoToFill() {
    return info;
  }

  /** The value's length in bytes. */
  public int length() {
    if (length == CLOSED) {
      throw new IllegalStateException("the view is used outside of its read");
    }
    return length;
  }

  /** The version, the expiry and the cost of the entry. */
  public EntryInfo info() {
    length();
    return info;
  }

  /** The byte at a position, signed. */
  public byte getByte(int position) {
    Objects.checkIndex(position, length());
    return copied ? copy[position] : (byte) memory.getByte(offset + position);
  }

  /** The four bytes from a position on. */
  public int getInt(int position) {
    Objects.checkFromIndexSize(position, Integer.BYTES, length());
    return copied ? MemorySegment.ofArray(copy).get(INT, position) : memory.getInt(offset + position);
  }

  /** The eight bytes from a position on. */
  public long getLong(int position) {
    Objects.checkFromIndexSize(position, Long.BYTES, length());
    return copied ? MemorySegment.ofArray(copy).get(LONG, position) : memory.getLong(offset + position);
  }

  /** Copies {@code count} bytes from a position on into an array. */
  public void copyTo(int position, byte[] target, int at, int count) {
    Objects.checkFromIndexSize(position, count, length());
    Objects.checkFromIndexSize(at, count, target.length);
    if (copied) {
      System.arraycopy(copy, position, target, at, count);
    } else {
      memory.copyOut(offset + position, target, at, count);
    }
  }

  /** Copies {@code count} bytes from a position on into a segment. */
  public void copyTo(int position, MemorySegment target, long at, int count) {
    Objects.checkFromIndexSize(position, count, length());
    if (copied) {
      MemorySegment.copy(copy, position, target, ValueLayout.JAVA_BYTE, at, count);
    } else {
      memory.copyOut(offset + position, target, at, count);
    }
  }

  /** Whether the value's bytes equal those of an array. */
  public boolean equalTo(byte[] other) {
    if (other.length != length()) {
      return false;
    }
    for (int i = 0; i < other.length; i++) {
      if (getByte(i) != other[i]) {
        return false;
      }
    }
    return true;
  }

  /** The whole value in a new array. */
  public byte[] toArray() {
    byte[] bytes = new byte[length()];
    copyTo(0, bytes, 0, bytes.length);
    return bytes;
  }
}
