package io.larder.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the shared files and the logs of a run are. All but a file that the user has named is deleted by closing. */
final class TortureFiles implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final String PREFIX = "larder-torture-";

  private final @Nullable Path directory;
  private final Path logs;
  private final Path roomy;
  private final Path tight;

  private TortureFiles(@Nullable Path directory, Path logs, Path roomy, Path tight) {
    this.directory = directory;
    this.logs = logs;
    this.roomy = roomy;
    this.tight = tight;
  }

  /** Beside the file that the user has named, or else in memory if there is room for {@code bytes}. */
  static TortureFiles of(@Nullable Path named, long bytes) throws IOException {
    Path logs = Files.createTempDirectory(PREFIX + "logs-");
    if (named != null) {
      Path tight = named.resolveSibling(named.getFileName() + ".torture-" + ProcessHandle.current().pid());
      return new TortureFiles(null, logs, named, tight);
    }
    Path directory =
        Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > 2 * bytes
            ? Files.createTempDirectory(MEMORY, PREFIX)
            : Files.createTempDirectory(PREFIX);
    return new TortureFiles(directory, logs, directory.resolve("roomy.larder"), directory.resolve("tight.larder"));
  }

  Path logs() {
    return logs;
  }

  /** The file with more room than the keys need. */
  Path roomy() {
    return roomy;
  }

  /** The file with less. */
  Path tight() {
    return tight;
  }

  @Override
  public void close() throws IOException {
    delete(logs);
    delete(tight);
    delete(tight.resolveSibling(tight.getFileName() + ".locks"));
    if (directory != null) {
      delete(directory);
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(path)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : paths) {
      Files.deleteIfExists(each);
    }
  }
}
