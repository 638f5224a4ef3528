package io.larder.cli;

import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.mmap.SharedRegion;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long the repairs of one file took, each by the clock of the process that did it. Any thread.
 *
 * <p>The file tells how often each partition has been repaired and how long that took in all. It is looked at often
 * enough for a partition seldom to be repaired twice in between; where that happens, or a repairer was killed while it
 * counted, the repairs are counted and not timed.
 */
final class TortureRepairs {
  private static final int LOOKS_MAX = 8;
  private static final double NANOS_PER_MILLI = 1e6;

  private long[] counts = {};
  private long[] nanos = {};
  private long[] times = new long[16];
  private int timed;
  private long repairs;
  private boolean started;
  private long sizeSeen;
  private long sizes;

  /** What the file has had before is not counted. A file that is not shown to this had none. */
  synchronized void start(Store store) {
    prepare(store.partitions());
    for (int partition = 0; partition < counts.length; partition++) {
      counts[partition] = store.repairs(partition);
      nanos[partition] = store.repairNanos(partition);
    }
  }

  private void prepare(int partitions) {
    if (!started) {
      started = true;
      counts = new long[partitions];
      nanos = new long[partitions];
    }
  }

  /** Looks at the file. */
  synchronized void look(Store store) {
    prepare(store.partitions());
    for (int partition = 0; partition < counts.length; partition++) {
      look(store, partition);
    }
    long size = store.bytes();
    sizes += size == sizeSeen ? 0 : 1;
    sizeSeen = size;
  }

  private void look(Store store, int partition) {
    long count = store.repairs(partition);
    long sum = store.repairNanos(partition);
    // One that has just been counted gets its time a moment later.
    for (int i = 0; i < LOOKS_MAX && count != counts[partition] && sum == nanos[partition]; i++) {
      Thread.onSpinWait();
      count = store.repairs(partition);
      sum = store.repairNanos(partition);
    }
    add(count - counts[partition], sum - nanos[partition]);
    counts[partition] = count;
    nanos[partition] = sum;
  }

  /** Adds so many repairs that took so long in all. */
  synchronized void add(long more, long moreNanos) {
    repairs += more;
    if (more == 1 && moreNanos > 0) {
      if (timed == times.length) {
        times = Arrays.copyOf(times, 2 * timed);
      }
      times[timed++] = moreNanos;
    }
  }

  /** All repairs since {@link #start}. */
  synchronized long repairs() {
    return repairs;
  }

  /** Adds the times of another file. */
  synchronized TortureRepairs plus(TortureRepairs other) {
    TortureRepairs sum = new TortureRepairs();
    sum.times = Arrays.copyOf(times, timed + other.timed);
    System.arraycopy(other.times, 0, sum.times, timed, other.timed);
    sum.timed = timed + other.timed;
    sum.repairs = repairs + other.repairs;
    sum.sizes = sizes + other.sizes;
    return sum;
  }

  /** How many sizes the files have been seen to have, one after the other. */
  synchronized long sizes() {
    return sizes;
  }

  /** The times in one line, in milliseconds: {@code repair p50=0.41 p99=2.07 max=2.07 (11 of 12 timed)}. */
  synchronized String line() {
    long[] sorted = Arrays.copyOf(times, timed);
    Arrays.sort(sorted);
    return String.format(
        Locale.ROOT, "repair p50=%s p99=%s max=%s (%d of %d timed)", millis(sorted, 50), millis(sorted, 99),
        millis(sorted, 100), timed, repairs);
  }

  /** The least time that so many percent of them do not exceed. */
  private static String millis(long[] sorted, int percent) {
    if (sorted.length == 0) {
      return "-";
    }
    int rank = (int) (((long) sorted.length * percent + 99) / 100);
    return String.format(Locale.ROOT, "%.2f", sorted[Math.max(0, rank - 1)] / NANOS_PER_MILLI);
  }

  /** Looks at a file every now and then while its workers are at it, from a thread of its own: attaching may wait. */
  static final class Watch implements AutoCloseable {
    private static final long LOOK_MILLIS = 50;
    private static final Duration WAIT = Duration.ofSeconds(60);

    private final TorturePlan plan;
    private final TortureRepairs repairs;
    private final Thread thread;
    private final Semaphore asked = new Semaphore(0);
    private volatile boolean closed;
    private volatile @Nullable IOException failure;

    /** Begins with a file that its workers have made. */
    Watch(TorturePlan plan, TortureRepairs repairs) {
      this.plan = plan;
      this.repairs = repairs;
      this.thread = Thread.ofPlatform().daemon().name("torture-repairs").start(this::run);
    }

    private void run() {
      try (SharedRegion region = SharedRegion.open(plan.file(), 0, StoreOptions.ofMemory(plan.bytes()), WAIT)) {
        do {
          repairs.look(region.store());
        } while (await());
        repairs.look(region.store());
      } catch (IOException unattached) {
        failure = unattached;
      }
    }

    private boolean await() {
      try {
        if (asked.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          asked.drainPermits();
        }
      } catch (InterruptedException interrupt) {
        closed = true;
      }
      return !closed;
    }

    /** Has it look now. */
    void look() {
      asked.release();
    }

    /** Looks once more, and gives the file up. */
    @Override
    public void close() throws IOException {
      closed = true;
      look();
      try {
        thread.join();
      } catch (InterruptedException interrupt) {
        Thread.currentThread().interrupt();
      }
      IOException unattached = failure;
      if (unattached != null) {
        throw unattached;
      }
    }
  }
}
