package io.larder.engine;

/**
 * The counters of a store at about one moment. Bytes add up: {@code usedBytes} is metadata, index and slabs
 * of blocks; with {@code freeBytes} it is {@code regionBytes} but for a few bytes at the region's end.
 *
 * @param entries live entries, expired ones that are not removed yet included
 * @param payloadBytes the bytes of their keys and values
 * @param blockBytes the bytes of the blocks that entries take: payload, headers, and what is lost to rounding
 * @param hits reads that found an entry; a little low when many threads read
 * @param misses reads that found none; likewise
 * @param puts values stored
 * @param removals entries removed by their users
 * @param evictions entries evicted
 * @param evictedBytes the bytes of their keys and values
 * @param expirations entries removed because their time was over
 * @param rejections puts for which no space could be made
 * @param corruptions entries whose checksum was wrong
 * @param relocations blocks that sweeps have moved
 * @param regionBytes all bytes that have space: the budget
 * @param metadataBytes superblock, partitions, slab descriptors, directories
 * @param indexBytes the slabs of the index
 * @param slabBytes the slabs that hold blocks
 * @param freeBytes the slabs in the pool
 * @param quarantinedBytes blocks that are not used any more because of a wrong checksum
 * @param indexSlots the slots of the index
 */
public record StoreStats(
    long entries,
    long payloadBytes,
    long blockBytes,
    long hits,
    long misses,
    long puts,
    long removals,
    long evictions,
    long evictedBytes,
    long expirations,
    long rejections,
    long corruptions,
    long relocations,
    long regionBytes,
    long metadataBytes,
    long indexBytes,
    long slabBytes,
    long freeBytes,
    long quarantinedBytes,
    long indexSlots) {

  /** What is not free: the bytes that the store accounts for. */
  public long usedBytes() {
    return metadataBytes + indexBytes + slabBytes;
  }
}
