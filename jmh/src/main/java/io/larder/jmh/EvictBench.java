package io.larder.jmh;

import static io.larder.jmh.Implementation.CAFFEINE;
import static io.larder.jmh.Implementation.LARDER;

import io.larder.jmh.Probe.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs {@link EvictBenchmark} for Larder and Caffeine, round after round, and compares the rounds. */
final class EvictBench {
  private static final int FULL_ENTRIES = 1_000_000;
  private static final int QUICK_ENTRIES = 200_000;
  private static final int ROUNDS = 5;
  private static final int QUICK_ROUNDS = 2;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final double OVER_ROOMY = 1.5;
  private static final double OVER_GET = 3;

  private final Arguments arguments;
  private final Progress progress;

  EvictBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  Report run() {
    List<String> text = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    List<Object> raw = new ArrayList<>();
    List<Goal> goals = new ArrayList<>();
    for (int entries : arguments.entriesOr(arguments.quick() ? QUICK_ENTRIES : FULL_ENTRIES)) {
      List<Double> overRoomy = new ArrayList<>();
      List<Double> overGet = new ArrayList<>();
      List<Double> overCaffeine = new ArrayList<>();
      Table table =
          new Table(
              "round",
              "larder, full",
              "with room",
              "quotient",
              "get",
              "quotient",
              "caffeine, full",
              "with room",
              "larder÷it");
      for (int round = 1; round <= (arguments.quick() ? QUICK_ROUNDS : ROUNDS); round++) {
        Finding larder = probe(LARDER, entries, failures);
        Finding caffeine = probe(CAFFEINE, entries, failures);
        raw.add(Json.map("entries", entries, "larder", larder.values(), "caffeine", caffeine.values()));
        overRoomy.add(larder.value("full") / larder.value("roomy"));
        overGet.add(larder.value("full") / larder.value("get"));
        overCaffeine.add(larder.value("full") / caffeine.value("full"));
        table.row(
            Integer.toString(round),
            nanos(larder, "full"),
            nanos(larder, "roomy"),
            "%.2f".formatted(larder.value("full") / larder.value("roomy")),
            nanos(larder, "get"),
            "%.2f".formatted(larder.value("full") / larder.value("get")),
            nanos(caffeine, "full"),
            nanos(caffeine, "roomy"),
            "%.2f".formatted(larder.value("full") / caffeine.value("full")));
      }
      text.add("");
      text.add(
          "evict: nanoseconds of a put of a new key, and of a get from the full cache; %,d entries in it"
              .formatted(entries));
      text.addAll(table.lines());
      goals.add(Goal.atMost("evict/" + entries + "/full", "with-room", OVER_ROOMY, median(overRoomy)));
      goals.add(Goal.atMost("evict/" + entries + "/full", "get", OVER_GET, median(overGet)));
      goals.add(Goal.atMost("evict/" + entries + "/full", "caffeine", 1, median(overCaffeine)));
    }
    return new Report(text, goals, failures, Json.map("jvmFlags", JvmFlags.forLatency(), "results", raw));
  }

  private Finding probe(Implementation implementation, int entries, List<String> failures) {
    progress.begin("evict at %,d entries: %s".formatted(entries, implementation.label()));
    Finding finding =
        Probe.run(
            EvictBenchmark.class, JvmFlags.forLatency(), LIMIT, implementation.label(), Integer.toString(entries));
    progress.end(finding.failed() ? "failed" : "%.0f ns".formatted(finding.value("full")));
    if (finding.failed()) {
      failures.add("evict " + implementation.label() + ": " + finding.failure());
    }
    return finding;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static String nanos(Finding finding, String name) {
    return "%.0f".formatted(finding.value(name));
  }
}
