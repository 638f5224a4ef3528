package io.larder.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The numbers that the system tells of this process and of its threads, by their names. */
final class ProcessStatus {
  private static final int KIB_SHIFT = 10;

  private ProcessStatus() {}

  /**
   * A number of bytes of this process, such as {@code VmRSS}.
   *
   * @throws IOException if the system does not tell it
   */
  static long bytes(String field) throws IOException {
    return number(Path.of("/proc/self/status"), field)
            .orElseThrow(() -> new IOException("/proc/self/status has no " + field))
        << KIB_SHIFT;
  }

  /** A number of the calling thread. */
  static OptionalLong numberOfThread(String field) throws IOException {
    return number(Path.of("/proc/thread-self/status"), field);
  }

  private static OptionalLong number(Path file, String field) throws IOException {
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(field + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst();
    }
  }
}
