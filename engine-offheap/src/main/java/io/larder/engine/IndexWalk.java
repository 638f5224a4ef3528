package io.larder.engine;

import io.larder.allocator.Memory;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * A walk over the buckets of a partition's index without its lock, while others write: the reader's part of IDX-1 and
 * IDX-3 of {@link HashIndex}, for all of a bucket at once. What a visitor saw counts when the stamp is the same
 * afterwards; else it looks again.
 *
 * <p>What moves from a bucket to another during the walk may be met twice or not at all.
 */
final class IndexWalk {
  private static final int ATTEMPTS = 64;
  private static final int RESTARTS_MAX = 16;
  private static final int SPINS = 16;
  private static final long PARK_NANOS = 100_000;

  private final Memory memory;
  private final Addresses where;

  IndexWalk(Memory memory, Addresses where) {
    this.memory = memory;
    this.where = where;
  }

  /** Sees the buckets of one partition. */
  interface Visitor {
    /** The walk begins, or begins again, because the table has been resized: what was seen before does not count. */
    void begin();

    /** Looks at a bucket and at what it names, all of which may be garbage; keeps what it finds to itself. */
    void look(Place place);

    /** What {@link #look} has seen last was all there at one moment. */
    void accept(Place place);

    /** A bucket was being changed all the time, as one is whose writer is dead or stopped. */
    void busy(Place place);
  }

  /**
   * Where a bucket is.
   *
   * @param partition the partition's number
   * @param table which of its tables, 0 or 1
   * @param index the bucket's index in it
   * @param bucket the bucket's offset
   * @param stamp its stamp
   * @param count how many home buckets the table has
   * @param firstHome the first home bucket of the table that has not moved to the other one
   */
  record Place(int partition, int table, long index, long bucket, long stamp, long count, long firstHome) {}

  /** Walks a partition; false when its tables changed too often to be seen whole. */
  boolean walk(int partition, Visitor visitor) {
    for (int restart = 0; restart < RESTARTS_MAX; restart++) {
      visitor.begin();
      if (walkOnce(partition, visitor)) {
        return true;
      }
    }
    return false;
  }

  private boolean walkOnce(int partition, Visitor visitor) {
    long record = where.record(partition);
    long shape = memory.getLongAcquire(record + PartitionLayout.SHAPE_OFFSET);
    int table = PartitionLayout.table(shape);
    boolean resizing = (shape & PartitionLayout.RESIZING) != 0;
    long newCount = PartitionLayout.newCount(memory.getLongAcquire(record + PartitionLayout.RESIZE_OFFSET));
    return walkTable(partition, table, PartitionLayout.bucketCount(shape), shape, visitor)
        && (!resizing || walkTable(partition, table ^ 1, newCount, shape, visitor));
  }

  private boolean walkTable(int partition, int table, long count, long shape, Visitor visitor) {
    long last = Math.min(count + HashIndex.SPILL_BUCKETS, (long) where.directoryCapacity() << where.bucketsShift());
    for (long index = 0; index < last; index++) {
      if (!see(partition, table, index, count, shape, visitor)) {
        return false;
      }
    }
    return true;
  }

  /** Sees a bucket; false when the shape has changed. */
  private boolean see(int partition, int table, long index, long count, long shape, Visitor visitor) {
    Place place = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long firstHome = firstHome(partition, table, shape);
      int reference = memory.getIntAcquire(where.directoryWord(where.directory(partition, table), index));
      if (!holds(partition, shape)) {
        return false;
      }
      if (index < firstHome || reference <= 0) {
        return true;
      }
      long bucket = where.bucket(reference, index);
      if (!where.isInSlabs(bucket, BucketLayout.BYTES)) {
        return true;
      }
      long stamp = memory.getLongAcquire(bucket);
      place = new Place(partition, table, index, bucket, stamp, count, firstHome);
      if ((stamp & BucketLayout.WRITING) == 0) {
        visitor.look(place);
        VarHandle.acquireFence();
        if (memory.getLongOpaque(bucket) == stamp
            && index >= firstHome(partition, table, shape)
            && holds(partition, shape)) {
          visitor.accept(place);
          return true;
        }
      }
      pause(attempt);
    }
    if (place != null) {
      visitor.busy(place);
    }
    return true;
  }

  private long firstHome(int partition, int table, long shape) {
    boolean old = (shape & PartitionLayout.RESIZING) != 0 && table == PartitionLayout.table(shape);
    return old
        ? PartitionLayout.moved(memory.getLongAcquire(where.record(partition) + PartitionLayout.RESIZE_OFFSET))
        : 0;
  }

  private boolean holds(int partition, long shape) {
    return memory.getLongAcquire(where.record(partition) + PartitionLayout.SHAPE_OFFSET) == shape;
  }

  private static void pause(int attempt) {
    if (attempt < SPINS) {
      Thread.onSpinWait();
    } else {
      LockSupport.parkNanos(PARK_NANOS);
    }
  }
}
