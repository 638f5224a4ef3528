package io.larder.jmh;

import static io.larder.jmh.Implementation.CHM;
import static io.larder.jmh.Implementation.LARDER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScalingBenchTest {
  private final Measurements measurements = new Measurements();
  private final ScalingBench bench = new ScalingBench(Arguments.parse("scaling", "--only", "larder,chm,ohc"));

  private void add(Class<?> benchmark, String method, Implementation implementation, int threads, long... nanos) {
    measurements.add(Case.of(benchmark, method, implementation, 2_000_000, threads), nanos);
  }

  @Test
  void runsReadsAndTheMixWithMoreAndMoreThreads() {
    assertThat(bench.cases()).hasSize(2 * 4 * 2);
    assertThat(bench.cases().stream().map(Case::threads).distinct()).containsExactly(1, 2, 4, 8);
    assertThat(bench.cases().stream().map(Case::system).distinct()).containsExactly("larder", "chm");
  }

  @Test
  void showsTheThroughputOfAllThreadsTogether() {
    add(GetBenchmark.class, "get", LARDER, 2, 80, 120);
    add(GetBenchmark.class, "get", CHM, 2, 160, 60);

    List<String> text = bench.text(measurements.outcomes());

    assertThat(text)
        .contains("get into a buffer: 2,000,000 entries, million operations a second of all threads together")
        .anyMatch(line -> line.matches("threads +larder +chm +larder÷it"))
        .anyMatch(line -> line.matches("2 +20\\.0 +18\\.2 +1\\.10 \\[0\\.50\\.\\.2\\.00\\]"))
        .anyMatch(line -> line.matches("8 +- +- +-"));
  }

  @Test
  void hasGoalsForTwoThreadsAndForMoreThanProcessors() {
    add(GetBenchmark.class, "get", LARDER, 1, 100);
    add(GetBenchmark.class, "get", LARDER, 2, 125);
    add(GetBenchmark.class, "get", LARDER, 8, 500);
    add(MixedBenchmark.class, "mixed", LARDER, 2, 100);
    add(MixedBenchmark.class, "mixed", LARDER, 8, 800);

    assertThat(bench.goals(measurements.outcomes()).stream().map(Goal::line))
        .containsExactly(
            "scaling/get/2000000/2-threads larder÷one-thread 1.60 goal >= 1.80 short",
            "scaling/get/2000000/8-threads larder÷two-threads 1.00 goal >= 0.90 ok",
            "scaling/mixed/2000000/8-threads larder÷two-threads 0.50 goal >= 0.90 short");
  }
}
