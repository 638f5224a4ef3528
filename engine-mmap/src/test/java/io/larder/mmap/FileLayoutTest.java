package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where the words of the superblock lie: files outlive the builds that made them. */
class FileLayoutTest {

  @Test
  void fillsTheFirstPageBehindTheRegionsOwnWords() {
    assertThat(FileLayout.START_OFFSET).isEqualTo(1024).isGreaterThanOrEqualTo(RegionLayout.LAYOUT.byteSize());
    assertThat(FileLayout.START_OFFSET + FileLayout.LAYOUT.byteSize()).isEqualTo(RegionGeometry.PAGE_BYTES);
  }

  @Test
  void offsetsStayWhatTheyAre() {
    assertThat(FileLayout.LAYOUT_FINGERPRINT_OFFSET).isEqualTo(1024);
    assertThat(FileLayout.COMPATIBLE_FEATURES_OFFSET).isEqualTo(1032);
    assertThat(FileLayout.READ_ONLY_FEATURES_OFFSET).isEqualTo(1040);
    assertThat(FileLayout.INCOMPATIBLE_FEATURES_OFFSET).isEqualTo(1048);
    assertThat(FileLayout.BOOT_ID_HIGH_OFFSET).isEqualTo(1056);
    assertThat(FileLayout.BOOT_ID_LOW_OFFSET).isEqualTo(1064);
    assertThat(FileLayout.LOCK_ID_OFFSET).isEqualTo(1072);
    assertThat(FileLayout.CLEAN_OFFSET).isEqualTo(1080);
    assertThat(FileLayout.ATTACHMENTS_OFFSET).isEqualTo(2048);
    assertThat(FileLayout.attachmentOffset(63)).isEqualTo(4096 - 32);
  }

  @Test
  void recordOfAnAttachmentIsHalfALine() {
    assertThat(AttachmentLayout.BYTES).isEqualTo(32);
    assertThat(AttachmentLayout.EPOCH_OFFSET).isZero();
    assertThat(AttachmentLayout.SETTLED_EPOCH_OFFSET).isEqualTo(8);
    assertThat(AttachmentLayout.STARTED_MILLIS_OFFSET).isEqualTo(16);
    assertThat(AttachmentLayout.STATE_OFFSET).isEqualTo(24);
    assertThat(AttachmentLayout.PID_OFFSET).isEqualTo(28);
  }

  @Test
  void everyWordIsAlignedToItsSize() {
    for (StructLayout layout : List.of(FileLayout.LAYOUT, AttachmentLayout.LAYOUT)) {
      long offset = 0;
      for (MemoryLayout member : layout.memberLayouts()) {
        if (member instanceof ValueLayout word) {
          assertThat(offset % word.byteSize()).as("%s in %s", word, layout).isZero();
        }
        offset += member.byteSize();
      }
    }
  }
}
