package io.larder.jmh;

import static io.larder.jmh.Contender.CAFFEINE;
import static io.larder.jmh.Contender.LARDER;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What all cases say together, and the goals. */
final class RatioSummary {
  private static final double MEAN_OVER_CAFFEINE = 0.5;
  private static final double DISTANCE_TO_BEST = 0.7;

  private final List<RatioCase> byEntries;
  private final List<RatioCase> byBytes;
  private final List<RatioCase> exceeded;

  RatioSummary(List<RatioCase> byEntries, List<RatioCase> byBytes) {
    this.byEntries = byEntries;
    this.byBytes = byBytes;
    this.exceeded = byEntries.stream().filter(RatioCase::exceeded).toList();
  }

  /** Means, distances, and the cases in which Larder is below Caffeine. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (byEntries.isEmpty()) {
      return lines;
    }
    Table table = new Table("", "mean hit ratio", "mean distance to best", "largest distance", "");
    for (Contender contender : Contender.online()) {
      if (contender == LARDER && !exceeded.isEmpty()) {
        table.row(contender.label(), "-", "-", "-", "holds too many entries");
      } else {
        table.row(row(contender));
      }
    }
    table.row(
        Contender.OPTIMUM.label(), "%.2f".formatted(mean(played -> played.hitPercent(Contender.OPTIMUM))), "", "", "");
    lines.add("");
    lines.add(
        "all %d cases by entries; the best of these does not know the future".formatted(byEntries.size()));
    lines.addAll(table.lines());
    lines.addAll(belowCaffeine());
    return lines;
  }

  private String[] row(Contender contender) {
    return new String[] {
      contender.label(),
      "%.2f".formatted(mean(played -> played.hitPercent(contender))),
      "%.2f".formatted(mean(played -> played.distance(contender))),
      "%.2f".formatted(byEntries.stream().mapToDouble(played -> played.distance(contender)).max().orElse(0)),
      ""
    };
  }

  private List<String> belowCaffeine() {
    List<String> lines = new ArrayList<>();
    if (!exceeded.isEmpty()) {
      return lines;
    }
    lines.add("");
    lines.add("cases more than a point below caffeine (two below 500 entries):");
    for (RatioCase played : byEntries) {
      if (played.belowCaffeine()) {
        lines.add(
            "  %s: %.2f, caffeine %.2f"
                .formatted(played.label(), played.hitPercent(LARDER), played.hitPercent(CAFFEINE)));
      }
    }
    if (byEntries.stream().noneMatch(RatioCase::belowCaffeine)) {
      lines.add("  none");
    }
    return lines;
  }

  /** Says when the goals by entries were not measured. */
  List<String> failures() {
    if (exceeded.isEmpty()) {
      return List.of();
    }
    RatioCase first = exceeded.getFirst();
    return List.of(
        "larder held more entries than the capacity in %d of %d cases by entries, %,.0f instead of %,d in %s"
            .formatted(exceeded.size(), byEntries.size(), first.entries(LARDER), first.capacity(), first.label()));
  }

  /** The goals; values are differences in points, and a number of cases. */
  List<Goal> goals() {
    List<Goal> goals = new ArrayList<>();
    if (!byEntries.isEmpty()) {
      double over = measured(mean(RatioCase::overCaffeine));
      double distance = measured(mean(played -> played.distance(LARDER)));
      double below = measured(byEntries.stream().mapToInt(played -> played.belowCaffeine() ? 1 : 0).sum());
      goals.add(Goal.atLeast("hitratio/count/mean-over-caffeine", "caffeine", MEAN_OVER_CAFFEINE, over));
      goals.add(Goal.atMost("hitratio/count/distance-to-best", "best", DISTANCE_TO_BEST, distance));
      goals.add(Goal.atMost("hitratio/count/cases-below-caffeine", "caffeine", 0, below));
    }
    for (RatioCase played : byBytes) {
      String caseName = "hitratio/bytes/" + played.trace() + "/" + Capacity.percent(played.percent());
      goals.add(Goal.atLeast(caseName, "caffeine", 0, played.overCaffeine()));
    }
    return goals;
  }

  private double measured(double value) {
    return exceeded.isEmpty() ? value : Double.NaN;
  }

  private double mean(ToDoubleFunction<RatioCase> value) {
    return byEntries.stream().mapToDouble(value).average().orElse(Double.NaN);
  }
}
