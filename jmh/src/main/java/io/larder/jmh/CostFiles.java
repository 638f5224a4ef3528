package io.larder.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The files that the costs of misses are written to: every number as CSV and JSON. */
final class CostFiles {
  private static final String CSV_HEADS = "costs,trace,percent,capacity,player,run,miss_cost,hit_percent";

  private CostFiles() {}

  static void writeCsv(Path file, List<CostCase> cases) throws IOException {
    List<String> lines = new ArrayList<>(List.of(CSV_HEADS));
    for (CostCase played : cases) {
      played.tallies().forEach((player, runs) -> addCsv(played, player, runs, lines));
    }
    Files.write(file, lines);
  }

  private static void addCsv(CostCase played, CostPlayer player, List<Tally> runs, List<String> lines) {
    for (int run = 0; run < runs.size(); run++) {
      lines.add(
          String.join(
              ",",
              played.law().label(),
              played.trace(),
              Capacity.percent(played.percent()),
              Long.toString(played.capacity()),
              player.label(),
              Integer.toString(run + 1),
              Long.toString(runs.get(run).missCost()),
              Double.toString(runs.get(run).hitPercent())));
    }
  }

  static List<Object> toJson(List<CostCase> cases) {
    List<Object> json = new ArrayList<>();
    for (CostCase played : cases) {
      Map<String, Object> missCosts = Json.map();
      played.tallies().forEach((player, runs) ->
          missCosts.put(player.label(), runs.stream().map(Tally::missCost).toList()));
      json.add(
          Json.map(
              "trace", played.trace(),
              "costs", played.law().label(),
              "percent", played.percent(),
              "capacity", played.capacity(),
              "missCosts", missCosts));
    }
    return json;
  }
}
