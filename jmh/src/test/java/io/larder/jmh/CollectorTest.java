package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollectorTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GC Thread#1", "G1 Main Marker", "G1 Conc#0", "G1 Refine#0", "G1 Service", "ZWorkerYoung#0", "ZWorkerOld#0",
        "ZDriverMinor", "ZDirector", "ZStat", "ZUncommitter#0", "RuntimeWorker#0", "VM Thread"
      })
  void ownsTheThreadsThatCollect(String thread) {
    assertThat(Collector.owns(thread)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"java", "C2 CompilerThre", "VM Periodic Tas", "pool-1-thread-1", "larder-cache", "Zipf", "Finalizer"})
  void ownsNoOther(String thread) {
    assertThat(Collector.owns(thread)).isFalse();
  }

  @Test
  void countsTheTimeOfThisJvm() {
    long before = Collector.cpuNanos();
    System.gc();
    assertThat(Collector.cpuNanos()).isGreaterThan(before);
  }
}
