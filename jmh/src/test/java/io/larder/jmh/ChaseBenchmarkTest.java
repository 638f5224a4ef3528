package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.SegmentMemory;
import io.larder.jmh.ChaseBenchmark.Lines;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChaseBenchmarkTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 64, 1_000})
  void linksAllLinesToOneCycle(int count) {
    try (SegmentMemory memory = SegmentMemory.allocate((long) count * ChaseBenchmark.LINE_BYTES)) {
      Lines.link(memory, count, new SplittableRandom(1));

      BitSet met = new BitSet();
      long offset = 0;
      for (int step = 0; step < count; step++) {
        assertThat(offset % ChaseBenchmark.LINE_BYTES).isZero();
        met.set(Math.toIntExact(offset / ChaseBenchmark.LINE_BYTES));
        offset = memory.getLong(offset);
      }
      assertThat(met.cardinality()).isEqualTo(count);
      assertThat(offset).isZero();
    }
  }

  @Test
  void goesToNoNeighbourButByChance() {
    int count = 10_000;
    try (SegmentMemory memory = SegmentMemory.allocate((long) count * ChaseBenchmark.LINE_BYTES)) {
      Lines.link(memory, count, new SplittableRandom(1));

      int neighbours = 0;
      for (long line = 0; line < count; line++) {
        long distance = memory.getLong(line * ChaseBenchmark.LINE_BYTES) / ChaseBenchmark.LINE_BYTES - line;
        neighbours += Math.abs(distance) == 1 ? 1 : 0;
      }
      assertThat(neighbours).isLessThan(20);
    }
  }

  @Test
  void takesAsManyBytesAsTheEntries() {
    assertThat(Lines.count(20_000_000) * ChaseBenchmark.LINE_BYTES)
        .isEqualTo(20_000_000L * EvictBenchmark.ENTRY_BYTES);
  }

  @Test
  void hasTheParametersOfItsCase() {
    Case chase = ChaseBenchmark.caseOf(2_000_000, 2);

    assertThat(ChaseBenchmark.isOne(chase)).isTrue();
    assertThat(chase.params()).containsOnlyKeys("implementation", "entries");
    assertThat(chase.group()).isEqualTo(
        Case.of(GetBenchmark.class, "get", Implementation.LARDER, 2_000_000, 2).group());
  }
}
