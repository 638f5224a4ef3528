package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Sizes of the structures, the alignment of their words, and the bits inside them. */
class LayoutTest {
  private static final int LINE_BYTES = 64;

  @Test
  void everyFieldIsAlignedToItsSize() {
    for (StructLayout layout :
        List.of(BucketLayout.LAYOUT, PartitionLayout.LAYOUT, EntryLayout.LAYOUT, ContinuationLayout.LAYOUT)) {
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
    }
  }

  @Test
  void bucketIsALine() {
    assertThat(BucketLayout.BYTES).isEqualTo(LINE_BYTES);
    assertThat(BucketLayout.STAMP_OFFSET).isZero();
    assertThat(BucketLayout.TAGS_OFFSET % Long.BYTES).isZero();
    assertThat(BucketLayout.TAGS_TAIL_OFFSET % Integer.BYTES).isZero();
    assertThat(BucketLayout.PASS_OFFSET)
        .isEqualTo(BucketLayout.TAGS_TAIL_OFFSET + BucketLayout.TAIL_PASS_SHIFT / Byte.SIZE);
  }

  @Test
  void partitionKeepsReadersAndWritersOnDifferentLines() {
    assertThat(PartitionLayout.SHAPE_OFFSET / LINE_BYTES).isEqualTo(PartitionLayout.RESIZE_OFFSET / LINE_BYTES);
    assertThat(PartitionLayout.LOCK_OFFSET / LINE_BYTES).isNotEqualTo(PartitionLayout.SHAPE_OFFSET / LINE_BYTES);
    assertThat(PartitionLayout.VERSION_OFFSET / LINE_BYTES).isNotIn(
        PartitionLayout.SHAPE_OFFSET / LINE_BYTES, PartitionLayout.LOCK_OFFSET / LINE_BYTES);
    assertThat(PartitionLayout.BYTES % Long.BYTES).isZero();
  }

  @Test
  void shapeAndResizeKeepTheirParts() {
    long shape = PartitionLayout.shape(0, 192, 1, true);
    assertThat(PartitionLayout.bucketCount(shape)).isEqualTo(192);
    assertThat(PartitionLayout.table(shape)).isEqualTo(1);
    assertThat(shape & PartitionLayout.RESIZING).isNotZero();
    long next = PartitionLayout.shape(shape, 0xFFFF_FFFFL, 0, false);
    assertThat(PartitionLayout.bucketCount(next)).isEqualTo(0xFFFF_FFFFL);
    assertThat(PartitionLayout.table(next)).isZero();
    assertThat(next & PartitionLayout.RESIZING).isZero();
    assertThat(PartitionLayout.shape(shape, 192, 1, true)).as("the same again has another number").isNotEqualTo(shape);
    long resize = PartitionLayout.resize(0xFFFF_FFFEL, 0xFFFF_FFFFL);
    assertThat(PartitionLayout.moved(resize)).isEqualTo(0xFFFF_FFFEL);
    assertThat(PartitionLayout.newCount(resize)).isEqualTo(0xFFFF_FFFFL);
  }

  /** The first fingerprint of a bucket is its own; the one before it is not. */
  @Test
  void positionsAreTheEdgesOfHomes() {
    for (long count : new long[] {1, 3, 192, 960, 12_345, (1L << 30) - 64}) {
      for (long bucket : new long[] {0, 1, 2, count / 3, count / 2, count - 1}) {
        if (bucket >= 0 && bucket < count) {
          long position = PartitionLayout.position(bucket, count);
          assertThat(PartitionLayout.home(position << 32, count)).isEqualTo(bucket);
          assertThat(PartitionLayout.home((position << 32) | 0xFFFF_FFFFL, count)).isEqualTo(bucket);
          if (bucket > 0) {
            assertThat(PartitionLayout.home((position - 1) << 32, count)).isEqualTo(bucket - 1);
          }
        }
      }
      assertThat(PartitionLayout.position(count, count)).isEqualTo(1L << 32);
    }
  }

