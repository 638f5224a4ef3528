package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GhostsTest {
  private static final long OFFSET = 64;
  private static final int BUCKETS = 64;

  private final ArrayMemory memory = new ArrayMemory(OFFSET + BUCKETS * Ghosts.BUCKET_BYTES);
  private final Ghosts ghosts = new Ghosts(memory, OFFSET, BUCKETS * Ghosts.BUCKET_BYTES);
  private final SplittableRandom random = TestSeed.random("GhostsTest");

  /** A fingerprint that falls into a bucket, with twelve bits of its own. */
  private static long hash(int bucket, int own) {
    return ((long) bucket << (Long.SIZE - 6)) | ((long) own << 10);
  }

  @Test
  void takesWhatWasPutOnce() {
    ghosts.put(hash(3, 77), 9, 0);
    assertThat(ghosts.take(hash(3, 78), 0)).isZero();
    assertThat(ghosts.take(hash(4, 77), 0)).isZero();
    assertThat(ghosts.take(hash(3, 77), 0)).isEqualTo(9);
    assertThat(ghosts.take(hash(3, 77), 0)).isZero();
  }

  @Test
  void halvesWithEachEpochUntilNothingIsLeft() {
    ghosts.put(hash(3, 1), 9, 0);
    ghosts.put(hash(3, 2), 1, 0);
    assertThat(ghosts.take(hash(3, 2), 1)).isZero();
    assertThat(ghosts.take(hash(3, 1), 2)).isEqualTo(2);
    ghosts.put(hash(3, 1), 15, 2);
    assertThat(ghosts.take(hash(3, 1), 1 << 20)).isZero();
  }

  @Test
  void theLeastFrequentGoes() {
    for (int own = 0; own < 15; own++) {
      ghosts.put(hash(3, own), own == 4 ? 1 : 2, 0);
    }
    ghosts.put(hash(3, 100), 1, 0);
    assertThat(ghosts.take(hash(3, 4), 0)).isZero();
    assertThat(ghosts.take(hash(3, 100), 0)).isOne();
    for (int own = 0; own < 15; own++) {
      assertThat(ghosts.take(hash(3, own), 0)).isEqualTo(own == 4 ? 0 : 2);
    }
  }

  @Test
  void nothingBadComesOfGarbage() {
    for (long at = OFFSET; at < memory.bytes(); at += Long.BYTES) {
      memory.putLong(at, random.nextLong());
    }
    for (int i = 0; i < 100_000; i++) {
      long hash = random.nextLong();
      int epoch = random.nextInt();
      if (random.nextBoolean()) {
        ghosts.put(hash, random.nextInt(16), epoch);
      } else {
        assertThat(ghosts.take(hash, epoch)).isBetween(0, 15);
      }
    }
    assertThat(memory.getLong(OFFSET - Long.BYTES)).as("what lies before").isZero();
  }
}
