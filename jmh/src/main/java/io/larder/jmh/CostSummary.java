package io.larder.jmh;

import java.util.ArrayList;
import java.util.List;

/** What all cases with costs say together, and the goals. */
final class CostSummary {
  private final List<CostCase> cases;

  CostSummary(List<CostCase> cases) {
    this.cases = cases;
  }

  /** The means, a row for each law. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (cases.isEmpty()) {
      return lines;
    }
    Table table = new Table("costs", "larder", "larder-blind", "caffeine", "gdsf", "");
    for (CostLaw law : CostLaw.values()) {
      table.row(
          law.label(),
          "%.3f".formatted(mean(law, CostPlayer.LARDER)),
          "%.3f".formatted(mean(law, CostPlayer.LARDER_BLIND)),
          "%.3f".formatted(mean(law, CostPlayer.CAFFEINE)),
          "%.3f".formatted(mean(law, CostPlayer.GDSF)),
          "");
    }
    lines.add("");
    lines.add("all %d cases: mean of the costs of all misses, divided by those of lru".formatted(cases.size()));
    lines.addAll(table.lines());
    return lines;
  }

  /** Says when the goals were not measured. */
  List<String> failures() {
    long exceeded = cases.stream().filter(CostCase::exceeded).count();
    return exceeded == 0
        ? List.of()
        : List.of("larder held more entries than the capacity in %d of %d cases".formatted(exceeded, cases.size()));
  }

  List<Goal> goals() {
    List<Goal> goals = new ArrayList<>();
    if (cases.isEmpty()) {
      return goals;
    }
    boolean measured = cases.stream().noneMatch(CostCase::exceeded);
    for (CostLaw law : CostLaw.values()) {
      for (CostPlayer other : CostPlayer.values()) {
        if (other != CostPlayer.LARDER && !sameAsLarder(other, law)) {
          double ratio = mean(law, CostPlayer.LARDER) / mean(law, other);
          goals.add(Goal.atMost("cost/" + law.label() + "/misses", other.label(), 1, measured ? ratio : Double.NaN));
        }
      }
    }
    return goals;
  }

  /** Where all costs are 1, knowing them makes no difference. */
  private static boolean sameAsLarder(CostPlayer player, CostLaw law) {
    return player == CostPlayer.LARDER_BLIND && law == CostLaw.UNIFORM;
  }

  private double mean(CostLaw law, CostPlayer player) {
    return cases.stream()
        .filter(played -> played.law() == law)
        .mapToDouble(played -> played.overLru(player))
        .average()
        .orElse(Double.NaN);
  }
}
