package io.larder.jcstress;

import java.util.Arrays;

/**
 * The values that one key has one after the other: each is the number of its generation in every byte, so that a
 * mixture of two is recognised; generations that follow each other may differ in length too.
 */
public final class Generations {
  /** The number of the last generation; the first is 1. */
  public static final int LAST = 120;

  private static final int LENGTHS = 3;
  private static final int LENGTH_STEP = 4;

  private final byte[][] values = new byte[LAST + 1][];

  private Generations(int bytesMin, int lengths) {
    for (int generation = 0; generation <= LAST; generation++) {
      values[generation] = new byte[bytesMin + generation % lengths * LENGTH_STEP];
      Arrays.fill(values[generation], (byte) generation);
    }
  }

  /** Values of {@code bytesMin} bytes and a little more. */
  public static Generations ofBytes(int bytesMin) {
    return new Generations(bytesMin, LENGTHS);
  }

  /** Values of the same length. */
  public static Generations alike(int bytes) {
    return new Generations(bytes, 1);
  }

  /** The value of a generation, 1 to {@link #LAST}; not to be changed. */
  public byte[] value(int generation) {
    return values[generation];
  }

  /** The generation of a value that was read; 0 when it is none, or a mixture. */
  public int generation(byte[] read, int length) {
    int generation = length == 0 ? 0 : read[0];
    boolean whole =
        generation > 0
            && generation <= LAST
            && Arrays.equals(read, 0, Math.min(length, read.length), values[generation], 0, values[generation].length);
    return whole ? generation : 0;
  }
}
