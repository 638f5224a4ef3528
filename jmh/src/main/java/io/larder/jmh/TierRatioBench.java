package io.larder.jmh;

import io.larder.TierStats;
import io.larder.jmh.trace.Trace;
import io.larder.jmh.trace.TraceSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Question: do two tiers together hit as often as one cache of their combined size, and how much is written to the
 * second one for that?
 *
 * <p>Hypothesis: the hit ratio is that of one cache within half a point, although entries are copied between the tiers
 * and many lie in both; and much of what the memory evicts need not be written, as the tier has it already.
 *
 * <p>Method: each trace is played to a memory of 1 % of its keys above a file of 10 %, and to one cache of 11 %; what
 * is absent is put. What is evicted from the memory is demoted at once.
 *
 * <p>Falsified by: a mean hit ratio more than half a point below that of one cache; more than 70 % of the evicted
 * entries written.
 */
final class TierRatioBench {
  private static final double PERCENT_ABOVE = 1;
  private static final double PERCENT_BELOW = 10;
  private static final double LOSS_MAX = 0.5;
  private static final double WRITTEN_MAX = 0.7;

  private static final long FOLDER_BYTES = 1L << 30;

  /**
   * A trace that has been played.
   *
   * @param together hit ratio of both tiers, in percent
   * @param single hit ratio of one cache, in percent
   * @param above hit ratio of the memory alone, in percent
   * @param writesPerMiss entries written to the second tier for each miss of the memory
   * @param written the part of the evicted entries that was written
   */
  private record Played(
      String trace, double together, double single, double above, double writesPerMiss, double written) {
    Map<String, Object> toJson() {
      return Json.map(
          "trace", trace,
          "together", together,
          "single", single,
          "above", above,
          "writesPerMiss", writesPerMiss,
          "written", written);
    }
  }

  private final Arguments arguments;
  private final Progress progress;
  private final List<Played> all = new ArrayList<>();

  TierRatioBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  Report run() throws IOException {
    List<String> failures = new ArrayList<>();
    try (BenchFolder folder = BenchFolder.make(arguments.directory(), FOLDER_BYTES)) {
      for (TraceSource source : HitRatioBench.sources(arguments)) {
        try {
          play(source.load(), folder);
        } catch (IOException unreadable) {
          failures.add(String.valueOf(unreadable.getMessage()));
        }
      }
    }
    double together = all.stream().mapToDouble(Played::together).average().orElse(Double.NaN);
    double single = all.stream().mapToDouble(Played::single).average().orElse(Double.NaN);
    double written = all.stream().mapToDouble(Played::written).average().orElse(Double.NaN);
    List<String> text = new ArrayList<>(table().lines());
    text.add("");
    text.add(
        "mean: two tiers %.2f, one cache %.2f, written %.2f of what was evicted".formatted(together, single, written));
    return new Report(
        text,
        List.of(
            Goal.atMost("tierratio/loss", "one cache of the combined size", LOSS_MAX, single - together),
            Goal.atMost("tierratio/written", "all that is evicted", WRITTEN_MAX, written)),
        failures,
        Json.map("cases", all.stream().map(Played::toJson).toList()));
  }

  private void play(Trace trace, BenchFolder folder) {
    int above = (int) Capacity.of(PERCENT_ABOVE, trace.keyCount());
    int below = (int) Capacity.of(PERCENT_BELOW, trace.keyCount());
    if (above < Capacity.ENTRIES_MIN) {
      return;
    }
    progress.begin("tierratio %s, %,d above %,d".formatted(trace.name(), above, below));
    List<Tally> single =
        Replay.repeat(1, trace, Costs.uniform(trace), mixed -> LarderReplay.ofEntries(mixed, above + below));
    List<Tally> memory = Replay.repeat(1, trace, Costs.uniform(trace), mixed -> LarderReplay.ofEntries(mixed, above));
    Trace mixed = trace.remixed(0);
    try (TieredReplay tiered = new TieredReplay(mixed, above, below, folder.file("below.larder"))) {
      Tally tally = Replay.play(mixed, tiered, Costs.uniform(mixed));
      TierStats stats = tiered.stats();
      long memoryMisses = tally.requests() - tally.hits() + stats.hits();
      all.add(
          new Played(
              trace.name(),
              tally.hitPercent(),
              single.getFirst().hitPercent(),
              memory.getFirst().hitPercent(),
              (double) stats.demotions() / Math.max(1, memoryMisses),
              stats.writeRatio()));
    }
    folder.clear();
    progress.end("%.2f %%".formatted(all.getLast().together()));
  }

  private Table table() {
    Table table = new Table("trace", "two tiers", "one cache", "memory alone", "writes per miss of memory", "written");
    for (Played played : all) {
      table.row(
          played.trace(),
          "%.2f".formatted(played.together()),
          "%.2f".formatted(played.single()),
          "%.2f".formatted(played.above()),
          "%.2f".formatted(played.writesPerMiss()),
          "%.2f".formatted(played.written()));
    }
    return table;
  }
}
