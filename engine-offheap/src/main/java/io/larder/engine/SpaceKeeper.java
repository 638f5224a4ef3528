package io.larder.engine;

import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.SlabPool;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds space when there is none: by evicting entry by entry as the policy says, by compacting slabs, and in the end by
 * emptying slabs of this partition or of one that has more.
 *
 * <p>The methods want the lock of the partition that they serve held. They look into others with {@code
 * tryLock} only, so there is no order of locks to keep and no deadlock. A few slabs of the pool are kept back
 * for what sweeps move.
 */
final class SpaceKeeper {
  /** After so many fruitless sweeps nothing is kept any more. */
  private static final int GENTLE_ROUNDS = 4;

  /** After so many sweeps the space is given up. */
  private static final int ROUNDS_MAX = 64;

  /**
   * A put sweeps so many bytes for each that it takes: at most half of a slab is kept, so two make up for
   * one, and one to gain.
   */
  private static final int SWEEP_FACTOR = 3;

  /** So many entries go one by one, before slabs are emptied whatever is in them. */
  private static final int TURNS_MAX = 4096;

  /** What maintenance sweeps while it holds a lock that a writer may be waiting for. */
  private static final int REFILL_BYTES = 8 << 10;

  private final SlabPool pool;
  private final Partition[] partitions;
  private final Sweeper[] sweepers;
  private final Policy policy;
  private final int slabBytes;
  private final int reserve;

  SpaceKeeper(SlabPool pool, Partition[] partitions, Sweeper[] sweepers, Policy policy) {
    this.pool = pool;
    this.partitions = partitions;
    this.sweepers = sweepers;
    this.policy = policy;
    this.slabBytes = partitions[0].classes.slabBytes();
    this.reserve = Math.max(1, partitions.length / 4);
  }

  /** Whether a value has room in half of the region as large as it is now; for one that has not nothing is evicted. */
  boolean canHold(long valueBytes) {
    return valueBytes <= (long) pool.reservedCount() / 2 * slabBytes;
  }

  /** Allocates a block without evicting; {@link PartitionSlabs#NO_BLOCK} when that is not possible. */
  long allocate(Partition partition, int sizeClass) {
    long block = partition.slabs.allocate(sizeClass);
    if (block == PartitionSlabs.NO_BLOCK && pool.freeCount() > reserve && partition.slabs.addSlab(sizeClass)) {
      block = partition.slabs.allocate(sizeClass);
    }
    return block;
  }

  /**
   * Allocates a block whatever it takes, after {@link #allocate} could not. Entries of this partition may be gone
   * afterwards, so what was looked up before is void.
   *
   * @return {@link PartitionSlabs#NO_BLOCK} when there is nothing left to evict within reach
   */
  long obtain(Partition partition, int sizeClass) {
    long found = PartitionSlabs.NO_BLOCK;
    for (int turn = 0; found == PartitionSlabs.NO_BLOCK && turn < TURNS_MAX; turn++) {
      long scattered = partition.get(PartitionLayout.SCATTERED_OFFSET);
      boolean compacting = scattered >= slabBytes / 2;
      boolean sweeping = sweepers[partition.number].isSweeping();
      if (compacting) {
        // Enough has been freed that was not of the class that was wanted: it may be as much as a slab of one class.
        sweepers[partition.number].compact();
      } else {
        long freed = policy.of(partition).evictForSpace();
        if (freed == 0) {
          break;
        }
        partition.set(PartitionLayout.SCATTERED_OFFSET, Math.max(scattered, 0) + freed);
      }
      found = allocate(partition, sizeClass);
      if (compacting) {
        // Where it was, overwrites may have freed more than is counted here: it is tried again before an eviction; but
        // not if it was a sweep that went on, as that evicts.
        partition.set(
            PartitionLayout.SCATTERED_OFFSET, found == PartitionSlabs.NO_BLOCK || sweeping ? 0 : slabBytes);
      }
    }
    if (found != PartitionSlabs.NO_BLOCK) {
      long scattered = partition.get(PartitionLayout.SCATTERED_OFFSET) - partition.classes.blockBytes(sizeClass);
      partition.set(PartitionLayout.SCATTERED_OFFSET, Math.max(scattered, 0));
      return found;
    }
    for (int round = 0; round < ROUNDS_MAX; round++) {
      long block = allocate(partition, sizeClass);
      if (block == PartitionSlabs.NO_BLOCK && round >= GENTLE_ROUNDS && partition.slabs.addSlab(sizeClass)) {
        block = partition.slabs.allocate(sizeClass);
      }
      if (block != PartitionSlabs.NO_BLOCK) {
        return block;
      }
      sweep(partition, round);
    }
    return PartitionSlabs.NO_BLOCK;
  }

  /**
   * Empties a slab of this partition, or of another that has clearly more, or of any when this one has none.
   */
  private void sweep(Partition partition, int round) {
    boolean force = round >= GENTLE_ROUNDS;
    Partition donor = partitions[ThreadLocalRandom.current().nextInt(partitions.length)];
    int own = partition.slabs.slabCount();
    boolean preferDonor = donor.slabs.slabCount() > own + own / 8 + 1;
    if ((preferDonor || round >= 2 * GENTLE_ROUNDS) && sweepOther(partition, donor, force)) {
      return;
    }
    if (!sweepers[partition.number].sweepSlab(force)) {
      for (int i = 1; i < partitions.length; i++) {
        Partition other = partitions[(partition.number + i) & (partitions.length - 1)];
        if (sweepOther(partition, other, force)) {
          return;
        }
      }
    }
  }

  private boolean sweepOther(Partition partition, Partition donor, boolean force) {
    if (donor == partition || !donor.tryLock()) {
      return false;
    }
    try {
      return sweepers[donor.number].sweepSlab(force);
    } finally {
      donor.unlock();
    }
  }

  /** Empties a slab of this partition, so that its index can grow or has less to hold. */
  void sweepOwn(Partition partition, boolean force) {
    sweepers[partition.number].sweepSlab(force);
  }

  /** Keeps the pool filled, in proportion to what a writer has just taken. */
  void pace(Partition partition, int bytesTaken) {
    if (pool.freeCount() < reserve) {
      sweepers[partition.number].stepBehindPut((long) SWEEP_FACTOR * bytesTaken);
    }
  }

  /**
   * Goes on filling the pool up, from a partition whose lock is held.
   *
   * @return whether there was anything to do
   */
  boolean refill(Partition partition) {
    return pool.freeCount() < reserve && sweepers[partition.number].step(REFILL_BYTES);
  }
}
