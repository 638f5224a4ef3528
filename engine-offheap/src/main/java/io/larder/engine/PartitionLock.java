package io.larder.engine;

import io.larder.allocator.Memory;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.YieldingIdleStrategy;

/**
 * The write lock of a partition: a word in the region, 0 when free.
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
 *   Killed     : the word stays set; a private region dies with its process
 *   Checked by : WriteRulesTest, StoreLincheckTest, StoreConcurrencyTest, CacheTest; jcstress PutIfAbsentOnce,
 *                VersionCheck, ExpiryVersusPut
 * </pre>
 */
final class PartitionLock {
  private static final long FREE = 0;
  private static final long HELD = 1;
  private static final int SPINS = 256;
  private static final int YIELDS = 64;
  private static final long PARK_NANOS = 20_000;

  private PartitionLock() {}

  static boolean tryAcquire(Memory memory, long word) {
    return memory.compareAndSetLong(word, FREE, HELD);
  }

  static void acquire(Memory memory, long word) {
    if (!tryAcquire(memory, word)) {
      acquireSlowly(memory, word);
    }
  }

  private static void acquireSlowly(Memory memory, long word) {
    for (int attempt = 0; ; attempt++) {
      if (memory.getLongOpaque(word) == FREE && tryAcquire(memory, word)) {
        return;
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

  static void release(Memory memory, long word) {
    memory.setLongRelease(word, FREE);
  }
}
