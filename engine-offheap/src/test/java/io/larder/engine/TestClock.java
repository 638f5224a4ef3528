package io.larder.engine;

import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is moved. */
final class TestClock implements StoreClock {
  private final AtomicLong now = new AtomicLong(1_700_000_000_000L);

  @Override
  public long millis() {
    return now.get();
  }

  void advance(long millis) {
    now.addAndGet(millis);
  }
}
