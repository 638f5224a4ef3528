package io.larder.engine;

/**
 * What the eviction policy keeps of an entry: ten bits beside its version, {@link Entries}.
 *
 * <ul>
 *   <li><em>clock</em>, 0 to 2: raised by a hit, lowered when the hand of CLOCK comes by
 *   <li><em>frequency</em>, 0 to 15: raised by a hit, halved from one epoch to the next, kept by {@link Ghosts} when
 *       the entry goes
 *   <li><em>epoch</em>: of how many halvings the frequency knows, modulo 8; who holds the lock catches up
 *   <li><em>main</em>: whether the entry has left the window
 * </ul>
 *
 * <p>A hit of an entry whose two counters are at their ends changes nothing.
 */
final class PolicyBits {
  /** How many bits there are. */
  static final int BITS = 10;

  static final int MASK = (1 << BITS) - 1;

  static final int CLOCK_MAX = 2;
  static final int FREQUENCY_MAX = 15;

  /** Of an entry that is not in the window. */
  static final int MAIN = 1 << 9;

  /** The largest {@link #rank}. */
  static final int RANK_MAX = 3;

  private static final int CLOCK_MASK = 3;
  private static final int FREQUENCY_SHIFT = 2;
  private static final int FREQUENCY_ONE = 1 << FREQUENCY_SHIFT;
  private static final int FREQUENCY_MASK = FREQUENCY_MAX << FREQUENCY_SHIFT;
  private static final int EPOCH_SHIFT = 6;
  private static final int EPOCH_MAX = 7;
  private static final int EPOCH_MASK = EPOCH_MAX << EPOCH_SHIFT;

  // A clock of 2, and a frequency of 15.
  private static final int SATURATED = FREQUENCY_MASK | CLOCK_MAX;

  /** From here on an entry is one rank above those that were hit as often of late. */
  private static final int FREQUENT = 4;

  private PolicyBits() {}

  /** The bits of an entry that has not been hit yet. */
  static int of(int frequency, int epoch, boolean main) {
    return (frequency << FREQUENCY_SHIFT) | ((epoch & EPOCH_MAX) << EPOCH_SHIFT) | (main ? MAIN : 0);
  }

  static int clock(int bits) {
    return bits & CLOCK_MASK;
  }

  /** The frequency as of the entry's own epoch, {@link #aged}. */
  static int frequency(int bits) {
    return (bits & FREQUENCY_MASK) >>> FREQUENCY_SHIFT;
  }

  static boolean isMain(int bits) {
    return (bits & MAIN) != 0;
  }

  /** Whether a hit changes nothing, of a word that ends with the bits. */
  static boolean isSaturated(long word) {
    return (word & SATURATED) == SATURATED;
  }

  /** The bits after a hit; the same when both counters are at their ends. */
  static int hit(int bits) {
    int clocked = (bits & CLOCK_MASK) < CLOCK_MAX ? bits + 1 : bits;
    return (bits & FREQUENCY_MASK) == FREQUENCY_MASK ? clocked : clocked + FREQUENCY_ONE;
  }

  /** The bits after the hand has come by. */
  static int passed(int bits) {
    return (bits & CLOCK_MASK) == 0 ? bits : bits - 1;
  }

  /** The bits in the main area, where a new round begins. */
  static int promoted(int bits) {
    return (bits & ~CLOCK_MASK) | MAIN;
  }

  /** The bits with the frequency halved once for each epoch that has passed. */
  static int aged(int bits, int epoch) {
    int passed = (epoch - ((bits & EPOCH_MASK) >>> EPOCH_SHIFT)) & EPOCH_MAX;
    if (passed == 0) {
      return bits;
    }
    int frequency = frequency(bits) >>> passed;
    return (bits & ~(FREQUENCY_MASK | EPOCH_MASK))
        | (frequency << FREQUENCY_SHIFT)
        | ((epoch & EPOCH_MAX) << EPOCH_SHIFT);
  }

  /** How much an entry deserves to be kept when a slab is emptied: 0 to {@link #RANK_MAX}. */
  static int rank(int bits) {
    return Math.min((bits & CLOCK_MASK) + (frequency(bits) >= FREQUENT ? 1 : 0), RANK_MAX);
  }
}
