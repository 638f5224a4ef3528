package io.larder.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A JVM that works for this one, and says how it goes by lines on its standard output. One thread, but for closing. */
final class WorkerProcess implements AutoCloseable {
  /** The heap for the work itself, caches left out. */
  static final long HEAP_MEBIBYTES = 192;

  private final Process process;

  /** Starts it. */
  WorkerProcess(Class<?> main, long heapMebibytes, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heapMebibytes + "m");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(arguments);
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Hands on its lines until it ends, and returns its exit code. */
  int read(Consumer<String> line) throws IOException, InterruptedException {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      process.getOutputStream().close();
      lines.lines().forEach(line);
    }
    return process.waitFor();
  }

  /** Ends it, if it has not ended. Any thread. */
  @Override
  public void close() {
    process.destroy();
  }
}
