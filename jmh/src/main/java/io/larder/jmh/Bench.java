package io.larder.jmh;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The benchmarks, in the order in which they are run and shown. */
enum Bench {
  GET(
      (arguments, progress) -> latency(arguments, progress).get(),
      40,
      "get into a buffer: 24-byte keys, 100-byte values, Zipf 0.99, 1,000 and 2 M entries"),
  PUT((arguments, progress) -> latency(arguments, progress).put(), 40, "overwrites of the same entries"),
  MIXED((arguments, progress) -> latency(arguments, progress).mixed(), 40, "90 % get, 10 % put, two threads"),
  BATCH((arguments, progress) -> latency(arguments, progress).batch(), 30, "64 keys that are known at once"),
  SCALING(
      (arguments, progress) -> new ScalingBench(arguments).run(suite(arguments, progress)),
      35,
      "gets and 90/10 by 1, 2, 4 and 8 threads, beside a map and Caffeine"),
  LIVE(
      (arguments, progress) -> new LiveBench(arguments).run(suite(arguments, progress)),
      10,
      "a hit of a live object, beside a map's get and one volatile read"),
  MEMORY((arguments, progress) -> new MemoryBench(arguments, progress).run(), 5, "bytes per entry at 1 M entries"),
  GROWTH(
      (arguments, progress) -> new GrowthBench(arguments, progress).run(),
      20,
      "put latency while growing from 0 to 20 M small entries"),
  EVICT(
      (arguments, progress) -> new EvictBench(arguments, progress).run(),
      4,
      "a put of a new key into a full cache, beside one with room and beside Caffeine"),
  EXPIRY(
      (arguments, progress) -> new ExpiryBench(arguments, progress).run(),
      5,
      "from an entry's time to its space taken back, with 10 M entries, and what that costs, beside Redis where there"
          + " is a redis-server on the path: 2 minutes for each"),
  SHARED(
      (arguments, progress) -> new SharedBench(arguments, progress).run(),
      30,
      "a mapped file: get beside private memory; reads, writes and 90/10 beside Chronicle Map, by one process and by"
          + " two"),
  RECOVERY(
      (arguments, progress) -> new RecoveryBench(arguments, progress).run(),
      10,
      "from the start of a JVM to its first get, after a clean close and after kill -9"),
  HITRATIO(
      (arguments, progress) -> new HitRatioBench(arguments, progress).run(),
      30,
      "requests that hit, beside Caffeine, other policies and the optimum: at as many entries, and at as many bytes"),
  TIERRATIO(
      (arguments, progress) -> new TierRatioBench(arguments, progress).run(),
      10,
      "requests that hit with a memory above a file, beside one cache of their combined size, and what is written to"
          + " the file for that"),
  SILENCE(
      (arguments, progress) -> new SilenceBench(arguments, progress).run(),
      15,
      "young collections with 4 GiB in two tiers, beside those with an empty cache"),
  TIERS(
      (arguments, progress) -> new TierBench(arguments, progress).run(),
      15,
      "a hit in the second tier beside one in the memory, the tier beside Chronicle Map, how much can be demoted, and"
          + " what is allocated meanwhile"),
  COST(
      (arguments, progress) -> new CostBench(arguments, progress).run(),
      10,
      "what all misses cost when values differ in cost, beside those who do not know it"),
  SAFEPOINTS(
      (arguments, progress) -> new SafepointBench(arguments, progress).run(),
      10,
      "until all threads of a JVM have stopped, beside a tier whose file is not in memory"),
  GC(
      (arguments, progress) -> new GcBench(arguments, progress).run(),
      75,
      "requests of a service at a fixed rate, beside 6 GiB of cached values: their slowest, and the collector's work,"
          + " with G1 and with ZGC; beside Caffeine, Chronicle Map and no cache"),
  REMOTE(
      (arguments, progress) -> new RemoteBench(arguments, progress).run(),
      15,
      "reads in the process, beside those from a Redis server on this machine where there is a redis-server on the"
          + " path: Jedis and Lettuce, TCP and Unix domain socket, 1 and 64 at a time");

  /** What {@code --quick} stays within. */
  private static final int QUICK_MINUTES_MAX = 5;

  /** Measures and reports. */
  @FunctionalInterface
  private interface Run {
    Report run(Arguments arguments, Progress progress) throws IOException;
  }

  @SuppressWarnings("ImmutableEnumChecker") // functions that keep nothing
  private final Run run;

  private final int minutes;
  private final String about;

  Bench(Run run, int minutes, String about) {
    this.run = run;
    this.minutes = minutes;
    this.about = about;
  }

  private static LatencyBench latency(Arguments arguments, Progress progress) {
    return new LatencyBench(arguments, suite(arguments, progress));
  }

  private static Suite suite(Arguments arguments, Progress progress) {
    return new Suite(Effort.of(arguments), progress);
  }

  static Optional<Bench> of(String label) {
    return Arrays.stream(values()).filter(bench -> bench.label().equals(label)).findFirst();
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(Bench::label).toList();
  }

  /** The name on the command line and of files. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What it measures, in a line. */
  String about() {
    return about;
  }

  /** About how long it takes; for who waits for several. */
  int minutes(boolean quick) {
    return quick ? Math.min(minutes, QUICK_MINUTES_MAX) : minutes;
  }

  Report run(Arguments arguments, Progress progress) throws IOException {
    return run.run(arguments, progress);
  }
}
