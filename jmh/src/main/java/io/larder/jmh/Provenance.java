package io.larder.jmh;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Where a result comes from: commit, machine, JVM. */
final class Provenance {
  private static final String UNKNOWN = "unknown";
  private static final String VERSIONS = "versions.properties";

  private Provenance() {}

  static Map<String, Object> collect() {
    return Json.map(
        "time", Instant.now().toString(),
        "commit", commit(),
        "machine",
            Json.map(
                "cpu", field(Path.of("/proc/cpuinfo"), "model name"),
                "processors", Runtime.getRuntime().availableProcessors(),
                "memory", field(Path.of("/proc/meminfo"), "MemTotal"),
                "system", System.getProperty("os.name") + " " + System.getProperty("os.version"),
                "transparentHugePages", firstLine(Path.of("/sys/kernel/mm/transparent_hugepage/enabled"))),
        "jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
  }

  /** One line for the head of a report. */
  static String headline() {
    return "%s, %d processors, JDK %s, commit %s"
        .formatted(
            field(Path.of("/proc/cpuinfo"), "model name"),
            Runtime.getRuntime().availableProcessors(),
            Runtime.version(),
            commit());
  }

  private static String commit() {
    try {
      Process git =
          new ProcessBuilder(List.of("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"))
              .directory(sourceTree())
              .start();
      git.getOutputStream().close();
      String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor(5, TimeUnit.SECONDS) && git.exitValue() == 0 ? commit : UNKNOWN;
    } catch (IOException | URISyntaxException e) {
      return UNKNOWN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return UNKNOWN;
    }
  }

  /** The folder of the jar or of the classes: inside the source tree that they were built from. */
  private static @Nullable File sourceTree() throws URISyntaxException {
    return new File(Provenance.class.getProtectionDomain().getCodeSource().getLocation().toURI()).getParentFile();
  }

  /** The rest of the line of a file that begins with a name, or {@code unknown}. */
  static String field(Path file, String name) {
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(UNKNOWN);
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  /** The version of a library that this program was built with. */
  static String version(String library) {
    try (InputStream file = Provenance.class.getResourceAsStream(VERSIONS)) {
      Properties versions = new Properties();
      versions.load(Objects.requireNonNull(file));
      return versions.getProperty(library, UNKNOWN);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static String firstLine(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return UNKNOWN;
    }
  }
}
