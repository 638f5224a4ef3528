package io.larder.jmh;

import java.util.SplittableRandom;

/**
 * A handful of values of one length with random content, so that writes take different sources without leaving the
 * CPU's cache.
 */
final class Values {
  /** How many there are. */
  static final int COUNT = 64;

  private final byte[][] values = new byte[COUNT][];

  Values(int valueBytes) {
    SplittableRandom random = new SplittableRandom(41);
    for (int i = 0; i < COUNT; i++) {
      values[i] = new byte[valueBytes];
      random.nextBytes(values[i]);
    }
  }

  /** One of the values; the same number gives the same value. */
  byte[] of(int number) {
    return values[number & (COUNT - 1)];
  }
}
