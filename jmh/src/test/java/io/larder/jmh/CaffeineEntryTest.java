package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.GraphLayout;

class CaffeineEntryTest {
  private static final int ENTRIES = 10_000;
  private static final int VALUE_BYTES = 100;

  @BeforeAll
  static void letOffsetsBeFoundInLambdas() {
    System.setProperty("jol.magicFieldOffset", "true");
  }

  /** What is said of an entry is what the heap holds, per entry, of a full cache and all that it refers to. */
  @Test
  void weightIsWhatTheHeapHolds() {
    Cache<Long, byte[]> cache =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight((long) ENTRIES * CaffeineEntry.heapBytes(VALUE_BYTES))
            .<Long, byte[]>weigher((key, value) -> CaffeineEntry.heapBytes(value.length))
            .build();
    for (long key = 0; key < 3 * ENTRIES; key++) {
      cache.put(key << 32, new byte[VALUE_BYTES]);
    }
    cache.cleanUp();

    double bytes = (double) GraphLayout.parseInstance(cache).totalSize() / cache.estimatedSize();
    assertThat(cache.estimatedSize()).isEqualTo(ENTRIES);
    assertThat((double) CaffeineEntry.heapBytes(VALUE_BYTES)).isCloseTo(bytes, withinPercentage(5));
  }
}
