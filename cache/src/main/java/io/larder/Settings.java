package io.larder;

import io.larder.engine.StoreClock;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a cache was built with; never changes.
 *
 * @param name unique among messages and threads if the user cares
 * @param memoryBytes all that the cache may occupy off the heap; of a file that is only read 0
 * @param bytesAtFirst how much of it a new file gets; it can be made larger
 * @param sharedFile where that lies; null for private memory
 * @param readOnly whether that is only read
 * @param tier makes the tier below the memory; null for none
 * @param compression of the values there, and in the memory if it says so; null for none
 * @param flushOnClose whether closing writes to it what the memory has
 * @param liveObjects how many decoded values are kept on the heap; 0 for none
 * @param maximumEntries how many entries there may be; 0 for any number
 * @param byteHits whether hits count by their bytes
 * @param loadCosts whether the time that a load takes is the cost of its entry
 * @param ttlMillis how long entries live that do not say so themselves; {@link Entry#TTL_NEVER} for ever
 * @param idleMillis how long entries live that nobody accesses, and that do not say so themselves; likewise
 * @param verifyReads whether each read checks the checksum of the value
 * @param recordStats whether hits, misses and loads are counted
 * @param hugePages whether to ask for huge pages
 * @param lockMemory whether to ask for the memory to be kept from being swapped out
 * @param executor calls the removal listener; null for the maintenance thread
 * @param clock the user's own; null for the cache's
 */
record Settings(
    String name,
    long memoryBytes,
    long bytesAtFirst,
    @Nullable Path sharedFile,
    boolean readOnly,
    @Nullable TierFactory tier,
    @Nullable Compression compression,
    boolean flushOnClose,
    int liveObjects,
    long maximumEntries,
    boolean byteHits,
    boolean loadCosts,
    long ttlMillis,
    long idleMillis,
    boolean recordStats,
    boolean verifyReads,
    boolean hugePages,
    boolean lockMemory,
    @Nullable Executor executor,
    @Nullable StoreClock clock) {

  /** Whether values are compressed in the memory, too. */
  boolean compressesMemory() {
    return compression != null && compression.isInMemory();
  }

  @Override
  public String toString() {
    return "cache \"" + name + "\": " + (sharedFile == null ? "memory=" : "sharedFile=" + sharedFile + " ")
        + (readOnly ? "read-only" : MemorySize.format(bytesAtFirst))
        + (bytesAtFirst == memoryBytes ? "" : " of at most " + MemorySize.format(memoryBytes))
        + (tier == null ? "" : " tier=" + tier + " flushOnClose=" + flushOnClose)
        + (compression == null ? "" : " compress=" + compression)
        + (liveObjects == 0 ? "" : " liveObjects=" + liveObjects)
        + (maximumEntries == 0 ? "" : " maximumEntries=" + maximumEntries)
        + (byteHits ? " byByteHitRatio" : "")
        + (loadCosts ? " costByLoadTime" : "")
        + " expireAfterWrite=" + (ttlMillis == Entry.TTL_NEVER ? "never" : ttlMillis + " ms")
        + (idleMillis == Entry.TTL_NEVER ? "" : " expireAfterAccess=" + idleMillis + " ms")
        + " recordStats=" + recordStats
        + " verifyReads=" + verifyReads
        + " hugePages=" + hugePages
        + " lockMemory=" + lockMemory
        + " executor=" + (executor == null ? "the maintenance thread" : executor)
        + " clock=" + (clock == null ? "the system's" : clock);
  }
}
