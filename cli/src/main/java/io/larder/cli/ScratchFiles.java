package io.larder.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of caches and the notes of a run are. All but a file that the user has named is deleted by closing.
 */
final class ScratchFiles implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm");

  private final @Nullable Path directory;
  private final Path logs;
  private final Path roomy;
  private final Path tight;

  private ScratchFiles(@Nullable Path directory, Path logs, Path roomy, Path tight) {
    this.directory = directory;
    this.logs = logs;
    this.roomy = roomy;
    this.tight = tight;
  }

  /** Beside the file that the user has named, or else in memory if there is room for {@code bytes}. */
  static ScratchFiles of(String command, @Nullable Path named, long bytes) throws IOException {
    String prefix = "larder-" + command + "-";
    Path logs = Files.createTempDirectory(prefix + "logs-");
    if (named != null) {
      Path tight = named.resolveSibling(named.getFileName() + "." + command + "-" + ProcessHandle.current().pid());
      return new ScratchFiles(null, logs, named, tight);
    }
    Path directory =
        Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > 2 * bytes
            ? Files.createTempDirectory(MEMORY, prefix)
            : Files.createTempDirectory(prefix);
    return new ScratchFiles(directory, logs, directory.resolve("roomy.larder"), directory.resolve("tight.larder"));
  }

  /** In a new directory in this one. */
  static ScratchFiles in(Path place, String command) throws IOException {
    String prefix = "larder-" + command + "-";
    Path logs = Files.createTempDirectory(prefix + "logs-");
    Path directory = Files.createTempDirectory(place, prefix);
    return new ScratchFiles(directory, logs, directory.resolve("roomy.larder"), directory.resolve("tight.larder"));
  }

  /** A directory for what processes tell each other. */
  Path logs() {
    return logs;
  }

  /** The shared file, or the only one; in a torture that with more room than the keys need. */
  Path roomy() {
    return roomy;
  }

  /** Another, for a torture with less room. */
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
