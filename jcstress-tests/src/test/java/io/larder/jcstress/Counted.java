package io.larder.jcstress;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Values that show whose they are and whether they are whole: the count of the round that made them, the number of the
 * key, and bytes that follow from both.
 */
final class Counted {
  /** The answer of {@link #count} for what is no whole value of the key. */
  static final long TORN = -1;

  private static final int HEAD_BYTES = Long.BYTES + Integer.BYTES;
  private static final long MULTIPLIER = 1_000_003;

  private Counted() {}

  static byte[] value(Play play, int key, long count) {
    byte[] value = new byte[play.bytes(count)];
    new SplittableRandom(count * MULTIPLIER + key).nextBytes(value);
    ByteBuffer.wrap(value).putLong(count).putInt(key);
    return value;
  }

  /** The count of a value that was read for a key. */
  static long count(Play play, int key, byte[] read, int length) {
    if (length < HEAD_BYTES || length > read.length) {
      return TORN;
    }
    long count = ByteBuffer.wrap(read).getLong();
    boolean whole = count > 0 && Arrays.equals(read, 0, length, value(play, key, count), 0, play.bytes(count));
    return whole ? count : TORN;
  }
}
