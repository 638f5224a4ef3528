package io.larder;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a cache has counted since it was built, and what it holds now.
 *
 * <p>A snapshot: each number was right at some moment while it was taken, not all at the same. Counts never go
 * back, unless the cache is degraded. With {@code recordStats(false)} the counts of hits, misses and loads stay 0.
 *
 * @param hits reads that found their key
 * @param liveHits those of the hits that found the decoded value on the heap, {@link CacheBuilder#liveObjects}
 * @param misses reads that did not, or whose value could not be decoded
 * @param puts writes that stored a value
 * @param removals entries that were removed by a call
 * @param evictions entries that made room for others
 * @param evictedBytes their keys and values
 * @param expirations entries whose time was over and whose space was taken back
 * @param rejections values that were too large for the cache
 * @param corruptions entries that did not agree with their checksum, or whose compressed value was damaged, and were
 *     dropped
 * @param decodeFailures stored values and keys that their codec could not decode: each was a miss
 * @param loads calls of a loader that returned, with a value or with null
 * @param loadFailures calls of a loader that threw
 * @param loadNanos the time that all calls of loaders took
 * @param listenerFailures calls of the removal listener that threw
 * @param entries how many entries there are, about
 * @param payloadBytes their keys and values, as they are kept: compressed or not
 * @param memoryBytes what the cache was given: it never uses more
 * @param usedBytes the part of it that is in use: entries with the space lost around them, index, and everything else
 * @param indexBytes the part of the used bytes that is index
 * @param metadataBytes the part of the used bytes that is neither entries nor index
 * @param degraded whether the cache has lost its memory, because a shared file was cut or is damaged: then every
 *     read is a miss and nothing is stored, and what was counted in the file is 0
 * @param missRatioCurve what caches of an eighth to four times the memory would miss, from the smallest on: estimated
 *     for LRU from the reuse distances of a sample of the requests of late. Empty while too little is known: it begins
 *     when the cache is half full
 * @param tier about the second tier; null when there is none. What the others say is about the memory, but for hits and
 *     misses, which are of both together
 */
public record CacheStats(
    long hits,
    long liveHits,
    long misses,
    long puts,
    long removals,
    long evictions,
    long evictedBytes,
    long expirations,
    long rejections,
    long corruptions,
    long decodeFailures,
    long loads,
    long loadFailures,
    long loadNanos,
    long listenerFailures,
    long entries,
    long payloadBytes,
    long memoryBytes,
    long usedBytes,
    long indexBytes,
    long metadataBytes,
    boolean degraded,
    List<MissRatio> missRatioCurve,
    @Nullable TierStats tier) {

  /** Reads, found or not. */
  public long requests() {
    return hits + misses;
  }

  /** The part of the reads that found their key, 0 to 1; 1 when there were none. */
  public double hitRatio() {
    long requests = requests();
    return requests == 0 ? 1 : (double) hits / requests;
  }

  /** The part of the reads that did not find their key, 0 to 1; 0 when there were none. */
  public double missRatio() {
    return 1 - hitRatio();
  }

  /** How long a call of a loader took on average, in nanoseconds; 0 when there were none. */
  public double averageLoadNanos() {
    long calls = loads + loadFailures;
    return calls == 0 ? 0 : (double) loadNanos / calls;
  }
}
