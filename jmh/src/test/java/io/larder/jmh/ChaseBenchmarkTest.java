package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChaseBenchmarkTest {
  /** Two shorter cycles would keep the chase in the part of the memory in which it begins. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 64, 10_007})
  void theLinesAreOneCycle(int count) {
    for (long seed = 0; seed < 20; seed++) {
      int[] next = ChaseBenchmark.cycle(count, seed);
      int at = 0;
      int steps = 0;
      do {
        at = next[at];
        steps++;
      } while (at != 0 && steps <= count);
      assertThat(steps).as("seed %d", seed).isEqualTo(count);
    }
  }
}
