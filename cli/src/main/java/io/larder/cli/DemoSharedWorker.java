package io.larder.cli;

import io.larder.cli.AccessPattern.Popularity;
import io.larder.cli.DemoThread.Counters;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * One of the processes of {@code demo shared}: works on the file until it is killed or its standard input ends, and
 * says on standard output how it goes, a word and what belongs to it in a line.
 */
final class DemoSharedWorker {
  /** Line: reads, hits, wrong values, longest operation in nanoseconds. */
  static final String STATE = "state";

  /** Line: the first wrong value. */
  static final String WRONG = "wrong";

  private static final long TICK_MILLIS = 100;

  /** Until then code is being loaded and compiled, which has nothing to do with the others. */
  private static final long WARMUP_MILLIS = 1_000;

  private DemoSharedWorker() {}

  /**
   * Works.
   *
   * @param args file, bytes, the image's index, seed of the popularity, seed of this process
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    StandardInputEnd end = StandardInputEnd.await();
    JdkImage image = JdkImage.open(Path.of(args[2]));
    Popularity popularity = new Popularity(image.count(), Long.parseLong(args[3]));
    AccessPattern pattern = new AccessPattern(popularity, new SplittableRandom(Long.parseLong(args[4])));
    Counters counters = new Counters();
    try (Contender contender = new LarderContender(image, Path.of(args[0]), Long.parseLong(args[1]))) {
      DemoThread work = new DemoThread(image, pattern, contender.newSession(), counters);
      work(work, counters, end, out);
      if (work.firstWrong != null) {
        out.println(WRONG + " " + work.firstWrong);
      }
    }
  }

  private static void work(DemoThread work, Counters counters, StandardInputEnd end, PrintStream out)
      throws InterruptedException {
    Thread thread =
        Thread.ofPlatform()
            .name("demo")
            .uncaughtExceptionHandler(
                (failed, failure) -> {
                  failure.printStackTrace();
                  Runtime.getRuntime().halt(1);
                })
            .start(work);
    for (long millis = 0; !end.isReached(); millis += TICK_MILLIS) {
      Thread.sleep(TICK_MILLIS);
      counters.measuring = millis >= WARMUP_MILLIS;
      tell(counters, out);
    }
    counters.stop = true;
    thread.join();
    tell(counters, out);
  }

  private static void tell(Counters counters, PrintStream out) {
    out.println(
        STATE
            + " " + counters.reads.sum()
            + " " + counters.hits.sum()
            + " " + counters.wrong.sum()
            + " " + counters.longestNanos.get());
  }
}
