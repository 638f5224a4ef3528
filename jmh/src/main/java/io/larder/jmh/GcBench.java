package io.larder.jmh;

import io.larder.jmh.Probe.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs {@link GcBenchmark} for every system under each collector, round after round, and compares the rounds. */
final class GcBench {
  /** Of 1,050 bytes on average: 6 GiB, or 1 GiB. */
  private static final int ENTRIES = 6_200_000;

  private static final int QUICK_ENTRIES = 1_000_000;
  private static final int ROUNDS = 5;
  private static final int QUICK_ROUNDS = 2;
  private static final int WARM_SECONDS = 20;
  private static final int QUICK_WARM_SECONDS = 3;
  private static final int SECONDS = 60;
  private static final int QUICK_SECONDS = 8;
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final long LOG_BYTES = 64L << 20;

  /** Beside cache and heap: code, threads, and what the collector itself takes. */
  private static final long SPARE_BYTES = 1L << 30;

  /** A service that is later than that when it ends has not held its rate. */
  private static final double LATE_MILLIS_MAX = 500;

  private static final double G1_GOAL = 0.1;
  private static final double ZGC_GOAL = 1;
  private static final double NONE_GOAL = 1.1;
  private static final double MICROS_PER_MILLI = 1e3;
  private static final double PERCENT = 0.01;
  private static final double MEBIBYTE = 1 << 20;

  private final Arguments arguments;
  private final Progress progress;
  private final List<String> text = new ArrayList<>();
  private final List<Goal> goals = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  /**
   * What a JVM measures.
   *
   * @param collector its collector
   * @param system the system in it
   */
  private record GcCase(Collector collector, GcSystem system) {
    String label() {
      return collector.label() + "/" + system.label();
    }

    List<String> flags(int entries) {
      return JvmFlags.forService(collector, system.heapBytes(entries));
    }
  }

  GcBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  Report run() throws IOException {
    List<Object> raw = new ArrayList<>();
    for (int entries : arguments.entriesOr(arguments.quick() ? QUICK_ENTRIES : ENTRIES)) {
      requireMemory(GcSystem.budgetBytes(entries) + SPARE_BYTES);
      Rounds<GcCase> rounds = measure(entries);
      report(entries, rounds);
      raw.add(Json.map("entries", entries, "jvmFlags", flags(entries), "rounds", rounds.toJson(GcCase::label)));
    }
    text.add("");
    text.add("medians of the rounds, in brackets the least and the most");
    text.add("each time is from the moment at which the request was due; late: how late the last one began");
    text.add("pauses: all threads stopped; stalls: threads that waited for ZGC to free memory");
    text.add("cpu: percent of a core, of the collector's threads and of the service's");
    return new Report(text, goals, failures, Json.map("results", raw));
  }

  /** Swapping would be measured otherwise. */
  private static void requireMemory(long bytes) {
    String available = Provenance.field(Path.of("/proc/meminfo"), "MemAvailable").replaceAll("[^0-9]", "");
    if (!available.isEmpty() && Long.parseLong(available) << 10 < bytes) {
      throw new IllegalArgumentException(
          "%,d MiB of memory are needed, there are %,d; --entries takes fewer"
              .formatted(bytes >> 20, Long.parseLong(available) >> 10));
    }
  }

  private Map<String, Object> flags(int entries) {
    Map<String, Object> flags = Json.map();
    for (Collector collector : Collector.values()) {
      cases(collector).forEach(each -> flags.put(each.label(), each.flags(entries)));
    }
    return flags;
  }

  private Rounds<GcCase> measure(int entries) throws IOException {
    Rounds<GcCase> rounds = new Rounds<>();
    int usual = arguments.quick() ? QUICK_ROUNDS : ROUNDS;
    int count = arguments.forks() == 0 ? usual : arguments.forks();
    try (BenchFolder folder = BenchFolder.make(arguments.directory(), LOG_BYTES)) {
      for (int round = 1; round <= count; round++) {
        rounds.begin();
        for (Collector collector : Collector.values()) {
          for (GcCase each : cases(collector)) {
            rounds.add(each, probe(each, entries, "round %d of %d".formatted(round, count), folder));
          }
        }
      }
    }
    return rounds;
  }

  private Finding probe(GcCase each, int entries, String what, BenchFolder folder) throws IOException {
    progress.begin("gc at %,d entries, %s: %s".formatted(entries, what, each.label()));
    Path log = folder.file("gc.log");
    Files.deleteIfExists(log);
    List<String> flags = new ArrayList<>(each.flags(entries));
    flags.add(SafepointLog.flag(log));
    Finding finding =
        Probe.run(
            GcBenchmark.class,
            flags,
            LIMIT,
            each.system().label(),
            Integer.toString(entries),
            Integer.toString(arguments.quick() ? QUICK_WARM_SECONDS : WARM_SECONDS),
            Integer.toString(arguments.quick() ? QUICK_SECONDS : SECONDS),
            log.toString());
    progress.end(
        finding.failed()
            ? "failed"
            : "p99.99 %,.2f ms".formatted(finding.value(GcBenchmark.P99_99) / MICROS_PER_MILLI));
    if (finding.failed()) {
      failures.add("gc " + each.label() + ": " + finding.failure());
    }
    return finding;
  }

