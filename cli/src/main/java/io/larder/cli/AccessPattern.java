package io.larder.cli;

import java.util.SplittableRandom;

/**
 * What one thread asks for: objects by a Zipf law, now and then a scan over a run of neighbours, and some overwrites.
 * One thread; the popularity of the objects is shared.
 */
final class AccessPattern {
  private static final double SKEW = 0.99;
  private static final double OVERWRITE_SHARE = 0.05;
  private static final int SCAN_LENGTH = 500;

  /** With this chance a scan begins, so that about a tenth of all reads are scans. */
  private static final double SCAN_CHANCE = 0.1 / SCAN_LENGTH / 0.9;

  private final Popularity popularity;
  private final SplittableRandom random;
  private final int count;
  private int scanNext;
  private int scanLeft;
  private boolean overwrite;

  AccessPattern(Popularity popularity, SplittableRandom random) {
    this.popularity = popularity;
    this.random = random;
    this.count = popularity.objectOfRank.length;
  }

  /** Which object is popular: the probabilities of the ranks, added up, and the object of each rank. Immutable. */
  static final class Popularity {
    private final double[] upTo;
    private final int[] objectOfRank;

    Popularity(int count, long seed) {
      upTo = new double[count];
      objectOfRank = new int[count];
      SplittableRandom random = new SplittableRandom(seed);
      double sum = 0;
      for (int i = 0; i < count; i++) {
        sum += Math.pow(i + 1, -SKEW);
        upTo[i] = sum;
        int j = random.nextInt(i + 1);
        objectOfRank[i] = objectOfRank[j];
        objectOfRank[j] = i;
      }
    }

    /** An object, popular ones more often. */
    int draw(SplittableRandom random) {
      double u = random.nextDouble() * upTo[upTo.length - 1];
      int low = 0;
      int high = upTo.length - 1;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (upTo[middle] < u) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return objectOfRank[low];
    }
  }

  /** The next object. */
  int next() {
    overwrite = false;
    if (scanLeft > 0) {
      scanLeft--;
      scanNext = (scanNext + 1) % count;
      return scanNext;
    }
    if (random.nextDouble() < SCAN_CHANCE) {
      scanLeft = SCAN_LENGTH - 1;
      scanNext = random.nextInt(count);
      return scanNext;
    }
    overwrite = random.nextDouble() < OVERWRITE_SHARE;
    return popularity.draw(random);
  }

  /** Whether the object that {@link #next} gave is to be overwritten, not read. */
  boolean overwrite() {
    return overwrite;
  }

  /** Another edition than the last, most likely. */
  byte edition() {
    return (byte) random.nextInt();
  }
}
