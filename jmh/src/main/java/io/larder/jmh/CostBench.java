package io.larder.jmh;

import io.larder.jmh.trace.Trace;
import io.larder.jmh.trace.TraceSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Question: how much of the work of computing values again does Larder save when it is told what each value costs?
 *
 * <p>Hypothesis: the misses of a cache that knows the costs cost less in all than those of one that does not, the more
 * so the more costs differ; and where they do not differ, nothing is lost.
 *
 * <p>Method: the traces of {@link HitRatioBench}, each key with a cost: 1 for all; in proportion to the size, known or
 * drawn; drawn from a law with a heavy tail. The costs of all misses are added up and divided by those of LRU.
 *
 * <p>Falsified by: a mean that is higher with costs than without, or higher than that of Caffeine, of LRU, or of a
 * simulated GreedyDual-Size-Frequency.
 */
final class CostBench {
  private final Arguments arguments;
  private final Progress progress;
  private final int runs;
  private final List<CostCase> cases = new ArrayList<>();
  private final List<String> text = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  CostBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
    this.runs = HitRatioBench.runs(arguments);
  }

  Report run() throws IOException {
    for (TraceSource source : HitRatioBench.sources(arguments)) {
      try {
        Trace trace = source.load();
        for (CostLaw law : CostLaw.values()) {
          play(trace, law);
        }
      } catch (IOException unreadable) {
        failures.add(String.valueOf(unreadable.getMessage()));
      }
    }
    CostSummary summary = new CostSummary(cases);
    text.addAll(summary.lines());
    failures.addAll(summary.failures());
    if (arguments.csv() != null) {
      CostFiles.writeCsv(arguments.csv(), cases);
    }
    return new Report(text, summary.goals(), failures, Json.map("runs", runs, "cases", CostFiles.toJson(cases)));
  }

  private void play(Trace trace, CostLaw law) {
    Costs costs = law.of(trace);
    List<CostCase> played = new ArrayList<>();
    for (double percent : Capacity.PERCENTS) {
      long entries = Capacity.of(percent, trace.keyCount());
      if (entries >= Capacity.ENTRIES_MIN) {
        played.add(play(trace, law, costs, percent, (int) entries));
      }
    }
    text.addAll(table(trace, law, played));
    cases.addAll(played);
  }

  private CostCase play(Trace trace, CostLaw law, Costs costs, double percent, int entries) {
    progress.begin(
        "cost %s, %s, at %s %% (%,d)".formatted(trace.name(), law.label(), Capacity.percent(percent), entries));
    Map<CostPlayer, List<Tally>> tallies = new EnumMap<>(CostPlayer.class);
    for (CostPlayer player : CostPlayer.values()) {
      int times = player.real() ? runs : 1;
      tallies.put(player, Replay.repeat(times, trace, costs, mixed -> player.open(mixed, entries, costs)));
    }
    CostCase played = new CostCase(trace.name(), law, percent, entries, tallies);
    progress.end("larder %.3f of lru".formatted(played.overLru(CostPlayer.LARDER)));
    return played;
  }

  private static List<String> table(Trace trace, CostLaw law, List<CostCase> cases) {
    Table table = new Table("of keys", "entries", "larder", "larder-blind", "caffeine", "gdsf", "lru's cost", "");
    for (CostCase played : cases) {
      table.row(
          Capacity.percent(played.percent()) + " %",
          "%,d".formatted(played.capacity()),
          "%.3f".formatted(played.overLru(CostPlayer.LARDER)),
          "%.3f".formatted(played.overLru(CostPlayer.LARDER_BLIND)),
          "%.3f".formatted(played.overLru(CostPlayer.CAFFEINE)),
          "%.3f".formatted(played.overLru(CostPlayer.GDSF)),
          "%,.0f".formatted(played.cost(CostPlayer.LRU)),
          played.exceeded() ? "larder holds %,.0f entries".formatted(played.larderEntries()) : "");
    }
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("%s, costs %s: costs of all misses, divided by those of lru".formatted(trace.name(), law.label()));
    lines.addAll(table.lines());
    return lines;
  }
}
