package io.larder.jmh;

import static io.larder.jmh.Implementation.CAFFEINE;
import static io.larder.jmh.Implementation.CHM;
import static io.larder.jmh.Implementation.CHRONICLE;
import static io.larder.jmh.Implementation.EHCACHE;
import static io.larder.jmh.Implementation.LARDER;
import static io.larder.jmh.Implementation.MAPDB;
import static io.larder.jmh.Implementation.OHC;

import java.util.ArrayList;
import java.util.List;

/** The benchmarks that JMH runs: which cases, how their results are shown, which goals they have. */
final class LatencyBench {
  /** From so many entries on, a set is large: it does not fit into the processor's caches. */
  static final int LARGE = 2_000_000;

  private static final int SMALL = 1_000;

  /** Dependent misses that a hit in a large set may take. */
  private static final double MISSES_OF_HIT = 3.5;

  private static final double PUT_OVER_GET = 1.5;
  private static final double OVER_CAFFEINE_WHEN_MIXED = 0.5;

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
      addChase(cases, entries, 2);
      for (Implementation implementation : List.of(LARDER, CHM)) {
        addIfWanted(cases, GetBenchmark.class, "get", implementation, entries, 2);
      }
    }
    Outcomes outcomes = suite.run(cases);
    return report("get into a buffer", outcomes, getGoals(outcomes));
  }

  /** Goals of gets, for each size. */
  List<Goal> getGoals(Outcomes outcomes) {
    List<Goal> goals = new ArrayList<>();
    for (int entries : sizes()) {
      String name = "get/" + entries;
      Case larder = Case.of(GetBenchmark.class, "get", LARDER, entries, 1);
      double overMap = ratio(outcomes, larder, CHM);
      goals.add(Goal.atMost(name, CHM.label(), entries < LARGE ? 2.5 : 1.25, overMap));
      goals.add(Goal.atMost(name, CHM.label(), entries < LARGE ? 2.0 : 1.0, overMap));
      goals.addAll(peerGoals(name, outcomes, larder));
      if (entries >= LARGE) {
        double misses = outcomes.ratio(larder, ChaseBenchmark.caseOf(entries, 1));
        goals.add(Goal.atMost(name, ChaseBenchmark.LABEL, MISSES_OF_HIT, misses));
      }
      Case two = Case.of(GetBenchmark.class, "get", LARDER, entries, 2);
      goals.add(Goal.atLeast(name + "/2-threads", "one-thread", 1.8, 2 * outcomes.ratio(larder, two)));
    }
    return goals;
  }

  /** Overwrites by one thread; in large sets beside gets of Larder. */
  Report put() {
    List<Case> cases = casesOfEach(PutBenchmark.class, "put", 1);
    for (int entries : sizes()) {
      if (entries >= LARGE) {
        addIfWanted(cases, GetBenchmark.class, "get", LARDER, entries, 1);
      }
    }
    Outcomes outcomes = suite.run(cases);
    return report("put, overwriting", outcomes, putGoals(outcomes));
  }

  /** Goals of overwrites, for each size. */
  List<Goal> putGoals(Outcomes outcomes) {
    List<Goal> goals = new ArrayList<>();
    for (int entries : sizes()) {
      String name = "put/" + entries;
      Case larder = Case.of(PutBenchmark.class, "put", LARDER, entries, 1);
      goals.addAll(peerGoals(name, outcomes, larder));
      if (entries >= LARGE) {
        Case get = Case.of(GetBenchmark.class, "get", LARDER, entries, 1);
        goals.add(Goal.atMost(name, "get", PUT_OVER_GET, outcomes.ratio(larder, get)));
      }
    }
    return goals;
  }

  /** 90 gets to 10 puts by two threads. */
  Report mixed() {
    Outcomes outcomes = suite.run(casesOfEach(MixedBenchmark.class, "mixed", 2));
    return report("90 % get, 10 % put", outcomes, mixedGoals(outcomes));
  }

  /** Goals of the mix, for each large size. */
  List<Goal> mixedGoals(Outcomes outcomes) {
    List<Goal> goals = new ArrayList<>();
    for (int entries : sizes()) {
      if (entries >= LARGE) {
        Case larder = Case.of(MixedBenchmark.class, "mixed", LARDER, entries, 2);
        double ratio = ratio(outcomes, larder, CAFFEINE);
        goals.add(Goal.atMost("mixed/" + entries, CAFFEINE.label(), OVER_CAFFEINE_WHEN_MIXED, ratio));
      }
    }
    return goals;
  }

  /** Gets of 64 keys that are known at once. */
  Report batch() {
    List<Case> cases = new ArrayList<>();
    for (int entries : sizes()) {
      addChase(cases, entries, 1);
      addIfWanted(cases, BatchBenchmark.class, "batch", LARDER, entries, 1);
      for (Implementation implementation : List.of(LARDER, CHM, CAFFEINE, CHRONICLE, OHC, EHCACHE)) {
        addIfWanted(cases, BatchBenchmark.class, "each", implementation, entries, 1);
      }
    }
    Outcomes outcomes = suite.run(cases);
    String title = BatchBenchmark.BATCH_KEYS + " keys: one call (batch) or a loop (each), per key";
    return report(title, outcomes, batchGoals(outcomes));
  }

  /** Goals of batches, for each large size. */
  List<Goal> batchGoals(Outcomes outcomes) {
    List<Goal> goals = new ArrayList<>();
    for (int entries : sizes()) {
      if (entries >= LARGE) {
        Case larder = Case.of(BatchBenchmark.class, "batch", LARDER, entries, 1);
        double overMap = outcomes.ratio(larder, Case.of(BatchBenchmark.class, "each", CHM, entries, 1));
        goals.add(Goal.atMost("batch/" + entries, CHM.label(), 0.75, overMap));
        goals.add(Goal.atMost("batch/" + entries, CHM.label(), 0.6, overMap));
      }
    }
    return goals;
  }

  private List<Integer> sizes() {
    return arguments.entriesOr(SMALL, LARGE);
  }

  /**
   * All implementations at all sizes, and the pointer chase at the large ones. MapDB fills too slowly for these in a
   * quick run.
   */
  private List<Case> casesOfEach(Class<?> benchmark, String method, int threads) {
    List<Case> cases = new ArrayList<>();
    for (int entries : sizes()) {
      addChase(cases, entries, threads);
      for (Implementation implementation : Implementation.values()) {
        boolean tooSlow = arguments.quick() && implementation == MAPDB && entries >= LARGE;
        if (!tooSlow) {
          addIfWanted(cases, benchmark, method, implementation, entries, threads);
        }
      }
    }
    return cases;
  }

  private static void addChase(List<Case> cases, int entries, int threads) {
    if (entries >= LARGE) {
      cases.add(ChaseBenchmark.caseOf(entries, threads));
    }
  }

  private void addIfWanted(
      List<Case> cases, Class<?> benchmark, String method, Implementation implementation, int entries, int threads) {
    if (arguments.only().contains(implementation)) {
      cases.add(Case.of(benchmark, method, implementation, entries, threads));
    }
  }

  /** The goals that get and put share at every size. */
  private static List<Goal> peerGoals(String name, Outcomes outcomes, Case larder) {
    double overChronicle = ratio(outcomes, larder, CHRONICLE);
    double overOhc = ratio(outcomes, larder, OHC);
    double overEhcache = ratio(outcomes, larder, EHCACHE);
    return List.of(
        Goal.atMost(name, CHRONICLE.label(), 0.25, overChronicle),
        Goal.atMost(name, CHRONICLE.label(), 0.2, overChronicle),
        Goal.atMost(name, OHC.label(), 0.5, overOhc),
        Goal.atMost(name, OHC.label(), 1.0 / 3, overOhc),
        Goal.atMost(name, EHCACHE.label(), 0.5, overEhcache),
        Goal.atMost(name, EHCACHE.label(), 1.0 / 3, overEhcache),
        Goal.atMost(name, MAPDB.label(), 1.0 / 3, ratio(outcomes, larder, MAPDB)),
        Goal.atMost(name, CAFFEINE.label(), 1.0, ratio(outcomes, larder, CAFFEINE)));
  }

  private static double ratio(Outcomes outcomes, Case larder, Implementation peer) {
    return outcomes.ratio(
        larder, Case.of(larder.benchmark(), larder.method(), peer, larder.entries(), larder.threads()));
  }

  private static Report report(String title, Outcomes outcomes, List<Goal> goals) {
    List<String> text = new LatencyTables(outcomes, each -> each.system().equals(LARDER.label())).text(title);
    return outcomes.report(text, goals);
  }
}
