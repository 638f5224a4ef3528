package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
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

  /** The ghosts of the third bucket: its words but for the first, which is the stamp. */
  private int[] bucket() {
    int[] words = new int[Ghosts.BUCKET_BYTES / Short.BYTES];
    for (int slot = 0; slot < words.length; slot++) {
      words[slot] = memory.getShort(OFFSET + 3L * Ghosts.BUCKET_BYTES + (long) slot * Short.BYTES);
    }
    return words;
  }

  @Test
  void eachChangeIsOfOneGhostAndTheRightOne() {
    ghosts.put(hash(3, 0), 1, 0);
    int stamp = bucket()[0];
    boolean[] changed = new boolean[bucket().length];
    for (int i = 0; i < 20_000; i++) {
      int own = random.nextInt(64);
      // At times the highest only, so that a full bucket has no slot that is less frequent than another.
      int frequency = i / 100 % 2 == 0 ? 15 : 1 + random.nextInt(15);
      int[] before = bucket();
      boolean put = random.nextInt(4) != 0;
      int taken = put ? 0 : ghosts.take(hash(3, own), 0);
      if (put) {
        ghosts.put(hash(3, own), frequency, 0);
      }
      int[] after = bucket();
      assertThat(after[0]).as("the stamp").isEqualTo(stamp);
      int least = IntStream.of(before).skip(1).map(word -> word & 15).min().orElseThrow();
      for (int slot = 1; slot < after.length; slot++) {
        if (after[slot] != before[slot]) {
          changed[slot] = true;
          assertThat(after[slot]).isEqualTo(put ? (own << 4) | frequency : 0);
          assertThat(before[slot] & 15).isEqualTo(put ? least : taken);
          assertThat(put || before[slot] >>> 4 == own).isTrue();
        }
      }
      assertThat(put || (taken != 0) == !Arrays.equals(after, before)).isTrue();
    }
    assertThat(IntStream.range(1, changed.length).allMatch(slot -> changed[slot])).as("every slot").isTrue();
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
