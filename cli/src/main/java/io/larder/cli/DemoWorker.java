package io.larder.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * The process that runs the demo's work on one cache: a JVM of its own, so that resident memory and collections are
 * this cache's. It speaks to the process that shows the results by lines on standard output: a word, and what belongs
 * to it.
 */
final class DemoWorker {
  /** Line: part done, reads, hits, wrong. */
  static final String PROGRESS = "progress";

  /** Line: a {@link Measure} and its value. */
  static final String RESULT = "result";

  /** Line: the first wrong value. */
  static final String WRONG = "wrong";

  /** Line: why the run could not begin, a mistake of the caller's. */
  static final String REFUSED = "refused";

  static final String LARDER = "larder";
  static final String CAFFEINE = "caffeine";

  private DemoWorker() {}

  /**
   * Runs the work and prints the lines.
   *
   * @param args cache, budget in bytes, warm-up and measurement in milliseconds, threads, seed
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    DemoPlan plan =
        new DemoPlan(
            Long.parseLong(args[1]),
            Long.parseLong(args[2]),
            Long.parseLong(args[3]),
            Integer.parseInt(args[4]),
            Long.parseLong(args[5]));
    JdkImage image = JdkImage.open();
    DemoRun run = new DemoRun(image, plan, new LineWriter(out));
    long heapBefore = DemoRun.liveHeapBytes();
    try (Contender contender = open(args[0], image, plan.budgetBytes())) {
      Map<Measure, Double> results = run.run(contender, heapBefore);
      results.forEach((measure, value) -> out.println(RESULT + " " + measure + " " + value));
    } catch (IllegalArgumentException e) {
      out.println(REFUSED + " " + e.getMessage());
    }
  }

  /** Opens a cache by its name. */
  static Contender open(String name, JdkImage image, long budgetBytes) {
    return switch (name) {
      case LARDER -> new LarderContender(image, budgetBytes);
      case CAFFEINE -> new CaffeineContender(image, budgetBytes);
      default -> throw new IllegalArgumentException("cache=" + name + ", must be larder or caffeine");
    };
  }

  private record LineWriter(PrintStream out) implements DemoRun.Listener {
    @Override
    public void progress(double done, long reads, long hits, long wrong) {
      out.println(String.format(Locale.ROOT, "%s %.3f %d %d %d", PROGRESS, done, reads, hits, wrong));
    }

    @Override
    public void wrong(String what) {
      out.println(WRONG + " " + what);
    }
  }
}
