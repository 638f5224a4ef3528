package io.larder.jmh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * The tables of times per operation: one for each group of cases, each system beside Larder, and in dependent misses
 * where the group has the pointer chase.
 */
final class LatencyTables {
  private static final String NONE = "-";

  private final Outcomes outcomes;
  private final Predicate<Case> isLarder;

  /**
   * @param outcomes what was measured
   * @param isLarder whether a case is one that the others are compared with: the first of each group is taken
   */
  LatencyTables(Outcomes outcomes, Predicate<Case> isLarder) {
    this.outcomes = outcomes;
    this.isLarder = isLarder;
  }

  /** All tables with their headings, and what the columns are. */
  List<String> text(String title) {
    List<String> text = new ArrayList<>();
    outcomes
        .groups()
        .forEach(
            (group, members) -> {
              text.add("");
              text.add(title + ": " + group + ", nanoseconds per operation and thread");
              text.addAll(table(members).lines());
            });
    text.add("");
    text.add("±: half the 99.9 % interval of the mean");
    if (outcomes.byCase().keySet().stream().anyMatch(ChaseBenchmark::isOne)) {
      text.add("misses: the time over that of one dependent load from memory, as the row miss has it");
    }
    text.add("larder÷it: below 1 Larder is faster; in brackets the least and the most of the rounds");
    return text;
  }

  private Table table(List<Case> group) {
    boolean severalMethods =
        group.stream().filter(each -> !ChaseBenchmark.isOne(each)).map(Case::method).distinct().count() > 1;
    Outcome larder = first(group, isLarder);
    Outcome chase = first(group, ChaseBenchmark::isOne);
    Table table = new Table("", "ns/op", "±", "B/op", "misses", "larder÷it", "");
    for (Case each : group) {
      Outcome outcome = outcomes.of(each);
      String name = severalMethods ? each.name() : each.system();
      if (!outcome.measured()) {
        table.row(name, NONE, NONE, NONE, NONE, NONE, "failed, see below");
        continue;
      }
      table.row(
          name,
          "%.1f".formatted(outcome.score()),
          Double.isNaN(outcome.error()) ? NONE : "%.1f".formatted(outcome.error()),
          "%.1f".formatted(outcome.allocated()),
          chase.measured() ? "%.2f".formatted(outcome.over(chase)) : "",
          ratioText(larder, outcome),
          each.about());
    }
    return table;
  }

  private Outcome first(List<Case> group, Predicate<Case> wanted) {
    return group.stream().filter(wanted).findFirst().map(outcomes::of).orElseGet(Outcome::new);
  }

  private static String ratioText(Outcome larder, Outcome other) {
    return !larder.measured() || larder == other ? "" : spread(larder.over(other), larder.ratios(other));
  }

  /** A ratio, and in brackets the least and the most of the rounds. */
  static String spread(double ratio, double[] rounds) {
    double least = Arrays.stream(rounds).min().orElse(Double.NaN);
    double most = Arrays.stream(rounds).max().orElse(Double.NaN);
    return "%.2f [%.2f..%.2f]".formatted(ratio, least, most);
  }
}
