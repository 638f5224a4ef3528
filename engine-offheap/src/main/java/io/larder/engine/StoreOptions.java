package io.larder.engine;

import java.security.SecureRandom;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a store is made with.
 *
 * @param memoryBytes all bytes of the region: index, headers, free space and everything else
 * @param partitions how many partitions, a power of two; 0 to choose by the size
 * @param hashSeed the seed of the fingerprints, unpredictable in production; 0 when a region has it, or whoever makes
 *     the region is to draw it
 * @param verifyReads whether every write computes a checksum of its value and every read compares it; without it
 *     entries have none, for nothing but this process can change private memory
 * @param clock by which entries expire
 * @param maximumEntries how many entries there may be beside the limit of bytes; 0 for any number
 * @param byteHits whether hits count by their bytes, so that a large entry is worth as much more
 * @param sink who learns of removals
 * @param victims who is shown what is evicted
 * @param owners who holds the locks
 * @param lockWaitNanos how long a writer waits for a partition that another process has locked, 1 or more
 */
public record StoreOptions(
    long memoryBytes,
    int partitions,
    long hashSeed,
    boolean verifyReads,
    StoreClock clock,
    long maximumEntries,
    boolean byteHits,
    @Nullable RemovalSink sink,
    @Nullable VictimSink victims,
    LockOwners owners,
    long lockWaitNanos) {

  /** The usual options: a random seed, the wall clock, no sink. */
  public static StoreOptions ofMemory(long memoryBytes) {
    return ofExisting(memoryBytes).withHashSeed(drawSeed());
  }

  /**
   * The usual options without a seed, for a region that may be there already: its own counts then. Drawing one for
   * nothing is the dearest part of opening a file in a fresh JVM.
   */
  public static StoreOptions ofExisting(long memoryBytes) {
    return new StoreOptions(
        memoryBytes, 0, 0, false, StoreClock.SYSTEM, 0, false, null, null, LockOwners.PRIVATE, Long.MAX_VALUE);
  }

  /** A seed that nobody can guess; not 0. */
  public static long drawSeed() {
    return new SecureRandom().nextLong() | 1;
  }

  /** Whether nothing may be written to the region. */
  boolean isReadOnly() {
    return owners.token() == LockOwners.NO_TOKEN;
  }

  public StoreOptions withMemoryBytes(long bytes) {
    return new StoreOptions(
        bytes, partitions, hashSeed, verifyReads, clock, maximumEntries, byteHits, sink, victims, owners,
        lockWaitNanos);
  }

  public StoreOptions withPartitions(int count) {
    return new StoreOptions(
        memoryBytes, count, hashSeed, verifyReads, clock, maximumEntries, byteHits, sink, victims, owners,
        lockWaitNanos);
  }

  public StoreOptions withHashSeed(long seed) {
    return new StoreOptions(
        memoryBytes, partitions, seed, verifyReads, clock, maximumEntries, byteHits, sink, victims, owners,
        lockWaitNanos);
  }

  public StoreOptions withVerifyReads(boolean verify) {
    return new StoreOptions(
        memoryBytes, partitions, hashSeed, verify, clock, maximumEntries, byteHits, sink, victims, owners,
        lockWaitNanos);
  }

  public StoreOptions withClock(StoreClock newClock) {
    return new StoreOptions(
        memoryBytes, partitions, hashSeed, verifyReads, newClock, maximumEntries, byteHits, sink, victims, owners,
        lockWaitNanos);
  }

  public StoreOptions withMaximumEntries(long maximum) {
    return new StoreOptions(
        memoryBytes, partitions, hashSeed, verifyReads, clock, maximum, byteHits, sink, victims, owners,
        lockWaitNanos);
  }

  public StoreOptions withByteHits(boolean hits) {
    return new StoreOptions(
        memoryBytes, partitions, hashSeed, verifyReads, clock, maximumEntries, hits, sink, victims, owners,
        lockWaitNanos);
  }

  public StoreOptions withSink(@Nullable RemovalSink newSink) {
    return new StoreOptions(
        memoryBytes, partitions, hashSeed, verifyReads, clock, maximumEntries, byteHits, newSink, victims, owners,
        lockWaitNanos);
  }

  public StoreOptions withVictims(@Nullable VictimSink newVictims) {
    return new StoreOptions(
        memoryBytes, partitions, hashSeed, verifyReads, clock, maximumEntries, byteHits, sink, newVictims, owners,
        lockWaitNanos);
  }

  public StoreOptions withOwners(LockOwners newOwners) {
    return new StoreOptions(
        memoryBytes, partitions, hashSeed, verifyReads, clock, maximumEntries, byteHits, sink, victims, newOwners,
        lockWaitNanos);
  }

  /**
   * With another patience, for a region that is shared: how long a writer waits for a partition that another process
   * has locked and lives, and so may be stopped. A writer who has waited that long fails with {@link
   * PartitionBusyException}.
   */
  public StoreOptions withLockWait(Duration wait) {
    return new StoreOptions(
        memoryBytes, partitions, hashSeed, verifyReads, clock, maximumEntries, byteHits, sink, victims, owners,
        wait.toNanos());
  }
}
