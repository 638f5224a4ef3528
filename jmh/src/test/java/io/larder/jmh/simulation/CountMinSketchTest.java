package io.larder.jmh.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CountMinSketchTest {
  private static final int CAPACITY = 1_000;
  private static final int PERIOD = 10 * CAPACITY;
  private static final int KEYS = 2_000;

  @Test
  void countsUpToFifteen() {
    CountMinSketch sketch = new CountMinSketch(CAPACITY);

    for (int i = 1; i <= 20; i++) {
      sketch.add(7);
      assertThat(sketch.count(7)).isEqualTo(Math.min(CountMinSketch.COUNT_MAX, i));
    }
    assertThat(sketch.count(8)).isZero();
  }

  @Test
  void isNeverTooLowAndSeldomTooHigh() {
    CountMinSketch sketch = new CountMinSketch(CAPACITY);
    SplittableRandom random = new SplittableRandom(1);
    int[] counts = new int[KEYS];
    for (int i = 0; i < PERIOD - 1; i++) {
      int key = random.nextInt(KEYS);
      sketch.add(key);
      counts[key] = Math.min(CountMinSketch.COUNT_MAX, counts[key] + 1);
    }

    int tooHigh = 0;
    for (int key = 0; key < KEYS; key++) {
      assertThat(sketch.count(key)).as("key %d", key).isGreaterThanOrEqualTo(counts[key]);
      tooHigh += sketch.count(key) > counts[key] ? 1 : 0;
    }
    assertThat(tooHigh).isLessThan(KEYS / 20);
  }

  @Test
  void halvesAfterTenRequestsForEachEntryAndThenAfterFive() {
    CountMinSketch sketch = new CountMinSketch(CAPACITY);

    request(sketch, PERIOD - 1);
    assertThat(sketch.count(7)).isEqualTo(15);
    request(sketch, 1);
    assertThat(sketch.count(7)).isEqualTo(7);
    request(sketch, PERIOD / 2 - 1);
    assertThat(sketch.count(7)).isEqualTo(15);
    request(sketch, 1);
    assertThat(sketch.count(7)).isEqualTo(7);
  }

  private static void request(CountMinSketch sketch, int times) {
    for (int i = 0; i < times; i++) {
      sketch.add(7);
    }
  }
}
