package io.larder.jmh;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Question: what does it cost to keep entries in a file that processes share, and how does it compare with the other
 * map that does?
 *
 * <p>Hypothesis: a mapped page is memory like any other, so a get on a file takes at most a tenth longer than in
 * private memory; what is left is the size of its pages. Readers take no lock and write no shared line, so a second
 * process adds its own throughput; Chronicle Map takes a lock in the file for each read, and its line wanders between
 * the processes. Larder reads at least 3 times and writes at least 5 times as much, with one process and with two.
 *
 * <p>Method: a JVM for each process, one thread in each, the same requests as in {@link GetBenchmark}, from places far
 * from each other. The first fills the file, the second joins and finds all entries; both are then told at the same
 * moment to work for a fixed time, again and again, and the throughput of a window is the sum. Rounds as in
 * {@link Suite}.
 *
 * <p>Falsified by: a higher ratio to private memory without huge pages, too; lower ratios to the peer.
 */
final class SharedBench {
  private static final int SMALL = 1_000;
  private static final int LARGE = 2_000_000;
  private static final int PROCESSES_MAX = 2;
  private static final Duration WORKER_LIMIT = Duration.ofMinutes(10);
  private static final double PRIVATE_GOAL = 1.1;
  private static final double READS_GOAL = 3;
  private static final double WRITES_GOAL = 5;

  private final Arguments arguments;
  private final Effort effort;
  private final Progress progress;

  SharedBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.effort = Effort.of(arguments);
    this.progress = progress;
  }

  /**
   * One row of a table.
   *
   * @param processes how many share the file
   */
  private record SharedCase(SharedSystem system, Load load, int entries, int processes) {
    String group() {
      return "%s, %,d entries, %d process%s"
          .formatted(load.description(), entries, processes, processes == 1 ? "" : "es");
    }

    String label() {
      return system.label() + ": " + group();
    }

    SharedCase of(SharedSystem other) {
      return new SharedCase(other, load, entries, processes);
    }
  }

  Report run() throws IOException {
    Map<SharedCase, Rates> outcomes = new LinkedHashMap<>();
    cases().forEach(each -> outcomes.put(each, new Rates()));
    long bytes = outcomes.keySet().stream()
        .mapToLong(each -> each.system().fileBytesMax(Shape.usual(each.entries())))
        .max()
        .orElse(0);
    try (BenchFolder folder = BenchFolder.make(arguments.directory(), bytes)) {
      String place = folder.description();
      runRounds(outcomes, folder);
      return report(place, outcomes);
    }
  }

  private List<Integer> sizes() {
    return arguments.entriesOr(SMALL, LARGE);
  }

  private List<SharedCase> cases() {
    List<SharedCase> cases = new ArrayList<>();
    for (int entries : sizes()) {
      for (Load load : Load.values()) {
        for (int processes = 1; processes <= PROCESSES_MAX; processes++) {
          for (SharedSystem system : SharedSystem.values()) {
            boolean onFile = system == SharedSystem.LARDER || system == SharedSystem.CHRONICLE;
            boolean wanted = arguments.only().contains(system.implementation());
            if (wanted && (onFile || (load == Load.READS && processes == 1))) {
              cases.add(new SharedCase(system, load, entries, processes));
            }
          }
        }
      }
    }
    return cases;
  }

  // ---- running

  /** As {@link Suite#run}: every case once, then all again; a case that fails once is not tried again. */
  private void runRounds(Map<SharedCase, Rates> outcomes, BenchFolder folder) {
    Map<SharedCase, Long> nanosOfCase = new LinkedHashMap<>();
    long begin = System.nanoTime();
    for (int round = 1; round <= effort.rounds(); round++) {
      for (Map.Entry<SharedCase, Rates> entry : outcomes.entrySet()) {
        SharedCase each = entry.getKey();
        Rates rates = entry.getValue();
        long start = System.nanoTime();
        boolean late = start - begin + nanosOfCase.getOrDefault(each, 0L) > effort.limit().toNanos();
        if (late && !rates.measured() && rates.failure() == null) {
          rates.fail("no time left");
        }
        if (late || rates.failure() != null) {
          continue;
        }
        progress.begin("round %d of %d: %s".formatted(round, effort.rounds(), each.label()));
        runOnce(each, rates, folder);
        progress.end(rates.failure() == null ? "%.2f M/s".formatted(rates.mean() / 1e6) : "failed");
        nanosOfCase.put(each, System.nanoTime() - start);
      }
    }
  }

  private void runOnce(SharedCase each, Rates rates, BenchFolder folder) {
    List<Partner> partners = new ArrayList<>();
    try {
      try {
        for (int i = 0; i < each.processes(); i++) {
          Partner partner = start(each, folder.file(each.system().label()), i);
          partners.add(partner);
          // The next one finds the file filled.
          partner.await("ready");
        }
        rates.add(windows(partners));
      } finally {
        for (Partner partner : partners) {
          partner.close();
        }
        folder.clear();
      }
    } catch (IOException failure) {
      rates.fail(String.valueOf(failure.getMessage()));
    }
  }

  private static Partner start(SharedCase each, Path file, int index) throws IOException {
    return Partner.start(
        SharedWorker.class,
        JvmFlags.forLatency(),
        WORKER_LIMIT,
        each.system().name(),
        each.load().name(),
        Integer.toString(each.entries()),
        file.toString(),
        Integer.toString(index),
        Integer.toString(each.processes()));
  }

  /** Operations per second of all partners together, in each window behind the warm-up. */
  private double[] windows(List<Partner> partners) throws IOException {
    double[] windows = new double[effort.iterations()];
    for (int window = -effort.warmups(); window < windows.length; window++) {
      for (Partner partner : partners) {
        partner.tell(Long.toString(effort.iterationTime().toNanos()));
      }
      double sum = 0;
      for (Partner partner : partners) {
        long[] operationsAndNanos = partner.await("did");
        sum += operationsAndNanos[0] * 1e9 / operationsAndNanos[1];
      }
      if (window >= 0) {
        windows[window] = sum;
      }
    }
    return windows;
  }

  // ---- reporting

  private Report report(String place, Map<SharedCase, Rates> outcomes) {
    Map<String, Map<SharedCase, Rates>> groups = new LinkedHashMap<>();
    List<String> failures = new ArrayList<>();
    List<Object> raw = new ArrayList<>();
    outcomes.forEach((each, rates) -> {
      groups.computeIfAbsent(each.group(), group -> new LinkedHashMap<>()).put(each, rates);
      if (rates.failure() != null) {
        failures.add(each.label() + ": " + rates.failure());
      }
      raw.add(Json.map(
          "system", each.system().label(), "load", each.load().label(), "entries", each.entries(),
          "processes", each.processes(), "operationsPerSecond", rates.toJson()));
    });
    List<String> text = new ArrayList<>();
    groups.forEach((group, members) -> {
      text.add("");
      text.add("shared: " + group + ", one thread each");
      text.addAll(table(members).lines());
    });
    text.add("");
    text.add("files on " + place);
    text.add("M/s: million operations per second, all processes together; ns/op: of one process");
    text.add("±: half the 99.9 % interval of the mean");
    text.add("larder÷it: throughput, above 1 Larder on its file is faster; in brackets the least and the most of the"
        + " rounds");
    return new Report(
        text,
        goals(outcomes),
        failures,
        Json.map("jvmFlags", JvmFlags.forLatency(), "place", place, "results", raw));
  }

  private static Table table(Map<SharedCase, Rates> group) {
    Table table = new Table("", "M/s", "±", "ns/op", "larder÷it", "");
    group.forEach((each, rates) -> {
      if (!rates.measured()) {
        table.row(each.system().label(), "-", "-", "-", "-", "failed, see below");
        return;
      }
      Rates larder = group.getOrDefault(each.of(SharedSystem.LARDER), new Rates());
      table.row(
          each.system().label(),
          "%.3f".formatted(rates.mean() / 1e6),
          "%.3f".formatted(rates.error() / 1e6),
          "%.1f".formatted(each.processes() * 1e9 / rates.mean()),
          ratioText(larder, rates),
          each.system().description());
    });
    return table;
  }

  private static String ratioText(Rates larder, Rates other) {
    if (!larder.measured() || larder == other) {
      return "";
    }
    double[] rounds = larder.ratios(other);
    double least = Arrays.stream(rounds).min().orElse(Double.NaN);
    double most = Arrays.stream(rounds).max().orElse(Double.NaN);
    return "%.2f [%.2f..%.2f]".formatted(larder.mean() / other.mean(), least, most);
  }

  private List<Goal> goals(Map<SharedCase, Rates> outcomes) {
    List<Goal> goals = new ArrayList<>();
    for (int entries : sizes()) {
      SharedCase reads = new SharedCase(SharedSystem.LARDER, Load.READS, entries, 1);
      goals.add(Goal.atMost(
          "shared/reads/%d/time".formatted(entries),
          SharedSystem.PRIVATE.label(),
          PRIVATE_GOAL,
          1 / ratio(outcomes, reads, SharedSystem.PRIVATE)));
    }
    for (int entries : sizes()) {
      for (int processes = 1; processes <= PROCESSES_MAX; processes++) {
        goals.add(peerGoal(outcomes, new SharedCase(SharedSystem.LARDER, Load.READS, entries, processes), READS_GOAL));
        goals.add(
            peerGoal(outcomes, new SharedCase(SharedSystem.LARDER, Load.WRITES, entries, processes), WRITES_GOAL));
      }
    }
    return goals;
  }

  private static Goal peerGoal(Map<SharedCase, Rates> outcomes, SharedCase larder, double bound) {
    return Goal.atLeast(
        "shared/%s/%d/%d-process%s/throughput"
            .formatted(
                larder.load().label(), larder.entries(), larder.processes(), larder.processes() == 1 ? "" : "es"),
        SharedSystem.CHRONICLE.label(),
        bound,
        ratio(outcomes, larder, SharedSystem.CHRONICLE));
  }

  /** The throughput of Larder over that of another; NaN if one of them was not measured. */
  private static double ratio(Map<SharedCase, Rates> outcomes, SharedCase larder, SharedSystem other) {
    Rates above = outcomes.getOrDefault(larder, new Rates());
    Rates below = outcomes.getOrDefault(larder.of(other), new Rates());
    return above.mean() / below.mean();
  }
}
