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

/** The subcommand {@code demo tiers}: four times as much data as memory, and a file below it for the rest. */
@Command(
    name = "tiers",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Cache the running JDK's classes in a quarter of their size, and a file below it.",
      "",
      "Threads read as in the demo, and every value read is compared with the source. Then the cache is closed, which"
          + " writes what is in memory to the file, and started again on it by another process; and the same run"
          + " goes without the file. Exit code 1 if a value was wrong.",
      ""
    })
final class DemoTiersCommand implements Callable<Integer> {
  private static final int SECONDS_MAX = 3_600;
  private static final int THREADS_MAX = 64;
  private static final int MEMORY_SHARE = 4;
  private static final long MEBIBYTE = 1L << 20;

  /** The file has room for all objects, with what is lost around them and its index. */
  private static final double FILE_ROOM = 1.25;

  private static final long FILE_ROOM_MIN = 8 * MEBIBYTE;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "the memory of the cache, such as 32MiB; default: a quarter of the objects' bytes")
  private long memoryBytes;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "15",
      description = "length of the measurement of each run; default: ${DEFAULT-VALUE}")
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

  @Option(names = "--no-compress", description = "write values to the file as they are, not by LZ4")
  private boolean uncompressed;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "where the file is while this runs; default: the temporary directory")
  private @Nullable Path directory;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "the SVG of what was shown over time; default: a new one in the temporary directory")
  private @Nullable Path plot;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireWithin("--seconds", seconds, SECONDS_MAX);
    requireWithin("--threads", threads, THREADS_MAX);
    Path place = place();
    @Nullable Path svg = plot();
    Terminal terminal = Terminal.standard();
    terminal.update("reading the JDK's image ...");
    JdkImage image = JdkImage.open();
    ScratchFiles files = ScratchFiles.in(place, "demo");
    DemoTiersPlan plan = plan(image, files);
    image.save(plan.index());
    tell(terminal, image, plan);
    DemoTiers demo = new DemoTiers(plan, svg, terminal);
    return new TidyRun(demo, files).run(demo::run, spec.commandLine());
  }

  private DemoTiersPlan plan(JdkImage image, ScratchFiles files) {
    long memory = memoryBytes == 0 ? image.totalBytes() / MEMORY_SHARE : memoryBytes;
    long room = (long) (image.totalBytes() * FILE_ROOM) + FILE_ROOM_MIN;
    long fileBytes = (room + MEBIBYTE - 1) / MEBIBYTE * MEBIBYTE;
    DemoPlan run = DemoPlan.of(memory, seconds, threads, seed);
    return new DemoTiersPlan(run, files.logs().resolve("image"), files.roomy(), fileBytes, !uncompressed);
  }

  private static void tell(Terminal terminal, JdkImage image, DemoTiersPlan plan) {
    terminal.line(
        "%s %,d objects of JDK %d, %s"
            .formatted(
                terminal.bold("larder demo tiers:"),
                image.count(),
                Runtime.version().feature(),
                ByteSize.format((double) image.totalBytes())));
    terminal.line(
        "memory %s; below it a file of %s, values %s, in %s"
            .formatted(
                ByteSize.format((double) plan.run().budgetBytes()),
                ByteSize.format((double) plan.fileBytes()),
                plan.compress() ? "by LZ4" : "not compressed",
                plan.file().getParent()));
    terminal.line(
        "%d threads: Zipf 0.99, scans, overwrites; every value is compared with the image; seed %d"
            .formatted(plan.run().threads(), plan.run().seed()));
    terminal.line("");
  }

  private Path place() {
    Path place = directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory.toAbsolutePath();
    if (!Files.isDirectory(place)) {
      throw new ParameterException(spec.commandLine(), "--dir=" + directory + " is not a directory");
    }
    return place;
  }

  private @Nullable Path plot() {
    if (plot == null) {
      return null;
    }
    Path svg = plot.toAbsolutePath();
    Path parent = svg.getParent();
    if (parent == null || !Files.isDirectory(parent) || Files.isDirectory(svg)) {
      throw new ParameterException(spec.commandLine(), "--plot=" + plot + " is not a file in a directory that exists");
    }
    return svg;
  }

  private void requireWithin(String option, int value, int max) {
    if (value < 1 || value > max) {
      throw new ParameterException(spec.commandLine(), option + "=" + value + ", must be 1.." + max);
    }
  }
}
