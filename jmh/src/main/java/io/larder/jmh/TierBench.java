package io.larder.jmh;

import io.larder.jmh.Probe.Finding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Runs {@link TierBenchmark} for our second tier and for Chronicle Map's, round after round. */
final class TierBench {
  private static final int FULL_ENTRIES = 2_000_000;
  private static final int QUICK_ENTRIES = 1_000_000;
  private static final int ROUNDS = 5;
  private static final int QUICK_ROUNDS = 2;
  private static final int SECONDS = 10;
  private static final int QUICK_SECONDS = 3;
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final double BELOW_GOAL = 4;
  private static final double READS_GOAL = 2;
  private static final double WRITES_GOAL = 4;

  /** Below an object in thousands of operations. */
  private static final double ALLOCATED_GOAL = 0.01;

  private static final List<String> LOADS = List.of("paced", "one", "two");

  private final Arguments arguments;
  private final Progress progress;
  private final Map<TierSystem, List<Finding>> caches = new EnumMap<>(TierSystem.class);
  private final Map<TierSystem, List<Finding>> tiers = new EnumMap<>(TierSystem.class);
  private final List<String> failures = new ArrayList<>();
  private final List<Object> raw = new ArrayList<>();

  TierBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  Report run() throws IOException {
    int entries = arguments.entriesOr(arguments.quick() ? QUICK_ENTRIES : FULL_ENTRIES).getFirst();
    try (BenchFolder folder = BenchFolder.make(arguments.directory(), 2 * TierSystem.fileBytes(entries))) {
      for (int round = 1; round <= (arguments.quick() ? QUICK_ROUNDS : ROUNDS); round++) {
        for (TierSystem system : TierSystem.values()) {
          if (arguments.only().contains(system.implementation())) {
            probe(TierBenchmark.TIER, system, entries, folder, tiers);
            probe(TierBenchmark.CACHE, system, entries, folder, caches);
          }
        }
      }
      return report(entries, folder.description());
    }
  }

  private void probe(
      String what,
      TierSystem system,
      int entries,
      BenchFolder folder,
      Map<TierSystem, List<Finding>> findings) {
    progress.begin("tiers at %,d entries: %s %s".formatted(entries, what, system.label()));
    Finding finding =
        Probe.run(
            TierBenchmark.class,
            JvmFlags.forLatency(),
            LIMIT,
            what,
            system.label(),
            folder.file(system.label()).toString(),
            Integer.toString(entries),
            Integer.toString(arguments.quick() ? QUICK_SECONDS : SECONDS));
    folder.clear();
    progress.end(finding.failed() ? "failed" : "done");
    if (finding.failed()) {
      failures.add("tiers " + what + " " + system.label() + ": " + finding.failure());
      return;
    }
    findings.computeIfAbsent(system, any -> new ArrayList<>()).add(finding);
    raw.add(Json.map("what", what, "system", system.label(), "entries", entries, "values", finding.values()));
  }

  private static double median(Map<TierSystem, List<Finding>> findings, TierSystem system, String name) {
    double[] sorted =
        findings.getOrDefault(system, List.of()).stream().mapToDouble(each -> each.value(name)).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }

  private Report report(int entries, String place) {
    List<String> text = new ArrayList<>();
    text.add("");
    text.add(
        "tiers: nanoseconds, the best windows, medians of rounds; %,d entries of 24 + 100 bytes in a file in %s"
            .formatted(entries, place));
    text.addAll(hits().lines());
    text.add("");
    text.add("demotion: entries a second");
    text.addAll(demotion().lines());
    text.add("");
    text.add("allocation: bytes for each operation");
    text.addAll(allocation().lines());
    return new Report(text, goals(), failures, Json.map("jvmFlags", JvmFlags.forLatency(), "results", raw));
  }

  private Table hits() {
    Table table =
        new Table(
            "",
            "hit above",
            "hit below",
            "÷ above",
            "hit below, promoted",
            "tier get",
            "tier put",
            "get, skewed",
            "put, skewed");
    for (TierSystem system : TierSystem.values()) {
      table.row(
          system.label(),
          nanos(median(caches, system, "above")),
          nanos(median(caches, system, "below")),
          "%.2f".formatted(median(caches, system, "quotient")),
          nanos(median(caches, system, "promoting")),
          nanos(median(tiers, system, "get")),
          nanos(median(tiers, system, "put")),
          nanos(median(tiers, system, "getSkewed")),
          nanos(median(tiers, system, "putSkewed")));
    }
    return table;
  }

  private static String nanos(double nanos) {
    return "%.0f".formatted(nanos);
  }

  private Table demotion() {
    Table table = new Table("writers", "evicted", "demoted", "skipped", "superseded", "dropped");
    for (String load : LOADS) {
      table.row(
          load.equals("paced") ? "paced, %,d/s".formatted(TierBenchmark.PACE) : load + ", unbounded",
          rate(load + ".evicted"),
          rate(load + ".demoted"),
          rate(load + ".skipped"),
          rate(load + ".superseded"),
          rate(load + ".dropped"));
    }
    return table;
  }

  private String rate(String name) {
    return "%,.0f".formatted(median(caches, TierSystem.LARDER, name));
  }

  private Table allocation() {
    Table table = new Table("", "bytes");
    table.row("hits above and below", allocated("hitAllocated"));
    table.row("hits that promote", allocated("promotingAllocated"));
    table.row("gets and puts, with promotion and demotion", allocated("mixedAllocated"));
    table.row("the same, by all threads of the JVM", allocated("mixedAllocatedByAll"));
    return table;
  }

  private String allocated(String name) {
    return "%.4f".formatted(median(caches, TierSystem.LARDER, name));
  }

  private List<Goal> goals() {
    TierSystem larder = TierSystem.LARDER;
    return List.of(
        Goal.atMost("tiers/hit-below", "hit-above", BELOW_GOAL, median(caches, larder, "quotient")),
        Goal.atLeast("tiers/reads", "chronicle", READS_GOAL, timesChronicle("get")),
        Goal.atLeast("tiers/writes", "chronicle", WRITES_GOAL, timesChronicle("put")),
        Goal.atLeast("tiers/reads-skewed", "chronicle", READS_GOAL, timesChronicle("getSkewed")),
        Goal.atLeast("tiers/writes-skewed", "chronicle", WRITES_GOAL, timesChronicle("putSkewed")),
        Goal.atMost("tiers/dropped", "evicted", ALLOCATED_GOAL, droppedPart()),
        Goal.atMost("tiers/allocated", "operation", ALLOCATED_GOAL, median(caches, larder, "mixedAllocated")));
  }

  /** How many times as fast our tier is. */
  private double timesChronicle(String name) {
    return median(tiers, TierSystem.CHRONICLE, name) / median(tiers, TierSystem.LARDER, name);
  }

  /** Which part of what is evicted at the pace is dropped. */
  private double droppedPart() {
    return median(caches, TierSystem.LARDER, "paced.dropped") / median(caches, TierSystem.LARDER, "paced.evicted");
  }
}
