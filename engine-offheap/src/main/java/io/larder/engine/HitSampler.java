package io.larder.engine;

/**
 * Hands hits on a sample of the keys from the readers, who hold no lock, to {@link PolicySelector}.
 *
 * <p>A reader leaves the fingerprint in the stripe of its thread. Whoever writes a key of the sample has the selector's
 * lock and takes them from the stripe of its own thread, in order, and from one other. Of those that nobody takes the
 * oldest are lost; so they may be when two threads share a stripe.
 *
 * <p>Any thread; allocates nothing.
 */
final class HitSampler {
  private static final int STRIPES = 64;
  private static final int PLACES = 256;

  // Behind two counters and what else is in their lines.
  private static final int FIRST_PLACE = 16;
  private static final int STRIPE_LONGS = FIRST_PLACE + PLACES;

  /** Before the stripes: whose turn it is beside the own one; guarded by the selector's lock. */
  private static final int TURN = FIRST_PLACE;

  // The bits of a fingerprint that are compared with the share.
  private static final int SAMPLE_SHIFT = 20;
  private static final long SAMPLE_MASK = 0xFFFFL << SAMPLE_SHIFT;

  /** All keys of the selector's partition. */
  static final int EVERYTHING = 1 << 16;

  private final long[] stripes = new long[(STRIPES + 1) * STRIPE_LONGS];
  private final int partitionMask;

  /** How many of 65,536 keys are in the sample, at the place of these bits; none while the store is not half full. */
  private long share;

  HitSampler(int partitionMask) {
    this.partitionMask = partitionMask;
  }

  /** Changes the sample. What is the same is not written: all readers look at it. */
  void setShare(int newShare) {
    long shifted = (long) newShare << SAMPLE_SHIFT;
    if (share != shifted) {
      share = shifted;
    }
  }

  /** Whether a key is in the sample: of the selector's partition, the first. */
  boolean contains(long hash) {
    return (hash & SAMPLE_MASK) < share && ((int) hash & partitionMask) == 0;
  }

  /** Leaves a hit on a key, if it is in the sample. */
  void hit(long hash) {
    if (contains(hash)) {
      leave(hash);
    }
  }

  private void leave(long hash) {
    int stripe = stripe((int) Thread.currentThread().threadId());
    long left = stripes[stripe];
    stripes[stripe + FIRST_PLACE + ((int) left & (PLACES - 1))] = hash;
    stripes[stripe] = left + 1;
  }

  private static int stripe(int number) {
    return ((number & (STRIPES - 1)) + 1) * STRIPE_LONGS;
  }

  /** Takes hits that readers have left; under the selector's lock. */
  void take(PolicySelector selector) {
    take(stripe((int) Thread.currentThread().threadId()), selector);
    take(stripe((int) stripes[TURN]++), selector);
  }

  private void take(int stripe, PolicySelector selector) {
    long left = stripes[stripe];
    long next = Math.max(stripes[stripe + 1], left - PLACES);
    for (; next < left; next++) {
      selector.access(stripes[stripe + FIRST_PLACE + ((int) next & (PLACES - 1))]);
    }
    stripes[stripe + 1] = left;
  }
}
