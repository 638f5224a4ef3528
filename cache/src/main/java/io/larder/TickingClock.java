package io.larder;

import io.larder.engine.StoreClock;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.agrona.concurrent.CachedEpochClock;

/**
 * The time for expiry: milliseconds since 1970 as of the cache's making, and from there on by the monotonic clock,
 * so that a jump of the wall clock neither expires nor revives anything.
 *
 * <p>While something may expire the maintenance thread ticks about each millisecond, and reading the time is
 * reading one field. While that thread is busy with a user's code, or has not yet noticed the first deadline, or
 * nothing may expire any more, each reading asks the system instead: never stale, only slower.
 *
 * <p>Any thread reads; only the maintenance thread ticks.
 */
final class TickingClock implements StoreClock {
  /** The value of the tick while there is none. */
  private static final long LIVE = Long.MIN_VALUE;

  /** Deadlines are noted in steps of this many milliseconds, so that writers seldom touch the common field. */
  private static final long DEADLINE_STEP_MILLIS = 1024;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final LongSupplier nanos;
  private final long beginMillis = System.currentTimeMillis();
  private final long beginNanos;
  private final CachedEpochClock tick = new CachedEpochClock();
  private final CachedEpochClock recent = new CachedEpochClock();
  private final AtomicLong lastDeadlineMillis = new AtomicLong();

  TickingClock() {
    this(System::nanoTime);
  }

  /** With a monotonic clock of nanoseconds. */
  TickingClock(LongSupplier nanos) {
    this.nanos = nanos;
    this.beginNanos = nanos.getAsLong();
    pause();
  }

  @Override
  public long millis() {
    long millis = tick.time();
    return millis != LIVE ? millis : now();
  }

  @Override
  public long recentMillis() {
    long millis = recent.time();
    return millis != LIVE ? millis : now();
  }

  /** The time now, whatever the tick says. */
  @Override
  public long now() {
    return beginMillis + (nanos.getAsLong() - beginNanos) / NANOS_PER_MILLI;
  }

  /** Something expires at that time: there is a reason to tick until then. */
  @Override
  public void noteDeadline(long expiryMillis) {
    if (expiryMillis > lastDeadlineMillis.getOpaque()) {
      lastDeadlineMillis.accumulateAndGet(expiryMillis + DEADLINE_STEP_MILLIS, Math::max);
      pause();
    }
  }

  /** Advances the tick if anything may still expire, and ends it otherwise; says whether anything may. */
  boolean tick() {
    long now = now();
    recent.update(now);
    boolean ticking = now <= lastDeadlineMillis.getOpaque() + DEADLINE_STEP_MILLIS;
    // Not left as it is: that may be from before the last deadline, if this thread was held up.
    tick.update(ticking ? now : LIVE);
    return ticking;
  }

  /** Until the next tick, readings ask the system. */
  void pause() {
    tick.update(LIVE);
    recent.update(LIVE);
  }
}
