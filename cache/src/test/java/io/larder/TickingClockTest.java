package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The clock of expiry: what it shows while somebody ticks, and when nobody does. */
class TickingClockTest {
  private final AtomicLong nanos = new AtomicLong(-5);
  private final TickingClock clock = new TickingClock(nanos::get);
  private final long begin = clock.now();

  private void pass(long millis) {
    nanos.addAndGet(Duration.ofMillis(millis).toNanos());
  }

  @Test
  void goesOnWithoutATick() {
    pass(7);
    assertThat(clock.millis()).isEqualTo(begin + 7);
    assertThat(clock.recentMillis()).isEqualTo(begin + 7);
    assertThat(clock.tick()).isFalse();
    pass(7);
    assertThat(clock.millis()).isEqualTo(begin + 14);
    assertThat(clock.recentMillis()).isEqualTo(begin + 7);
  }

  @Test
  void isTheTickWhileSomethingMayExpire() {
    clock.noteDeadline(begin + 1_000);
    assertThat(clock.tick()).isTrue();
    pass(3);
    assertThat(clock.millis()).isEqualTo(begin);
    assertThat(clock.now()).isEqualTo(begin + 3);
    clock.tick();
    assertThat(clock.millis()).isEqualTo(begin + 3);
  }

  @Test
  void doesNotStopBeforeTheLastDeadlineWhenTheTickIsHeldUp() {
    clock.noteDeadline(begin + 1_000);
    clock.tick();
    pass(60_000);
    assertThat(clock.tick()).isFalse();
    assertThat(clock.millis()).isEqualTo(begin + 60_000);
  }
}
