package io.larder;

import java.util.Random;

/** Values for the tests of {@link Lz4}. */
final class Lz4Values {
  private static final int WORD_BYTES_MAX = 24;

  private Lz4Values() {}

  /** Of words that come again: it becomes much smaller. */
  static byte[] text(Random random, int length) {
    byte[][] words = new byte[1 + random.nextInt(20)][];
    for (int i = 0; i < words.length; i++) {
      words[i] = noise(random, 1 + random.nextInt(WORD_BYTES_MAX));
    }
    byte[] value = new byte[length];
    for (int at = 0; at < length; ) {
      byte[] word = words[random.nextInt(words.length)];
      int count = Math.min(word.length, length - at);
      System.arraycopy(word, 0, value, at, count);
      at += count;
    }
    return value;
  }

  /** Cannot become smaller, but when it is very short. */
  static byte[] noise(Random random, int length) {
    byte[] value = new byte[length];
    random.nextBytes(value);
    return value;
  }
}
