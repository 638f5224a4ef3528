package io.larder.jmh.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class WorthHeapTest {
  private static final int KEYS = 40;

  private record Worth(double worth, int setAt, int key) implements Comparable<Worth> {
    @Override
    public int compareTo(Worth other) {
      int order = Double.compare(worth, other.worth);
      return order != 0 ? order : Integer.compare(setAt, other.setAt);
    }
  }

  @RepeatedTest(20)
  void removesTheLeastOfEqualsTheOldest(RepetitionInfo repetition) {
    SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
    WorthHeap heap = new WorthHeap(KEYS, KEYS);
    TreeSet<Worth> expected = new TreeSet<>();
    for (int i = 0; i < 1_000; i++) {
      if (random.nextInt(3) == 0 && !expected.isEmpty()) {
        Worth least = expected.removeFirst();
        assertThat(heap.contains(least.key())).isTrue();
        assertThat(heap.leastWorth()).as("seed %d", repetition.getCurrentRepetition()).isEqualTo(least.worth());
        heap.removeLeast();
        assertThat(heap.contains(least.key())).isFalse();
      } else {
        int key = random.nextInt(KEYS);
        Worth worth = new Worth(random.nextInt(10), i, key);
        expected.removeIf(other -> other.key() == key);
        expected.add(worth);
        heap.set(key, worth.worth());
      }
      assertThat(heap.size()).isEqualTo(expected.size());
    }
  }
}
