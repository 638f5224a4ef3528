package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.jmh.Subject.Client;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GcServiceTest {
  private static final int ENTRIES = 2_000;
  private static final int REQUESTS = 1_000;

  @ParameterizedTest
  @EnumSource
  void findsEveryValueWithItsLength(GcSystem system) {
    try (Subject<?> subject = system.open(ENTRIES)) {
      serve(subject);
    }
  }

  private static <K> void serve(Subject<K> subject) {
    int[] draws = new Zipf(ENTRIES, GcBenchmark.SKEW).draws(ENTRIES, 1);
    GcService<K> service = new GcService<>(subject, draws, 7, 1);

    service.fill(ENTRIES);
    for (int i = 0; i < REQUESTS; i++) {
      service.run();
    }

    assertThat(service.requests()).isEqualTo(REQUESTS);
    assertThat(service.hits()).isEqualTo((long) REQUESTS * GcService.GETS);
    Client<K> client = subject.newClient();
    for (int i = 0; i < ENTRIES; i++) {
      assertThat(client.get(subject.newKey(i))).as("length of entry %d", i).isBetween(100, 2_000);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void returnsTheValuePutLast(GcSystem system) {
    try (Subject<?> subject = system.open(ENTRIES)) {
      overwrite(subject);
    }
  }

  private static <K> void overwrite(Subject<K> subject) {
    Client<K> client = subject.newClient();
    for (int length : new int[] {100, 2_000, 317}) {
      byte[] value = new byte[length];
      value[length - 1] = 5;
      client.put(subject.newKey(3), value);

      assertThat(client.get(subject.newKey(3))).isEqualTo(length);
      assertThat(client.buffer()).startsWith(value);
    }
    assertThat(client.get(subject.newKey(4))).isEqualTo(Client.ABSENT);
  }

  @ParameterizedTest
  @EnumSource
  void hasTheSameMemoryAsTheOthers(GcSystem system) {
    long heap = system.heapBytes(1_000_000);
    long offHeap = system == GcSystem.CAFFEINE ? 0 : GcSystem.liveBytes(1_000_000) / 4 * 5;

    assertThat(heap + offHeap).isEqualTo(GcSystem.budgetBytes(1_000_000)).isEqualTo(1_575_000_000L);
  }
}
