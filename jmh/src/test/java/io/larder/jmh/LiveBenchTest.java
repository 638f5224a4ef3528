package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LiveBenchTest {
  @Test
  void runsTheMapAfterTheCacheForEachTypeOfKeys() {
    List<Case> cases = new LiveBench(Arguments.parse("live", "--quick")).cases();

    assertThat(cases.stream().map(Case::label))
        .containsExactly(
            "live, 1,000 entries, keys: string, 1 thread",
            "map, 1,000 entries, keys: string, 1 thread",
            "live, 1,000 entries, keys: long, 1 thread",
            "map, 1,000 entries, keys: long, 1 thread");
    assertThat(cases.getFirst().params()).isEqualTo(Map.of("entries", "1000", "keys", "string"));
  }

  @Test
  void runsMoreEntriesInAFullRun() {
    assertThat(new LiveBench(Arguments.parse("live")).cases().stream().map(Case::entries).distinct())
        .containsExactly(1_000, 100_000);
  }

  @Test
  void namesTheSidesOnce() {
    List<Case> cases = new LiveBench(Arguments.parse("live", "--quick")).cases();
    Outcomes outcomes = new Measurements().add(cases.get(0), 30).add(cases.get(1), 20).outcomes();

    assertThat(new LatencyTables(outcomes, each -> each.method().equals("live")).text("hit"))
        .anyMatch(line -> line.matches("live +30\\.0 .*"))
        .anyMatch(line -> line.matches("map +20\\.0 .*1\\.50 \\[.*"));
  }

  @Test
  void comparesThoseWithTheSameKeys() {
    LiveBench bench = new LiveBench(Arguments.parse("live", "--quick"));
    List<Case> cases = bench.cases();
    Measurements measurements = new Measurements();
    measurements.add(cases.get(0), 28).add(cases.get(1), 20).add(cases.get(2), 32).add(cases.get(3), 20);

    assertThat(bench.goals(measurements.outcomes()).stream().map(Goal::line))
        .containsExactly(
            "live/1000/string larder÷map+volatile 1.40 goal <= 1.50 ok",
            "live/1000/long larder÷map+volatile 1.60 goal <= 1.50 short");
  }
}
