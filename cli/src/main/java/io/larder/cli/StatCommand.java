package io.larder.cli;

import io.larder.mmap.ReadOnlyRegion;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The subcommand {@code stat}: what goes on in a shared file. */
@Command(
    name = "stat",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Show what goes on in a shared file, of all processes together, a line for each interval.",
      "",
      "Entries, payload, repairs and attachments are what there is; the rest is per second. Only reads, and takes no"
          + " locks. Writes are counted in the file. Hits, misses and loads are counted by each process for itself,"
          + " which tells them once a second (unless it runs with recordStats(false), or only reads): those of dead"
          + " processes and of readers are missing. On a terminal the line is replaced by the next one. Exit code 2 if"
          + " the file cannot be opened.",
      ""
    })
final class StatCommand implements Callable<Integer> {
  private static final int CANNOT_OPEN = 2;
  private static final Duration INTERVAL_MIN = Duration.ofMillis(10);
  private static final Duration INTERVAL_MAX = Duration.ofHours(1);

  @Mixin private FileArgument file = new FileArgument();

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      converter = ShortDuration.class,
      defaultValue = "1s",
      description = "such as 500ms, 1s, 2m; default: ${DEFAULT-VALUE}")
  private Duration interval = Duration.ofSeconds(1);

  @Option(names = "--count", paramLabel = "N", description = "end after so many lines; default: go on until stopped")
  private long count;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    if (interval.compareTo(INTERVAL_MIN) < 0 || interval.compareTo(INTERVAL_MAX) > 0) {
      throw new ParameterException(spec.commandLine(), "--interval=" + interval.toMillis() + "ms, must be 10ms..1h");
    }
    if (count < 0) {
      throw new ParameterException(spec.commandLine(), "--count=" + count + ", must be 0 or more");
    }
    try (ReadOnlyRegion region = file.open()) {
      new StatRun(region, Terminal.standard()).run(interval, count);
      return 0;
    } catch (IOException unfit) {
      spec.commandLine().getErr().println("larder: " + FileArgument.reason(unfit));
      return CANNOT_OPEN;
    }
  }
}
