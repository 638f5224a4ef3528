package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.cli.DemoTiersLog.Pauses;
import io.larder.cli.TieredContender.Latency;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoTiersLogTest {
  private final DemoTiersLog log = new DemoTiersLog();

  /** Each gauge says another multiple of the factor. */
  private static TierSample sample(long at, long factor) {
    Map<TierGauge, Long> values = new EnumMap<>(TierGauge.class);
    for (TierGauge gauge : TierGauge.values()) {
      values.put(gauge, factor * (values.size() + 1));
    }
    values.put(TierGauge.AT, at);
    return TierSample.of(values);
  }

  @Test
  void samplesComeBackAsTheyWere() {
    TierSample sample = sample(200, 7);
    assertThat(log.take("sample " + sample)).isTrue();

    for (TierGauge gauge : TierGauge.values()) {
      assertThat(log.last().get(gauge)).as(gauge.name()).isEqualTo(sample.get(gauge));
    }
    assertThat(log.samples()).hasSize(1);
  }

  @Test
  void ratesAreOfTheTimeBetween() {
    TierSample before = sample(1_000, 1);
    TierSample now = sample(1_500, 11);

    assertThat(now.perSecond(TierGauge.DROPPED, before))
        .isEqualTo(2.0 * (now.get(TierGauge.DROPPED) - before.get(TierGauge.DROPPED)));
    assertThat(now.readsPerSecond(Place.NOWHERE, before)).isEqualTo(now.perSecond(TierGauge.MISSES, before));
    assertThat(now.reads())
        .isEqualTo(now.get(TierGauge.MEMORY_HITS) + now.get(TierGauge.FILE_HITS) + now.get(TierGauge.MISSES));
  }

  @Test
  void pausesBehindTheRunDoNotCount() {
    log.take("pause 100 3000000");
    log.take("pause 900 1000000");
    log.take("pause 1100 9000000");
    assertThat(log.take("sample " + sample(1_000, 1))).isTrue();

    assertThat(log.pausesFrom(0)).isEqualTo(new Pauses(2, 4_000_000, 3_000_000));
    assertThat(log.pausesFrom(500)).isEqualTo(new Pauses(1, 1_000_000, 1_000_000));
    assertThat(log.pausesFrom(950)).isEqualTo(new Pauses(0, 0, 0));
  }

  @Test
  void takesWhatAWorkerSays() {
    assertThat(log.take("latency FILE 5 10 20 30")).isFalse();
    log.take("closed 17");
    log.take("refused memory=1 bytes is outside the limits");
    log.take("something that a library says");

    assertThat(log.latency(Place.FILE)).isEqualTo(new Latency(Place.FILE, 5, 10, 20, 30));
    assertThat(log.latency(Place.MEMORY)).isNull();
    assertThat(log.closedMillis()).isEqualTo(17);
    assertThat(log.refusal()).isEqualTo("memory=1 bytes is outside the limits");
  }
}
