package io.larder.jmh;

import static io.larder.jmh.Implementation.CAFFEINE;
import static io.larder.jmh.Implementation.CHM;
import static io.larder.jmh.Implementation.LARDER;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs {@link GetBenchmark} and {@link MixedBenchmark} with more and more threads, up to more of them than there are
 * processors.
 *
 * <p>Question: does the throughput of all threads together grow with them, and does it stay when there are more of them
 * than processors?
 *
 * <p>Hypothesis: readers write no shared line and wait for nobody, so two of them read nearly twice as much as one, and
 * eight on two processors no less than two; a writer that loses its processor keeps only those waiting that want the
 * same partition, and not for long.
 *
 * <p>Falsified by: two threads that read less than 1.8 times as much as one; eight threads that do less than 0.9 of
 * what two do, of reads or of the mix.
 */
final class ScalingBench {
  /** Threads: alone, two, and more than many machines have processors. */
  private static final List<Integer> THREADS = List.of(1, 2, 4, 8);

  private static final int FEW = 2;
  private static final int MANY = 8;
  private static final double SPEEDUP = 1.8;
  private static final double KEPT = 0.9;
  private static final List<Implementation> SYSTEMS = List.of(LARDER, CHM, CAFFEINE);

  /** What the threads do. */
  private enum Work {
    GET("get", GetBenchmark.class, "get into a buffer"),
    MIXED("mixed", MixedBenchmark.class, "90 % get, 10 % put");

    final String method;
    final Class<?> benchmark;
    final String about;

    Work(String method, Class<?> benchmark, String about) {
      this.method = method;
      this.benchmark = benchmark;
      this.about = about;
    }

    Case caseOf(Implementation implementation, int entries, int threads) {
      return Case.of(benchmark, method, implementation, entries, threads);
    }
  }

  private final Arguments arguments;

  ScalingBench(Arguments arguments) {
    this.arguments = arguments;
  }

  Report run(Suite suite) {
    Outcomes outcomes = suite.run(cases());
    return outcomes.report(text(outcomes), goals(outcomes));
  }

  private List<Integer> sizes() {
    return arguments.entriesOr(LatencyBench.LARGE);
  }

  private List<Implementation> systems() {
    return SYSTEMS.stream().filter(arguments.only()::contains).toList();
  }

  /** All cases: those that are compared next to each other. */
  List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int entries : sizes()) {
      for (Work work : Work.values()) {
        for (int threads : THREADS) {
          systems().forEach(system -> cases.add(work.caseOf(system, entries, threads)));
        }
      }
    }
    return cases;
  }

  /** The tables. */
  List<String> text(Outcomes outcomes) {
    List<String> text = new ArrayList<>();
    for (int entries : sizes()) {
      for (Work work : Work.values()) {
        text.add("");
        text.add(
            "%s: %,d entries, million operations a second of all threads together".formatted(work.about, entries));
        text.addAll(table(work, entries, outcomes).lines());
      }
    }
    text.add("");
    text.add("larder÷it: above 1 Larder does more; in brackets the least and the most of the rounds");
    return text;
  }

  private Table table(Work work, int entries, Outcomes outcomes) {
    List<String> heads = new ArrayList<>(List.of("threads"));
    for (Implementation system : systems()) {
      heads.add(system.label());
      if (system != LARDER) {
        heads.add("larder÷it");
      }
    }
    heads.add("");
    Table table = new Table(heads.toArray(String[]::new));
    for (int threads : THREADS) {
      Outcome larder = outcomes.of(work.caseOf(LARDER, entries, threads));
      List<String> row = new ArrayList<>(List.of(Integer.toString(threads)));
      for (Implementation system : systems()) {
        Outcome outcome = outcomes.of(work.caseOf(system, entries, threads));
        row.add(outcome.measured() ? "%.1f".formatted(millionsASecond(threads, outcome.score())) : "-");
        if (system != LARDER) {
          row.add(
              larder.measured() && outcome.measured()
                  ? LatencyTables.spread(outcome.over(larder), outcome.ratios(larder))
                  : "-");
        }
      }
      row.add("");
      table.row(row.toArray(String[]::new));
    }
    return table;
  }

  /** The throughput of threads each of which takes so many nanoseconds per operation. */
  static double millionsASecond(int threads, double nanos) {
    return threads * 1e3 / nanos;
  }

  /** The goals, for each size. */
  List<Goal> goals(Outcomes outcomes) {
    List<Goal> goals = new ArrayList<>();
    for (int entries : sizes()) {
      String reads = "scaling/get/" + entries;
      String mix = "scaling/mixed/" + entries;
      goals.add(
          Goal.atLeast(reads + "/2-threads", "one-thread", SPEEDUP, gain(Work.GET, entries, FEW, 1, outcomes)));
      goals.add(
          Goal.atLeast(reads + "/8-threads", "two-threads", KEPT, gain(Work.GET, entries, MANY, FEW, outcomes)));
      goals.add(
          Goal.atLeast(mix + "/8-threads", "two-threads", KEPT, gain(Work.MIXED, entries, MANY, FEW, outcomes)));
    }
    return goals;
  }

  /** The throughput of so many threads over that of fewer. */
  private static double gain(Work work, int entries, int threads, int fewer, Outcomes outcomes) {
    double time = outcomes.ratio(work.caseOf(LARDER, entries, fewer), work.caseOf(LARDER, entries, threads));
    return (double) threads / fewer * time;
  }
}
