package io.larder.mmap;

import io.larder.engine.LockOwners;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedByInterruptException;

/**
 * Tells the store of one attachment who it is, and which other attachments are dead.
 *
 * <p>A token is {@code epoch << 16 | slot + 1}, in 32 bits. It names one attachment among all that ever were on the
 * file: the epoch grows each time that the slot is taken. Any thread may ask; an answer may take a few system calls.
 *
 * <pre>
 * ATT-1  Who is dead
 *   Shared     : kernel lock of each slot's lock file; epoch in each slot's record
 *   Threads    : the owner of a slot; attachers, one at a time, who hold the open lock; any number of askers, who hold
 *                no lock
 *   Invariant  : from before the first store of an attachment to the region until after its last, its process holds
 *                the kernel lock of its slot. No process holds it for another's attachment, but askers for a moment
 *   Attacher   : A1 take slot lock   A2 release epoch + 1   A3 stores to the region, some with the token
 *   Owner ends : O1 unmap the region, or be killed          O2 the kernel lock is dropped
 *   Asker      : Q1 reads the token  Q2 acquire fence       Q3 acquire epoch of the slot
 *                greater than the token's: dead             Q4 take slot lock: taken: dead   Q5 drop it
 *   Argument   : dead by Q3: epoch e + 1 was written under the slot lock (A1, A2), which the owner of e had until O2.
 *                Q1 read what was stored in A3, so Q3, behind the fence, sees A2 of the token's epoch or a later one:
 *                an epoch below the token's was never the token's, and the token is damage that nobody owns.
 *                dead by Q4: the owner took the lock before it made the token and keeps it until O2, and Q4 has it.
 *                Whoever is dead stays dead, because an epoch never comes back: the answer may be kept, and only it
 *   Race       : two askers in Q4 at once, or an asker and an owner between A1 and A2 of the next epoch: one fails to
 *                take the lock and answers "alive"; it was wrong for that moment and asks again.
 *                An attacher fails in A1 because of an asker: it goes on to the next slot; where none is left it gives
 *                the open lock back and tries all of them again until its deadline. It never writes a record
 *                without the slot lock, so an asker cannot make two processes own one slot, nor can it raise an epoch.
 *                A process that asks for its own slot would drop its own lock in Q5: it is answered from the epoch
 *   Not held   : other code in the owner's process opens its lock file and closes it, which by POSIX drops the lock:
 *                the owner lives, and is dead to all. That cannot be prevented; LockWatch sees it where the kernel
 *                lists the locks of open files, and then the owner leaves as a killed one does: no store to its record
 *   Stopped    : a process under SIGSTOP holds its lock: alive
 *   Killed     : asker between Q4 and Q5: the kernel drops the lock. Attacher between A1 and A2: the record still has
 *                the old epoch, whose owner is as dead as before
 *   Checked by : SharedRegionIpcTest, ProcessNamespaceIpcTest, LivenessTest, LockWatchTest
 * </pre>
 */
final class Liveness implements LockOwners {
  /**
   * The last epoch of a slot: tokens have 32 bits, because the mark of a block being built has no more. A slot that has
   * come so far is not taken again.
   */
  static final long EPOCH_MAX = 0xFFFF;

  private static final int SLOT_BITS = 16;
  private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;

  private final LockFiles locks;
  private final Superblock superblock;
  private final int slot;
  private final long epoch;

  /** The highest epoch of each slot that is known to be dead; guarded by this. */
  private final long[] deadEpochs = new long[FileLayout.ATTACHMENTS_MAX];

  Liveness(LockFiles locks, Superblock superblock, int slot, long epoch) {
    this.locks = locks;
    this.superblock = superblock;
    this.slot = slot;
    this.epoch = epoch;
  }

  /** The token of an attachment. */
  static long token(int slot, long epoch) {
    return epoch << SLOT_BITS | (slot + 1);
  }

  /** The epoch of this process. */
  long epoch() {
    return epoch;
  }

  @Override
  public long token() {
    return token(slot, epoch);
  }

  @Override
  public boolean isDead(long token) {
    // ATT-1, Q2: orders the caller's read of the token before the read of the epoch.
    VarHandle.acquireFence();
    int otherSlot = (int) (token & SLOT_MASK) - 1;
    long otherEpoch = token >>> SLOT_BITS;
    if (otherSlot < 0 || otherSlot >= FileLayout.ATTACHMENTS_MAX || otherEpoch == 0) {
      return true;
    }
    if (otherSlot == slot) {
      return otherEpoch != epoch;
    }
    return superblock.epochAcquire(otherSlot) != otherEpoch || isKnownOrFoundDead(otherSlot, otherEpoch);
  }

  /** One thread at a time: two channels of one lock file are one too many. */
  private synchronized boolean isKnownOrFoundDead(int otherSlot, long otherEpoch) {
    if (deadEpochs[otherSlot] < otherEpoch && canTakeLock(otherSlot)) {
      deadEpochs[otherSlot] = otherEpoch;
    }
    return deadEpochs[otherSlot] >= otherEpoch;
  }

  /** Whoever waits for a lock may have been interrupted, and minds it later. */
  private boolean canTakeLock(int otherSlot) {
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try (HeldLock taken = locks.tryAttachment(otherSlot)) {
          return taken != null;
        } catch (ClosedByInterruptException interrupt) {
          interrupted = true;
        } catch (IOException unknown) {
          return false;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
