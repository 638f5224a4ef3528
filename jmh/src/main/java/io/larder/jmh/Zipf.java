package io.larder.jmh;

import java.util.SplittableRandom;

/**
 * Draws from a Zipf distribution: the k-th most popular of n entries is asked for in proportion to 1 / k^skew.
 *
 * <p>Rejection-inversion (W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from monotone discrete
 * distributions", ACM TOMACS 6, 1996): exact for every n and skew, without a table of n probabilities. A hat over the
 * probabilities is integrated and inverted in closed form; a draw is accepted at once or tried again, 1.2 times on
 * average at most.
 *
 * <p>Ranks are then scrambled by a random permutation, or popular entries would be neighbours in memory.
 */
final class Zipf {
  private final int count;
  private final double exponent;
  private final double areaAtFirst;
  private final double areaAtLast;
  private final double acceptAtOnce;

  /**
   * @param count number of entries, at least 1
   * @param skew the exponent, above 0 and not 1
   */
  Zipf(int count, double skew) {
    if (count < 1) {
      throw new IllegalArgumentException("count=" + count + ", must be at least 1");
    }
    if (!(skew > 0) || skew == 1) {
      throw new IllegalArgumentException("skew=" + skew + ", must be above 0 and not 1");
    }
    this.count = count;
    this.exponent = skew;
    this.areaAtFirst = area(1.5) - 1;
    this.areaAtLast = area(count + 0.5);
    this.acceptAtOnce = 2 - areaInverse(area(2.5) - hat(2));
  }

  /** A rank, 0 for the most popular entry. */
  int rank(SplittableRandom random) {
    for (; ; ) {
      double u = areaAtLast + random.nextDouble() * (areaAtFirst - areaAtLast);
      double x = areaInverse(u);
      int k = Math.clamp((long) (x + 0.5), 1, count);
      if (k - x <= acceptAtOnce || u >= area(k + 0.5) - hat(k)) {
        return k - 1;
      }
    }
  }

  /** A sequence of entries by this law, ranks scrambled. The same arguments give the same sequence. */
  int[] draws(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] entryOfRank = permutation(count, random);
    int[] draws = new int[length];
    for (int i = 0; i < length; i++) {
      draws[i] = entryOfRank[rank(random)];
    }
    return draws;
  }

  private static int[] permutation(int count, SplittableRandom random) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private double hat(double x) {
    return Math.pow(x, -exponent);
  }

  /** The integral of the hat, up to a constant. */
  private double area(double x) {
    return (Math.pow(x, 1 - exponent) - 1) / (1 - exponent);
  }

  private double areaInverse(double area) {
    return Math.pow(Math.max(0, 1 + area * (1 - exponent)), 1 / (1 - exponent));
  }
}
