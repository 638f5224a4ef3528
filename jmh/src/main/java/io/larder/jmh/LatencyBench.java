package io.larder.jmh;

import static io.larder.jmh.Implementation.CAFFEINE;
import static io.larder.jmh.Implementation.CHM;
import static io.larder.jmh.Implementation.CHRONICLE;
import static io.larder.jmh.Implementation.EHCACHE;
import static io.larder.jmh.Implementation.LARDER;
import static io.larder.jmh.Implementation.MAPDB;
import static io.larder.jmh.Implementation.OHC;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/** The benchmarks that JMH runs: which cases, how their results are shown, which goals they have. */
final class LatencyBench {
  private static final int SMALL = 1_000;
  private static final int LARGE = 2_000_000;

  private final Arguments arguments;
  private final Suite suite;

  LatencyBench(Arguments arguments, Suite suite) {
    this.arguments = arguments;
    this.suite = suite;
  }

  /** Gets, by one thread and by two. */
  Report get() {
    List<Case> cases = casesOfEach(GetBenchmark.class, "get", 1);
    for (int entries : sizes()) {
      for (Implementation implementation : List.of(LARDER, CHM)) {
        addIfWanted(cases, new Case(GetBenchmark.class, "get", implementation, entries, 2));
      }
    }
    Map<Case, Outcome> outcomes = suite.run(cases);
    List<Goal> goals = new ArrayList<>();
    for (int entries : sizes()) {
      String name = "get/" + entries;
      Case larder = new Case(GetBenchmark.class, "get", LARDER, entries, 1);
      goals.add(Goal.atMost(name, CHM.label(), entries < LARGE ? 2.5 : 1.25, ratio(outcomes, larder, CHM)));
      goals.addAll(peerGoals(name, outcomes, larder));
      Case two = new Case(GetBenchmark.class, "get", LARDER, entries, 2);
      double speedup = 2 * ratio(outcomes, larder, two);
      goals.add(Goal.atLeast(name + "/2-threads", "one-thread", 1.8, speedup));
    }
    return report("get into a buffer", outcomes, goals);
  }

  /** Overwrites by one thread. */
  Report put() {
    Map<Case, Outcome> outcomes = suite.run(casesOfEach(PutBenchmark.class, "put", 1));
    List<Goal> goals = new ArrayList<>();
    for (int entries : sizes()) {
      Case larder = new Case(PutBenchmark.class, "put", LARDER, entries, 1);
      goals.addAll(peerGoals("put/" + entries, outcomes, larder));
    }
    return report("put, overwriting", outcomes, goals);
  }

  /** 90 gets to 10 puts by two threads. */
  Report mixed() {
    return report("90 % get, 10 % put", suite.run(casesOfEach(MixedBenchmark.class, "mixed", 2)), List.of());
  }

  /** Gets of 64 keys that are known at once. */
  Report batch() {
    List<Case> cases = new ArrayList<>();
    for (int entries : sizes()) {
      addIfWanted(cases, new Case(BatchBenchmark.class, "batch", LARDER, entries, 1));
      for (Implementation implementation : List.of(LARDER, CHM, CAFFEINE, CHRONICLE, OHC, EHCACHE)) {
        addIfWanted(cases, new Case(BatchBenchmark.class, "each", implementation, entries, 1));
      }
    }
    Map<Case, Outcome> outcomes = suite.run(cases);
    List<Goal> goals = new ArrayList<>();
    for (int entries : sizes()) {
      if (entries >= LARGE) {
        Case larder = new Case(BatchBenchmark.class, "batch", LARDER, entries, 1);
        Case chm = new Case(BatchBenchmark.class, "each", CHM, entries, 1);
        goals.add(Goal.atMost("batch/" + entries, CHM.label(), 0.75, ratio(outcomes, larder, chm)));
      }
    }
    return report(BatchBenchmark.BATCH_KEYS + " keys: one call (batch) or a loop (each), per key", outcomes, goals);
  }

  private List<Integer> sizes() {
    return arguments.entriesOr(SMALL, LARGE);
  }

  /** All implementations at all sizes. MapDB fills too slowly for the large size in a quick run. */
  private List<Case> casesOfEach(Class<?> benchmark, String method, int threads) {
    List<Case> cases = new ArrayList<>();
    for (int entries : sizes()) {
      for (Implementation implementation : Implementation.values()) {
        boolean tooSlow = arguments.quick() && implementation == MAPDB && entries >= LARGE;
        if (!tooSlow) {
          addIfWanted(cases, new Case(benchmark, method, implementation, entries, threads));
        }
      }
    }
    return cases;
  }

