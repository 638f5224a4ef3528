package io.larder.jmh;

import io.larder.jmh.Probe.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs {@link SafepointBenchmark} for each case, round after round, and compares the rounds. */
final class SafepointBench {
  private static final int ENTRIES = 1_000_000;
  private static final int QUICK_ENTRIES = 250_000;
  private static final int ROUNDS = 5;
  private static final int QUICK_ROUNDS = 2;
  private static final int SECONDS = 20;
  private static final int QUICK_SECONDS = 8;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final double OVER_MEMORY = 2;
  private static final double BYTES_PER_MIB = 1 << 20;
  private static final String MEMORY_FILES = "tmpfs";

  private final Arguments arguments;
  private final Progress progress;
  private final List<String> failures = new ArrayList<>();

  SafepointBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  Report run() throws IOException {
    List<String> text = new ArrayList<>();
    List<Goal> goals = new ArrayList<>();
    List<Object> raw = new ArrayList<>();
    Path given = arguments.directory();
    Path place = given == null ? Path.of(System.getProperty("java.io.tmpdir")) : given;
    String type = Files.getFileStore(place).type();
    if (type.equals(MEMORY_FILES)) {
      throw new IllegalArgumentException("--dir=" + place + " is a " + type + ", a disk is needed");
    }
    for (int entries : arguments.entriesOr(arguments.quick() ? QUICK_ENTRIES : ENTRIES)) {
      try (BenchFolder folder = BenchFolder.make(place, 2 * SafepointBenchmark.bytes(entries))) {
        Rounds<SafepointCase> rounds = measure(entries, folder);
        report(entries, rounds, text, goals);
        raw.add(Json.map("entries", entries, "rounds", rounds.toJson(SafepointCase::label)));
      }
    }
    text.add("files on " + place + " (" + type + "); nothing of them in memory at the begin of a round");
    text.add("medians of the rounds, in brackets the least and the most; counts of all rounds");
    text.add("net: the longest that one thread waited for a processor meanwhile is taken off");
    return new Report(text, goals, failures, Json.map("jvmFlags", JvmFlags.forSafepoints(), "results", raw));
  }

  private Rounds<SafepointCase> measure(int entries, BenchFolder folder) throws IOException {
    for (SafepointCase each : SafepointCase.values()) {
      if (each.isFile()) {
        probe(each, entries, "filling", JvmFlags.forSafepoints(), folder, "fill");
      }
    }
    Rounds<SafepointCase> rounds = new Rounds<>();
    int usual = arguments.quick() ? QUICK_ROUNDS : ROUNDS;
    int count = arguments.forks() == 0 ? usual : arguments.forks();
    for (int round = 1; round <= count; round++) {
      rounds.begin();
      for (SafepointCase each : SafepointCase.values()) {
        Path log = folder.file("safepoints.log");
        Files.deleteIfExists(log);
        List<String> flags = new ArrayList<>(JvmFlags.forSafepoints());
        flags.add(SafepointLog.flag(log));
        String seconds = Integer.toString(arguments.quick() ? QUICK_SECONDS : SECONDS);
        rounds.add(
            each,
            probe(each, entries, "round " + round + " of " + count, flags, folder, "measure", seconds, log.toString()));
      }
    }
    return rounds;
  }

  private Finding probe(
      SafepointCase each, int entries, String what, List<String> flags, BenchFolder folder, String role,
      String... more) {
    progress.begin("safepoints at %,d entries, %s: %s".formatted(entries, what, each.description()));
    List<String> args = new ArrayList<>();
    args.addAll(List.of(role, each.name(), Integer.toString(entries), folder.file(each.label()).toString()));
    args.addAll(List.of(more));
    Finding finding = Probe.run(SafepointBenchmark.class, flags, LIMIT, args.toArray(String[]::new));
    progress.end(finding.failed() ? "failed" : more.length == 0 ? "done" : "%.0f µs".formatted(finding.value("max")));
    if (finding.failed()) {
      failures.add("safepoints " + each.label() + ": " + finding.failure());
    }
    return finding;
  }

  // ---- reporting

  private static void report(int entries, Rounds<SafepointCase> rounds, List<String> text, List<Goal> goals) {
    Table table =
        new Table(
            "", "p50", "p99", "max", "over 1 ms", "net max", "÷memory", "over 1 ms", "gets/s", "MiB before", "after",
            "");
    for (SafepointCase each : SafepointCase.values()) {
      table.row(
          each.description(),
          spread(rounds.values(each, "p50"), 1),
          spread(rounds.values(each, "p99"), 1),
          spread(rounds.values(each, "max"), 1),
          share(rounds, each, "slow"),
          spread(rounds.values(each, "netMax"), 1),
          spread(rounds.ratios(each, SafepointCase.MEMORY, "netMax"), 1),
          share(rounds, each, "netSlow"),
          "%.0f".formatted(Rounds.median(rounds.values(each, "getsPerSecond"))),
          each.isFile() ? mebibytes(rounds, each, "residentBefore") : "-",
          each.isFile() ? mebibytes(rounds, each, "residentAfter") : "-",
          "");
    }
    text.add("");
    text.add("safepoints: microseconds until all threads have stopped, %,d entries".formatted(entries));
    text.addAll(table.lines());
    for (String quantile : List.of("p99", "max", "netMax")) {
      goals.add(
          Goal.atMost(
              "safepoints/" + entries + "/" + quantile, "memory", OVER_MEMORY,
              Rounds.median(rounds.ratios(SafepointCase.TIER, SafepointCase.MEMORY, quantile))));
    }
  }

  /** How many of all safepoints. */
  private static String share(Rounds<SafepointCase> rounds, SafepointCase each, String name) {
    double count = rounds.values(each, name).stream().mapToDouble(Double::doubleValue).sum();
    double all = rounds.values(each, "safepoints").stream().mapToDouble(Double::doubleValue).sum();
    return "%.0f of %.0f".formatted(count, all);
  }

  private static String mebibytes(Rounds<SafepointCase> rounds, SafepointCase each, String name) {
    return spread(rounds.values(each, name), BYTES_PER_MIB);
  }

  private static String spread(List<Double> values, double unit) {
    return Rounds.spread(values, unit, 1);
  }
}
