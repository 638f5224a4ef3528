package io.larder.engine;

import java.util.List;

/**
 * What a check of a region has found while others may have written to it.
 *
 * @param buckets index buckets that were seen whole
 * @param entries entries, each compared with its slot and its blocks
 * @param furtherBlocks further blocks of their values
 * @param checksums checksums that were computed and compared
 * @param slabs slabs, each looked for in the pool, in rings and in directories
 * @param partitionsJudged partitions that rested for long enough to compare their counts, lists and bitmaps with what
 *     is there
 * @param partitions how many partitions there are
 * @param findings what is certainly wrong
 * @param unjudged what could not be judged, and why; nothing wrong by itself
 */
public record VerifyReport(
    long buckets,
    long entries,
    long furtherBlocks,
    long checksums,
    int slabs,
    int partitionsJudged,
    int partitions,
    List<String> findings,
    List<String> unjudged) {

  /** Whether nothing is wrong, as far as could be judged. */
  public boolean isSound() {
    return findings.isEmpty();
  }
}
