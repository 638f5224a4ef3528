package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShadowStateTest {
  private static final int SHADOWS = PolicyMode.count();

  private static int requestedTimes(int times, int epoch) {
    int state = ShadowState.first(epoch);
    for (int request = 1; request < times; request++) {
      state = ShadowState.requested(state);
    }
    return state;
  }

  @Test
  void requestsRaiseAllFrequenciesUpToTheirEnd() {
    for (int times = 1; times <= 2 * ShadowState.FREQUENCY_MAX; times++) {
      int state = requestedTimes(times, 3);
      for (int shadow = 0; shadow < SHADOWS; shadow++) {
        assertThat(ShadowState.frequency(state, shadow)).isEqualTo(Math.min(times, ShadowState.FREQUENCY_MAX));
      }
      assertThat(ShadowState.isAbsent(state)).isTrue();
      assertThat(ShadowState.aged(state, 3)).as("in its own epoch").isEqualTo(state);
    }
  }

  @Test
  void eachShadowForgetsForItself() {
    for (int shadow = 0; shadow < SHADOWS; shadow++) {
      int state = ShadowState.forgotten(requestedTimes(ShadowState.FREQUENCY_MAX, 0), shadow);
      for (int asked = 0; asked < SHADOWS; asked++) {
        int frequency = asked == shadow ? 0 : ShadowState.FREQUENCY_MAX;
        assertThat(ShadowState.frequency(state, asked)).isEqualTo(frequency);
        assertThat(ShadowState.frequency(ShadowState.requested(state), asked))
            .as("after another request")
            .isEqualTo(Math.min(frequency + 1, ShadowState.FREQUENCY_MAX));
      }
      assertThat(ShadowState.highestFrequency(state)).isEqualTo(ShadowState.FREQUENCY_MAX);
    }
  }

  @Test
  void frequenciesAreHalvedOnceForEachEpoch() {
    int state = ShadowState.forgotten(requestedTimes(12, 14), 2);
    int[] halved = {12, 6, 3, 1, 0, 0};
    for (int passed = 0; passed < halved.length; passed++) {
      int aged = ShadowState.aged(state, 14 + passed);
      for (int shadow = 0; shadow < SHADOWS; shadow++) {
        assertThat(ShadowState.frequency(aged, shadow)).isEqualTo(shadow == 2 ? 0 : halved[passed]);
      }
      assertThat(ShadowState.aged(aged, 14 + passed)).isEqualTo(aged);
    }
  }

  @Test
  void residencyHasItsOwnBits() {
    int state = requestedTimes(5, 1);
    for (int shadow = 0; shadow < SHADOWS; shadow++) {
      int there = ShadowState.withResidency(state, shadow, 3);
      assertThat(ShadowState.isAbsent(there)).isFalse();
      for (int asked = 0; asked < SHADOWS; asked++) {
        assertThat(ShadowState.residency(there, asked)).isEqualTo(asked == shadow ? 3 : 0);
        assertThat(ShadowState.frequency(there, asked)).isEqualTo(5);
      }
      int aged = ShadowState.aged(ShadowState.requested(there), 2);
      assertThat(ShadowState.residency(aged, shadow)).isEqualTo(3);
      assertThat(ShadowState.withResidency(there, shadow, 0)).isEqualTo(state);
    }
  }
}