  /** The parts of the word are changed alone, and are never torn. */
  @Test
  void theIdleWordIsTwoAlignedHalves() {
    for (int flags : new int[] {EntryLayout.IDLE, EntryLayout.IDLE | EntryLayout.TERMS}) {
      int idle = EntryLayout.idleOffset(flags);
      assertThat((idle + EntryLayout.IDLE_SPAN_OFFSET) % Integer.BYTES).isZero();
      assertThat((idle + EntryLayout.IDLE_DEADLINE_OFFSET) % Integer.BYTES).isZero();
    }
  }

  /** 20 bytes, so that an entry of 24 + 100 bytes fills a block of 144. */
  @Test
  void entryHeaderIsTwentyBytes() {
    assertThat(EntryLayout.HEADER_BYTES).isEqualTo(20);
    assertThat(EntryLayout.FLAGS_OFFSET).isEqualTo(EntryLayout.KEY_LENGTH_OFFSET + EntryLayout.INFO_FLAGS_SHIFT / 8);
    assertThat(ContinuationLayout.LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement("flags")))
        .isEqualTo(EntryLayout.FLAGS_OFFSET);
  }

  @Test
  void flagsAreBitsOfTwoBytes() {
    int[] flags = {
      EntryLayout.TERMS,
      EntryLayout.CHAINED,
      EntryLayout.LEASE,
      EntryLayout.CONTINUATION,
      EntryLayout.BUILDING,
      EntryLayout.QUARANTINED,
      EntryLayout.IDLE,
      EntryLayout.USER_FLAGS_MAX << EntryLayout.USER_FLAGS_SHIFT
    };
    int sum = 0;
    for (int flag : flags) {
      assertThat(sum & flag).isZero();
      sum |= flag;
    }
    assertThat(sum & EntryLayout.FLAGS_MASK).as("the store's").isEqualTo(0x7F);
    assertThat(sum & ~EntryLayout.FLAGS_MASK).as("the user's").isEqualTo(0x300);
  }

  @Test
  void optionalWordsComeInOrder() {
    int header = EntryLayout.HEADER_BYTES;
    assertThat(EntryLayout.keyOffset(0)).isEqualTo(header);
    assertThat(EntryLayout.keyOffset(EntryLayout.TERMS)).isEqualTo(header + 8);
    assertThat(EntryLayout.keyOffset(EntryLayout.CHAINED)).isEqualTo(header + 8);
    assertThat(EntryLayout.keyOffset(EntryLayout.IDLE)).isEqualTo(header + 8);
    assertThat(EntryLayout.keyOffset(0xFFFF)).isEqualTo(header + 24).isEqualTo(EntryLayout.KEY_OFFSET_MAX);
    assertThat(EntryLayout.idleOffset(EntryLayout.IDLE)).isEqualTo(header);
    assertThat(EntryLayout.idleOffset(EntryLayout.IDLE | EntryLayout.TERMS)).isEqualTo(header + 8);
    assertThat(EntryLayout.chainOffset(EntryLayout.CHAINED)).isEqualTo(header);
    assertThat(EntryLayout.chainOffset(EntryLayout.CHAINED | EntryLayout.TERMS)).isEqualTo(header + 8);
    assertThat(EntryLayout.chainOffset(0xFFFF)).isEqualTo(header + 16);
  }

  @Test
  void termsKeepCostAndExpiry() {
    long terms = EntryLayout.terms(EntryLayout.EXPIRY_MILLIS_MAX, EntryLayout.COST_MAX);
    assertThat(terms).isEqualTo(-1);
    assertThat(EntryLayout.expiryMillis(terms)).isEqualTo(EntryLayout.EXPIRY_MILLIS_MAX);
    assertThat(EntryLayout.cost(terms)).isEqualTo(EntryLayout.COST_MAX);
    assertThat(EntryLayout.terms(0, 0)).isZero();
    assertThat(EntryLayout.cost(EntryLayout.terms(5, 7))).isEqualTo(7);
    assertThat(EntryLayout.expiryMillis(EntryLayout.terms(5, 7))).isEqualTo(5);
  }
}
