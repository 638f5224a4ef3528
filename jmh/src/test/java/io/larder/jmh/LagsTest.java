package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LagsTest {
  private static final double PRECISION = 0.1;

  private final Lags lags = new Lags(1_000);

  private void due(int count, int millis) {
    for (int i = 0; i < count; i++) {
      lags.addDue(millis);
    }
  }

  @Test
  void takesTheTimeFromDueToTheFirstLookThatMissesIt() {
    due(1, 100);

    lags.addLook(100_500, 0);
    lags.addLook(102_500, 1);

    assertThat(lags.gone()).isEqualTo(1);
    assertThat(lags.max()).isEqualTo(2.5, within(PRECISION));
  }

  @Test
  void countsThoseThatGoTogetherEachFromItsOwnTime() {
    due(1, 10);
    due(1, 20);
    due(2, 40);

    lags.addLook(50_000, 4);

    assertThat(lags.mean()).isEqualTo((40 + 30 + 10 + 10) / 4.0, within(PRECISION));
    assertThat(lags.percentile(50)).isEqualTo(10, within(PRECISION));
    assertThat(lags.max()).isEqualTo(40, within(PRECISION));
  }

  @Test
  void goesOnWithinOneMillisecondAtTheNextLook() {
    due(10, 0);

    lags.addLook(1_000, 9);
    lags.addLook(50_000, 10);

    assertThat(lags.gone()).isEqualTo(10);
    assertThat(lags.percentile(90)).isEqualTo(1, within(PRECISION));
    assertThat(lags.max()).isEqualTo(50, within(PRECISION));
  }

  @Test
  void hasTheExactMeanWhateverTheOrder() {
    // Those that are due at 0 and 100 go at 150 and 110: 150 and 10 by themselves, 110 and 50 in order.
    due(1, 0);
    due(1, 100);

    lags.addLook(110_000, 1);
    lags.addLook(150_000, 2);

    assertThat(lags.mean()).isEqualTo((150 + 10) / 2.0, within(PRECISION));
    assertThat(lags.max()).isEqualTo(110, within(PRECISION));
  }

  @Test
  void hasNoLagForWhatGoesTooSoon() {
    due(1, 100);

    lags.addLook(99_000, 1);

    assertThat(lags.max()).isZero();
  }

  @Test
  void refusesACountThatCannotBe() {
    due(2, 100);
    lags.addLook(150_000, 1);

    assertThatThrownBy(() -> lags.addLook(151_000, 3)).hasMessage("goneSoFar=3, must be 1..2");
    assertThatThrownBy(() -> lags.addLook(151_000, 0)).hasMessage("goneSoFar=0, must be 1..2");
  }
}
