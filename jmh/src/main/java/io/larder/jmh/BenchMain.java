package io.larder.jmh;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The command {@code larder bench}: runs a benchmark by name and reports. Exit code 0 whatever it found, 2 when
 * called wrongly.
 */
public final class BenchMain {
  private static final List<String> USAGE =
      List.of(
          "usage: larder bench NAME [--quick] [--json FILE] [--forks N] [--only NAME,..] [--entries N,..]",
          "                         [--dir DIRECTORY] [--traces DIRECTORY] [--csv FILE] [--plot DIRECTORY]",
          "       larder bench jmh ARGUMENTS of JMH itself",
          "",
          "Measures Larder beside its peers in the same run: prints tables and ends with a line per goal.",
          "",
          "  get       get into a buffer: 24-byte keys, 100-byte values, Zipf 0.99, 1,000 and 2 M entries",
          "  put       overwrites of the same entries",
          "  mixed     90 % get, 10 % put, two threads",
          "  batch     64 keys that are known at once",
          "  memory    bytes per entry at 1 M entries",
          "  growth    put latency while growing from 0 to 20 M small entries",
          "  evict     a put of a new key into a full cache, beside one with room and beside Caffeine",
          "  expiry    from an entry's time to its space taken back, with 10 M entries, and what that costs, beside",
          "            Redis where there is a redis-server on the path: 2 minutes for each",
          "  shared    a mapped file: get beside private memory; reads, writes and 90/10 beside Chronicle Map,",
          "            by one process and by two",
          "  recovery  from the start of a JVM to its first get, after a clean close and after kill -9",
          "  hitratio  requests that hit, beside Caffeine, other policies and the optimum: at as many entries, and at",
          "            as many bytes",
          "  tierratio requests that hit with a memory above a file, beside one cache of their combined size, and",
          "            what is written to the file for that",
          "  silence   young collections with 4 GiB in two tiers, beside those with an empty cache",
          "  tiers     a hit in the second tier beside one in the memory, the tier beside Chronicle Map, how much can",
          "            be demoted, and what is allocated meanwhile",
          "  cost      what all misses cost when values differ in cost, beside those who do not know it",
          "  safepoints  until all threads of a JVM have stopped, beside a tier whose file is not in memory",
          "  gc        requests of a service at a fixed rate, beside 6 GiB of cached values: their slowest, and the",
          "            collector's work, with G1 and with ZGC; beside Caffeine, Chronicle Map and no cache",
          "  remote    reads in the process, beside those from a Redis server on this machine where there is a",
          "            redis-server on the path: Jedis and Lettuce, TCP and Unix domain socket, 1 and 64 at a time",
          "",
          "  --quick   at most 5 minutes: fewer and shorter runs",
          "  --json    write the raw results to FILE, with commit, machine, JVM and flags",
          "  --forks   JVMs per case",
          "  --only    implementations: " + Implementation.labels(),
          "  --entries other numbers of entries",
          "  --dir     where shared, recovery, silence, tierratio, tiers, gc and remote put their files while they",
          "            run: /dev/shm if there is one; and safepoints, which wants a disk: the directory for temporary",
          "            files",
          "  --traces  for hitratio, cost and tierratio: play the files NAME.ltrc and NAME.ltrc.xz there, instead of",
          "            generated traces",
          "  --csv     for hitratio and cost: write every number to FILE",
          "  --plot    for hitratio: draw a picture for each trace, NAME.svg in DIRECTORY");

  private BenchMain() {}

  /**
   * Runs one benchmark.
   *
   * @param args the name and the options
   * @throws IOException if the raw results cannot be written, or JMH fails to write
   */
  public static void main(String[] args) throws IOException {
    // Not System.out: its encoding is the terminal's, and the lines of the goals have the same bytes everywhere.
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    if (args.length > 0 && args[0].equals("jmh")) {
      org.openjdk.jmh.Main.main(Arrays.copyOfRange(args, 1, args.length));
      return;
    }
    if (Arrays.asList(args).contains("--help") || Arrays.asList(args).contains("-h")) {
      USAGE.forEach(out::println);
      return;
    }
    int exitCode = 0;
    try {
      run(Arguments.parse(args), out, err);
    } catch (IllegalArgumentException e) {
      err.println("larder bench: " + e.getMessage());
      USAGE.forEach(err::println);
      exitCode = 2;
    }
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  private static void run(Arguments arguments, PrintStream out, PrintStream err) throws IOException {
    Progress progress = new Progress(err);
    LatencyBench latency = new LatencyBench(arguments, new Suite(Effort.of(arguments), progress));
    out.println("bench " + arguments.name() + (arguments.quick() ? " (quick)" : "") + ": " + Provenance.headline());
    Report report =
        switch (arguments.name()) {
          case "get" -> latency.get();
          case "put" -> latency.put();
          case "mixed" -> latency.mixed();
          case "batch" -> latency.batch();
          case "memory" -> new MemoryBench(arguments, progress).run();
          case "growth" -> new GrowthBench(arguments, progress).run();
          case "evict" -> new EvictBench(arguments, progress).run();
          case "expiry" -> new ExpiryBench(arguments, progress).run();
          case "shared" -> new SharedBench(arguments, progress).run();
          case "recovery" -> new RecoveryBench(arguments, progress).run();
          case "hitratio" -> new HitRatioBench(arguments, progress).run();
          case "silence" -> new SilenceBench(arguments, progress).run();
          case "tiers" -> new TierBench(arguments, progress).run();
          case "tierratio" -> new TierRatioBench(arguments, progress).run();
          case "safepoints" -> new SafepointBench(arguments, progress).run();
          case "gc" -> new GcBench(arguments, progress).run();
          case "remote" -> new RemoteBench(arguments, progress).run();
          case "cost" -> new CostBench(arguments, progress).run();
          default -> throw new IllegalArgumentException("name=" + arguments.name());
        };
    Path json = arguments.json();
    if (json != null) {
      Files.writeString(json, Json.write(toJson(arguments, report)));
    }
    report.print(out);
  }

  private static Map<String, Object> toJson(Arguments arguments, Report report) {
    Map<String, Object> json =
        Json.map(
            "bench", arguments.name(),
            "quick", arguments.quick(),
            "provenance", Provenance.collect(),
            "goals", report.goals().stream().map(Goal::toJson).toList(),
            "failures", report.failures(),
            "text", report.text());
    json.putAll(report.raw());
    return json;
  }
}