  // ---- reporting

  private void report(int entries, Rounds<GcCase> rounds) {
    text.add("");
    text.add(
        "gc: %,d entries, %,d MiB of values; %,d requests/s, each %d gets and a put, %d to %d KiB of garbage"
            .formatted(
                entries, GcSystem.liveBytes(entries) >> 20, GcBenchmark.RATE, GcService.GETS,
                GcService.GARBAGE_BYTES_MIN >> 10, GcService.GARBAGE_BYTES_MAX >> 10));
    text.add("memory of cache and heap together: %,d MiB".formatted(GcSystem.budgetBytes(entries) >> 20));
    for (Collector collector : Collector.values()) {
      text.add("");
      text.add(collector.label() + ": milliseconds of a request");
      text.addAll(times(collector, rounds).lines());
      text.add("");
      text.add(collector.label() + ": the collector's work");
      text.addAll(work(collector, entries, rounds).lines());
      addGoals(collector, entries, rounds);
    }
  }

  private Table times(Collector collector, Rounds<GcCase> rounds) {
    Table table = new Table("", "p50", "p99", "p99.9", "p99.99", "max", "late", "hits", "");
    for (GcCase each : cases(collector)) {
      table.row(
          each.system().label(),
          millis(each, GcBenchmark.P50, rounds),
          millis(each, GcBenchmark.P99, rounds),
          millis(each, GcBenchmark.P99_9, rounds),
          millis(each, GcBenchmark.P99_99, rounds),
          millis(each, GcBenchmark.MAX, rounds),
          "%,.1f".formatted(Rounds.median(rounds.values(each, GcBenchmark.LATE))),
          "%.1f %%".formatted(Rounds.median(rounds.values(each, GcBenchmark.HITS)) / PERCENT),
          held(each, rounds) ? each.system().description() : "has not held the rate");
    }
    return table;
  }

  private static boolean held(GcCase each, Rounds<GcCase> rounds) {
    return rounds.values(each, GcBenchmark.LATE).stream().allMatch(late -> late <= LATE_MILLIS_MAX);
  }

  private static String millis(GcCase each, String name, Rounds<GcCase> rounds) {
    return Rounds.spread(rounds.values(each, name), MICROS_PER_MILLI, 2);
  }

  private Table work(Collector collector, int entries, Rounds<GcCase> rounds) {
    Table table =
        new Table(
            "", "pauses", "total ms", "longest ms", "stalls", "cpu %", "service cpu %", "MiB/s allocated",
            "heap MiB", "resident MiB", "");
    for (GcCase each : cases(collector)) {
      table.row(
          each.system().label(),
          count(each, GcBenchmark.PAUSES, rounds),
          Rounds.spread(rounds.values(each, GcBenchmark.PAUSES_TOTAL), 1, 1),
          Rounds.spread(rounds.values(each, GcBenchmark.PAUSE_MAX), 1, 2),
          count(each, GcBenchmark.STALLS, rounds),
          Rounds.spread(rounds.values(each, GcBenchmark.GC_CPU), PERCENT, 1),
          "%.0f".formatted(Rounds.median(rounds.values(each, GcBenchmark.SERVICE_CPU)) / PERCENT),
          "%,.0f".formatted(Rounds.median(rounds.values(each, GcBenchmark.ALLOCATED)) / MEBIBYTE),
          "%,d".formatted(each.system().heapBytes(entries) >> 20),
          "%,.0f".formatted(Rounds.median(rounds.values(each, GcBenchmark.RESIDENT)) / MEBIBYTE),
          "");
    }
    return table;
  }

  private static String count(GcCase each, String name, Rounds<GcCase> rounds) {
    return "%,.0f".formatted(Rounds.median(rounds.values(each, name)));
  }

  private List<GcCase> cases(Collector collector) {
    return Stream.of(GcSystem.values())
        .filter(system -> system.isWanted(arguments))
        .map(system -> new GcCase(collector, system))
        .toList();
  }

  private void addGoals(Collector collector, int entries, Rounds<GcCase> rounds) {
    String name = "gc/%d/%s/".formatted(entries, collector.label());
    double bound = collector == Collector.G1 ? G1_GOAL : ZGC_GOAL;
    goals.add(goal(name + "p99.99", GcSystem.CAFFEINE, bound, collector, GcBenchmark.P99_99, rounds));
    goals.add(goal(name + "cpu", GcSystem.NONE, NONE_GOAL, collector, GcBenchmark.GC_CPU, rounds));
    goals.add(goal(name + "pauses-total", GcSystem.NONE, NONE_GOAL, collector, GcBenchmark.PAUSES_TOTAL, rounds));
    goals.add(goal(name + "pause-longest", GcSystem.NONE, NONE_GOAL, collector, GcBenchmark.PAUSE_MAX, rounds));
  }

  private static Goal goal(
      String name, GcSystem peer, double bound, Collector collector, String value, Rounds<GcCase> rounds) {
    List<Double> ratios =
        rounds.ratios(new GcCase(collector, GcSystem.LARDER), new GcCase(collector, peer), value);
    return Goal.atMost(name, peer.label(), bound, Rounds.median(ratios));
  }
}
