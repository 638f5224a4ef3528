package io.larder;

import java.util.SplittableRandom;

/** The seed of a random test: new for each run, printed, and replayed with {@code -Dlarder.test.seed=…}. */
final class TestSeed {
  private TestSeed() {}

  /** The random numbers of a test, after saying how to have the same again. */
  static SplittableRandom random(String test) {
    Long given = Long.getLong("larder.test.seed");
    long seed = given != null ? given : new SplittableRandom().nextLong();
    System.out.println(test + " -Dlarder.test.seed=" + seed);
    return new SplittableRandom(seed);
  }
}
