package io.larder.jmh;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A measurement in a JVM of its own: a class with a {@code main} that prints what it found as lines
 * {@code name=value} and exits with 0.
 */
final class Probe {
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  private Probe() {}

  /**
   * What a probe found.
   *
   * @param values by name; empty if it failed
   * @param failure why it failed, empty if it did not
   */
  record Finding(Map<String, Double> values, String failure) {
    boolean failed() {
      return !failure.isEmpty();
    }

    double value(String name) {
      return values.getOrDefault(name, Double.NaN);
    }
  }

  static Finding run(Class<?> main, List<String> flags, Duration limit, String... args) {
    try {
      return run(command(main, flags, args), limit);
    } catch (IOException e) {
      return failed(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed("interrupted");
    }
  }

  /** The command that runs a class of this program in a JVM of its own. */
  static List<String> command(Class<?> main, List<String> flags, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-cp");
    command.add(CLASS_PATH);
    command.add(main.getName());
    command.addAll(List.of(args));
    return command;
  }

  private static Finding run(List<String> command, Duration limit) throws IOException, InterruptedException {
    File log = File.createTempFile("larder-probe", ".log");
    try {
      Process process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
      process.getOutputStream().close();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        return failed("no result after " + limit.toSeconds() + " s");
      }
      List<String> lines = Files.readAllLines(log.toPath(), StandardCharsets.UTF_8);
      return process.exitValue() == 0 ? new Finding(parse(lines), "") : failed(cause(process.exitValue(), lines));
    } finally {
      Files.delete(log.toPath());
    }
  }

  /** The lines {@code name=number}; libraries may print others. */
  static Map<String, Double> parse(List<String> lines) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (String line : lines) {
      if (line.matches("[A-Za-z0-9.]+=-?[0-9.]+(E-?[0-9]+)?")) {
        int equals = line.indexOf('=');
        values.put(line.substring(0, equals), Double.valueOf(line.substring(equals + 1)));
      }
    }
    return values;
  }

  /** The line that says most about why a process has failed. */
  static String cause(int exitCode, List<String> lines) {
    return lines.stream()
        .filter(line -> line.contains("Exception") || line.contains("Error"))
        .findFirst()
        .orElse("exit code " + exitCode);
  }

  private static Finding failed(String why) {
    return new Finding(Map.of(), why);
  }
}
