package io.larder.allocator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Sizes of the structures, and the alignment of their words. */
class LayoutTest {
  private static final int LINE_BYTES = 64;

  @Test
  void everyFieldIsAlignedToItsSize() {
    for (StructLayout layout : List.of(RegionLayout.LAYOUT, SlabLayout.LAYOUT, PartitionSlabsLayout.LAYOUT)) {
      Set<String> names = new HashSet<>();
      long offset = 0;
      for (MemoryLayout field : layout.memberLayouts()) {
        if (field instanceof ValueLayout value) {
          assertThat(offset % value.byteSize()).as("%s in %s", field, layout).isZero();
          assertThat(names.add(value.name().orElseThrow())).as("%s in %s", field, layout).isTrue();
        }
        offset += field.byteSize();
      }
      assertThat(layout.byteSize()).isEqualTo(offset);
      assertThat(layout.byteSize() % Long.BYTES).as("size of %s", layout).isZero();
    }
  }

  @Test
  void superblockKeepsThePoolOnItsOwnLine() {
    assertThat(RegionLayout.LAYOUT.byteSize()).isEqualTo(2 * LINE_BYTES).isLessThan(RegionGeometry.PAGE_BYTES);
    assertThat(RegionLayout.POOL_HEAD_OFFSET).isEqualTo(LINE_BYTES);
    assertThat(RegionLayout.POOL_UNTOUCHED_OFFSET).isLessThan(2 * LINE_BYTES);
    assertThat(RegionLayout.CREATED_MILLIS_OFFSET).isLessThan(LINE_BYTES);
    assertThat(RegionLayout.MAGIC_OFFSET).isZero();
  }

  @Test
  void magicReadsAsText() {
    byte[] bytes = new byte[Long.BYTES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (RegionLayout.MAGIC >>> (8 * i));
    }
    assertThat(bytes).asString(US_ASCII).isEqualTo("LARDER01");
  }

  /** State, size class and partition are written as one word. */
  @Test
  void slabDescriptorClaimsWithOneWord() {
    assertThat(SlabLayout.STATE_OFFSET % Integer.BYTES).isZero();
    assertThat(SlabLayout.SIZE_CLASS_OFFSET).isEqualTo(SlabLayout.STATE_OFFSET + 1);
    assertThat(SlabLayout.PARTITION_OFFSET).isEqualTo(SlabLayout.STATE_OFFSET + 2);
  }

  @Test
  void slabDescriptorHasABitForEachBlock() {
    assertThat(SlabLayout.LAYOUT.byteSize()).isEqualTo(LINE_BYTES);
    assertThat(SlabLayout.BITMAP_OFFSET).isEqualTo(LINE_BYTES);
    for (int slabBytes = 16 << 10; slabBytes <= 1 << 20; slabBytes *= 2) {
      int bitmapBytes = SlabLayout.descriptorBytes(slabBytes) - LINE_BYTES;
      assertThat(bitmapBytes * Byte.SIZE).isEqualTo(slabBytes / SizeClasses.BLOCK_BYTES_MIN);
      assertThat(bitmapBytes % Long.BYTES).isZero();
    }
  }

  @Test
  void wordsOfTheClassesAreTheEndOfThePartitionsRecord() {
    long bytes = (long) PartitionSlabsLayout.CLASSES_MAX * Integer.BYTES;
    assertThat(PartitionSlabsLayout.PARTIAL_OFFSET + bytes).isEqualTo(PartitionSlabsLayout.SPARE_OFFSET);
    assertThat(PartitionSlabsLayout.SPARE_OFFSET + bytes).isEqualTo(PartitionSlabsLayout.LAYOUT.byteSize());
  }
}
