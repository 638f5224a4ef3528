package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GoalTest {
  @Test
  void saysWhetherItIsReached() {
    assertThat(Goal.atMost("get/1000", "chm", 1.25, 1.12).line()).isEqualTo("get/1000 larder÷chm 1.12 goal <= 1.25 ok");
    assertThat(Goal.atMost("put/1000", "ohc", 0.5, 0.61).line())
        .isEqualTo("put/1000 larder÷ohc 0.61 goal <= 0.50 short");
    assertThat(Goal.atLeast("get/1000/2-threads", "one-thread", 1.8, 1.95).line())
        .isEqualTo("get/1000/2-threads larder÷one-thread 1.95 goal >= 1.80 ok");
  }

  @Test
  void saysWhenThereIsNoMeasurement() {
    assertThat(Goal.atMost("get/1000", "ohc", 0.5, Double.NaN).line())
        .isEqualTo("get/1000 larder÷ohc - goal <= 0.50 not measured");
  }
}
