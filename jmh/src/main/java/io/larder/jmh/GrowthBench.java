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

/** Runs {@link GrowthBenchmark} for every system and sets the tails beside each other. It has no goals in numbers. */
final class GrowthBench {
  private static final int FULL_ENTRIES = 20_000_000;
  private static final int QUICK_ENTRIES = 4_000_000;
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration QUICK_LIMIT = Duration.ofSeconds(60);

  private final Arguments arguments;
  private final Progress progress;

  GrowthBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  Report run() {
    List<String> text = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    List<Object> raw = new ArrayList<>();
    for (int entries : arguments.entriesOr(arguments.quick() ? QUICK_ENTRIES : FULL_ENTRIES)) {
      add(entries, measure(entries, arguments.only()), text, failures, raw);
    }
    if (arguments.quick() && arguments.entries().isEmpty() && arguments.only().contains(LARDER)) {
      add(FULL_ENTRIES, measure(FULL_ENTRIES, List.of(LARDER)), text, failures, raw);
    }
    return new Report(text, List.of(), failures, Json.map("jvmFlags", JvmFlags.forGrowth(), "results", raw));
  }

  private Map<Implementation, Finding> measure(int entries, Iterable<Implementation> wanted) {
    Map<Implementation, Finding> findings = new LinkedHashMap<>();
    for (Implementation implementation : wanted) {
      boolean tooSlow = arguments.quick() && implementation == MAPDB;
      if (implementation == LARDER_TYPED || tooSlow) {
        continue;
      }
      progress.begin("growth to %,d entries: %s".formatted(entries, implementation.label()));
      Finding finding =
          Probe.run(
              GrowthBenchmark.class,
              JvmFlags.forGrowth(),
              arguments.quick() ? QUICK_LIMIT : LIMIT,
              implementation.label(),
              Integer.toString(entries));
      progress.end(finding.failed() ? "failed" : "p99.99 %.1f µs".formatted(finding.value("p99.99") / 1000));
      findings.put(implementation, finding);
    }
    return findings;
  }

  private static void add(
      int entries,
      Map<Implementation, Finding> findings,
      List<String> text,
      List<String> failures,
      List<Object> raw) {
    Table table =
        new Table("", "present", "M puts/s", "p50", "p99", "p99.9", "p99.99", "p99.999", "max", "preempted", "");
    findings.forEach((implementation, finding) -> {
      String name = implementation.label();
      raw.add(Json.map("implementation", name, "entries", entries, "values", finding.values()));
      if (finding.failed()) {
        failures.add("growth " + name + ": " + finding.failure());
        table.row(name, "-", "-", "-", "-", "-", "-", "-", "-", "-", "failed, see below");
        return;
      }
      table.row(
          name,
          "%,.0f".formatted(finding.value("present")),
          "%.2f".formatted(entries / finding.value("seconds") / 1e6),
          micros(finding, "p50"),
          micros(finding, "p99"),
          micros(finding, "p99.9"),
          micros(finding, "p99.99"),
          micros(finding, "p99.999"),
          micros(finding, "max"),
          "%,.0f".formatted(finding.value("preemptions")),
          implementation == Implementation.CHRONICLE ? "told the count" : "");
    });
    text.add("");
    text.add("growth: 0 to %,d entries of 8 + 8 bytes, one thread, microseconds per put".formatted(entries));
    text.addAll(table.lines());
  }

  private static String micros(Finding finding, String name) {
    return "%,.1f".formatted(finding.value(name) / 1000);
  }
}
