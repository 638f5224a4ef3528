package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.jmh.Subject.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteBenchmarkTest {
  private static final Shape SHAPE = Shape.usual(100);

  @ParameterizedTest
  @ValueSource(ints = {1, RemoteBenchmark.BATCH_KEYS})
  void readsOneOrMany(int keysOfCall) {
    try (Subject<byte[]> subject = new LarderSubject(SHAPE)) {
      Client<byte[]> client = subject.newClient();
      for (int i = 0; i < SHAPE.entries(); i++) {
        client.put(subject.newKey(i), new byte[SHAPE.valueBytes()]);
      }
      RemoteBenchmark benchmark = new RemoteBenchmark(subject, SHAPE, keysOfCall);

      assertThat(benchmark.count(1)).isPositive();
      assertThat(benchmark.time(1).getTotalCount()).isEqualTo(1);
    }
  }

  @Test
  void failsWhenAValueIsMissing() {
    try (Subject<byte[]> subject = new LarderSubject(SHAPE)) {
      RemoteBenchmark benchmark = new RemoteBenchmark(subject, SHAPE, 1);

      assertThatThrownBy(() -> benchmark.count(1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("of keys=1 with 100 bytes each came bytes=-1");
    }
  }
}
