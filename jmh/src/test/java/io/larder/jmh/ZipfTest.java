package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZipfTest {
  private static final int DRAWS = 400_000;

  @ParameterizedTest
  @CsvSource({"1, 0.99", "2, 0.5", "10, 0.99", "1000, 0.99", "1000, 1.2"})
  void ranksAreDrawnInProportionToTheirProbability(int count, double skew) {
    Zipf zipf = new Zipf(count, skew);
    SplittableRandom random = new SplittableRandom(7);
    int[] drawn = new int[count];
    for (int i = 0; i < DRAWS; i++) {
      drawn[zipf.rank(random)]++;
    }
    double sum = 0;
    for (int k = 1; k <= count; k++) {
      sum += Math.pow(k, -skew);
    }
    for (int k = 1; k <= count; k++) {
      double expected = DRAWS * Math.pow(k, -skew) / sum;
      double fiveSigma = 5 * Math.sqrt(expected) + 1;
      assertThat((double) drawn[k - 1]).as("rank %d of %d", k, count).isCloseTo(expected, within(fiveSigma));
    }
  }

  @Test
  void drawsAreScrambledAndRepeatable() {
    int[] draws = new Zipf(1_000, 0.99).draws(1 << 14, 3);

    assertThat(draws).isEqualTo(new Zipf(1_000, 0.99).draws(1 << 14, 3));
    assertThat(Arrays.stream(draws).allMatch(draw -> draw >= 0 && draw < 1_000)).isTrue();
    assertThat(Arrays.stream(draws).filter(draw -> draw < 10).count()).isLessThan(draws.length / 4);
  }

  @Test
  void refusesWhatItCannotDraw() {
    assertThatThrownBy(() -> new Zipf(0, 0.99)).hasMessageContaining("count=0");
    assertThatThrownBy(() -> new Zipf(1, 1)).hasMessageContaining("skew=1.0");
  }
}
