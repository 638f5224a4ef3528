package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReuseDistancesTest {
  private final SplittableRandom random = TestSeed.random("ReuseDistancesTest");

  @Test
  void agreesWithAList() {
    ReuseDistances distances = new ReuseDistances();
    List<Long> youngestFirst = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      long key = 1L + random.nextInt(1 + random.nextInt(1_500));
      int expected = youngestFirst.indexOf(key);
      assertThat(distances.request(key)).isEqualTo(expected);
      if (expected >= 0) {
        youngestFirst.remove(expected);
      }
      youngestFirst.addFirst(key);
    }
  }

  @Test
  void forgetsWhatIsTooLongAgo() {
    ReuseDistances distances = new ReuseDistances();
    for (int round = 0; round < 3; round++) {
      for (long key = 1; key < ReuseDistances.KEYS; key++) {
        assertThat(distances.request(key)).isEqualTo(round == 0 ? -1 : ReuseDistances.KEYS - 2);
      }
    }
    for (long key = 0; key < 10L * ReuseDistances.KEYS; key++) {
      distances.request(1_000_000 + key);
    }
    assertThat(distances.request(1)).isEqualTo(-1);
  }
}
