package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When evicted entries of a kind are written, and when only a sample of them is. */
class DemotionYieldTest {
  private static final int TIER_ENTRIES = 4_000;
  private static final int WINDOW = TIER_ENTRIES / 4;
  private static final int SAMPLE = 8;

  private final DemotionYield yield = new DemotionYield();

  /** Offers so many entries, of which one in so many is read again; says how many have been written. */
  private int offer(int count, int oneIn, boolean isFull) {
    int written = 0;
    for (int i = 0; i < count; i++) {
      if (yield.admits()) {
        written++;
        if (yield.countWritten()) {
          yield.judge(TIER_ENTRIES, isFull);
        }
        if (oneIn > 0 && i % oneIn == 0) {
          yield.countHit();
        }
      }
    }
    return written;
  }

  @Test
  void writesAllUntilTheTierIsFull() {
    assertThat(offer(10 * WINDOW, 0, false)).isEqualTo(10 * WINDOW);
  }

  @Test
  void writesAllThatIsReadAgain() {
    assertThat(offer(10 * WINDOW, 50, true)).isEqualTo(10 * WINDOW);
  }

  @Test
  void writesASampleOfWhatIsNot() {
    offer(2 * WINDOW, 0, true);
    assertThat(offer(10 * WINDOW, 0, true)).isBetween(10 * WINDOW / SAMPLE - 1, 10 * WINDOW / SAMPLE + 1);
  }

  /** The sample tells within as many evictions as it took to begin with it. */
  @Test
  void writesAllAgainSoonAfterTheSampleIsReadAgain() {
    offer(10 * WINDOW, 0, true);
    offer(3 * WINDOW, 1, true);
    assertThat(offer(WINDOW, 1, true)).isEqualTo(WINDOW);
  }
}
