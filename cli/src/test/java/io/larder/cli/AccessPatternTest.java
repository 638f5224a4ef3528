package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.cli.AccessPattern.Popularity;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AccessPatternTest {
  private static final int COUNT = 2_000;
  private static final int DRAWS = 200_000;

  private final Popularity popularity = new Popularity(COUNT, 5);

  @Test
  void popularObjectsAreAskedForMoreOften() {
    SplittableRandom random = new SplittableRandom(5);
    int[] drawn = new int[COUNT];
    for (int i = 0; i < DRAWS; i++) {
      drawn[popularity.draw(random)]++;
    }
    int most = 0;
    int never = 0;
    for (int count : drawn) {
      most = Math.max(most, count);
      never += count == 0 ? 1 : 0;
    }
    // 1 / (the sum of 1 / k^0.99 over 2,000 ranks) is 0.117.
    assertThat(most).isBetween((int) (0.11 * DRAWS), (int) (0.125 * DRAWS));
    assertThat(never).isZero();
  }

  @Test
  void mixesScansAndOverwritesIn() {
    AccessPattern pattern = new AccessPattern(popularity, new SplittableRandom(9));
    int overwrites = 0;
    int neighbours = 0;
    int last = -2;
    for (int i = 0; i < DRAWS; i++) {
      int number = pattern.next();
      neighbours += number == (last + 1) % COUNT ? 1 : 0;
      overwrites += pattern.overwrite() ? 1 : 0;
      last = number;
    }

    assertThat(overwrites).isBetween(DRAWS * 3 / 100, DRAWS * 6 / 100);
    assertThat(neighbours).isBetween(DRAWS * 4 / 100, DRAWS * 20 / 100);
  }

  @Test
  void sameSeedAsksForTheSame() {
    AccessPattern one = new AccessPattern(popularity, new SplittableRandom(3));
    AccessPattern other = new AccessPattern(new Popularity(COUNT, 5), new SplittableRandom(3));
    for (int i = 0; i < 1_000; i++) {
      assertThat(one.next()).isEqualTo(other.next());
    }
  }
}
