package io.larder.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The subcommand {@code demo shared}: one copy for several processes, one of which is killed again and again. */
@Command(
    name = "shared",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Cache the running JDK's classes in one file for several processes.",
      "",
      "Each process reads by a Zipf law with scans mixed in, loads what is missing and overwrites some; every value"
          + " read is compared with the source. The last one is killed (SIGKILL) again and again and replaced."
          + " Exit code 1 if a value was wrong or another process failed.",
      ""
    })
final class DemoSharedCommand implements Callable<Integer> {
  private static final int SECONDS_MAX = 3_600;
  private static final int PROCESSES_MIN = 2;
  private static final int PROCESSES_MAX = 8;
  private static final long SIZE_MIN = 16L << 20;
  private static final long SIZE_MAX = 64L << 30;
  private static final long MEBIBYTE = 1L << 20;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "20",
      description = "for how long; default: ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--processes",
      paramLabel = "N",
      defaultValue = "3",
      description = "number of processes; default: ${DEFAULT-VALUE}")
  private int processes;

  @Option(
      names = "--file",
      paramLabel = "F",
      description = "the shared file, which is kept; default: one in /dev/shm, or in the temporary directory, which is"
          + " deleted")
  private @Nullable Path file;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "size of the file, such as 64MiB; default: half of the objects' bytes, or that of an existing file")
  private long size;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "of what is popular and who asks for what; default: ${DEFAULT-VALUE}")
  private long seed;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireWithin("--seconds", seconds, 1, SECONDS_MAX);
    requireWithin("--processes", processes, PROCESSES_MIN, PROCESSES_MAX);
    Terminal terminal = Terminal.standard();
    terminal.update("reading the JDK's image ...");
    JdkImage image = JdkImage.open();
    Path absolute = file == null ? null : file.toAbsolutePath();
    long bytes = size(absolute, image);
    ScratchFiles files = ScratchFiles.of("demo", absolute, bytes);
    terminal.line(
        "%s %d processes on %s of %s: %,d objects of JDK %d, %s"
            .formatted(
                terminal.bold("larder demo shared:"), processes, files.roomy(), ByteSize.format((double) bytes),
                image.count(), Runtime.version().feature(), ByteSize.format((double) image.totalBytes())));
    terminal.line("Reads per second and hit ratio of each, every value checked; the last one is killed.");
    DemoShared demo = new DemoShared(image, files, bytes, seed, terminal);
    return new TidyRun(demo, files).run(() -> demo.run(processes, seconds, seed), spec.commandLine());
  }

  private long size(@Nullable Path named, JdkImage image) throws IOException {
    long found = named != null && Files.exists(named) ? Files.size(named) : 0;
    long half = Math.max(SIZE_MIN, image.totalBytes() / 2 / MEBIBYTE * MEBIBYTE);
    long bytes = size != 0 ? size : found != 0 ? found : half;
    if (bytes < SIZE_MIN || bytes > SIZE_MAX) {
      throw new ParameterException(spec.commandLine(), "--size=" + bytes + " bytes, must be 16MiB..64GiB");
    }
    return bytes;
  }

  private void requireWithin(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw new ParameterException(spec.commandLine(), option + "=" + value + ", must be " + min + ".." + max);
    }
  }
}
