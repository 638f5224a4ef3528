package io.larder.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Runs a {@link DemoWorker} and reads its lines. */
final class DemoProcess {
  private static final long HEAP_MEBIBYTES = 192;

  private final String cache;
  private final DemoPlan plan;
  private final DemoRun.Listener listener;
  private final Map<Measure, Double> results = new EnumMap<>(Measure.class);
  private String refusal = "";

  DemoProcess(String cache, DemoPlan plan, DemoRun.Listener listener) {
    this.cache = cache;
    this.plan = plan;
    this.listener = listener;
  }

  /**
   * Runs the worker to its end.
   *
   * @throws IllegalArgumentException if the cache refused the plan
   * @throws IOException if the worker died
   */
  Map<Measure, Double> run() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      process.getOutputStream().close();
      lines.lines().forEach(this::take);
      int exitCode = process.waitFor();
      if (!refusal.isEmpty()) {
        throw new IllegalArgumentException(refusal);
      }
      if (exitCode != 0 || results.isEmpty()) {
        throw new IOException("the process for " + cache + " ended with exit code " + exitCode + ", see above");
      }
    } finally {
      process.destroy();
    }
    return results;
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heapMebibytes() + "m");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(DemoWorker.class.getName());
    command.add(cache);
    command.add(Long.toString(plan.budgetBytes()));
    command.add(Long.toString(plan.warmupMillis()));
    command.add(Long.toString(plan.measureMillis()));
    command.add(Integer.toString(plan.threads()));
    command.add(Long.toString(plan.seed()));
    return command;
  }

  /**
   * The same heap for the work itself; a cache on the heap gets twice its budget on top, or it would collect all the
   * time.
   */
  private long heapMebibytes() {
    return cache.equals(DemoWorker.LARDER) ? HEAP_MEBIBYTES : HEAP_MEBIBYTES + 2 * (plan.budgetBytes() >> 20);
  }

  private void take(String line) {
    String[] words = line.split(" ", 2);
    String rest = words.length > 1 ? words[1] : "";
    switch (words[0]) {
      case DemoWorker.PROGRESS -> {
        String[] numbers = rest.split(" ", -1);
        listener.progress(
            Double.parseDouble(numbers[0]),
            Long.parseLong(numbers[1]),
            Long.parseLong(numbers[2]),
            Long.parseLong(numbers[3]));
      }
      case DemoWorker.RESULT -> {
        String[] pair = rest.split(" ", -1);
        results.put(Measure.valueOf(pair[0]), Double.valueOf(pair[1]));
      }
      case DemoWorker.WRONG -> listener.wrong(rest);
      case DemoWorker.REFUSED -> refusal = rest;
      // What a library says on standard output is not for us.
      default -> {}
    }
  }
}
