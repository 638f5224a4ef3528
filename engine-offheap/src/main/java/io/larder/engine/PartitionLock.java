package io.larder.engine;

import io.larder.allocator.Memory;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.YieldingIdleStrategy;

/**
 * The write lock of a partition: a word in the region, 0 when free, otherwise the token of the process that holds it.
 *
 * <p>Critical sections are short and bounded, and no user code runs inside, so waiters spin, then yield, then
 * sleep for moments. It is neither fair nor reentrant. Virtual threads may wait: no monitor is held.
 *
 * <pre>
 * LCK-1  One writer in a partition
 *   Shared     : lock word
 *   Invariant  : between acquire and release no other thread changes what the lock guards
 *   Argument   : the CAS from 0 has acquire semantics and meets the release store of 0, so a holder sees all
 *                that earlier holders wrote
 *   Killed     : the word keeps the token of the dead. A waiter who has found out that the owner of the token is gone
 *                swaps it for his own by CAS, so one of them gets it, and repairs the partition before he uses it. The
 *                kernel says that a process is gone after its last store, so the CAS sees all of them. If he is killed
 *                too, the next one does the same
 *   Checked by : WriteRulesTest, StoreLincheckTest, StoreConcurrencyTest, CacheTest, CrashAtEveryStoreTest; jcstress
 *                PutIfAbsentOnce, VersionCheck, ExpiryVersusPut
 * </pre>
 */
final class PartitionLock {
  private static final long FREE = 0;
  private static final int SPINS = 256;
  private static final int YIELDS = 64;
  private static final long PARK_NANOS = 20_000;

  /** A waiter asks so seldom whether the owner lives: after the first wait, and then about every millisecond. */
  private static final int PARKS_PER_QUESTION = 16;

  private PartitionLock() {}

  static boolean tryAcquire(Memory memory, long word, long token) {
    return memory.compareAndSetLong(word, FREE, token);
  }

  /** How the wait for a lock has ended. */
  enum Outcome {
    /** The caller has it. */
    ACQUIRED,
    /** The caller has taken it from a dead owner, and has to repair the partition. */
    TAKEN_OVER,
    /** Another process that lives has it. */
    BUSY
  }

  /**
   * Waits for the lock.
   *
   * @param waitNanos after so long the wait ends, if it is another process that has the lock; within this one holders
   *     go on in any case
   */
  static Outcome acquireSlowly(Memory memory, long word, LockOwners owners, long waitNanos) {
    long begin = 0;
    for (int attempt = 0; ; attempt++) {
      long holder = memory.getLongOpaque(word);
      if (holder == FREE) {
        if (tryAcquire(memory, word, owners.token())) {
          return Outcome.ACQUIRED;
        }
      } else if (attempt >= SPINS + YIELDS && (attempt - SPINS - YIELDS) % PARKS_PER_QUESTION == 0) {
        if (takeOver(memory, word, holder, owners)) {
          return Outcome.TAKEN_OVER;
        }
        begin = begin == 0 ? System.nanoTime() : begin;
        if (holder != owners.token() && System.nanoTime() - begin >= waitNanos) {
          return Outcome.BUSY;
        }
      }
      if (attempt < SPINS) {
        Thread.onSpinWait();
      } else if (attempt < SPINS + YIELDS) {
        YieldingIdleStrategy.INSTANCE.idle();
      } else {
        LockSupport.parkNanos(PARK_NANOS);
      }
    }
  }

  /** Takes the lock from a holder who is dead; does nothing if it is free, he lives, or he holds it no more. */
  static boolean takeOver(Memory memory, long word, long holder, LockOwners owners) {
    return holder != FREE && owners.isDead(holder) && memory.compareAndSetLong(word, holder, owners.token());
  }

  static long holder(Memory memory, long word) {
    return memory.getLongAcquire(word);
  }

  static void release(Memory memory, long word) {
    memory.setLongRelease(word, FREE);
  }
}
