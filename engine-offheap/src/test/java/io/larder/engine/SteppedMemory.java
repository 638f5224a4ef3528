package io.larder.engine;

import org.jspecify.annotations.Nullable;

/**
 * A memory that stops before an access, and lets something else happen there: what another thread might do at
 * that moment. One thread plays both parts, so each interleaving comes up when it is asked for.
 *
 * <p>What happens there must not wait for whom it has stopped: when it tries to change a word that a stopped
 * writer holds, a lock, it gets {@link WouldWait} instead.
 */
final class SteppedMemory extends ArrayMemory {
  /** The other thread would have to wait here. */
  static final class WouldWait extends RuntimeException {
    private static final long serialVersionUID = 1;

    WouldWait() {
      super("waits for a lock", null, false, false);
    }
  }

  private @Nullable Runnable meanwhile;
  private long accesses;
  private long next;
  private long every;
  private boolean stopped;

  SteppedMemory(long bytes) {
    super(bytes);
  }

  /**
   * Runs something, and something else before its access number {@code first}, from 1 on.
   *
   * @return whether there was such an access
   */
  boolean interrupt(Runnable action, long first, Runnable interruption) {
    return interrupt(action, first, Long.MAX_VALUE / 2, interruption);
  }

  /** As above, and again after every so many accesses. */
  boolean interrupt(Runnable action, long first, long everyAccesses, Runnable interruption) {
    accesses = 0;
    next = first;
    every = everyAccesses;
    meanwhile = interruption;
    try {
      action.run();
      return accesses >= first;
    } finally {
      meanwhile = null;
    }
  }

  @Override
  void access(long offset, int length) {
    Runnable interruption = meanwhile;
    if (interruption == null || stopped || ++accesses != next) {
      return;
    }
    next += every;
    stopped = true;
    try {
      interruption.run();
    } finally {
      stopped = false;
    }
  }

  @Override
  public boolean compareAndSetLong(long offset, long expected, long value) {
    boolean done = super.compareAndSetLong(offset, expected, value);
    if (!done && stopped && expected == 0) {
      throw new WouldWait();
    }
    return done;
  }
}
