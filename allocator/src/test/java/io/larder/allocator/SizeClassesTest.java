package io.larder.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The block sizes of both slab sizes in every unit that a region can have. */
class SizeClassesTest {
  private static final int UNIT_SHIFT_MIN = 3;
  private static final int UNIT_SHIFT_MAX = 10;

  static Stream<Arguments> slabsAndUnits() {
    return Stream.of(16 << 10, 64 << 10)
        .flatMap(
            slabBytes ->
                IntStream.rangeClosed(UNIT_SHIFT_MIN, UNIT_SHIFT_MAX)
                    .mapToObj(unitShift -> Arguments.of(slabBytes, unitShift)));
  }

  @ParameterizedTest
  @MethodSource("slabsAndUnits")
  void sizesRiseInMultiplesOfTheUnit(int slabBytes, int unitShift) {
    SizeClasses classes = SizeClasses.of(slabBytes, unitShift);
    int previous = 0;
    for (int sizeClass = 0; sizeClass < classes.count(); sizeClass++) {
      int blockBytes = classes.blockBytes(sizeClass);
      assertThat(blockBytes).as("class %d", sizeClass).isGreaterThan(previous);
      assertThat(blockBytes % (1 << unitShift)).as("class %d of %d", sizeClass, blockBytes).isZero();
      previous = blockBytes;
    }
    assertThat(classes.blockBytes(0)).isGreaterThanOrEqualTo(SizeClasses.BLOCK_BYTES_MIN);
    assertThat(classes.count()).isLessThanOrEqualTo(127).isLessThanOrEqualTo(PartitionSlabsLayout.CLASSES_MAX);
  }

  @ParameterizedTest
  @MethodSource("slabsAndUnits")
  void blocksFitTheSlabAndItsBitmap(int slabBytes, int unitShift) {
    SizeClasses classes = SizeClasses.of(slabBytes, unitShift);
    assertThat(classes.slabBytes()).isEqualTo(slabBytes);
    for (int sizeClass = 0; sizeClass < classes.count(); sizeClass++) {
      int blocks = classes.blocksPerSlab(sizeClass);
      int blockBytes = classes.blockBytes(sizeClass);
      assertThat(blocks * blockBytes).as("class %d", sizeClass).isLessThanOrEqualTo(slabBytes);
      assertThat((blocks + 1) * blockBytes).as("class %d", sizeClass).isGreaterThan(slabBytes);
      assertThat(blocks).isLessThanOrEqualTo(slabBytes / SizeClasses.BLOCK_BYTES_MIN);
      if (sizeClass != classes.whole()) {
        assertThat(blocks).as("blocks of class %d", sizeClass).isGreaterThanOrEqualTo(8);
      }
    }
    assertThat(classes.blockBytes(classes.whole())).isEqualTo(slabBytes);
    assertThat(classes.blocksPerSlab(classes.whole())).isEqualTo(1);
    assertThat(classes.sharedBytesMax()).isEqualTo(slabBytes / 8);
  }

  /** From 1 KiB on a class is as large as its count of blocks allows. */
  @ParameterizedTest
  @MethodSource("slabsAndUnits")
  void largeBlocksLeaveLessThanAUnitEachOfTheSlab(int slabBytes, int unitShift) {
    SizeClasses classes = SizeClasses.of(slabBytes, unitShift);
    for (int sizeClass = classes.classFor(1024) + 1; sizeClass < classes.whole(); sizeClass++) {
      int blocks = classes.blocksPerSlab(sizeClass);
      int lost = slabBytes - blocks * classes.blockBytes(sizeClass);
      assertThat(lost).as("bytes lost at the end of class %d", sizeClass).isLessThan(blocks << unitShift);
    }
  }

  /** What a size loses to rounding is at most an eighth of its block. */
  @ParameterizedTest
  @ValueSource(ints = {16 << 10, 64 << 10})
  void anEighthOfABlockIsLostAtMost(int slabBytes) {
    SizeClasses classes = SizeClasses.of(slabBytes, UNIT_SHIFT_MIN);
    for (int bytes = 64; bytes <= classes.sharedBytesMax(); bytes++) {
      int blockBytes = classes.blockBytes(classes.classFor(bytes));
      assertThat(8 * (blockBytes - bytes)).as("%d bytes in %d", bytes, blockBytes).isLessThanOrEqualTo(blockBytes);
    }
  }

  @ParameterizedTest
  @MethodSource("slabsAndUnits")
  void classForIsTheSmallestThatHolds(int slabBytes, int unitShift) {
    SizeClasses classes = SizeClasses.of(slabBytes, unitShift);
    for (int bytes = 0; bytes <= classes.sharedBytesMax(); bytes++) {
      int sizeClass = classes.classFor(bytes);
      assertThat(classes.blockBytes(sizeClass)).as("%d bytes", bytes).isGreaterThanOrEqualTo(bytes);
      if (sizeClass > 0) {
        assertThat(classes.blockBytes(sizeClass - 1)).as("%d bytes", bytes).isLessThan(bytes);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("slabsAndUnits")
  void blockIndexIsExactForEveryBlock(int slabBytes, int unitShift) {
    SizeClasses classes = SizeClasses.of(slabBytes, unitShift);
    for (int sizeClass = 0; sizeClass < classes.count(); sizeClass++) {
      for (int block = 0; block < classes.blocksPerSlab(sizeClass); block++) {
        long start = (long) block * classes.blockBytes(sizeClass);
        assertThat(classes.blockIndex(sizeClass, start)).as("class %d block %d", sizeClass, block).isEqualTo(block);
      }
    }
  }

  /** The size that the entry header was made for: 20 + 24 + 100 bytes. */
  @ParameterizedTest
  @ValueSource(ints = {16 << 10, 64 << 10})
  void aTypicalEntryLosesNothing(int slabBytes) {
    SizeClasses classes = SizeClasses.of(slabBytes, UNIT_SHIFT_MIN);
    assertThat(List.of(classes.blockBytes(classes.classFor(144)))).containsExactly(144);
  }
}
