package io.larder.engine;

/**
 * Decides what a sweep over the slabs evicts.
 *
 * <p>Each entry has two bits, <em>references</em>, that the policy owns. A hit may raise it; the sweep, which
 * visits slabs from the oldest on, keeps the entries above a threshold and evicts the others.
 *
 * <p>Implementations have no state of their own: all of it is in the region. Any thread may call any method.
 */
public interface EvictionPolicy {
  /**
   * The references of a new entry; {@code inOldSlab} says that the sweep will come to its slab sooner than to
   * most.
   */
  int initial(boolean inOldSlab);

  /**
   * The references after a hit. When they are the same nothing is written, so a hot entry's line stays
   * shared.
   */
  int afterHit(int references);

  /** The references of an entry that a sweep has kept. */
  int afterKeeping(int references);

  /** The largest value of references, at most {@link EntryLayout#REFERENCES_MAX}. */
  int referencesMax();

  /**
   * The threshold for a slab: entries whose references are above it are kept, those that have just as many
   * while there is room for them.
   *
   * @param histogram how many live entries have each value of references
   * @param keepMax how many entries may be kept
   */
  int threshold(int[] histogram, int keepMax);
}
