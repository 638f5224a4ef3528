package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JvmFlagsTest {
  @Test
  void theHeapOfLargeSetsGrowsWithThem() {
    assertThat(JvmFlags.forLatency(1_000)).contains("-Xms3072m", "-Xmx3072m");
    assertThat(JvmFlags.forLatency(2_000_000)).isEqualTo(JvmFlags.forLatency());
    assertThat(JvmFlags.forLatency(20_000_000)).contains("-Xms9765m", "-Xmx9765m");
  }
}
