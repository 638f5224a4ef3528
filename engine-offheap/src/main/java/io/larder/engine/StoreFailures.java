package io.larder.engine;

import io.larder.allocator.DamagedRegionException;
import io.larder.allocator.Memory;
import io.larder.allocator.MemoryFault;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of an operation that fails because of the memory under it, and of the store.
 *
 * <p><b>Faults.</b> The memory has no page where it should have one: a file was cut, or its disk fails. The whole store
 * is given up, at once and for good: its memory is closed, and from then on every operation is a miss.
 *
 * <p><b>Damage.</b> The fast paths do not look whether a structure can be right: where it is not, they are led to an
 * offset outside of the region, or to a length that cannot be, and end with an exception. Then the partition is mended
 * ({@link PartitionMending}), and the operation is a miss, or is done again. A store that is not sound after many
 * mendings, or of which one fails, is given up as well.
 *
 * <p>An exception of the user's functions is neither.
 *
 * <pre>
 * LOST-1  A store that is given up is not touched any more
 *   Shared     : lost, on the heap; the memory's arena
 *   Threads    : any that use the store
 *   Giver      : G1 lost := why, by compare-and-set   G2 close the memory   G3 tell who stands behind it
 *   User       : U1 accesses   U2 waits for faults of its accesses   U3 an access fails: lost? a miss
 *   Argument   : the arena's closing is a handshake with every thread: behind G2 no access is under way, and each later
 *                one fails. It fails after G1, so U3 sees lost. So what G3 does, such as dropping the lock by which
 *                others see that this process lives, is after the last store of this process, as ATT-1 wants it
 *   Late error : the error of an access in compiled code may come after the operation would have returned, with
 *                garbage in its hands. U2 is a safepoint poll inside of the operation, at which it comes if it is due
 *   Interrupts : a JVM before 26 marks a thread whose access G2 has cut off as interrupted (JDK-8306324), which nobody
 *                has asked for. U3 takes that back, once for each thread, as it cannot know whether it was cut off: an
 *                interrupt that came before a thread's first failure is taken back with it
 *   Checked by : TruncationIpcTest, ClosedUnderUseTest
 * </pre>
 */
final class StoreFailures {
  /** After so many mendings in all, for each partition, the store is given up. */
  private static final int MENDINGS_PER_PARTITION = 16;

  /** From here on the JVM does not leave a thread interrupted whose access the closing of an arena has cut off. */
  private static final int NO_INTERRUPT_JDK = 26;

  private static final int CLOSING_ATTEMPTS = 10_000;
  private static final long CLOSING_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Memory memory;
  private final Partition[] partitions;
  private final boolean readOnly;
  private final AtomicReference<@Nullable String> lost = new AtomicReference<>();
  private final AtomicInteger mendings = new AtomicInteger();
  private final LongAdder rejections = new LongAdder();
  private volatile RegionBacking backing = RegionBacking.PRIVATE;

  /** Whether a thread has met closed memory before; null where no such thread is interrupted by that. */
  private final @Nullable ThreadLocal<Boolean> metClosed;

  /** Apart, because loggers take long to start, and this one is hardly ever needed. */
  private static final class Log {
    static final Logger LOG = System.getLogger(StoreFailures.class.getPackageName());
  }

  StoreFailures(Memory memory, Partition[] partitions, boolean readOnly) {
    this.memory = memory;
    this.readOnly = readOnly;
    this.partitions = partitions;
    this.metClosed = Runtime.version().feature() < NO_INTERRUPT_JDK ? new ThreadLocal<>() : null;
  }

  /** To be called once, before others use the store. */
  void setBacking(RegionBacking behind) {
    backing = behind;
  }

  boolean isLost() {
    return lost.get() != null;
  }

  /** Puts that were not stored because the store was lost. */
  long rejections() {
    return rejections.sum();
  }

  /** Notes a put that is not stored. */
  void reject() {
    rejections.increment();
  }

  /**
   * Decides over what an operation on one partition has thrown: returns when the operation is to be a miss, and throws
   * it, or something clearer, when it is the caller's.
   *
   * @return whether the partition has been mended, so that the operation may be tried again
   */
  boolean sort(Throwable failure, Partition partition) {
    boolean fault = MemoryFault.swallow() || MemoryFault.is(failure);
    if (fault) {
      giveUp("an access to its memory failed: " + failure.getMessage());
    }
    boolean closed = failure instanceof IllegalStateException && !memory.isOpen();
    if (closed) {
      takeInterruptBack();
    }
    if (isLost()) {
      return false;
    }
    if (isDamage(failure)) {
      // Who only reads leaves the mending to those who write.
      return !readOnly && mend(partition, failure);
    }
    if (closed) {
      throw new IllegalStateException("the cache is closed", failure);
    }
    return rethrow(failure);
  }

  /** LOST-1, Interrupts. Virtual threads are not marked. */
  private void takeInterruptBack() {
    if (metClosed != null && !Thread.currentThread().isVirtual() && metClosed.get() == null) {
      metClosed.set(true);
      Thread.interrupted();
    }
  }

  /** As {@link #sort(Throwable, Partition)}, for what concerns all partitions. */
  boolean sort(Throwable failure) {
    boolean mended = true;
    for (Partition partition : partitions) {
      mended &= sort(failure, partition);
    }
    return mended;
  }

  /**
   * Whether what a user's function has thrown is the store's affair, as it was reading memory that is not there, and
   * not the user's own.
   */
  boolean isOurs(Throwable failure) {
    return isLost() || (MemoryFault.is(failure) && !backing.isWhole());
  }

  private static boolean isDamage(Throwable failure) {
    return failure instanceof IndexOutOfBoundsException
        || failure instanceof ArithmeticException
        || failure instanceof NegativeArraySizeException
        || failure instanceof DamagedRegionException;
  }

  private static boolean rethrow(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  private boolean mend(Partition partition, Throwable damage) {
    if (mendings.incrementAndGet() > MENDINGS_PER_PARTITION * partitions.length) {
      giveUp("it was damaged again and again, last: " + damage);
      return false;
    }
    Log.LOG.log(Level.WARNING, "partition " + partition.number + " is damaged and is being mended: " + damage);
    try {
      partition.mend();
      MemoryFault.await();
      return true;
    } catch (RuntimeException | InternalError failure) {
      MemoryFault.swallow();
      if (memory.isOpen()) {
        giveUp("it is damaged and cannot be mended: " + failure);
      }
      return false;
    }
  }

  /** Gives the store up, LOST-1; does nothing when that has been done. */
  void giveUp(String why) {
    if (lost.compareAndSet(null, why)) {
      if (close()) {
        backing.lost(why);
      } else {
        Log.LOG.log(Level.ERROR, "memory that is lost cannot be closed: something in this process goes on using it");
      }
    }
  }

  /** A native call that has a part of the memory as an argument, if there is one, ends soon. */
  private boolean close() {
    for (int attempt = 0; attempt < CLOSING_ATTEMPTS; attempt++) {
      try {
        memory.close();
        return true;
      } catch (IllegalStateException inUse) {
        if (!memory.isOpen()) {
          return true;
        }
        LockSupport.parkNanos(CLOSING_PAUSE_NANOS);
      }
    }
    return false;
  }
}
