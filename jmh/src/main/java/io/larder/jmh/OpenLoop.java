package io.larder.jmh;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * Requests that arrive at a fixed rate, whether or not those before are done. Each is timed from the moment at which it
 * was due: one that had to wait for another, or for the collector, has waited in its time. For one thread.
 */
final class OpenLoop {
  private static final long NANOS_MAX = 100_000_000_000L;
  private static final int DIGITS = 3;

  private final LongSupplier clock;
  private final LongConsumer pause;
  private final Histogram nanos = new Histogram(NANOS_MAX, DIGITS);
  private long lateNanos;

  /** By the system's clock. */
  OpenLoop() {
    this(System::nanoTime, LockSupport::parkNanos);
  }

  /**
   * By another clock.
   *
   * @param pause waits for about so many nanoseconds, or for less
   */
  OpenLoop(LongSupplier clock, LongConsumer pause) {
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * Runs so many requests, the first at a moment, the others after it at equal distances.
   *
   * @param beginNanos by the clock
   */
  void run(int requests, long beginNanos, long intervalNanos, Runnable request) {
    for (int i = 0; i < requests; i++) {
      long due = beginNanos + i * intervalNanos;
      long now = clock.getAsLong();
      while (now - due < 0) {
        pause.accept(due - now);
        now = clock.getAsLong();
      }
      lateNanos = now - due;
      request.run();
      nanos.recordValue(Math.min(clock.getAsLong() - due, NANOS_MAX));
    }
  }

  /** From the moment at which each request was due to its end, in nanoseconds. */
  Histogram nanos() {
    return nanos;
  }

  /** How late the last request began: what has piled up when the rate is not held. */
  long lateNanos() {
    return lateNanos;
  }
}
