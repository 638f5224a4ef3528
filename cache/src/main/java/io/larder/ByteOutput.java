package io.larder;

import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Where a {@link Codec} writes to: a growing array of bytes, which is reused from one operation to the next.
 *
 * <p>It is also an {@link OutputStream} for libraries that want one; closing and flushing do nothing. One thread,
 * and only until {@link Codec#encode} returns.
 */
public final class ByteOutput extends OutputStream {
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** Some JVMs cannot make longer arrays. */
  private static final int BYTES_MAX = Integer.MAX_VALUE - 64;

  private static final int CHARS = 128;

  private final int initialBytes;
  private final char[] chars = new char[CHARS];
  private byte[] own;
  private byte[] bytes;
  private int length;
  private boolean borrowed;

  ByteOutput(int initialBytes) {
    this.initialBytes = initialBytes;
    this.own = new byte[initialBytes];
    this.bytes = own;
  }

  @Override
  public void write(int value) {
    reserve(1)[length++] = (byte) value;
  }

  @Override
  public void write(byte[] source) {
    write(source, 0, source.length);
  }

  @Override
  public void write(byte[] source, int offset, int count) {
    System.arraycopy(source, offset, reserve(count), length, count);
    length += count;
  }

  /** Writes 4 bytes, the lowest first. */
  public void writeInt(int value) {
    INT.set(reserve(Integer.BYTES), length, value);
    length += Integer.BYTES;
  }

  /** Writes 8 bytes, the lowest first. */
  public void writeLong(long value) {
    LONG.set(reserve(Long.BYTES), length, value);
    length += Long.BYTES;
  }

  /**
   * The array in which {@code count} more bytes fit, from {@link #length()} on: write them there and {@link
   * #advance} over those written. It is good until the next call of any other method.
   *
   * @throws IllegalArgumentException when {@code count} is negative or the whole would pass what an array can hold
   */
  public byte[] reserve(int count) {
    if (count < 0 || count > bytes.length - length) {
      grow(count);
    }
    return bytes;
  }

  /**
   * Takes {@code count} bytes, written where {@link #reserve} said, as written.
   *
   * @throws IllegalArgumentException when it is negative or more than was reserved
   */
  public void advance(int count) {
    if (count < 0 || count > bytes.length - length) {
      throw new IllegalArgumentException(
          "count=" + count + " is outside 0 to the " + (bytes.length - length) + " bytes reserved");
    }
    length += count;
  }

  /** How many bytes are written. */
  public int length() {
    return length;
  }

  private void grow(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count=" + count + " is negative");
    }
    if (count > BYTES_MAX - length) {
      throw new IllegalArgumentException(
          "encoded length=" + ((long) length + count) + " bytes is over the limit of " + BYTES_MAX + " bytes");
    }
    int capacity = (int) Math.min(BYTES_MAX, Math.max((long) bytes.length * 2, (long) length + count));
    own = Arrays.copyOf(bytes, capacity);
    bytes = own;
    borrowed = false;
  }

  /** Lets a whole array stand for what would be written, without a copy; only while nothing is written. */
  void borrow(byte[] whole) {
    assert length == 0;
    bytes = whole;
    length = whole.length;
    borrowed = true;
  }

  /** Room for characters on their way into bytes. */
  char[] chars() {
    return chars;
  }

  /** The array that holds the {@link #length()} bytes, from its start. */
  byte[] array() {
    return bytes;
  }

  /** Takes a copy of what is borrowed, so that more can be written. */
  void own() {
    if (borrowed) {
      if (own.length < length) {
        own = bytes.clone();
      } else {
        System.arraycopy(bytes, 0, own, 0, length);
      }
      bytes = own;
      borrowed = false;
    }
  }

  /** Forgets what is written or borrowed. */
  void clear() {
    bytes = own;
    length = 0;
    borrowed = false;
  }

  /** Clears, and gives back what has grown beyond {@code retainedBytesMax}. */
  void reset(int retainedBytesMax) {
    if (own.length > retainedBytesMax) {
      own = new byte[initialBytes];
    }
    clear();
  }
}
