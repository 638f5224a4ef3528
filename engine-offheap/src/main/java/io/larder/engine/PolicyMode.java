package io.larder.engine;

/**
 * The ways in which {@link Evictor} works: each is the best for some workloads, and {@link PolicySelector} finds out
 * for which.
 *
 * <p>An entry that comes to the end of the window enters the main area when its frequency is above that of the victim
 * there by more than the bias.
 */
enum PolicyMode {
  /** The newcomer must be clearly better: what is there stays, which loops want. The first choice. */
  LOOP(0, 1, PolicyMode.NEVER, 1),

  /** A large window, from which what was hit twice goes on by itself; recency and frequency both count. */
  BALANCED(1, 15, 2, 0),

  /** Every newcomer enters: CLOCK, and so nearly LRU. */
  RECENCY(2, 1, PolicyMode.NEVER, -1 - PolicyBits.FREQUENCY_MAX),

  /** A newcomer that is as good enters. */
  FREQUENCY(3, 1, PolicyMode.NEVER, -1);

  private static final int NEVER = Integer.MAX_VALUE;
  private static final PolicyMode[] ALL = values();

  /** How it is called in a region. */
  final int number;

  private final int windowPercent;

  /** With so many hits in the window an entry goes on to the main area whatever is there. */
  final int promotedAt;

  final int bias;

  PolicyMode(int number, int windowPercent, int promotedAt, int bias) {
    this.number = number;
    this.windowPercent = windowPercent;
    this.promotedAt = promotedAt;
    this.bias = bias;
  }

  /** The mode with a number; of numbers that mean none, any mode. */
  static PolicyMode of(int number) {
    return ALL[number & (ALL.length - 1)];
  }

  static int count() {
    return ALL.length;
  }

  /** The entries in the window of a cache of so many. */
  int windowEntries(long capacity) {
    return Math.clamp((capacity * windowPercent + 50) / 100, 1, Integer.MAX_VALUE);
  }

  /** Whether a newcomer takes the place of a victim. */
  boolean admits(int frequency, int victimFrequency) {
    return frequency > victimFrequency + bias;
  }
}
