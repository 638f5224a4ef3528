package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PolicyBitsTest {

  @Test
  void aHitRaisesBothCountersUpToTheirEnds() {
    int bits = PolicyBits.of(1, 5, false);
    for (int hits = 1; hits <= 2 * PolicyBits.FREQUENCY_MAX; hits++) {
      bits = PolicyBits.hit(bits);
      assertThat(PolicyBits.clock(bits)).isEqualTo(Math.min(hits, PolicyBits.CLOCK_MAX));
      assertThat(PolicyBits.frequency(bits)).isEqualTo(Math.min(1 + hits, PolicyBits.FREQUENCY_MAX));
      assertThat(PolicyBits.isMain(bits)).isFalse();
      assertThat(PolicyBits.aged(bits, 5)).as("in its own epoch").isEqualTo(bits);
    }
    assertThat(PolicyBits.hit(bits)).as("nothing to write any more").isEqualTo(bits);
    for (int any = 0; any <= PolicyBits.MASK; any++) {
      // A clock of 3 is none; garbage may have it.
      assertThat(PolicyBits.isSaturated(any)).isEqualTo(PolicyBits.hit(any) == any);
    }
  }

  @Test
  void everythingStaysWithinItsBits() {
    for (int bits = 0; bits <= PolicyBits.MASK; bits++) {
      for (int epoch = 0; epoch < 16; epoch++) {
        int aged = PolicyBits.aged(bits, epoch);
        assertThat(aged & ~PolicyBits.MASK).isZero();
        assertThat(PolicyBits.frequency(aged)).isLessThanOrEqualTo(PolicyBits.frequency(bits));
        assertThat(PolicyBits.clock(aged)).isEqualTo(PolicyBits.clock(bits));
        assertThat(PolicyBits.isMain(aged)).isEqualTo(PolicyBits.isMain(bits));
      }
      int hit = PolicyBits.hit(bits);
      assertThat(hit & ~PolicyBits.MASK).isZero();
      assertThat(PolicyBits.isMain(hit)).isEqualTo(PolicyBits.isMain(bits));
      assertThat(PolicyBits.isMain(PolicyBits.promoted(bits))).isTrue();
      assertThat(PolicyBits.clock(PolicyBits.promoted(bits))).isZero();
      assertThat(PolicyBits.rank(bits)).isBetween(0, PolicyBits.RANK_MAX);
      assertThat(PolicyBits.passed(bits)).isBetween(Math.max(bits - 1, 0), bits);
    }
  }

  @Test
  void theFrequencyIsHalvedOnceForEachEpoch() {
    int bits = PolicyBits.of(12, 6, true);
    assertThat(PolicyBits.frequency(PolicyBits.aged(bits, 7))).isEqualTo(6);
    assertThat(PolicyBits.frequency(PolicyBits.aged(bits, 9))).isEqualTo(1);
    int twice = PolicyBits.aged(PolicyBits.aged(bits, 7), 8);
    assertThat(PolicyBits.frequency(twice)).isEqualTo(3);
    assertThat(PolicyBits.aged(twice, 8)).isEqualTo(twice);
  }
}
