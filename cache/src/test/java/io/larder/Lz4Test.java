package io.larder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Lz4Test {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int WARM_UP = 20_000;
  private static final int OPERATIONS = 20_000;

  /** What the library makes for each call of its compressor: 16 KiB and the header of an array. */
  private static final long TABLE_BYTES = (16 << 10) + 16;

  /** Less than an object in each operation; the JVM itself may allocate a little in any thread. */
  private static final long BYTES_MAX = 16 << 10;

  private static byte[] compress(byte[] value) {
    byte[] shifted = new byte[value.length + 7];
    System.arraycopy(value, 0, shifted, 3, value.length);
    byte[] target = new byte[Lz4.compressedBytesMax(value.length)];
    int length = Lz4.compress(shifted, 3, value.length, target);
    assertThat(length).as("length of the stored form of %d bytes", value.length).isNotEqualTo(Lz4.LITTLE_SAVED);
    return Arrays.copyOf(target, length);
  }

  private static int compressedLength(byte[] value) {
    return Lz4.compress(value, 0, value.length, new byte[Lz4.compressedBytesMax(value.length)]);
  }

  private static void assertComesBack(byte[] value, long seed) {
    byte[] stored = compress(value);
    assertThat(stored.length).as("seed %d", seed).isLessThanOrEqualTo(value.length - value.length / 8);
    byte[] source = new byte[stored.length + 9];
    System.arraycopy(stored, 0, source, 5, stored.length);
    assertThat(Lz4.rawLength(source, 5, stored.length, value.length)).as("seed %d", seed).isEqualTo(value.length);
    byte[] target = new byte[value.length + 11];
    assertThat(Lz4.decompress(source, 5, stored.length, target, 2, value.length)).as("seed %d", seed).isTrue();
    assertThat(Arrays.copyOfRange(target, 2, 2 + value.length)).as("seed %d", seed).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 512, 4_096, 65_535, 65_546, 65_547, 65_548, 1 << 20, 20_000_000})
  void whatRepeatsComesBack(int length) {
    long seed = length;
    byte[] period = Lz4Values.noise(new Random(seed), 9);
    byte[] value = new byte[length];
    for (int i = 0; i < length; i++) {
      value[i] = period[i % period.length];
    }
    assertComesBack(value, seed);
    assertComesBack(new byte[length], seed);
  }

  @Test
  void randomValuesComeBack() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      assertComesBack(Lz4Values.text(random, 2_000 + random.nextInt(1 << (4 + random.nextInt(15)))), seed);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5, 12, 512, 100_000, 3_000_000})
  void noiseAndTheShortestAreNotWorthIt(int length) {
    assertThat(compressedLength(Lz4Values.noise(new Random(length), length))).isEqualTo(Lz4.LITTLE_SAVED);
    if (length < 13) {
      assertThat(compressedLength(new byte[length])).isEqualTo(Lz4.LITTLE_SAVED);
    }
  }

  /** A value of noise and zeros, with one zero more each time: it is kept compressed from an eighth on. */
  @Test
  void anEighthMustBeSaved() {
    int length = 4_096;
    byte[] value = Lz4Values.noise(new Random(1), length);
    int[] outcomes = new int[2];
    for (int zeros = 400; zeros < 700; zeros++) {
      Arrays.fill(value, 0, zeros, (byte) 0);
      int library = Lz4.HEADER_BYTES + LZ4Factory.safeInstance().fastCompressor().compress(value).length;
      boolean enough = library <= length * 7 / 8;
      outcomes[enough ? 1 : 0]++;
      assertThat(compressedLength(value)).as("%d zeros", zeros).isEqualTo(enough ? library : Lz4.LITTLE_SAVED);
    }
    assertThat(outcomes[0]).isPositive();
    assertThat(outcomes[1]).isPositive();
  }

  /** Files outlive releases: these bytes must be understood for ever. */
  @Test
  void theStoredFormIsTheRawLengthAndABlock() {
    byte[] stored = HexFormat.of().parseHex("40000000" + "1F61" + "0100" + "27" + "506161616161");
    byte[] value = new byte[64];
    Arrays.fill(value, (byte) 'a');
    byte[] target = new byte[64];
    assertThat(Lz4.rawLength(stored, 0, stored.length, 64)).isEqualTo(64);
    assertThat(Lz4.decompress(stored, 0, stored.length, target, 0, 64)).isTrue();
    assertThat(target).isEqualTo(value);
    assertThat(compress(value)).startsWith(0x40, 0, 0, 0);
  }

  @Test
  void anEmptyBlockIsAnEmptyValue() {
    byte[] stored = {0, 0, 0, 0, 0};
    assertThat(Lz4.rawLength(stored, 0, 5, 10)).isZero();
    assertThat(Lz4.decompress(stored, 0, 5, new byte[0], 0, 0)).isTrue();
    stored[4] = 1;
    assertThat(Lz4.decompress(stored, 0, 5, new byte[0], 0, 0)).isFalse();
  }

  // ---- what is refused

  @Test
  void absurdLengthsAreSeen() {
    byte[] source = new byte[2 + Lz4.HEADER_BYTES + 3];
    assertThat(rawLength(source, 3 * 255, Integer.MAX_VALUE)).isEqualTo(3 * 255);
    assertThat(rawLength(source, 3 * 255 + 1, Integer.MAX_VALUE)).isEqualTo(Lz4.ABSURD);
    assertThat(rawLength(source, 100, 100)).isEqualTo(100);
    assertThat(rawLength(source, 101, 100)).isEqualTo(Lz4.ABSURD);
    assertThat(rawLength(source, -1, Integer.MAX_VALUE)).isEqualTo(Lz4.ABSURD);
    assertThat(rawLength(source, Integer.MIN_VALUE, Integer.MAX_VALUE)).isEqualTo(Lz4.ABSURD);
    for (int length = 0; length <= Lz4.HEADER_BYTES; length++) {
      assertThat(Lz4.rawLength(new byte[9], 2, length, 100)).isEqualTo(Lz4.ABSURD);
    }
  }

  private static int rawLength(byte[] source, int rawLength, int rawBytesMax) {
    for (int i = 0; i < Lz4.HEADER_BYTES; i++) {
      source[2 + i] = (byte) (rawLength >>> (i * Byte.SIZE));
    }
    return Lz4.rawLength(source, 2, source.length - 2, rawBytesMax);
  }

  @Test
  void anotherLengthThanTheStoredOneIsCorrupt() {
    byte[] value = new byte[1_000];
    byte[] stored = compress(value);
    byte[] target = new byte[2_000];
    assertThat(Lz4.decompress(stored, 0, stored.length, target, 0, 999)).isFalse();
    assertThat(Lz4.decompress(stored, 0, stored.length, target, 0, 1_001)).isFalse();
    for (int wrong : new int[] {-2, -1, 1}) {
      byte[] changed = stored.clone();
      changed[0] += (byte) wrong;
      assertThat(Lz4.decompress(changed, 0, changed.length, target, 0, 1_000 + wrong)).as("%d", wrong).isFalse();
      assertThat(Lz4.decompress(changed, 0, changed.length, target, 0, 1_000)).as("%d", wrong).isFalse();
    }
    assertThat(Lz4.decompress(stored, 0, stored.length, target, 0, 1_000)).isTrue();
  }

  @Test
  void rangesOutsideOfTheArraysAreTheCallersMistake() {
    byte[] ten = new byte[10];
    byte[] room = new byte[100];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lz4.compress(ten, 1, 10, room))
        .withMessageContaining("sourceOffset=1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lz4.compress(ten, 0, 10, new byte[Lz4.compressedBytesMax(10) - 1]))
        .withMessageContaining("target length=29")
        .withMessageContaining("the 30 that length=10");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lz4.rawLength(ten, -1, 5, 5))
        .withMessageContaining("sourceOffset=-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lz4.decompress(ten, 6, 5, room, 0, 5))
        .withMessageContaining("sourceOffset=6");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lz4.decompress(ten, 0, 10, room, 99, 2))
        .withMessageContaining("targetOffset=99");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lz4.decompress(ten, 0, 10, room, 0, -1))
        .withMessageContaining("targetLength=-1");
  }

  @Test
  void theLongestValueHasALimit() {
    assertThat(Lz4.compressedBytesMax(Lz4.RAW_BYTES_MAX)).isGreaterThan(Lz4.RAW_BYTES_MAX);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lz4.compressedBytesMax(Lz4.RAW_BYTES_MAX + 1))
        .withMessageContaining("length=2113929216");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lz4.compressedBytesMax(-1))
        .withMessageContaining("length=-1");
  }

  // ---- threads and allocation

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    long seed = System.nanoTime();
    int threads = 4;
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        long own = seed + i;
        Random random = new Random(own);
        workers.add(
            executor.submit(
                () -> {
                  for (int round = 0; round < 1_000; round++) {
                    assertComesBack(Lz4Values.text(random, 2_000 + random.nextInt(4_000)), own);
                  }
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    }
  }

  private static long allocatedBytes(IntConsumer operation) {
    for (int i = 0; i < WARM_UP; i++) {
      operation.accept(i);
    }
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < OPERATIONS; i++) {
      operation.accept(i);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void decompressingAllocatesNothing() {
    byte[] value = Lz4Values.text(new Random(1), 4_000);
    byte[] stored = compress(value);
    byte[] target = new byte[4_000];
    int[] whole = {0};
    assertThat(
            allocatedBytes(
                i -> {
                  int rawLength = Lz4.rawLength(stored, 0, stored.length, target.length);
                  whole[0] += Lz4.decompress(stored, 0, stored.length, target, 0, rawLength) ? 1 : 0;
                }))
        .isLessThan(BYTES_MAX);
    assertThat(whole[0]).isEqualTo(WARM_UP + OPERATIONS);
  }

  @Test
  void compressingAllocatesTheTableOfTheLibraryAndNothingElse() {
    Random random = new Random(1);
    for (byte[] value : List.of(Lz4Values.text(random, 4_000), Lz4Values.noise(random, 4_000))) {
      byte[] target = new byte[Lz4.compressedBytesMax(4_000)];
      assertThat(allocatedBytes(i -> Lz4.compress(value, 0, value.length, target)))
          .isLessThan(OPERATIONS * TABLE_BYTES + BYTES_MAX);
    }
  }
}
