package io.larder.jmh;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs a benchmark, and writes all that it found to a file. */
final class RawResults {
  private RawResults() {}

  static void headline(Arguments arguments, Bench bench, PrintStream out) {
    out.println("bench " + bench.label() + (arguments.quick() ? " (quick)" : "") + ": " + Provenance.headline());
  }

  /**
   * @param file where the raw results go, or null for nowhere
   * @throws IOException if it cannot be written
   */
  static Report run(Arguments arguments, Bench bench, Progress progress, @Nullable Path file) throws IOException {
    long begin = System.nanoTime();
    Report report = bench.run(arguments, progress);
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
    if (file != null) {
      Files.writeString(file, Json.write(toJson(arguments, bench, seconds, report)));
    }
    return report;
  }

  private static Map<String, Object> toJson(Arguments arguments, Bench bench, long seconds, Report report) {
    Map<String, Object> json =
        Json.map(
            "bench", bench.label(),
            "quick", arguments.quick(),
            "command", arguments.command(bench),
            "seconds", seconds,
            "provenance", Provenance.collect(),
            "goals", report.goals().stream().map(Goal::toJson).toList(),
            "failures", report.failures(),
            "text", report.text());
    json.putAll(report.raw());
    return json;
  }
}
