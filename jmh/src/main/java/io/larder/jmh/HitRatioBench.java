package io.larder.jmh;

import io.larder.jmh.trace.Trace;
import io.larder.jmh.trace.TraceFile;
import io.larder.jmh.trace.TraceSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Question: how many requests does Larder answer from the cache, beside Caffeine and others with as much room?
 *
 * <p>Hypothesis: its policy hits more often than Caffeine's on the mean of many traces, and it is never far behind the
 * best policy of a trace, whichever that is: recency, frequency and loops each have their day. At the same bytes it
 * has more hits still, as its entries take less beside their values.
 *
 * <p>Method: each trace is played to each contender at capacities from 0.1 to 25 % of its keys; what is absent is put.
 * The real caches play several times, each time with the bits of the keys mixed in another way. Traces with sizes are
 * played again with capacities in bytes, all told: Larder's memory, and what Caffeine's entries take of the heap.
 *
 * <p>Falsified by: a mean less than half a point over Caffeine's; a mean distance of more than 0.7 points to the best
 * that does not know the future; a case more than a point below Caffeine (two in a small cache); fewer hits than
 * Caffeine at the same bytes.
 */
final class HitRatioBench {
  private static final int FULL_RUNS = 3;
  private static final int QUICK_RUNS = 1;

  private final Arguments arguments;
  private final Progress progress;
  private final int runs;
  private final List<RatioCase> byEntries = new ArrayList<>();
  private final List<RatioCase> byBytes = new ArrayList<>();
  private final List<String> text = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  HitRatioBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
    this.runs = runs(arguments);
  }

  /** How often what differs from run to run is run. */
  static int runs(Arguments arguments) {
    return arguments.quick() ? QUICK_RUNS : FULL_RUNS;
  }

  /** The traces that were asked for, or those that need no file. */
  static List<TraceSource> sources(Arguments arguments) throws IOException {
    return arguments.traces() == null ? GeneratedTraces.all() : TraceFile.in(arguments.traces());
  }

  Report run() throws IOException {
    for (TraceSource source : sources(arguments)) {
      try {
        play(source.load());
      } catch (IOException unreadable) {
        failures.add(String.valueOf(unreadable.getMessage()));
      }
    }
    RatioSummary summary = new RatioSummary(byEntries, byBytes);
    text.addAll(summary.lines());
    failures.addAll(summary.failures());
    if (arguments.csv() != null) {
      RatioFiles.writeCsv(arguments.csv(), byEntries, byBytes);
    }
    if (arguments.plot() != null) {
      RatioFiles.plot(arguments.plot(), byEntries);
    }
    return new Report(
        text,
        summary.goals(),
        failures,
        Json.map("runs", runs, "entries", RatioFiles.toJson(byEntries), "bytes", RatioFiles.toJson(byBytes)));
  }

  private void play(Trace trace) {
    playByEntries(trace);
    if (trace.sized()) {
      playByBytes(trace);
    }
  }

  private void playByEntries(Trace trace) {
    List<RatioCase> cases = new ArrayList<>();
    for (double percent : Capacity.PERCENTS) {
      long entries = Capacity.of(percent, trace.keyCount());
      if (entries >= Capacity.ENTRIES_MIN) {
        Map<Contender, List<Tally>> tallies = new EnumMap<>(Contender.class);
        for (Contender contender : Contender.values()) {
          tallies.put(
              contender,
              play(trace, percent, entries, contender, mixed -> contender.open(mixed, (int) entries)));
        }
        cases.add(new RatioCase(trace.name(), percent, entries, tallies));
      }
    }
    text.addAll(RatioTables.byEntries(trace, cases));
    byEntries.addAll(cases);
  }

  private void playByBytes(Trace trace) {
    List<RatioCase> cases = new ArrayList<>();
    List<String> tooSmall = new ArrayList<>();
    for (double percent : Capacity.PERCENTS) {
      long bytes = Capacity.of(percent, trace.footprintBytes());
      if (bytes < LarderReplay.BYTES_MIN) {
        tooSmall.add(Capacity.percent(percent) + " %");
        continue;
      }
      Map<Contender, List<Tally>> tallies = new EnumMap<>(Contender.class);
      tallies.put(
          Contender.LARDER, play(trace, percent, bytes, Contender.LARDER, mixed -> LarderReplay.ofBytes(mixed, bytes)));
      tallies.put(
          Contender.CAFFEINE,
          play(trace, percent, bytes, Contender.CAFFEINE, mixed -> CaffeineReplay.ofBytes(mixed, bytes)));
      cases.add(new RatioCase(trace.name(), percent, bytes, tallies));
    }
    text.addAll(RatioTables.byBytes(trace, cases, tooSmall));
    byBytes.addAll(cases);
  }

  private List<Tally> play(
      Trace trace, double percent, long capacity, Contender contender, Function<Trace, Replay> opening) {
    progress.begin(
        "hitratio %s at %s %% (%,d), %s"
            .formatted(trace.name(), Capacity.percent(percent), capacity, contender.label()));
    int times = contender.real() ? runs : 1;
    List<Tally> tallies = Replay.repeat(times, trace, Costs.uniform(trace), opening);
    progress.end("%.2f %%".formatted(tallies.getFirst().hitPercent()));
    return tallies;
  }
}
