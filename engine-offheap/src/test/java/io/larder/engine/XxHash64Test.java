package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.SegmentMemory;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jpountz.xxhash.XXHash64;
import net.jpountz.xxhash.XXHashFactory;
import org.junit.jupiter.api.Test;

/** Both forms of the hash against another implementation of it. */
class XxHash64Test {
  private static final int BYTES = 1 << 16;
  private static final int LENGTH_MAX = 200;
  private static final int SHORT_MAX = 100;
  private static final int OFFSETS = 17;
  private static final int RANDOM_LENGTHS = 2_000;

  private final SplittableRandom random = TestSeed.random("XxHash64Test");
  private final XXHash64 reference = XXHashFactory.safeInstance().hash64();
  private final byte[] bytes = new byte[BYTES];

  private void check(SegmentMemory memory, int offset, int length, long seed) {
    long expected = reference.hash(bytes, offset, length, seed);
    assertThat(XxHash64.hash(bytes, offset, length, seed)).as("array, %d bytes", length).isEqualTo(expected);
    assertThat(XxHash64.hash(memory, offset, length, seed)).as("memory, %d bytes", length).isEqualTo(expected);
  }

  @Test
  void isTheSameAsTheReference() {
    random.nextBytes(bytes);
    try (SegmentMemory memory = SegmentMemory.allocate(BYTES)) {
      memory.copyIn(0, bytes, 0, BYTES);
      for (int length = 0; length <= LENGTH_MAX; length++) {
        for (long seed : new long[] {0, -1, random.nextLong()}) {
          check(memory, random.nextInt(64), length, seed);
        }
      }
      for (int i = 0; i < RANDOM_LENGTHS; i++) {
        int length = random.nextInt(BYTES);
        check(memory, random.nextInt(BYTES - length), length, random.nextLong());
      }
      check(memory, BYTES, 0, 7);
      check(memory, 0, BYTES, 7);
    }
  }

  /** Keys are short, and lie anywhere in their arrays: each step of the hash of an array has its own lengths. */
  @Test
  void isTheSameForShortKeysWhereverTheyLie() {
    random.nextBytes(bytes);
    long seed = random.nextLong();
    try (SegmentMemory memory = SegmentMemory.allocate(BYTES)) {
      memory.copyIn(0, bytes, 0, BYTES);
      for (int length = 0; length <= SHORT_MAX; length++) {
        for (int offset = 0; offset < OFFSETS; offset++) {
          check(memory, offset, length, seed);
          byte[] exact = Arrays.copyOfRange(bytes, 0, offset + length);
          assertThat(XxHash64.hash(exact, offset, length, seed)).as("%d bytes at the end", length)
              .isEqualTo(reference.hash(bytes, offset, length, seed));
        }
      }
    }
  }

  /** The values of the specification's own test vectors for the empty input. */
  @Test
  void emptyInputIsTheConstantOfTheSpecification() {
    assertThat(XxHash64.hash(bytes, 0, 0, 0)).isEqualTo(0xEF46DB3751D8E999L);
  }
}
