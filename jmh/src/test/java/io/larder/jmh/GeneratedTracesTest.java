package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.jmh.trace.Trace;
import io.larder.jmh.trace.TraceSource;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeneratedTracesTest {

  @Test
  void areTheSameEachTime() throws IOException {
    for (TraceSource source : GeneratedTraces.all()) {
      Trace first = source.load();
      Trace second = source.load();
      assertThat(first.name()).isEqualTo(source.name());
      assertThat(second.numbers()).as(source.name()).isEqualTo(first.numbers());
      assertThat(sum(second)).as(source.name()).isEqualTo(sum(first));
    }
  }

  /** These numbers are part of what a figure means: when one changes, figures of before no longer compare. */
  @ParameterizedTest
  @CsvSource({
    "zipf, 1000000, 49382",
    "zipf-scans, 1500000, 99382",
    "loops, 356000, 40000",
    "phases, 1000000, 49441",
    "window, 1000000, 49771",
    "sizes, 500000, 45916",
  })
  void areAsTheyWere(String name, int requests, int keys) throws IOException {
    Trace trace = load(name);

    assertThat(trace.requestCount()).isEqualTo(requests);
    assertThat(trace.keyCount()).isEqualTo(keys);
    assertThat(trace.sized()).isEqualTo(name.equals("sizes"));
  }

  private static long sum(Trace trace) {
    long sum = 0;
    for (int i = 0; i < trace.requestCount(); i++) {
      sum = 31 * sum + trace.key(trace.number(i)) + trace.sizeBytes(i);
    }
    return sum;
  }

  @Test
  void loopsAreATenthLongerThanTwoCapacities() throws IOException {
    Trace loops = load("loops");

    assertThat(Capacity.of(5, loops.keyCount()) * 1.1).isEqualTo(2_200);
    assertThat(Capacity.of(10, loops.keyCount()) * 1.1).isEqualTo(4_400);
  }

  @Test
  void scansAreTenTimesTheMiddleCapacity() throws IOException {
    assertThat(10 * Capacity.of(5, load("zipf-scans").keyCount())).isBetween(49_000L, 50_000L);
  }

  private static Trace load(String name) throws IOException {
    return GeneratedTraces.all().stream()
        .filter(source -> source.name().equals(name))
        .findFirst()
        .orElseThrow()
        .load();
  }
}
