package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OffsetSetTest {
  private static final int ROUNDS = 20;

  @Test
  void addsEachOffsetOnce() {
    SplittableRandom random = TestSeed.random("OffsetSetTest");
    OffsetSet set = new OffsetSet();
    for (int round = 0; round < ROUNDS; round++) {
      Set<Long> expected = new HashSet<>();
      int unit = 32 << random.nextInt(12);
      for (int i = 0; i < 1 << random.nextInt(12); i++) {
        long offset = (1 + random.nextLong(1 << 10)) * unit;
        assertThat(set.add(offset)).isEqualTo(expected.add(offset));
      }
      set.clear();
    }
  }
}
