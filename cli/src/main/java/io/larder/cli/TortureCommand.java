package io.larder.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The subcommand {@code torture}: kills the users of files at random instants and looks for what is lost or stale. */
@Command(
    name = "torture",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Kill processes that share a file, at random instants, and check that nothing is lost.",
      "",
      "Worker processes do random operations on one file, with values that say what they are, and log each of them"
          + " elsewhere. They are killed (SIGKILL) a few times a second and replaced, or stopped and continued. Every"
          + " few seconds the logs are compared with what is in the file. A third of the time is spent on a second,"
          + " smaller file that evicts.",
      "",
      "The last but one line is the result: values torn, acknowledged entries lost, reads of stale values, operations"
          + " or workers stuck, and whether the file is valid. Exit code 1 if anything is wrong. Before it is how long"
          + " repairs took, in milliseconds, by the clocks of those who repaired, mostly processes that have just"
          + " started, and whether what all processes did to each key is linearizable.",
      "",
      "With --tier each worker has a memory and files of its own, as second tiers, which whoever replaces it opens"
          + " again. What was in memory may be lost then, but no value may be found that is older than what was"
          + " acknowledged, or had been read.",
      ""
    })
final class TortureCommand implements Callable<Integer> {
  private static final int SECONDS_MAX = 86_400;
  private static final int PROCESSES_MAX = 32;
  private static final long SIZE_DEFAULT = 64L << 20;
  private static final long SIZE_MAX = 64L << 30;
  private static final double ROUND_SECONDS = 10;
  private static final int TIGHT_OF = 3;
  private static final int INTERRUPTED = 130;

  @Option(
      names = "--file",
      paramLabel = "F",
      description = "the shared file, which is kept, or with --tier a directory for the workers' files, which are"
          + " deleted; default: in /dev/shm, or in the temporary directory, and deleted")
  private @Nullable Path file;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "size of the file; default: 64MiB, or that of an existing file, or with --tier 16MiB for each"
          + " worker")
  private long size;

  @Option(names = "--tier", description = "torture second tiers, one for each worker, and not a shared file")
  private boolean tier;

  @Option(
      names = "--processes",
      paramLabel = "N",
      defaultValue = "4",
      description = "number of workers; default: ${DEFAULT-VALUE}")
  private int processes;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "for how long they work, the checks not counted; longer where little is done in that time;"
          + " default: ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "the same seed asks for the same operations; default: a random one")
  private @Nullable Long seed;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireWithin("--processes", processes, PROCESSES_MAX);
    requireWithin("--seconds", seconds, SECONDS_MAX);
    Path absolute = file == null ? null : file.toAbsolutePath();
    long bytes = size(absolute);
    long seedUsed = seed == null ? new SplittableRandom().nextLong() >>> 16 : seed;
    Terminal terminal = Terminal.standard();
    SplittableRandom random = new SplittableRandom(seedUsed);
    ScratchFiles files =
        tier && absolute != null
            ? ScratchFiles.in(absolute, "torture")
            : ScratchFiles.of("torture", absolute, tier ? processes * bytes : bytes);
    TortureCrew crew = new TortureCrew(files.logs(), random.split());
    Thread cleaning = new Thread(() -> cleanUp(crew, files), "torture-cleaning");
    Runtime.getRuntime().addShutdownHook(cleaning);
    try {
      terminal.line(
          "%s %d processes %s %s of %s, killed for %d s; seed %d"
              .formatted(
                  terminal.bold("larder torture:"), processes, tier ? "each above a file beside" : "on", files.roomy(),
                  ByteSize.format((double) bytes), seconds, seedUsed));
      TortureRun run = new TortureRun(files, bytes, tier, crew, random, terminal);
      TortureTally tally = run.run(processes, seconds, file != null);
      return report(terminal, tally, seedUsed, bytes);
    } catch (CancellationException | IOException failure) {
      if (crew.isClosed()) {
        return INTERRUPTED;
      }
      throw failure;
    } catch (IllegalArgumentException unfit) {
      throw new ParameterException(spec.commandLine(), unfit.getMessage(), unfit);
    } finally {
      if (!crew.isClosed()) {
        Runtime.getRuntime().removeShutdownHook(cleaning);
        cleanUp(crew, files);
      }
    }
  }

  private long size(@Nullable Path named) throws IOException {
    if (tier && named != null && !Files.isDirectory(named)) {
      throw new ParameterException(spec.commandLine(), "--file=" + named + ", must be a directory with --tier");
    }
    long found = named != null && !tier && Files.exists(named) ? Files.size(named) : 0;
    long bytes = size != 0 ? size : found != 0 ? found : tier ? TorturePlan.BYTES_MIN : SIZE_DEFAULT;
    if (bytes < TorturePlan.BYTES_MIN || bytes > SIZE_MAX) {
      throw new ParameterException(
          spec.commandLine(),
          (size != 0 ? "--size=" : "the size of " + named + "=") + bytes + " bytes, must be 16MiB..64GiB");
    }
    return bytes;
  }

  private static void cleanUp(TortureCrew crew, ScratchFiles files) {
    crew.close();
    try {
      files.close();
    } catch (IOException failure) {
      System.err.println("larder: cannot delete all temporary files: " + failure);
    }
  }

  /** Prints the verdict, and returns the exit code. */
  private int report(Terminal terminal, TortureTally tally, long seedUsed, long bytes) {
    terminal.line(tally.repairs.line());
    if (tier) {
      terminal.line("survivors=%,d (reads of what an earlier process had written)".formatted(tally.survivors));
    } else {
      terminal.line(
          "sizes=%,d (that the files were seen to have, one after the other)".formatted(tally.repairs.sizes()));
      terminal.line(tally.linearizabilityLine());
    }
    String line = tally.line();
    terminal.line(tally.isClean() ? terminal.good(line) : terminal.bad(line));
    String options = (tier ? " --tier" : "") + (file == null ? "" : " --file " + file);
    terminal.line(
        "seed %d; again: larder torture%s --processes %d --seconds %d --size %dB --seed %d (the same operations, killed"
                .formatted(seedUsed, options, processes, seconds, bytes, seedUsed)
            + " wherever they are then)");
    return tally.isClean() ? 0 : 1;
  }

  private void requireWithin(String option, int value, int max) {
    if (value < 1 || value > max) {
      throw new ParameterException(spec.commandLine(), option + "=" + value + ", must be 1.." + max);
    }
  }

  /** How many rounds a run has: one for each file at least. */
  static int rounds(int seconds) {
    return Math.max(2, (int) Math.round(seconds / ROUND_SECONDS));
  }

  /** Whether a round is on the file that evicts. */
  static boolean isTight(int round) {
    return round % TIGHT_OF == 1;
  }

  static long roundMillis(int seconds) {
    return TimeUnit.SECONDS.toMillis(seconds) / rounds(seconds);
  }
}
