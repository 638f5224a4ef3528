package io.larder.nativeaccess;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class PageRangeTest {
  private static final long PAGE_BYTES = 4096;

  private final MemorySegment segment = Arena.ofAuto().allocate(4 * PAGE_BYTES, PAGE_BYTES);

  @Test
  void wholePagesAreTakenAsTheyAre() {
    PageRange pages = new PageRange(segment.address(), segment.address() + segment.byteSize());

    assertThat(PageRange.within(segment, PAGE_BYTES)).isEqualTo(pages);
    assertThat(PageRange.covering(segment, PAGE_BYTES)).isEqualTo(pages);
  }

  @Test
  void partsOfPagesCountOnlyWhenCovering() {
    MemorySegment part = segment.asSlice(1, 2 * PAGE_BYTES);

    assertThat(PageRange.within(part, PAGE_BYTES))
        .isEqualTo(new PageRange(segment.address() + PAGE_BYTES, segment.address() + 2 * PAGE_BYTES));
    assertThat(PageRange.covering(part, PAGE_BYTES))
        .isEqualTo(new PageRange(segment.address(), segment.address() + 3 * PAGE_BYTES));
  }

  @Test
  void aSegmentInsideAPageHoldsNone() {
    MemorySegment part = segment.asSlice(10, 100);

    assertThat(PageRange.within(part, PAGE_BYTES).isEmpty()).isTrue();
    assertThat(PageRange.covering(part, PAGE_BYTES).bytes()).isEqualTo(PAGE_BYTES);
  }

  @Test
  void anEmptySegmentLiesOnNoPage() {
    MemorySegment empty = segment.asSlice(10, 0);

    assertThat(PageRange.within(empty, PAGE_BYTES).isEmpty()).isTrue();
    assertThat(PageRange.covering(empty, PAGE_BYTES).isEmpty()).isTrue();
  }
}
