package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final long BEGIN = 1_000;
  private static final long INTERVAL = 100;

  private long now;

  @Test
  void waitsForEachRequest() {
    OpenLoop loop = loop();

    loop.run(10, BEGIN, INTERVAL, () -> now += 10);

    assertThat(now).isEqualTo(BEGIN + 9 * INTERVAL + 10);
    assertThat(loop.nanos().getTotalCount()).isEqualTo(10);
    assertThat(loop.nanos().getMinValue()).isEqualTo(10);
    assertThat(loop.nanos().getMaxValue()).isEqualTo(10);
    assertThat(loop.lateNanos()).isZero();
  }

  /** A stall of three intervals is in the times of the requests that were due meanwhile, not in that of one alone. */
  @Test
  void timesFromTheMomentAtWhichARequestWasDue() {
    OpenLoop loop = loop();
    long[] takes = {350, 0, 0, 0, 0};
    int[] requests = {0};

    loop.run(takes.length, BEGIN, INTERVAL, () -> now += takes[requests[0]++]);

    assertThat(loop.nanos().getTotalCount()).isEqualTo(5);
    for (int time : new int[] {350, 250, 150, 50, 0}) {
      assertThat(loop.nanos().getCountAtValue(time)).as("requests that took %d", time).isEqualTo(1);
    }
    assertThat(loop.lateNanos()).isZero();
  }

  @Test
  void tellsHowMuchHasPiledUp() {
    OpenLoop loop = loop();

    loop.run(5, BEGIN, INTERVAL, () -> now += 2 * INTERVAL);

    assertThat(loop.lateNanos()).isEqualTo(4 * INTERVAL);
  }

  /** Waiting takes half of the time that it is asked for, until less than two nanoseconds are left. */
  private OpenLoop loop() {
    return new OpenLoop(() -> now, nanos -> now += Math.max(nanos / 2, 1));
  }
}
