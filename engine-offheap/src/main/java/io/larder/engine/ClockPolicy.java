package io.larder.engine;

/**
 * CLOCK with a counter of two bits, its hand going slab by slab.
 *
 * <p>A hit raises the counter up to three. The hand comes to the slabs in the order in which they were
 * filled; of a slab it keeps the most referenced entries, at most half of them, and takes one off their
 * counters. Half, because what is kept has to be copied: a sweep then copies at most as much as it frees. An
 * entry that fills a hole in an old slab starts with one reference, so that it is not evicted before entries
 * that came earlier.
 *
 * <p>CLOCK: F. J. Corbató, "A Paging Experiment with the Multics System", 1969. Sweeping whole slabs and
 * keeping their best: Yang et al., "Segcache", NSDI 2021, which merges segments likewise.
 */
public final class ClockPolicy implements EvictionPolicy {
  private static final int REFERENCES_MAX = 3;

  @Override
  public int initial(boolean inOldSlab) {
    return inOldSlab ? 1 : 0;
  }

  @Override
  public int afterHit(int references) {
    return Math.min(references + 1, REFERENCES_MAX);
  }

  @Override
  public int afterKeeping(int references) {
    return Math.max(references - 1, 0);
  }

  @Override
  public int referencesMax() {
    return REFERENCES_MAX;
  }

  @Override
  public int threshold(int[] histogram, int keepMax) {
    int kept = 0;
    int threshold = REFERENCES_MAX;
    while (threshold > 0 && kept + histogram[threshold] <= keepMax) {
      kept += histogram[threshold];
      threshold--;
    }
    return threshold;
  }
}
