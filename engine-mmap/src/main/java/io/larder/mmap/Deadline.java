package io.larder.mmap;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The end of a wait, by the monotonic clock. */
final class Deadline {
  private static final Duration WAIT_MAX = Duration.ofDays(1);
  private static final long PAUSE_MILLIS = 2;

  private final Duration wait;
  private final long endNanos;

  private Deadline(Duration wait) {
    this.wait = wait;
    this.endNanos = System.nanoTime() + wait.toNanos();
  }

  /**
   * The deadline after a wait from now.
   *
   * @throws IllegalArgumentException when it is negative or longer than a day
   */
  static Deadline in(Duration wait) {
    if (wait.isNegative() || wait.compareTo(WAIT_MAX) > 0) {
      throw new IllegalArgumentException("wait=" + wait + " is outside " + Duration.ZERO + " to " + WAIT_MAX);
    }
    return new Deadline(wait);
  }

  /** How long it is from the start to the deadline, for messages. */
  Duration length() {
    return wait;
  }

  long remainingNanos() {
    return Math.max(0, endNanos - System.nanoTime());
  }

  boolean isOver() {
    return remainingNanos() == 0;
  }

  /** Waits for a moment, or until the deadline if that comes first. */
  void pause() throws InterruptedIOException {
    try {
      TimeUnit.NANOSECONDS.sleep(Math.min(remainingNanos(), TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS)));
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      InterruptedIOException failure = new InterruptedIOException("interrupted while waiting");
      failure.initCause(interrupt);
      throw failure;
    }
  }
}
