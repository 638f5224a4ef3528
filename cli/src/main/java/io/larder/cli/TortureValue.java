package io.larder.cli;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Values that say what they are: magic, key, length, id, checksum, and a pattern that follows from the id. A value that
 * is put together from two writes, is cut short, or belongs to another key does not pass {@link #flaw}.
 *
 * <p>The id tells the write: worker (8 bits), start of the worker (20 bits), and number of the write (32 bits, from 1).
 */
final class TortureValue {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN).withInvokeExactBehavior();
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN).withInvokeExactBehavior();

  private static final long MAGIC = 0x6c61_7264_6572_2174L;
  private static final int KEY_AT = 8;
  private static final int LENGTH_AT = 12;
  private static final int ID_AT = 16;
  private static final int CHECKSUM_AT = 24;
  private static final int COUNTER_AT = 32;
  private static final int BODY_AT = 40;

  /** The shortest value. */
  static final int BYTES_MIN = BODY_AT;

  private static final int START_BITS = 20;

  private TortureValue() {}

  /** Worker and start in one number. */
  static int writer(int worker, int start) {
    return worker << START_BITS | start;
  }

  static int worker(int writer) {
    return writer >>> START_BITS;
  }

  /** The id of a writer's n-th write, from 1. */
  static long id(int writer, int number) {
    return (long) writer << Integer.SIZE | number;
  }

  /** Whether a value was written by another process than this writer. */
  static boolean isOfEarlier(long id, int writer) {
    return (int) (id >>> Integer.SIZE) != writer;
  }

  static String writerName(int writer) {
    return "w" + (writer >>> START_BITS) + "." + (writer & ((1 << START_BITS) - 1));
  }

  static String idName(long id) {
    return writerName((int) (id >>> Integer.SIZE)) + "#" + (int) id;
  }

  /** The bytes of a key: of different lengths, the number within. */
  static byte[] key(int number) {
    byte[] key = new byte[Integer.BYTES + mixedLength(number)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (number * 31 + i);
    }
    INT.set(key, 0, number);
    return key;
  }

  /** Most keys are short, one in 32 is long. */
  private static int mixedLength(int number) {
    int mixed = (int) (mix(number) >>> 1) & 0xffff;
    return mixed % 32 == 0 ? 200 + mixed % 800 : mixed % 40;
  }

  /** Makes a value of {@code length} bytes, {@link #BYTES_MIN} or more. */
  static byte[] make(int key, long id, int length) {
    return make(key, id, length, 0);
  }

  /** As {@link #make(int, long, int)}, with a number that the value holds besides. */
  static byte[] make(int key, long id, int length, long counter) {
    byte[] value = new byte[length];
    LONG.set(value, 0, MAGIC);
    INT.set(value, KEY_AT, key);
    INT.set(value, LENGTH_AT, length);
    LONG.set(value, ID_AT, id);
    LONG.set(value, COUNTER_AT, counter);
    int at = BODY_AT;
    for (; at + Long.BYTES <= length; at += Long.BYTES) {
      LONG.set(value, at, pattern(id, at));
    }
    for (; at < length; at++) {
      value[at] = (byte) pattern(id, at);
    }
    LONG.set(value, CHECKSUM_AT, checksum(value, length));
    return value;
  }

  /** The id of a value that has no flaw. */
  static long id(byte[] value) {
    return (long) LONG.get(value, ID_AT);
  }

  /** The number that it holds. */
  static long counter(byte[] value) {
    return (long) LONG.get(value, COUNTER_AT);
  }

  /** What is wrong with the first {@code length} bytes as a value of a key, or null. */
  static @Nullable String flaw(byte[] value, int length, int key) {
    if (length < BYTES_MIN) {
      return length + " bytes are too few";
    }
    long magic = (long) LONG.get(value, 0);
    if (magic != MAGIC) {
      return "magic is " + Long.toHexString(magic);
    }
    int otherKey = (int) INT.get(value, KEY_AT);
    long id = id(value);
    if (otherKey != key) {
      return "it is " + idName(id) + " of key " + otherKey;
    }
    int otherLength = (int) INT.get(value, LENGTH_AT);
    if (otherLength != length) {
      return idName(id) + " has " + length + " bytes and was written with " + otherLength;
    }
    int at = BODY_AT;
    for (; at + Long.BYTES <= length; at += Long.BYTES) {
      if ((long) LONG.get(value, at) != pattern(id, at)) {
        return idName(id) + " of " + length + " bytes has others' from byte " + at + " on";
      }
    }
    for (; at < length; at++) {
      if (value[at] != (byte) pattern(id, at)) {
        return idName(id) + " of " + length + " bytes has others' from byte " + at + " on";
      }
    }
    return (long) LONG.get(value, CHECKSUM_AT) == checksum(value, length) ? null : idName(id) + " fails its checksum";
  }

  private static long checksum(byte[] value, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(value, 0, CHECKSUM_AT);
    checksum.update(value, COUNTER_AT, length - COUNTER_AT);
    return checksum.getValue();
  }

  private static long pattern(long id, int at) {
    return mix(id + at * 0x9e37_79b9_7f4a_7c15L);
  }

  private static long mix(long bits) {
    long mixed = (bits ^ (bits >>> 32)) * 0xd6e8_feb8_6659_fd93L;
    return mixed ^ (mixed >>> 32);
  }
}
