package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RatioSummaryTest {
  @TempDir Path folder;

  @Test
  void goalsAreDifferencesInPoints() {
    RatioCase better = played("a", 1_000, 500, 450, 1_000);
    RatioCase worse = played("b", 1_000, 300, 320, 1_000);

    assertThat(new RatioSummary(List.of(better, worse), List.of(better)).goals())
        .extracting(Goal::line)
        .containsExactly(
            "hitratio/count/mean-over-caffeine larder÷caffeine 1.50 goal >= 0.50 ok",
            "hitratio/count/distance-to-best larder÷best 1.00 goal <= 0.70 short",
            "hitratio/count/cases-below-caffeine larder÷caffeine 1.00 goal <= 0.00 short",
            "hitratio/bytes/a/5 larder÷caffeine 5.00 goal >= 0.00 ok");
  }

  @Test
  void theBestIsAtNoDistance() {
    assertThat(distanceToBest(played("a", 1_000, 500, 450, 1_000))).endsWith(" larder÷best 0.00 goal <= 0.70 ok");
  }

  @ParameterizedTest
  @EnumSource(
      value = Contender.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"LARDER", "OPTIMUM"})
  void anyContenderMayBeTheBest(Contender contender) {
    RatioCase played = played("a", 1_000, 500, 450, 1_000);
    played.tallies().put(contender, List.of(tally(505, 1_000)));

    assertThat(distanceToBest(played)).endsWith(" larder÷best 0.50 goal <= 0.70 ok");
  }

  @Test
  void whoKnowsTheFutureIsNotTheBest() {
    RatioCase played = played("a", 1_000, 500, 450, 1_000);
    played.tallies().put(Contender.OPTIMUM, List.of(tally(900, Replay.UNKNOWN)));

    assertThat(distanceToBest(played)).endsWith(" larder÷best 0.00 goal <= 0.70 ok");
  }

  private static String distanceToBest(RatioCase played) {
    return new RatioSummary(List.of(played), List.of())
        .goals().stream()
            .map(Goal::line)
            .filter(line -> line.startsWith("hitratio/count/distance-to-best"))
            .findFirst()
            .orElseThrow();
  }

  @Test
  void twoPointsDoNotCountInSmallCaches() {
    assertThat(played("a", 499, 300, 319, 499).belowCaffeine()).isFalse();
    assertThat(played("a", 500, 300, 319, 500).belowCaffeine()).isTrue();
  }

  @Test
  void aLarderThatHoldsMoreThanItsCapacityIsNotCompared() {
    RatioCase exceeded = played("a", 1_000, 500, 450, 1_100);
    RatioSummary summary = new RatioSummary(List.of(exceeded), List.of());

    assertThat(exceeded.distance(Contender.CAFFEINE)).as("the best of the others").isZero();
    assertThat(summary.goals()).noneMatch(Goal::measured);
    assertThat(summary.failures())
        .containsExactly(
            "larder held more entries than the capacity in 1 of 1 cases by entries, 1,100 instead of 1,000 in a 5 %");
  }

  @Test
  void filesHaveEveryNumber() throws IOException {
    List<RatioCase> cases = List.of(played("a", 1_000, 500, 450, 1_000));

    RatioFiles.writeCsv(folder.resolve("all.csv"), cases, List.of());
    RatioFiles.plot(folder, cases);

    assertThat(folder.resolve("all.csv"))
        .content()
        .contains("entries,a,5,1000,larder,1,50.0,25.0,1000\n", "entries,a,5,1000,lru,1,10.0,25.0,\n");
    assertThat(Files.readString(folder.resolve("a.svg"))).contains("<svg", "</svg>");
  }

  private static RatioCase played(String trace, long capacity, long larder, long caffeine, long entries) {
    Map<Contender, List<Tally>> tallies = new EnumMap<>(Contender.class);
    for (Contender contender : Contender.values()) {
      long hits = contender == Contender.LARDER ? larder : contender == Contender.CAFFEINE ? caffeine : 100;
      long held = contender.real() ? entries : Replay.UNKNOWN;
      tallies.put(contender, List.of(tally(hits, held)));
    }
    return new RatioCase(trace, 5, capacity, tallies);
  }

  private static Tally tally(long hits, long entries) {
    return new Tally(1_000, hits, 400, 100, 0, entries);
  }
}
