package io.larder.cli;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Runs a {@link DemoWorker} and reads its lines. */
final class DemoProcess {
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
    try (WorkerProcess process = new WorkerProcess(DemoWorker.class, heapMebibytes(), arguments())) {
      int exitCode = process.read(this::take);
      if (!refusal.isEmpty()) {
        throw new IllegalArgumentException(refusal);
      }
      if (exitCode != 0 || results.isEmpty()) {
        throw new IOException("the process for " + cache + " ended with exit code " + exitCode + ", see above");
      }
    }
    return results;
  }

  private List<String> arguments() {
    return List.of(
        cache,
        Long.toString(plan.budgetBytes()),
        Long.toString(plan.warmupMillis()),
        Long.toString(plan.measureMillis()),
        Integer.toString(plan.threads()),
        Long.toString(plan.seed()));
  }

  /**
   * The same heap for the work itself; a cache on the heap gets twice its budget on top, or it would collect all the
   * time.
   */
  private long heapMebibytes() {
    long onHeapMebibytes = cache.equals(DemoWorker.LARDER) ? 0 : 2 * (plan.budgetBytes() >> 20);
    return WorkerProcess.HEAP_MEBIBYTES + onHeapMebibytes;
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
