package io.larder.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the files of a benchmark are: a folder that goes with it, also when it is interrupted. */
final class BenchFolder implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm");

  private final Path folder;
  private final Thread hook = new Thread(this::deleteContent);

  private BenchFolder(Path folder) {
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Makes a folder.
   *
   * @param directory where; null for a file system in memory, or where there is none the usual place
   * @param bytes how much must be free there
   * @throws IllegalArgumentException if that is not so
   */
  static BenchFolder make(@Nullable Path directory, long bytes) throws IOException {
    Path usual = Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
    Path place = directory == null ? usual : directory;
    long free = Files.getFileStore(place).getUsableSpace();
    if (free < bytes) {
      throw new IllegalArgumentException(
          "--dir=" + place + " has " + (free >> 20) + " MiB free, the files need up to " + (bytes >> 20) + " MiB");
    }
    return new BenchFolder(Files.createTempDirectory(place, "larder-bench"));
  }

  /** The path of a file in it. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** What the files lie on, for the report. */
  String description() throws IOException {
    return folder.getParent() + " (" + Files.getFileStore(folder).type() + ")";
  }

  /** Deletes the files, with those beside them, and keeps the folder. */
  void clear() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void deleteContent() {
    if (Files.exists(folder)) {
      clear();
      folder.toFile().delete();
    }
  }

  @Override
  public void close() {
    deleteContent();
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
