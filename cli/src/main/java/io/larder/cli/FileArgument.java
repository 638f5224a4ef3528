package io.larder.cli;

import io.larder.mmap.ReadOnlyRegion;
import io.larder.mmap.RegionFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Parameters;

/** The file that a command looks into, read-only. */
final class FileArgument {
  private static final Duration WAIT = Duration.ofSeconds(10);

  @Parameters(index = "0", paramLabel = "FILE", description = "a file that caches share, or a tier, in use or not")
  private Path file = Path.of("");

  /** Opens it. */
  ReadOnlyRegion open() throws IOException {
    return ReadOnlyRegion.inspect(file, System::currentTimeMillis, WAIT);
  }

  /** What an exception says, in one line. */
  static String reason(IOException failure) {
    return failure instanceof RegionFileException refusal
        ? refusal.getMessage() + " (" + refusal.reason() + ")"
        : failure.toString();
  }
}
