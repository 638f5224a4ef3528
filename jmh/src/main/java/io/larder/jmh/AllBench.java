package io.larder.jmh;

import io.larder.jmh.report.Chapter;
import io.larder.jmh.report.Peer;
import io.larder.jmh.report.ReportWriter;
import io.larder.jmh.report.ResultFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Runs all benchmarks one after the other, and makes pages of what they found. Each writes its raw results when it
 * ends, so that what was found stays when the run is broken off; one that fails does not keep the others from running.
 */
final class AllBench {
  private final Arguments arguments;
  private final Progress progress;
  private final PrintStream out;
  private final Path folder;

  AllBench(Arguments arguments, Progress progress, PrintStream out) {
    this.arguments = arguments;
    this.progress = progress;
    this.out = out;
    this.folder = Objects.requireNonNull(arguments.report());
  }

  /**
   * Measures.
   *
   * @throws IOException if there can be no folder for raw results
   */
  void run() throws IOException {
    ResultFolder results = new ResultFolder(folder);
    List<Bench> benches = List.of(Bench.values());
    long begin = System.nanoTime();
    for (int done = 0; done < benches.size(); done++) {
      Bench bench = benches.get(done);
      out.printf("%n%d of %d, %s%n", done + 1, benches.size(), remaining(benches, done, System.nanoTime() - begin));
      RawResults.headline(arguments, bench, out);
      Path file = results.file(bench.label(), LocalDate.now(ZoneOffset.UTC));
      try {
        RawResults.run(arguments, bench, progress, file).print(out);
      } catch (IOException | IllegalArgumentException | IllegalStateException cannot) {
        out.println("failed: " + bench.label() + ": " + cannot.getMessage());
      }
    }
  }

  /** From what the benchmarks take by themselves, and how much longer or shorter the first ones took. */
  private String remaining(List<Bench> benches, int done, long nanos) {
    int before = minutes(benches.subList(0, done));
    double pace = before == 0 ? 1 : (double) nanos / TimeUnit.MINUTES.toNanos(before);
    Duration left = Duration.ofMinutes(Math.round(pace * minutes(benches.subList(done, benches.size()))));
    return "about %d h %02d min remain".formatted(left.toHours(), left.toMinutesPart());
  }

  private int minutes(List<Bench> benches) {
    return benches.stream().mapToInt(bench -> bench.minutes(arguments.quick())).sum();
  }

  /**
   * Makes the pages of the newest results in the folder.
   *
   * @throws IOException if they cannot be written
   */
  void writePages() throws IOException {
    List<Chapter> chapters =
        Arrays.stream(Bench.values()).map(bench -> new Chapter(bench.label(), bench.about())).toList();
    List<Peer> peers = Arrays.stream(Implementation.values()).map(Implementation::peer).toList();
    new ReportWriter(folder, chapters, peers).write();
    out.println();
    out.println("written: " + folder.resolve("report.md") + ", " + folder.resolve("report.html"));
  }
}
