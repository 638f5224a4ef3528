package io.larder;

/**
 * What a cache has counted about its second tier since it was built, and what that holds.
 *
 * @param hits reads that found in the tier what the memory did not have; they are among the {@link CacheStats#hits()}
 * @param promotions entries that were copied into the memory, because they were used again
 * @param demotions entries that were written to the tier
 * @param demotedBytes their keys and values as the cache has them
 * @param writtenBytes their keys and values as they were written, compressed or not
 * @param cleanSkips evicted entries that were not written, as they had come from the tier and it had them still, or was
 *     not asked, the thread that writes being behind
 * @param filtered evicted entries that were not worth writing: about to expire; with a time to idle; or, while the
 *     thread that writes is behind, neither hit of late nor with a cost
 * @param superseded evicted entries that were not written, because their key had been written to meanwhile
 * @param dropped evicted entries that were lost: the thread that writes could not keep up, they were too large for it,
 *     or the tier had no room
 * @param evictions entries that the tier has evicted itself
 * @param damaged values that could not be decompressed: each was a miss, or was not written
 * @param entries how many entries it holds, about; many of them are in the memory, too
 * @param usedBytes the bytes that it occupies, about
 * @param waitingBytes evicted entries that wait to be written
 * @param degraded whether the tier has been lost, for the time being or for ever: then nothing is found there, and what
 *     is evicted is gone
 */
public record TierStats(
    long hits,
    long promotions,
    long demotions,
    long demotedBytes,
    long writtenBytes,
    long cleanSkips,
    long filtered,
    long superseded,
    long dropped,
    long evictions,
    long damaged,
    long entries,
    long usedBytes,
    long waitingBytes,
    boolean degraded) {

  /** The part of the evicted entries that was written to the tier, 0 to 1; 0 when there were none. */
  public double writeRatio() {
    long evicted = demotions + cleanSkips + filtered + superseded + dropped;
    return evicted == 0 ? 0 : (double) demotions / evicted;
  }

  /** How many bytes were written for each byte of an entry demoted; 0 when there was none. */
  public double writeAmplification() {
    return demotedBytes == 0 ? 0 : (double) writtenBytes / demotedBytes;
  }
}
