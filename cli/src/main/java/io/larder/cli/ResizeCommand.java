package io.larder.cli;

import io.larder.engine.PartitionBusyException;
import io.larder.engine.StoreOptions;
import io.larder.mmap.SharedRegion;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The subcommand {@code resize}: makes a shared file larger or smaller. */
@Command(
    name = "resize",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Make a shared file larger or smaller, while others go on using it.",
      "",
      "Entries are evicted as far as need be, and the space is given back to the file system; growth reserves it first."
          + " The file keeps its length, that of the limit that it was made with. Exit code 2 if the file cannot be"
          + " opened, or there is no space for it.",
      ""
    })
final class ResizeCommand implements Callable<Integer> {
  private static final int CANNOT = 2;
  private static final Duration WAIT = Duration.ofSeconds(10);

  @Parameters(index = "0", paramLabel = "FILE", description = "a file that caches share, in use or not")
  private Path file = Path.of("");

  @Parameters(index = "1", paramLabel = "SIZE", converter = ByteSize.class, description = "such as 512MiB")
  private long bytes;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    StoreOptions options = StoreOptions.ofExisting(0).withLockWait(WAIT);
    try (SharedRegion region = SharedRegion.open(file, 0, options, WAIT)) {
      long before = region.store().bytes();
      long reached = region.resize(bytes);
      spec.commandLine().getOut().printf("size %,d bytes, was %,d%n", reached, before);
      return 0;
    } catch (IOException unfit) {
      spec.commandLine().getErr().println("larder: " + FileArgument.reason(unfit));
    } catch (IllegalArgumentException | PartitionBusyException refused) {
      spec.commandLine().getErr().println("larder: " + refused.getMessage());
    }
    return CANNOT;
  }
}