  private void addIfWanted(List<Case> cases, Case each) {
    if (arguments.only().contains(each.implementation())) {
      cases.add(each);
    }
  }

  /** The goals that get and put share at every size. */
  private static List<Goal> peerGoals(String name, Map<Case, Outcome> outcomes, Case larder) {
    return List.of(
        Goal.atMost(name, CHRONICLE.label(), 0.25, ratio(outcomes, larder, CHRONICLE)),
        Goal.atMost(name, OHC.label(), 0.5, ratio(outcomes, larder, OHC)),
        Goal.atMost(name, EHCACHE.label(), 0.5, ratio(outcomes, larder, EHCACHE)),
        Goal.atMost(name, CAFFEINE.label(), 1.0, ratio(outcomes, larder, CAFFEINE)));
  }

  private static double ratio(Map<Case, Outcome> outcomes, Case larder, Implementation peer) {
    return ratio(
        outcomes, larder, new Case(larder.benchmark(), larder.method(), peer, larder.entries(), larder.threads()));
  }

  /** Time per operation of one case divided by that of another; NaN if one of them was not measured. */
  private static double ratio(Map<Case, Outcome> outcomes, Case dividend, Case divisor) {
    Outcome above = outcomes.get(dividend);
    Outcome below = outcomes.get(divisor);
    if (above == null || below == null || !above.measured() || !below.measured()) {
      return Double.NaN;
    }
    return above.score() / below.score();
  }

  private static Report report(String title, Map<Case, Outcome> outcomes, List<Goal> goals) {
    Map<String, Map<Case, Outcome>> groups = new LinkedHashMap<>();
    List<String> failures = new ArrayList<>();
    outcomes.forEach(
        (each, outcome) -> {
          groups.computeIfAbsent(each.group(), group -> new LinkedHashMap<>()).put(each, outcome);
          if (outcome.failure() != null) {
            failures.add(each.label() + ": " + outcome.failure());
          }
        });
    List<String> text = new ArrayList<>();
    groups.forEach(
        (group, members) -> {
          text.add("");
          text.add(title + ": " + group + ", nanoseconds per operation and thread");
          text.addAll(table(members).lines());
        });
    text.add("");
    text.add("±: half the 99.9 % interval of the mean");
    text.add("larder÷it: below 1 Larder is faster; in brackets the least and the most of the rounds");
    return new Report(text, goals, failures, Json.map("jvmFlags", JvmFlags.forLatency(), "jmh", rawJson(outcomes)));
  }

  private static Table table(Map<Case, Outcome> group) {
    boolean severalMethods = group.keySet().stream().map(Case::method).distinct().count() > 1;
    Outcome larder = group.entrySet().stream()
        .filter(entry -> entry.getKey().implementation() == LARDER)
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseGet(Outcome::new);
    Table table = new Table("", "ns/op", "±", "B/op", "larder÷it", "");
    group.forEach(
        (each, outcome) -> {
          String name = each.implementation().label() + (severalMethods ? " " + each.method() : "");
          if (!outcome.measured()) {
            table.row(name, "-", "-", "-", "-", "failed, see below");
            return;
          }
          table.row(
              name,
              "%.1f".formatted(outcome.score()),
              Double.isNaN(outcome.error()) ? "-" : "%.1f".formatted(outcome.error()),
              "%.1f".formatted(outcome.allocated()),
              ratioText(larder, outcome),
              each.implementation().description());
        });
    return table;
  }

  private static String ratioText(Outcome larder, Outcome other) {
    if (!larder.measured() || larder == other) {
      return "";
    }
    double[] rounds = larder.ratios(other);
    double least = Arrays.stream(rounds).min().orElse(Double.NaN);
    double most = Arrays.stream(rounds).max().orElse(Double.NaN);
    return "%.2f [%.2f..%.2f]".formatted(larder.score() / other.score(), least, most);
  }

  private static Json.Raw rawJson(Map<Case, Outcome> outcomes) {
    List<RunResult> results =
        outcomes.values().stream().map(Outcome::total).filter(Objects::nonNull).collect(Collectors.toList());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(results);
    out.flush();
    return new Json.Raw(bytes.toString(StandardCharsets.UTF_8));
  }
}
