package io.larder.jmh;

import static io.larder.jmh.Implementation.LARDER;
import static io.larder.jmh.Implementation.LARDER_TYPED;
import static io.larder.jmh.Implementation.MAPDB;

import io.larder.jmh.Probe.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs {@link MemoryBenchmark} for every system and sets the bytes beside each other. */
final class MemoryBench {
  private static final int ENTRIES = 1_000_000;
  private static final double TOTAL_GOAL = 1.25;
  private static final double OVERHEAD_GOAL = 32;
  private static final String TIGHT = "larder, tight";
  private static final String ROOMY = "larder, roomy";
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final double MEBIBYTE = 1 << 20;

  private final Arguments arguments;
  private final Progress progress;

  MemoryBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  Report run() {
    List<String> text = new ArrayList<>();
    List<Goal> goals = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    List<Object> raw = new ArrayList<>();
    for (int entries : arguments.entriesOr(ENTRIES)) {
      Map<String, Finding> findings = measure(entries);
      findings.forEach((name, finding) -> {
        raw.add(Json.map("implementation", name, "entries", entries, "values", finding.values()));
        if (finding.failed()) {
          failures.add("memory " + name + ": " + finding.failure());
        }
      });
      text.addAll(describe(entries, findings));
      Finding larder = findings.get(ROOMY);
      if (larder != null && !larder.failed()) {
        goals.add(Goal.atMost(
            "memory/%d/header+index+policy".formatted(entries), "entry", OVERHEAD_GOAL, overhead(larder)));
        goals.add(Goal.atMost(
            "memory/%d/total".formatted(entries), "payload", TOTAL_GOAL,
            larder.value(LarderLedger.USED) / larder.value(LarderLedger.PAYLOAD)));
      }
    }
    return new Report(
        text, goals, failures, Json.map("jvmFlags", JvmFlags.forFootprint(), "results", raw));
  }

  private Map<String, Finding> measure(int entries) {
    Map<String, Finding> findings = new LinkedHashMap<>();
    if (arguments.only().contains(LARDER)) {
      long budget = (long) (TOTAL_GOAL * Shape.usual(entries).payloadBytes());
      findings.put(TIGHT, probe(LARDER.label(), Integer.toString(entries), Long.toString(budget)));
      findings.put(ROOMY, probe(LARDER.label(), Integer.toString(entries)));
    }
    for (Implementation implementation : Implementation.values()) {
      boolean isLarder = implementation == LARDER || implementation == LARDER_TYPED;
      boolean tooSlow = arguments.quick() && implementation == MAPDB;
      if (arguments.only().contains(implementation) && !isLarder && !tooSlow) {
        findings.put(implementation.label(), probe(implementation.label(), Integer.toString(entries)));
      }
    }
    return findings;
  }

  private Finding probe(String... args) {
    progress.begin("memory " + String.join(" ", args));
    Finding finding = Probe.run(MemoryBenchmark.class, JvmFlags.forFootprint(), LIMIT, args);
    progress.end(finding.failed() ? "failed" : "done");
    return finding;
  }

  /** Bytes per entry of header, index and policy, by Larder's ledger. */
  private static double overhead(Finding larder) {
    return (larder.value(LarderLedger.HEADERS) + larder.value(LarderLedger.INDEX) + larder.value(LarderLedger.METADATA))
        / larder.value(LarderLedger.ENTRIES);
  }

  private static List<String> describe(int entries, Map<String, Finding> findings) {
    long payload = Shape.usual(entries).payloadBytes();
    Table table =
        new Table(
            "", "present", "resident MiB", "÷ payload", "overhead B/entry", "live heap MiB", "own account MiB", "");
    findings.forEach((name, finding) -> {
      if (finding.failed()) {
        table.row(name, "-", "-", "-", "-", "-", "-", "failed, see below");
        return;
      }
      double resident = finding.value(MemoryBenchmark.RESIDENT);
      double used = finding.value(LarderLedger.USED);
      table.row(
          name,
          "%,.0f".formatted(finding.value(MemoryBenchmark.PRESENT)),
          "%.1f".formatted(resident / MEBIBYTE),
          "%.2f".formatted(resident / payload),
          "%.1f".formatted((resident - payload) / entries),
          "%.1f".formatted(finding.value(MemoryBenchmark.HEAP) / MEBIBYTE),
          Double.isNaN(used) ? "-" : "%.1f".formatted(used / MEBIBYTE),
          name.equals(Implementation.EHCACHE.label()) ? "takes its pool at the start" : "");
    });
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("memory: %,d entries of 24 + 100 bytes, %.1f MiB of payload, loaded into a JVM of their own"
        .formatted(entries, payload / MEBIBYTE));
    lines.addAll(table.lines());
    lines.add("");
    lines.add("resident: growth of anonymous resident memory (heap, off-heap) since the system was opened.");
    lines.add("tight: with a budget of %.2f x payload, to see that all entries fit.".formatted(TOTAL_GOAL));
    lines.add("roomy: with a larger one, resident from the start whether used or not; the ledger is this one's.");
    Finding larder = findings.get(ROOMY);
    if (larder != null && !larder.failed()) {
      lines.add("");
      lines.addAll(ledger(larder).lines());
    }
    return lines;
  }

  private static Table ledger(Finding larder) {
    Table table = new Table("Larder's ledger", "bytes", "per entry", "");
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put(LarderLedger.PAYLOAD, "keys and values");
    parts.put(LarderLedger.HEADERS, "entry headers, with policy bits");
    parts.put(LarderLedger.INDEX, "index tables");
    parts.put(LarderLedger.METADATA, "partitions, slab descriptors, counters");
    parts.put(LarderLedger.USED, "all in use, with rounding and free blocks");
    parts.forEach((name, meaning) -> table.row(
        name,
        "%,.0f".formatted(larder.value(name)),
        "%.1f".formatted(larder.value(name) / larder.value(LarderLedger.ENTRIES)),
        meaning));
    return table;
  }
}
