package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.PartitionSlabs;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.allocator.SlabPool;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Makes a region larger and smaller while all go on using it. Its geometry is that of its limit; slabs without space
 * are those that nobody has, wherever they lie, so that nothing has to be moved for it.
 *
 * <pre>
 * RSZ-1  A slab without space is nobody's
 *   Shared     : resizer (a lock, as LCK-1), slabsTarget, slabsRetired, slabsUnreserved; state RETIRED of descriptors
 *   Smaller    : S1 resizer   S2 target   S3 for each slab: a partition's lock, sweep until the pool has one, take it,
 *                RETIRED   S4 await readers   S5 give the space of all retired slabs back   S6 resizer free
 *   Larger     : L1 resizer   L2 target   L3 space for a retired slab, then a partition's lock, FREE, into the pool
 *                L4 space for a part behind the last, then fewer slabsUnreserved   L5 resizer free
 *   Invariant  : what the pool hands out has space, and is not RETIRED
 *   Argument   : S3 takes from the pool as everybody does, ALC-1, so nobody else has the slab; S5 comes behind it. L3
 *                and L4 hand out what has space already
 *   Readers    : one who goes by an old reference may still read a slab that is retired: he is found out by the stamp,
 *                as always, and finds zeros when the space is gone. After S4 hardly anybody is left; where the read
 *                itself takes space (tmpfs) and there is none, it is a fault, LOST-1
 *   Killed     : the resizer word keeps the dead token. Whoever sees it takes over, as for LCK-1, and goes on to
 *                slabsTarget, which is 0 until S2 or L2 and again before the resizer is free: then the size stays, and
 *                nothing is evicted. S5 and L3 may be done twice. A slab on its way is in the hand of the partition,
 *                ALC-3
 *   Checked by : RegionResizerTest, CrashAtEveryStoreTest, SharedRegionResizeTest
 * </pre>
 */
final class RegionResizer {
  /** {@code slabsTarget} of a region that nobody has begun to resize. */
  private static final long NO_TARGET = 0;

  /** After so many rounds over all partitions without a slab nothing is kept any more, and then it is given up. */
  private static final int GENTLE_ROUNDS = 16;

  private static final int ROUNDS_MAX = 64;
  private static final long ROUND_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** So many buckets are moved for each slab that is swept, so that the index becomes smaller with the entries. */
  private static final int INDEX_STEPS = 256;

  /** Space is reserved in parts of so many bytes: what has been reserved can be used at once. */
  private static final long PART_BYTES = 64L << 20;

  private final Memory memory;
  private final RegionGeometry geometry;
  private final SlabPool pool;
  private final Partition[] partitions;
  private final Sweeper[] sweepers;
  private final LockOwners owners;
  private final @Nullable RemovalSink sink;
  private final long lockWaitNanos;

  RegionResizer(
      Memory memory,
      RegionGeometry geometry,
      SlabPool pool,
      Partition[] partitions,
      Sweeper[] sweepers,
      StoreOptions options) {
    this.memory = memory;
    this.geometry = geometry;
    this.pool = pool;
    this.partitions = partitions;
    this.sweepers = sweepers;
    this.owners = options.owners();
    this.sink = options.sink();
    this.lockWaitNanos = options.lockWaitNanos();
  }

  /** Brings the region to a size of so many slabs, or as near as can be. */
  void resize(int slabs, RegionSpace space) throws IOException {
    PartitionLock.Outcome outcome =
        PartitionLock.acquireSlowly(memory, RegionLayout.RESIZER_OFFSET, owners, lockWaitNanos);
    if (outcome == PartitionLock.Outcome.BUSY) {
      throw PartitionBusyException.resizing();
    }
    resizeLocked(slabs, space);
  }

  /** Goes on for one who was killed; whether there was one. */
  boolean finish(RegionSpace space) throws IOException {
    long holder = PartitionLock.holder(memory, RegionLayout.RESIZER_OFFSET);
    if (holder == owners.token()
        || !PartitionLock.takeOver(memory, RegionLayout.RESIZER_OFFSET, holder, owners)) {
      return false;
    }
    long target = memory.getLong(RegionLayout.SLABS_TARGET_OFFSET);
    if (target >= geometry.slabCountMin() && target <= geometry.slabCount()) {
      resizeLocked((int) target, space);
    } else {
      keepSizeLocked(space);
    }
    return true;
  }

  private void resizeLocked(int slabs, RegionSpace space) throws IOException {
    try {
      setRetired(pool.countRetired());
      memory.setLongRelease(RegionLayout.SLABS_TARGET_OFFSET, slabs);
      if (pool.reservedCount() < slabs) {
        restoreRetired(slabs, space);
        reserveMore(slabs, space);
      } else {
        retire(slabs);
        shrinkIndexes();
        giveBackRetired(space);
      }
    } finally {
      release();
    }
  }

  /** Goes on for one who had not said a size: nothing has to make room, so nothing is evicted. */
  private void keepSizeLocked(RegionSpace space) throws IOException {
    try {
      setRetired(pool.countRetired());
      giveBackRetired(space);
    } finally {
      release();
    }
  }

