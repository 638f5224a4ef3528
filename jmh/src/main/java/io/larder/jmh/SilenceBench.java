package io.larder.jmh;

import io.larder.jmh.Probe.Finding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs {@link SilenceBenchmark} with an empty cache and with a full one, by turns, and sets the pauses side by side.
 */
final class SilenceBench {
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final long FULL_MEMORY_BYTES = 1L << 30;
  private static final long FULL_FILE_BYTES = 3L << 30;
  private static final long QUICK_MEMORY_BYTES = 1L << 28;
  private static final long QUICK_FILE_BYTES = 3L << 28;
  private static final int FULL_ROUNDS = 5;
  private static final int QUICK_ROUNDS = 2;
  private static final int SECONDS = 20;
  private static final double RATIO_MAX = 1.1;

  /** Less than the smallest object for each hundred operations. */
  private static final double BYTES_MAX = 0.1;

  private final Arguments arguments;
  private final Progress progress;

  SilenceBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  Report run() throws IOException {
    long memory = arguments.quick() ? QUICK_MEMORY_BYTES : FULL_MEMORY_BYTES;
    long file = arguments.quick() ? QUICK_FILE_BYTES : FULL_FILE_BYTES;
    int rounds = arguments.forks() == 0 ? (arguments.quick() ? QUICK_ROUNDS : FULL_ROUNDS) : arguments.forks();
    List<Finding> empty = new ArrayList<>();
    List<Finding> full = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    try (BenchFolder folder = BenchFolder.make(arguments.directory(), file + (file >> 4))) {
      for (int round = 0; round < rounds; round++) {
        add(empty, probe("empty", memory, file, folder), failures);
        add(full, probe("full", memory, file, folder), failures);
      }
    }
    return new Report(
        lines(empty, full),
        List.of(
            Goal.atMost("silence/pause-mean", "empty", RATIO_MAX, ratio(empty, full, SilenceBenchmark.PAUSE_MEAN)),
            Goal.atMost("silence/pause-p99", "empty", RATIO_MAX, ratio(empty, full, SilenceBenchmark.PAUSE_P99)),
            Goal.atMost(
                "silence/allocated", "operation", BYTES_MAX, mean(full, SilenceBenchmark.BYTES_PER_OPERATION))),
        failures,
        Json.map(
            "jvmFlags", JvmFlags.forExpiry(),
            "empty", empty.stream().map(Finding::values).toList(),
            "full", full.stream().map(Finding::values).toList()));
  }

  private Finding probe(String kind, long memory, long file, BenchFolder folder) {
    progress.begin("silence %s, %,d MiB above %,d MiB".formatted(kind, memory >> 20, file >> 20));
    Finding finding =
        Probe.run(
            SilenceBenchmark.class,
            JvmFlags.forExpiry(),
            LIMIT,
            kind,
            Long.toString(memory),
            Long.toString(file),
            folder.file("below.larder").toString(),
            Integer.toString(SECONDS));
    folder.clear();
    progress.end("mean pause %.0f us".formatted(finding.value(SilenceBenchmark.PAUSE_MEAN)));
    return finding;
  }

  private static void add(List<Finding> to, Finding finding, List<String> failures) {
    if (finding.failed()) {
      failures.add("silence: " + finding.failure());
    } else {
      to.add(finding);
    }
  }

  private static List<String> lines(List<Finding> empty, List<Finding> full) {
    Table table =
        new Table(
            "cache", "young pauses", "mean us", "p50", "p99", "max", "operations/s", "B/op", "demoted", "promoted",
            "held");
    empty.forEach(finding -> table.row(row("empty", finding)));
    full.forEach(finding -> table.row(row("full", finding)));
    return table.lines();
  }

  private static String[] row(String kind, Finding finding) {
    return new String[] {
      kind,
      "%,.0f".formatted(finding.value(SilenceBenchmark.PAUSES)),
      "%,.0f".formatted(finding.value(SilenceBenchmark.PAUSE_MEAN)),
      "%,.0f".formatted(finding.value(SilenceBenchmark.PAUSE_P50)),
      "%,.0f".formatted(finding.value(SilenceBenchmark.PAUSE_P99)),
      "%,.0f".formatted(finding.value(SilenceBenchmark.PAUSE_MAX)),
      "%,.0f".formatted(finding.value(SilenceBenchmark.OPERATIONS) / SECONDS),
      "%.3f".formatted(finding.value(SilenceBenchmark.BYTES_PER_OPERATION)),
      "%,.0f".formatted(finding.value(SilenceBenchmark.DEMOTIONS)),
      "%,.0f".formatted(finding.value(SilenceBenchmark.PROMOTIONS)),
      "%,.0f MiB".formatted(finding.value(SilenceBenchmark.HELD) / (1 << 20))
    };
  }

  private static double ratio(List<Finding> empty, List<Finding> full, String name) {
    return mean(full, name) / mean(empty, name);
  }

  private static double mean(List<Finding> findings, String name) {
    return findings.stream().mapToDouble(finding -> finding.value(name)).average().orElse(Double.NaN);
  }
}
