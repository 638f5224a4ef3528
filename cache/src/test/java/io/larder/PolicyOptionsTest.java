package io.larder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The options of the builder that are about what stays, and what a cache tells of that. */
final class PolicyOptionsTest {
  private static final int ENTRIES = 500;
  private static final byte[] VALUE = new byte[100];

  private final SplittableRandom random = new SplittableRandom(1);

  private static CacheBuilder<Long, byte[]> builder() {
    return Larder.builder(Codec.int64(), Codec.bytes());
  }

  @Test
  void refusesNumbersOfEntriesThatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().maximumEntries(0))
        .withMessage("maximumEntries=0 is less than 1");
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().maximumEntries(1).maximumEntries(2))
        .withMessageStartingWith("maximumEntries is given twice: 1 and 2");
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().sharedFile(Path.of("nowhere"), "1MiB").maximumEntries(5).build())
        .withMessageContaining("maximumEntries=5")
        .withMessageContaining("nowhere");
  }

  @Test
  void neverHoldsMoreEntriesThanItMay() {
    for (int maximum : new int[] {1, 2, ENTRIES}) {
      try (Cache<Long, byte[]> cache = builder().memory("2MiB").maximumEntries(maximum).build()) {
        for (long number = 0; number < 10 * ENTRIES; number++) {
          cache.put(number % (3 * ENTRIES), VALUE);
          assertThat(cache.estimatedSize()).isLessThanOrEqualTo(maximum);
        }
        assertThat(cache.estimatedSize()).isEqualTo(maximum);
        assertThat(cache.get(-1L, key -> VALUE)).as("a load has no room, and no need of any").isEqualTo(VALUE);
        assertThat(cache.estimatedSize()).isLessThanOrEqualTo(maximum);
      }
    }
  }

  @Test
  void keepsLargeValuesWhenTheirBytesCount() {
    long byNumber = largeKept(builder());
    long byBytes = largeKept(builder().byByteHitRatio());
    assertThat(byBytes).isGreaterThan(byNumber + byNumber / 4);
  }

  /** How many of a hundred large values are there, beside small ones that are asked for as often. */
  private long largeKept(CacheBuilder<Long, byte[]> builder) {
    byte[] large = new byte[6_000];
    try (Cache<Long, byte[]> cache = builder.memory("1MiB").build()) {
      for (int i = 0; i < 60_000; i++) {
        long number = random.nextInt(6_000);
        if (cache.get(number) == null) {
          cache.put(number, number < 100 ? large : VALUE);
        }
      }
      long kept = 0;
      for (long number = 0; number < 100; number++) {
        kept += cache.containsKey(number) ? 1 : 0;
      }
      return kept;
    }
  }

  @Test
  void takesTheTimeOfALoadForItsCost() {
    try (Cache<Long, byte[]> cache = builder().memory("1MiB").costByLoadTime().build()) {
      cache.get(1L, key -> VALUE);
      cache.put(2L, VALUE);
      for (CacheEntry<Long, byte[]> entry : cache) {
        assertThat(entry.cost() > 0).as("of key %d", entry.key()).isEqualTo(entry.key() == 1);
      }
      assertThat(cache.estimatedSize()).isEqualTo(2);
    }
  }

  @Test
  void tellsWhatOtherSizesWouldMiss() {
    try (Cache<Long, byte[]> cache = builder().memory("2MiB").maximumEntries(ENTRIES).build()) {
      assertThat(cache.stats().missRatioCurve()).isEmpty();
      for (int i = 0; i < 50_000; i++) {
        long number = random.nextInt(2 * ENTRIES);
        if (cache.get(number) == null) {
          cache.put(number, VALUE);
        }
      }
      List<MissRatio> curve = cache.stats().missRatioCurve();
      assertThat(curve).extracting(MissRatio::memoryFactor).contains(0.5, 1.0, 2.0, 4.0).isSorted();
      assertThat(curve).extracting(MissRatio::missRatio).isSortedAccordingTo((a, b) -> Double.compare(b, a));
      assertThat(curve.getFirst().missRatio()).isGreaterThan(0.7);
      assertThat(curve.getLast().missRatio()).isLessThan(0.1);
    }
  }
}