  private void release() {
    memory.setLongRelease(RegionLayout.SLABS_TARGET_OFFSET, NO_TARGET);
    PartitionLock.release(memory, RegionLayout.RESIZER_OFFSET);
  }

  private void setRetired(long count) {
    memory.setLongRelease(RegionLayout.SLABS_RETIRED_OFFSET, count);
  }

  private void addRetired(int delta) {
    setRetired(memory.getLong(RegionLayout.SLABS_RETIRED_OFFSET) + delta);
  }

  // ---- smaller

  private void retire(int slabs) {
    int fruitless = 0;
    while (pool.reservedCount() > slabs && fruitless < ROUNDS_MAX) {
      boolean retired = false;
      for (int i = 0; i < partitions.length && pool.reservedCount() > slabs; i++) {
        retired |= retireOne(partitions[i], fruitless >= GENTLE_ROUNDS);
        if (sink != null) {
          sink.relieve();
        }
      }
      fruitless = retired ? 0 : fruitless + 1;
      if (!retired) {
        LockSupport.parkNanos(ROUND_PAUSE_NANOS);
      }
    }
  }

  /** Retires a slab of the pool, for which the partition makes place if there is none. */
  private boolean retireOne(Partition partition, boolean force) {
    if (!partition.tryLockOrTakeOver()) {
      return false;
    }
    try {
      if (pool.freeCount() == 0) {
        sweepers[partition.number].sweepSlab(force);
        shrinkIndex(partition);
      }
      boolean retired = partition.slabs.retire() != PartitionSlabs.NO_SLAB;
      if (retired) {
        addRetired(1);
      }
      return retired;
    } finally {
      partition.unlock();
    }
  }

  /** Goes on making an index as small as its entries allow; whether there was anything to do that could be done. */
  private static boolean shrinkIndex(Partition partition) {
    partition.index.considerResizing(partition.slotsUsed());
    int steps = 0;
    while (steps < INDEX_STEPS && partition.index.isResizing() && partition.index.step()) {
      steps++;
    }
    return steps > 0;
  }

  /** The tables of the entries that are gone would leave those that stay little room. */
  private void shrinkIndexes() {
    for (Partition partition : partitions) {
      boolean more = true;
      while (more && partition.tryLockOrTakeOver()) {
        try {
          more = shrinkIndex(partition) || sweepForIndex(partition);
        } finally {
          partition.unlock();
        }
      }
    }
  }

  /** Sweeps a slab when an index waits for one; whether the index got on then. */
  private boolean sweepForIndex(Partition partition) {
    return partition.index.isResizing() && sweepers[partition.number].sweepSlab(false) && shrinkIndex(partition);
  }

  private void giveBackRetired(RegionSpace space) throws IOException {
    space.awaitReaders();
    int first = nextRetired(0);
    while (first < pool.end()) {
      int end = endOfRetired(first, Integer.MAX_VALUE);
      space.giveBack(geometry.slabOffset(first), geometry.slabOffset(end));
      first = nextRetired(end);
    }
  }

  /** The first retired slab from one on; the end of the pool when there is none. */
  private int nextRetired(int from) {
    int slab = from;
    while (slab < pool.end() && !pool.isRetired(slab)) {
      slab++;
    }
    return slab;
  }

  /** Behind the last of the retired slabs that lie in a row, of at most so many. */
  private int endOfRetired(int first, int max) {
    int slab = first;
    while (slab < pool.end() && slab - first < max && pool.isRetired(slab)) {
      slab++;
    }
    return slab;
  }

  // ---- larger

  private void restoreRetired(int slabs, RegionSpace space) throws IOException {
    int first = nextRetired(0);
    while (first < pool.end() && pool.reservedCount() < slabs) {
      int end = endOfRetired(first, Math.min(partSlabs(), slabs - pool.reservedCount()));
      space.reserve(geometry.slabOffset(first), geometry.slabOffset(end));
      for (int slab = first; slab < end; slab++) {
        restore(slab);
      }
      first = nextRetired(end);
    }
  }

  private int partSlabs() {
    return (int) (PART_BYTES >>> geometry.slabShift());
  }

  private void restore(int slab) {
    Partition partition = lockAny();
    try {
      partition.slabs.restore(slab);
    } finally {
      partition.unlock();
    }
    addRetired(-1);
  }

  /** Any partition will do: its record says to repair which slab is on its way. */
  private Partition lockAny() {
    for (Partition partition : partitions) {
      if (partition.tryLockOrTakeOver()) {
        return partition;
      }
    }
    partitions[0].lock();
    return partitions[0];
  }

  private void reserveMore(int slabs, RegionSpace space) throws IOException {
    while (pool.reservedCount() < slabs && pool.end() < geometry.slabCount()) {
      int end = pool.end();
      int more = Math.min(partSlabs(), Math.min(slabs - pool.reservedCount(), geometry.slabCount() - end));
      space.reserve(geometry.slabOffset(end), geometry.slabOffset(end + more));
      pool.setEnd(end + more);
    }
  }
}
