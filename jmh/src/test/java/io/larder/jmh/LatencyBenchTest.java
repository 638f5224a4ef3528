package io.larder.jmh;

import static io.larder.jmh.Implementation.CAFFEINE;
import static io.larder.jmh.Implementation.CHM;
import static io.larder.jmh.Implementation.CHRONICLE;
import static io.larder.jmh.Implementation.LARDER;
import static io.larder.jmh.Implementation.MAPDB;
import static io.larder.jmh.Implementation.OHC;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatencyBenchTest {
  private final Measurements measurements = new Measurements();

  private static LatencyBench bench(String... args) {
    Arguments arguments = Arguments.parse(args);
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new LatencyBench(arguments, new Suite(Effort.of(arguments), new Progress(nowhere)));
  }

  private static List<String> lines(List<Goal> goals) {
    return goals.stream().map(Goal::line).toList();
  }

  private void add(
      Class<?> benchmark, String method, Implementation implementation, int entries, int threads, long nanos) {
    measurements.add(Case.of(benchmark, method, implementation, entries, threads), nanos);
  }

  @Test
  void aGetHasGoalsInMissesAndBesideItsPeers() {
    for (int entries : List.of(1_000, 2_000_000, 20_000_000)) {
      add(GetBenchmark.class, "get", LARDER, entries, 1, 300);
      add(GetBenchmark.class, "get", LARDER, entries, 2, 400);
      add(GetBenchmark.class, "get", CHM, entries, 1, 250);
      add(GetBenchmark.class, "get", CHRONICLE, entries, 1, 1_250);
      add(GetBenchmark.class, "get", OHC, entries, 1, 800);
      add(GetBenchmark.class, "get", MAPDB, entries, 1, 1_000);
      measurements.add(ChaseBenchmark.caseOf(entries, 1), 100);
    }

    List<String> goals =
        lines(bench("get", "--entries", "1000,2_000_000,20000000").getGoals(measurements.outcomes()));

    assertThat(goals)
        .contains(
            "get/1000 larder÷chm 1.20 goal <= 2.50 ok",
            "get/1000 larder÷chm 1.20 goal <= 2.00 ok",
            "get/2000000 larder÷chm 1.20 goal <= 1.25 ok",
            "get/2000000 larder÷chm 1.20 goal <= 1.00 short",
            "get/20000000 larder÷chm 1.20 goal <= 1.00 short",
            "get/2000000 larder÷miss 3.00 goal <= 3.50 ok",
            "get/20000000 larder÷miss 3.00 goal <= 3.50 ok",
            "get/2000000 larder÷chronicle 0.24 goal <= 0.25 ok",
            "get/2000000 larder÷chronicle 0.24 goal <= 0.20 short",
            "get/2000000 larder÷ohc 0.38 goal <= 0.50 ok",
            "get/2000000 larder÷ohc 0.38 goal <= 0.33 short",
            "get/2000000 larder÷mapdb 0.30 goal <= 0.33 ok",
            "get/2000000 larder÷ehcache - goal <= 0.33 not measured",
            "get/1000/2-threads larder÷one-thread 1.50 goal >= 1.80 short")
        .noneMatch(line -> line.startsWith("get/1000 larder÷miss"));
  }

  @Test
  void aPutHasAGoalBesideAGet() {
    add(PutBenchmark.class, "put", LARDER, 2_000_000, 1, 450);
    add(GetBenchmark.class, "get", LARDER, 2_000_000, 1, 250);

    assertThat(lines(bench("put").putGoals(measurements.outcomes())))
        .contains("put/2000000 larder÷get 1.80 goal <= 1.50 short")
        .noneMatch(line -> line.startsWith("put/1000 larder÷get"));
  }

  @Test
  void theMixHasAGoalBesideCaffeineInLargeSets() {
    add(MixedBenchmark.class, "mixed", LARDER, 2_000_000, 2, 200);
    add(MixedBenchmark.class, "mixed", CAFFEINE, 2_000_000, 2, 500);

    assertThat(lines(bench("mixed").mixedGoals(measurements.outcomes())))
        .containsExactly("mixed/2000000 larder÷caffeine 0.40 goal <= 0.50 ok");
  }

  @Test
  void aBatchIsComparedWithALoopOverTheMap() {
    add(BatchBenchmark.class, "batch", LARDER, 2_000_000, 1, 70);
    add(BatchBenchmark.class, "each", CHM, 2_000_000, 1, 100);

    assertThat(lines(bench("batch").batchGoals(measurements.outcomes())))
        .containsExactly(
            "batch/2000000 larder÷chm 0.70 goal <= 0.75 ok", "batch/2000000 larder÷chm 0.70 goal <= 0.60 short");
  }
}
