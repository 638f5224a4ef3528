package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import org.junit.jupiter.api.Test;

class TortureRepairsTest {
  private final TortureRepairs repairs = new TortureRepairs();

  @Test
  void saysThatNothingWasTimed() {
    assertThat(repairs.line()).isEqualTo("repair p50=- p99=- max=- (0 of 0 timed)");
  }

  @Test
  void takesPercentilesOfTheTimesThatItKnows() {
    for (int i = 100; i >= 1; i--) {
      repairs.add(1, i * 1_000_000L);
    }
    assertThat(repairs.line()).isEqualTo("repair p50=50.00 p99=99.00 max=100.00 (100 of 100 timed)");
  }

  @Test
  void countsWhatItCannotTime() {
    repairs.add(1, 1_500_000);
    repairs.add(2, 9_000_000);
    repairs.add(1, 0);
    repairs.add(0, 7_000_000);
    assertThat(repairs.line()).isEqualTo("repair p50=1.50 p99=1.50 max=1.50 (1 of 4 timed)");
  }

  @Test
  void addsAnotherFiles() {
    TortureRepairs other = new TortureRepairs();
    other.add(1, 3_000_000);
    repairs.add(1, 1_000_000);
    repairs.add(2, 1_000_000);
    assertThat(repairs.plus(other).line()).isEqualTo("repair p50=1.00 p99=3.00 max=3.00 (2 of 4 timed)");
  }

  @Test
  void looksAtAStoreThatWasNeverRepaired() {
    try (Store store = Store.open(StoreOptions.ofMemory(8L << 20))) {
      repairs.start(store);
      repairs.look(store);
      assertThat(store.partitions()).isPositive();
      assertThat(repairs.repairs()).isZero();
    }
  }
}
