package io.larder.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts of regions of every size; none of them is allocated. */
class RegionGeometryTest {
  private static final int RECORD_BYTES = 296;
  private static final long MIB = 1L << 20;

  static LongStream sizes() {
    SplittableRandom random = TestSeed.random("RegionGeometryTest");
    LongStream edges =
        LongStream.rangeClosed(20, 42)
            .flatMap(shift -> LongStream.of((1L << shift) - 1, 1L << shift, (1L << shift) + 1));
    LongStream between = LongStream.range(0, 100).map(i -> random.nextLong(MIB, 1L << random.nextInt(21, 40)));
    return LongStream.concat(edges, between)
        .filter(bytes -> bytes >= RegionGeometry.REGION_BYTES_MIN && bytes <= RegionGeometry.REGION_BYTES_MAX);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void partsFollowEachOtherInsideTheRegion(long regionBytes) {
    RegionGeometry geometry = RegionGeometry.of(regionBytes, RECORD_BYTES);
    assertThat(geometry.regionBytes()).isEqualTo(regionBytes);
    assertPartsFollowEachOther(geometry);
  }

  private static void assertPartsFollowEachOther(RegionGeometry geometry) {
    int partitions = geometry.partitionCount();
    long end = RegionGeometry.PAGE_BYTES;
    assertThat(RegionLayout.LAYOUT.byteSize()).isLessThanOrEqualTo(end);
    for (int partition = 0; partition < partitions; partition++) {
      assertThat(geometry.partitionOffset(partition)).isEqualTo(end);
      assertThat(geometry.partitionSlabsOffset(partition)).isGreaterThanOrEqualTo(end + RECORD_BYTES);
      end += geometry.partitionBytes();
      assertThat(geometry.partitionSlabsOffset(partition) + PartitionSlabsLayout.LAYOUT.byteSize()).isEqualTo(end);
    }
    assertThat(geometry.descriptorOffset(0)).isEqualTo(end);
    end += (long) geometry.slabCount() * SlabLayout.descriptorBytes(geometry.slabBytes());
    for (int partition = 0; partition < partitions; partition++) {
      for (int table = 0; table < 2; table++) {
        assertThat(geometry.directoryOffset(partition, table)).isEqualTo(end);
        end += (long) geometry.directoryCapacity() * Integer.BYTES;
      }
    }
    assertThat(geometry.policyOffset(0)).isGreaterThanOrEqualTo(end).isLessThan(end + 64);
    assertThat(geometry.policyOffset(0) % 64).isZero();
    end = geometry.policyOffset(0);
    assertThat(geometry.policyBytes() % 64).isZero();
    for (int partition = 0; partition < partitions; partition++) {
      assertThat(geometry.policyOffset(partition)).isEqualTo(end);
      end += geometry.policyBytes();
    }
    assertThat(geometry.selectorOffset()).isEqualTo(end);
    end += geometry.selectorBytes();
    assertThat(geometry.fatesBytes()).isBetween(1 << 10, 64 << 10);
    assertThat(geometry.fatesBytes() % 64).isZero();
    assertThat(geometry.fatesOffset(0) % 64).isZero();
    for (int partition = 0; partition < partitions; partition++) {
      assertThat(geometry.fatesOffset(partition)).isEqualTo(end);
      end += geometry.fatesBytes();
    }
    assertThat(geometry.slabsOffset()).isGreaterThanOrEqualTo(end).isLessThan(end + RegionGeometry.PAGE_BYTES);
    end = geometry.slabsOffset() + (long) geometry.slabCount() * geometry.slabBytes();
    assertThat(geometry.slabsEnd()).isEqualTo(end).isEqualTo(geometry.slabOffset(geometry.slabCount()));
    assertThat(end + 64).isLessThanOrEqualTo(geometry.regionBytes());
    assertThat(geometry.slabCount()).isPositive();
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void wordsAreAligned(long regionBytes) {
    RegionGeometry geometry = RegionGeometry.of(regionBytes, RECORD_BYTES);
    assertThat(geometry.partitionOffset(1) % 128).isZero();
    assertThat(geometry.partitionSlabsOffset(0) % Long.BYTES).isZero();
    assertThat(geometry.descriptorOffset(1) % Long.BYTES).isZero();
    assertThat(geometry.directoryOffset(0, 1) % Integer.BYTES).isZero();
    assertThat(geometry.slabsOffset() % RegionGeometry.PAGE_BYTES).isZero();
    assertThat(1 << geometry.slabShift()).isEqualTo(geometry.slabBytes());
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void everyBlockHasAReferenceOf32Bits(long regionBytes) {
    RegionGeometry geometry = RegionGeometry.of(regionBytes, RECORD_BYTES);
    assertThat((regionBytes - 1) >>> geometry.unitShift()).isLessThan(1L << 32);
    assertThat(geometry.unitShift()).isBetween(3, 10);
    if (geometry.unitShift() > 3) {
      assertThat((regionBytes - 1) >>> (geometry.unitShift() - 1)).isGreaterThanOrEqualTo(1L << 32);
    }
  }

  /** Metadata takes little, and no slab that would fit is left out. */
  @ParameterizedTest
  @MethodSource("sizes")
  void slabsTakeWhatThereIs(long regionBytes) {
    RegionGeometry geometry = RegionGeometry.of(regionBytes, RECORD_BYTES);
    assertThat(geometry.policyOffset(0)).as("structures").isLessThanOrEqualTo(regionBytes / 50);
    assertThat(geometry.slabsOffset() - geometry.policyOffset(0))
        .as("what the policy remembers, and the fates")
        .isLessThanOrEqualTo(regionBytes / 36);
    long left = regionBytes - geometry.slabsEnd();
    long oneMore = geometry.slabBytes() + SlabLayout.descriptorBytes(geometry.slabBytes()) + 64L;
    assertThat(left).as("bytes behind the last slab").isLessThan(oneMore + 2 * RegionGeometry.PAGE_BYTES);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void fatesTakeA2048thWithinTheirLimits(long regionBytes) {
    RegionGeometry geometry = RegionGeometry.of(regionBytes, RECORD_BYTES);
    long share = regionBytes / 2048 / geometry.partitionCount();
    long expected = Math.clamp(share, 1 << 10, 64 << 10);
    assertThat((long) geometry.fatesBytes()).isBetween(expected - 63, expected);
  }

  /** An index of entries of the smallest block fits its directory, with half as much again to grow into. */
  @ParameterizedTest
  @MethodSource("sizes")
  void directoriesNameEnoughSlabs(long regionBytes) {
    RegionGeometry geometry = RegionGeometry.of(regionBytes, RECORD_BYTES);
    long share = (long) geometry.slabCount() / geometry.partitionCount();
    assertThat((long) geometry.directoryCapacity()).isGreaterThanOrEqualTo(Math.min(share, 1 << 20));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void partitionsHaveRoomForASlabOfEachClass(long regionBytes) {
    RegionGeometry geometry = RegionGeometry.of(regionBytes, RECORD_BYTES);
    assertThat(Integer.bitCount(geometry.partitionCount())).isEqualTo(1);
    assertThat(geometry.partitionCount()).isBetween(1, 64);
    if (geometry.partitionCount() > 1) {
      assertThat(regionBytes / geometry.partitionCount()).isGreaterThanOrEqualTo(32 * MIB);
    }
  }

  @Test
  void givenPartitionsAreTaken() {
    for (int partitions = 1; partitions <= 1024; partitions *= 2) {
      RegionGeometry geometry = RegionGeometry.of(1L << 30, partitions, RECORD_BYTES);
      assertThat(geometry.partitionCount()).isEqualTo(partitions);
      assertPartsFollowEachOther(geometry);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1, MIB - 1, (1L << 42) + 1, Long.MAX_VALUE})
  void sizesOutsideTheLimitsAreRefused(long regionBytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RegionGeometry.of(regionBytes, RECORD_BYTES))
        .withMessageContainingAll("memory=" + regionBytes, "" + MIB, "" + (1L << 42));
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -2, -1, 0, 3, 12, 1023, 2048, 1 << 30})
  void partitionsThatAreNoPowerOfTwoAreRefused(int partitions) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RegionGeometry.of(64 * MIB, partitions, RECORD_BYTES))
        .withMessageContainingAll("partitions=" + partitions, "1024");
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 64, 256, 1024})
  void morePartitionsThanARegionHasSlabsForAreRefused(int partitions) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RegionGeometry.of(MIB, partitions, RECORD_BYTES))
        .withMessageContainingAll("partitions=" + partitions, "memory=" + MIB);
  }
}
