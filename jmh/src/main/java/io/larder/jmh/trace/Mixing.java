package io.larder.jmh.trace;

/** Spreads the bits of a number over all 64, one to one; and draws from it what looks random and is always the same. */
public final class Mixing {
  private Mixing() {}

  /** The finisher of SplitMix64 (S. Vigna's choice of D. Stafford's variants): each input has an output of its own. */
  public static long mix(long bits) {
    long z = bits;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A number above 0 and up to 1 that belongs to the key, and to this use of it. */
  public static double draw(long key, long use) {
    return ((mix(mix(key) ^ use) >>> 11) + 1) * 0x1.0p-53;
  }
}
