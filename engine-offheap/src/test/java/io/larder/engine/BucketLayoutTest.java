package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The search among the tags of a bucket, and the stamp's parts. */
class BucketLayoutTest {
  private static final int ROUNDS = 300_000;

  private final SplittableRandom random = TestSeed.random("BucketLayoutTest");

  private static List<Integer> slots(long set) {
    List<Integer> slots = new ArrayList<>();
    for (; set != 0; set &= set - 1) {
      slots.add(BucketLayout.slotIndex(BucketLayout.candidate(0, set)));
    }
    return slots;
  }

  /** Every slot with the tag is a candidate; any other candidate's tag differs by one; none comes twice. */
  @Test
  void missesNoTag() {
    for (int round = 0; round < ROUNDS; round++) {
      // Few different tags, so that equal and neighbouring ones are frequent.
      int tag = random.nextInt(1, 256);
      int[] tags = new int[BucketLayout.SLOTS];
      long low = 0;
      int tail = random.nextInt() << BucketLayout.TAIL_PASS_SHIFT;
      for (int slot = 0; slot < tags.length; slot++) {
        tags[slot] = random.nextBoolean() ? (tag + random.nextInt(-1, 2)) & 0xFF : random.nextInt(256);
        if (slot < BucketLayout.SLOTS_LOW) {
          low |= (long) tags[slot] << (8 * slot);
        } else {
          tail |= tags[slot] << (8 * (slot - BucketLayout.SLOTS_LOW));
        }
      }
      List<Integer> candidates = slots(BucketLayout.candidates(low, tail, BucketLayout.pattern(tag)));
      assertThat(candidates).doesNotHaveDuplicates();
      for (int slot = 0; slot < tags.length; slot++) {
        if (tags[slot] == tag) {
          assertThat(candidates).as("slot %d of tags %x %x for %x", slot, low, tail, tag).contains(slot);
        } else if (candidates.contains(slot)) {
          assertThat(tags[slot] ^ tag).as("slot %d of tags %x %x for %x", slot, low, tail, tag).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void findsNothingInAnEmptyBucket() {
    for (int tag = 1; tag < 256; tag++) {
      // An empty slot's tag is 0, which differs from tag 1 by one: only behind a slot that matches.
      assertThat(BucketLayout.candidates(0, 0xFF00_0000, BucketLayout.pattern(tag))).isZero();
    }
  }

  @Test
  void tagsAreNeverZero() {
    for (int bits = 0; bits < 256; bits++) {
      int tag = BucketLayout.tag((random.nextLong() & ~0xFF0000L) | (long) bits << 16);
      assertThat(tag).isBetween(1, 255).isEqualTo(bits == 0 ? 1 : bits);
    }
  }

  @Test
  void slotsAndTagsHaveTheirPlaces() {
    long bucket = 7L * BucketLayout.BYTES;
    for (int slot = 0; slot < BucketLayout.SLOTS; slot++) {
      long offset = BucketLayout.slot(bucket, slot);
      assertThat(offset % Integer.BYTES).isZero();
      assertThat(BucketLayout.slotIndex(offset)).isEqualTo(slot);
      assertThat(BucketLayout.bucketOf(offset)).isEqualTo(bucket);
      long word = slot < BucketLayout.SLOTS_LOW ? BucketLayout.TAGS_OFFSET : BucketLayout.TAGS_TAIL_OFFSET;
      assertThat(BucketLayout.tagOf(bucket, slot)).isEqualTo(bucket + word + slot % BucketLayout.SLOTS_LOW);
    }
  }

  @Test
  void stampKeepsDistancesApartFromItsCounter() {
    long stamp = random.nextLong() & ~BucketLayout.WRITING;
    int[] distances = new int[BucketLayout.SLOTS];
    for (int slot = 0; slot < distances.length; slot++) {
      stamp = BucketLayout.withDistance(stamp, slot, 0);
    }
    for (int round = 0; round < ROUNDS; round++) {
      int slot = random.nextInt(distances.length);
      int distance = random.nextInt(64);
      distances[slot] = Math.min(distance, BucketLayout.DISTANCE_FAR);
      long counter = BucketLayout.counter(stamp);
      stamp = BucketLayout.withDistance(stamp, slot, distance);
      assertThat(BucketLayout.counter(stamp)).isEqualTo(counter);
      // A writer sets the bit and goes on from the stamp before, or from the one with the bit.
      stamp = BucketLayout.after(random.nextBoolean() ? stamp : stamp | BucketLayout.WRITING);
      assertThat(stamp & BucketLayout.WRITING).isZero();
      assertThat(BucketLayout.counter(stamp)).isEqualTo((counter + 2) & ((1L << 42) - 1));
      for (int i = 0; i < distances.length; i++) {
        assertThat(BucketLayout.distance(stamp, i)).isEqualTo(distances[i]);
      }
    }
  }

  /** The counter wraps around without touching the distances. */
  @Test
  void counterWraps() {
    long last = (1L << 42) - 2;
    long stamp = BucketLayout.withDistance(last, 0, 3);
    assertThat(BucketLayout.counter(BucketLayout.after(stamp))).isZero();
    assertThat(BucketLayout.distance(BucketLayout.after(stamp), 0)).isEqualTo(3);
  }
}
