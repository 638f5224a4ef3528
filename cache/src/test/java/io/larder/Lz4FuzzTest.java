package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever the bytes are, {@link Lz4#decompress} answers, and touches nothing outside of its ranges: what is around
 * the target stays, and what is around the source, or was in the target before, changes neither answer nor value.
 */
final class Lz4FuzzTest {
  private static final int ROUNDS = 200_000;
  private static final int MARGIN = 40;
  private static final int RAW_BYTES_MAX = 5_000;
  private static final byte CLAIMED_RAW_BYTES = 100;
  private static final int TOKEN_LENGTH_MAX = 15;
  private static final int MATCH_BYTES_MIN = 4;

  private long corrupt;
  private long wellFormed;

  @Test
  void damagedBytesAreAMissOrAValueOfTheRightLength() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] stored = stored(random);
    for (int round = 0; round < ROUNDS; round++) {
      if (round % 50 == 0) {
        stored = stored(random);
      }
      byte[] damaged = damaged(random, stored);
      int rawLength = Lz4.rawLength(damaged, 0, damaged.length, RAW_BYTES_MAX);
      if (rawLength != Lz4.ABSURD) {
        assertThat(rawLength).isBetween(0, RAW_BYTES_MAX);
        assertContained(seed, random, damaged, rawLength);
      }
      assertContained(seed, random, damaged, random.nextInt(RAW_BYTES_MAX));
    }
    assertThat(corrupt).as("seed %d", seed).isGreaterThan(ROUNDS / 10);
    assertThat(wellFormed).as("seed %d", seed).isGreaterThan(ROUNDS / 100);
  }

  /** Lengths of 2^31 bytes and more, and of a little more than 2^32, which are small numbers when they overflow. */
  @Test
  void lengthsThatOverflowAreCorrupt() {
    for (long claimed : new long[] {1L << 31, (1L << 31) + 300, (1L << 32) - 20, 1L << 32, (1L << 32) + 20}) {
      assertIsCorrupt(claiming(claimed, new byte[] {(byte) 0xF0}));
      assertIsCorrupt(claiming(claimed - MATCH_BYTES_MIN, new byte[] {0x1F, 'a', 1, 0}));
    }
  }

  /**
   * A stored form of {@link #CLAIMED_RAW_BYTES} whose block begins so and goes on with a length; then there are zeros.
   *
   * @param start with a token that has 15 of the length
   */
  private static byte[] claiming(long length, byte[] start) {
    int full = (int) ((length - TOKEN_LENGTH_MAX) / 0xFF);
    byte[] stored = new byte[Lz4.HEADER_BYTES + start.length + full + 1 + MARGIN];
    stored[0] = CLAIMED_RAW_BYTES;
    System.arraycopy(start, 0, stored, Lz4.HEADER_BYTES, start.length);
    int at = Lz4.HEADER_BYTES + start.length;
    Arrays.fill(stored, at, at + full, (byte) 0xFF);
    stored[at + full] = (byte) ((length - TOKEN_LENGTH_MAX) % 0xFF);
    return stored;
  }

  private static void assertIsCorrupt(byte[] stored) {
    byte[] target = new byte[MARGIN + CLAIMED_RAW_BYTES + MARGIN];
    Arrays.fill(target, (byte) 0x55);
    assertThat(Lz4.decompress(stored, 0, stored.length, target, MARGIN, CLAIMED_RAW_BYTES)).isFalse();
    assertMarginsAre(target, CLAIMED_RAW_BYTES, (byte) 0x55);
  }

  private static byte[] stored(Random random) {
    byte[] value = Lz4Values.text(random, random.nextInt(RAW_BYTES_MAX));
    byte[] target = new byte[Lz4.compressedBytesMax(value.length)];
    int length = Lz4.compress(value, 0, value.length, target);
    return length == Lz4.LITTLE_SAVED ? stored(random) : Arrays.copyOf(target, length);
  }

  private static byte[] damaged(Random random, byte[] stored) {
    return switch (random.nextInt(6)) {
      case 0 -> Arrays.copyOf(stored, random.nextInt(stored.length));
      case 1 -> Arrays.copyOf(stored, stored.length + 1 + random.nextInt(20));
      case 2 -> Lz4Values.noise(random, random.nextInt(200));
      case 3 -> noiseAfterHeader(random, stored);
      case 4 -> flipped(random, stored, 1);
      default -> flipped(random, stored, 1 + random.nextInt(20));
    };
  }

  private static byte[] flipped(Random random, byte[] stored, int bits) {
    byte[] flipped = stored.clone();
    for (int i = 0; i < bits; i++) {
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
    }
    return flipped;
  }

  private static byte[] noiseAfterHeader(Random random, byte[] stored) {
    byte[] noise = Lz4Values.noise(random, stored.length);
    System.arraycopy(stored, 0, noise, 0, Lz4.HEADER_BYTES);
    return noise;
  }

  /** Twice, among other bytes each time; sometimes at the very ends of the arrays. */
  private void assertContained(long seed, Random random, byte[] stored, int rawLength) {
    int sourceMargin = random.nextInt(4) == 0 ? 0 : MARGIN;
    int targetMargin = random.nextInt(4) == 0 ? 0 : MARGIN;
    byte[] one = decompressed(stored, rawLength, sourceMargin, targetMargin, (byte) 0x55);
    byte[] other = decompressed(stored, rawLength, sourceMargin, targetMargin, (byte) 0xA3);
    if (!Arrays.equals(one, other)) {
      assertThat(other).as("seed %d, rawLength=%d", seed, rawLength).isEqualTo(one);
    }
  }

  /** The value, or one byte more than it would have when it is corrupt. */
  private byte[] decompressed(byte[] stored, int rawLength, int sourceMargin, int targetMargin, byte around) {
    byte[] source = new byte[sourceMargin + stored.length + sourceMargin];
    byte[] target = new byte[MARGIN + rawLength + targetMargin];
    Arrays.fill(source, around);
    Arrays.fill(target, around);
    System.arraycopy(stored, 0, source, sourceMargin, stored.length);
    byte[] before = source.clone();
    boolean whole = Lz4.decompress(source, sourceMargin, stored.length, target, MARGIN, rawLength);
    assertThat(Arrays.equals(source, before)).as("the source is as it was").isTrue();
    assertMarginsAre(target, rawLength, around);
    if (!whole) {
      corrupt++;
      return new byte[rawLength + 1];
    }
    wellFormed++;
    return Arrays.copyOfRange(target, MARGIN, MARGIN + rawLength);
  }

  private static void assertMarginsAre(byte[] target, int rawLength, byte around) {
    for (int i = 0; i < target.length; i++) {
      if (target[i] != around && (i < MARGIN || i >= MARGIN + rawLength)) {
        throw new AssertionError("index=" + i + " was written, rawLength=" + rawLength + " from " + MARGIN);
      }
    }
  }
}
