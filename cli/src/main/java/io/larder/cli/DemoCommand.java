package io.larder.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The subcommand {@code demo}: Larder's main job on real objects, every value checked, and Caffeine beside it. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    subcommands = {DemoSharedCommand.class, DemoTiersCommand.class},
    description = {
      "Cache every class and resource of the running JDK under a budget smaller than they are.",
      "",
      "Threads read them by a Zipf law with scans mixed in, load what is missing, and overwrite some. Every value"
          + " read is compared with the source. Then the same run on Caffeine, and the figures of both. Exit code 1"
          + " if a value was wrong.",
      ""
    })
final class DemoCommand implements Callable<Integer> {
  private static final int SECONDS_MAX = 3_600;
  private static final int THREADS_MAX = 64;

  @Option(
      names = "--budget",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "what each cache may use, such as 64MiB; default: half of the objects' bytes")
  private long budgetBytes;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "15",
      description = "length of the measurement for each cache; default: ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "number of threads; default: ${DEFAULT-VALUE}")
  private int threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "the same seed asks for the same objects; default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(names = "--no-caffeine", description = "run on Larder alone")
  private boolean withoutCaffeine;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireWithin("--seconds", seconds, SECONDS_MAX);
    requireWithin("--threads", threads, THREADS_MAX);
    Terminal terminal = Terminal.standard();
    terminal.update("reading the JDK's image ...");
    JdkImage image = JdkImage.open();
    long budget = budgetBytes == 0 ? image.totalBytes() / 2 : budgetBytes;
    DemoPlan plan = DemoPlan.of(budget, seconds, threads, seed);
    terminal.line(
        "%s %,d objects of %s, %s; budget %s"
            .formatted(
                terminal.bold("larder demo:"),
                image.count(),
                "JDK " + Runtime.version().feature(),
                ByteSize.format((double) image.totalBytes()),
                ByteSize.format((double) budget)));
    terminal.line(
        "%d threads: Zipf 0.99, scans, overwrites; every value is compared with the image; seed %d"
            .formatted(threads, seed));
    terminal.line("");
    return compare(terminal, plan);
  }

  private int compare(Terminal terminal, DemoPlan plan) throws IOException, InterruptedException {
    List<String> names = new ArrayList<>(List.of("Larder"));
    List<Map<Measure, Double>> columns = new ArrayList<>(List.of(run(terminal, DemoWorker.LARDER, plan)));
    if (!withoutCaffeine) {
      names.add("Caffeine");
      columns.add(run(terminal, DemoWorker.CAFFEINE, plan));
    }
    return report(terminal, names, columns);
  }

  /** Prints the table and the verdict, and returns the exit code. */
  static int report(Terminal terminal, List<String> names, List<Map<Measure, Double>> columns) {
    terminal.line("");
    List<String> lines = new DemoTable(names, columns).lines();
    terminal.line(terminal.bold(lines.getFirst()));
    lines.stream().skip(1).forEach(terminal::line);
    terminal.line("");
    terminal.line("Held: Larder accounts for all it uses; Caffeine weighs keys and values, the rest comes on top.");
    terminal.line("Allocated: a put on the heap makes the array that the cache keeps; loading the source is left out.");
    double checked = columns.stream().mapToDouble(column -> column.getOrDefault(Measure.CHECKED, 0.0)).sum();
    double wrong = columns.stream().mapToDouble(column -> column.getOrDefault(Measure.WRONG, 0.0)).sum();
    return verdict(terminal, checked, wrong);
  }

  /** Prints whether the values read were the source's, and returns the exit code. */
  static int verdict(Terminal terminal, double checked, double wrong) {
    if (wrong > 0) {
      terminal.line(
          terminal.bad("FAILED: %,.0f of %,.0f values read were not the source's.".formatted(wrong, checked)));
      return 1;
    }
    terminal.line(terminal.good("ok: %,.0f values read, every one was the source's.".formatted(checked)));
    return 0;
  }

  private Map<Measure, Double> run(Terminal terminal, String cache, DemoPlan plan)
      throws IOException, InterruptedException {
    DemoProgress progress = new DemoProgress(terminal, cache);
    try {
      Map<Measure, Double> results = new DemoProcess(cache, plan, progress).run();
      progress.end();
      return results;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void requireWithin(String option, int value, int max) {
    if (value < 1 || value > max) {
      throw new ParameterException(spec.commandLine(), option + "=" + value + ", must be 1.." + max);
    }
  }
}
