package io.larder.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * Question: how soon has a process that starts on a file a value in hand, after a clean close and after the writer was
 * killed?
 *
 * <p>Hypothesis: opening reads one page, maps the file and repairs what the killed one had locked, a partition for each
 * of its threads; none of that grows with the number of entries, and the first get touches a few pages. What is to be
 * seen is the JVM loading and interpreting code for the first time, most of which an archive of classes saves.
 * Chronicle Map opens in the same way after a clean close; after a kill its recovery reads all entries.
 *
 * <p>Method: a process fills a file and closes it. Then, in each round and for each file, a fresh JVM opens it, gets
 * one entry and closes it; another opens it, overwrites entries and is killed in the midst of that, at a random moment;
 * a fresh JVM opens it, gets one entry and closes it. Larder does all of that once more with an archive of classes that
 * one such opening has left ({@code -XX:AOTCache}). The clock of a fresh JVM starts before the cache is built, and
 * stops when the value is in the buffer; from outside, from the start of the process until it says so. All files stay
 * in the page cache: the time of a disk is not measured.
 *
 * <p>Falsified by: more than the goals; a time that rises with the number of entries.
 */
final class RecoveryBench {
  private static final int SMALL = 1_000_000;
  private static final int LARGE = 10_000_000;
  private static final int ROUNDS = 10;
  private static final int QUICK_ROUNDS = 3;
  private static final Duration WORKER_LIMIT = Duration.ofMinutes(10);
  private static final Duration LIMIT = Duration.ofHours(2);
  private static final Duration QUICK_LIMIT = Duration.ofSeconds(270);
  private static final long WRITING_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(50);
  private static final double CLEAN_GOAL_MILLIS = 50;
  private static final double KILLED_GOAL_MILLIS = 100;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final String ARCHIVE = "classes.aot";

  private final Arguments arguments;
  private final Progress progress;
  private final int rounds;
  private final SplittableRandom random = new SplittableRandom(43);
  private final List<String> failures = new ArrayList<>();

  RecoveryBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
    int usual = arguments.quick() ? QUICK_ROUNDS : ROUNDS;
    this.rounds = arguments.forks() == 0 ? usual : arguments.forks();
  }

  /**
   * A file of a system, and how it is opened.
   *
   * @param afterKill whether its last user was killed
   * @param archived whether the fresh JVM has an archive of classes
   */
  private record Start(SharedSystem system, int entries, boolean afterKill, boolean archived) {
    String fileName() {
      return system.label() + "-" + entries;
    }

    String name() {
      return system.label() + (archived ? " with an archive" : "");
    }

    String label() {
      return "%s, %,d entries, %s".formatted(name(), entries, afterKill ? "after a kill" : "after a close");
    }

    Start killed() {
      return new Start(system, entries, true, archived);
    }
  }

  /**
   * A fresh JVM's way to its first get, in milliseconds.
   *
   * @param open from before the cache is built until it is
   * @param get from then on until the value is in the buffer
   * @param process from the start of the process until it has told of that
   * @param repairs partitions that were repaired for it
   */
  private record Opening(double open, double get, double process, long repairs) {
    double total() {
      return open + get;
    }
  }

  Report run() throws IOException {
    List<Start> files = new ArrayList<>();
    for (int entries : sizes()) {
      for (SharedSystem system : List.of(SharedSystem.LARDER, SharedSystem.CHRONICLE)) {
        if (arguments.only().contains(system.implementation())) {
          files.add(new Start(system, entries, false, false));
        }
      }
    }
    long bytes = files.stream().mapToLong(each -> each.system().fileBytesMax(Shape.usual(each.entries()))).sum();
    try (BenchFolder folder = BenchFolder.make(arguments.directory(), bytes)) {
      String place = folder.description();
      Map<Start, List<Opening>> openings = new LinkedHashMap<>();
      long begin = System.nanoTime();
      files.removeIf(each -> !fill(each, folder));
      files.stream().filter(RecoveryBench::isLarder).findFirst().ifPresent(each -> {
        if (attempt(each, () -> archive(each, folder))) {
          files.addAll(files.stream().filter(RecoveryBench::isLarder).map(RecoveryBench::archived).toList());
        }
      });
      files.forEach(each -> openings.put(each, new ArrayList<>()));
      files.forEach(each -> openings.put(each.killed(), new ArrayList<>()));
      Duration limit = arguments.quick() ? QUICK_LIMIT : LIMIT;
      for (int round = 1; round <= rounds; round++) {
        int current = round;
        files.removeIf(each -> {
          boolean late = System.nanoTime() - begin > limit.toNanos();
          return late || !runOnce(each, current, folder, openings);
        });
      }
      return report(place, openings);
    }
  }

  private List<Integer> sizes() {
    return arguments.entriesOr(SMALL, LARGE);
  }

  private static boolean isLarder(Start start) {
    return start.system() == SharedSystem.LARDER;
  }

  private static Start archived(Start start) {
    return new Start(start.system(), start.entries(), start.afterKill(), true);
  }

  // ---- running

  /** Has a fresh JVM leave an archive of the classes that an opening takes. */
  private void archive(Start start, BenchFolder folder) throws IOException {
    progress.begin("an archive of classes");
    try (Partner partner = partner("open", start, List.of("-XX:AOTCacheOutput=" + folder.file(ARCHIVE)), folder, "0")) {
      partner.await("repaired");
    }
    if (!Files.exists(folder.file(ARCHIVE))) {
      throw new IOException("the JVM has left no archive of classes");
    }
    progress.end("done");
  }

  /** Makes a file; false if that failed. */
  private boolean fill(Start start, BenchFolder folder) {
    progress.begin("filling: %s, %,d entries".formatted(start.system().label(), start.entries()));
    boolean filled = attempt(start, () -> {
      try (Partner partner = partner("fill", start, folder)) {
        partner.await("filled");
      }
    });
    progress.end(filled ? "done" : "failed");
    return filled;
  }

  /** A clean start, a kill, and the start after it; false if one of them failed. */
  private boolean runOnce(Start clean, int round, BenchFolder folder, Map<Start, List<Opening>> openings) {
    Start killed = clean.killed();
    return attempt(clean, () -> openAndNote(clean, round, folder, openings))
        && attempt(killed, () -> {
          kill(killed, folder);
          openAndNote(killed, round, folder, openings);
        });
  }

  private void openAndNote(Start start, int round, BenchFolder folder, Map<Start, List<Opening>> openings)
      throws IOException {
    progress.begin("round %d of %d: %s".formatted(round, rounds, start.label()));
    Opening opening = open(start, folder);
    progress.end("%.1f ms".formatted(opening.total()));
    openings.computeIfAbsent(start, key -> new ArrayList<>()).add(opening);
  }

  /** What may fail, because a process does. */
  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private boolean attempt(Start start, Step step) {
    try {
      step.run();
      return true;
    } catch (IOException failure) {
      failures.add("recovery " + start.label() + ": " + failure.getMessage());
      return false;
    }
  }

  private static Partner partner(String role, Start start, BenchFolder folder, String... more) throws IOException {
    List<String> flags = start.archived() ? List.of("-XX:AOTCache=" + folder.file(ARCHIVE)) : List.of();
    return partner(role, start, flags, folder, more);
  }

  private static Partner partner(
      String role, Start start, List<String> moreFlags, BenchFolder folder, String... more) throws IOException {
    Path file = folder.file(start.fileName());
    List<String> args = new ArrayList<>();
    args.addAll(List.of(role, start.system().name(), Integer.toString(start.entries()), file.toString()));
    args.addAll(List.of(more));
    List<String> flags = new ArrayList<>(JvmFlags.forRecovery(start.system().implementation()));
    flags.addAll(moreFlags);
    return Partner.start(RecoveryWorker.class, flags, WORKER_LIMIT, args.toArray(String[]::new));
  }

  /** Opens a file for writing, and kills the writer while it does. */
  private void kill(Start start, BenchFolder folder) throws IOException {
    try (Partner partner = partner("write", start, folder, Long.toString(random.nextLong()))) {
      partner.await("writing");
      LockSupport.parkNanos(random.nextLong(WRITING_NANOS_MAX));
      partner.kill();
    }
  }

  private Opening open(Start start, BenchFolder folder) throws IOException {
    String key = Integer.toString(random.nextInt(start.entries()));
    long begin = System.nanoTime();
    try (Partner partner = partner(start.afterKill() ? "open-after-kill" : "open", start, folder, key)) {
      long[] openAndGet = partner.await("got");
      double process = (System.nanoTime() - begin) / NANOS_PER_MILLI;
      long[] repairs = partner.await("repaired");
      return new Opening(openAndGet[0] / NANOS_PER_MILLI, openAndGet[1] / NANOS_PER_MILLI, process, repairs[0]);
    }
  }

  // ---- reporting

  private Report report(String place, Map<Start, List<Opening>> openings) {
    List<String> text = new ArrayList<>();
    for (boolean afterKill : new boolean[] {false, true}) {
      text.add("");
      text.add("recovery: to the first get of a fresh JVM "
          + (afterKill ? "after its predecessor was killed while it wrote" : "after a clean close") + ", milliseconds");
      text.addAll(table(openings, afterKill).lines());
      text.addAll(growth(openings, afterKill));
    }
    text.add("");
    text.add("files on " + place + ", in the page cache");
    text.add("open + get: medians; their sum: the median, in brackets the least and the most of the rounds");
    text.add("process: from its start to the first get, the JVM's own start within");
    text.add("archive: -XX:AOTCache, of the classes that one opening has taken");
    List<Object> raw = new ArrayList<>();
    openings.forEach((start, each) -> raw.add(Json.map(
        "system", start.system().label(), "entries", start.entries(), "afterKill", start.afterKill(),
        "archived", start.archived(),
        "openMillis", each.stream().map(Opening::open).toList(),
        "getMillis", each.stream().map(Opening::get).toList(),
        "processMillis", each.stream().map(Opening::process).toList(),
        "repairs", each.stream().map(Opening::repairs).toList())));
    return new Report(
        text,
        goals(openings),
        failures,
        Json.map(
            "jvmFlags", JvmFlags.forRecovery(Implementation.LARDER),
            "jvmFlagsOfPeer", JvmFlags.forRecovery(Implementation.CHRONICLE),
            "place", place,
            "results", raw));
  }

  private static Table table(Map<Start, List<Opening>> openings, boolean afterKill) {
    Table table = new Table("", "entries", "open", "get", "first get", "process", "");
    openings.forEach((start, each) -> {
      if (start.afterKill() != afterKill) {
        return;
      }
      String entries = "%,d".formatted(start.entries());
      if (each.isEmpty()) {
        table.row(start.name(), entries, "-", "-", "-", "-", "failed, see below");
        return;
      }
      table.row(
          start.name(),
          entries,
          "%.1f".formatted(median(values(each, Opening::open))),
          "%.1f".formatted(median(values(each, Opening::get))),
          spread(values(each, Opening::total)),
          spread(values(each, Opening::process)),
          remark(start, each));
    });
    return table;
  }

  private static String remark(Start start, List<Opening> each) {
    if (start.system() == SharedSystem.CHRONICLE) {
      return start.afterKill() ? "recoverPersistedTo" : "createPersistedTo";
    }
    return start.afterKill()
        ? "%d partitions repaired after %d kills".formatted(each.getLast().repairs(), each.size())
        : "";
  }

  /** The first get of the largest file over that of the smallest, for each system. */
  private List<String> growth(Map<Start, List<Opening>> openings, boolean afterKill) {
    List<String> lines = new ArrayList<>();
    int least = sizes().stream().min(Integer::compare).orElseThrow();
    int most = sizes().stream().max(Integer::compare).orElseThrow();
    openings.forEach((start, large) -> {
      Start smallest = new Start(start.system(), least, afterKill, start.archived());
      List<Opening> small = openings.getOrDefault(smallest, List.of());
      boolean largest = start.entries() == most && start.afterKill() == afterKill;
      if (largest && least < most && !small.isEmpty() && !large.isEmpty()) {
        double[] ratios = new double[Math.min(small.size(), large.size())];
        Arrays.setAll(ratios, i -> large.get(i).total() / small.get(i).total());
        lines.add("%s: %,d ÷ %,d entries: %s".formatted(start.name(), most, least, spread(ratios)));
      }
    });
    return lines;
  }

  private List<Goal> goals(Map<Start, List<Opening>> openings) {
    List<Goal> goals = new ArrayList<>();
    for (boolean afterKill : new boolean[] {false, true}) {
      for (boolean archived : new boolean[] {false, true}) {
        for (int entries : sizes()) {
          Start start = new Start(SharedSystem.LARDER, entries, afterKill, archived);
          goals.add(Goal.atMost(
              "recovery/%s/%d/first-get%s"
                  .formatted(afterKill ? "killed" : "clean", entries, archived ? "-with-archive" : ""),
              "millisecond",
              afterKill ? KILLED_GOAL_MILLIS : CLEAN_GOAL_MILLIS,
              median(values(openings.getOrDefault(start, List.of()), Opening::total))));
        }
      }
    }
    return goals;
  }

  private static double[] values(List<Opening> openings, ToDoubleFunction<Opening> value) {
    return openings.stream().mapToDouble(value).toArray();
  }

  private static String spread(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    String format = sorted[0] < 10 ? "%.2f [%.2f..%.2f]" : "%.1f [%.1f..%.1f]";
    return format.formatted(median(sorted), sorted[0], sorted[sorted.length - 1]);
  }

  /** NaN of none. */
  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
