package io.larder.cli;

import io.larder.CacheException;
import io.larder.cli.AccessPattern.Popularity;
import io.larder.cli.DemoThread.Counters;
import io.larder.cli.TieredContender.Latency;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The process that does a {@link Part} of {@code demo tiers}. It says on standard output how it goes: a word, and what
 * belongs to it in a line.
 */
final class DemoTiersWorker {
  /** Line: a {@link TierSample}. */
  static final String SAMPLE = "sample";

  /** Line: when a pause of the garbage collector began, in milliseconds, and how long it was, in nanoseconds. */
  static final String PAUSE = "pause";

  /** Line: a {@link Latency}. */
  static final String LATENCY = "latency";

  /** Line: a {@link Measure} and its value. */
  static final String RESULT = "result";

  /** Line: how long closing took, in milliseconds. */
  static final String CLOSED = "closed";

  /** Line: a {@link Start}. */
  static final String START = "start";

  /** Line: the first wrong value. */
  static final String WRONG = "wrong";

  /** Line: why the run could not begin, a mistake of the caller's. */
  static final String REFUSED = "refused";

  /** So many reads tell how warm a cache is. */
  static final int FIRST_READS = 10_000;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final PrintStream out;
  private final DemoTiersPlan plan;
  private final JdkImage image;

  /** What a process does. */
  enum Part {
    /** The run with the file; it begins with none. */
    WITH_FILE,
    /** The first reads of a cache on the file that is there, and of one that is empty. */
    RESTART,
    /** The run without a file. */
    MEMORY_ALONE
  }

  /**
   * The first reads of a cache.
   *
   * @param warm whether it found a file that another had left
   * @param openMillis how long opening took
   */
  record Start(boolean warm, long openMillis, long reads, long memoryHits, long fileHits, long wrong) {
    /** The part of the reads that found their object, in percent. */
    double hitPercent() {
      return 100.0 * (memoryHits + fileHits) / Math.max(1, reads);
    }
  }

  private DemoTiersWorker(PrintStream out, DemoTiersPlan plan, JdkImage image) {
    this.out = out;
    this.plan = plan;
    this.image = image;
  }

  /**
   * Works.
   *
   * @param args the part, and the plan's
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    List<String> arguments = Arrays.asList(args);
    DemoTiersPlan plan = DemoTiersPlan.parse(arguments.subList(1, arguments.size()));
    new DemoTiersWorker(out, plan, JdkImage.open(plan.index())).work(Part.valueOf(args[0]));
  }

  private void work(Part part) throws InterruptedException {
    try {
      switch (part) {
        case WITH_FILE -> run(true);
        case MEMORY_ALONE -> run(false);
        case RESTART -> {
          start(true);
          start(false);
        }
      }
    } catch (IllegalArgumentException | CacheException unfit) {
      out.println(REFUSED + " " + unfit.getMessage());
    }
  }

  private void run(boolean withFile) throws InterruptedException {
    TieredContender contender = new TieredContender(image, plan, withFile);
    try (contender; GcPauses pauses = new GcPauses((at, nanos) -> out.println(PAUSE + " " + at + " " + nanos))) {
      LineWriter lines = new LineWriter(contender, pauses);
      pauses.begin();
      Map<Measure, Double> results = new DemoRun(image, plan.run(), lines).run(contender, 0);
      pauses.stop();
      out.println(SAMPLE + " " + contender.sample(lines.lastMillis, lines.lastWrong));
      contender.latencies().forEach(this::tell);
      results.forEach((measure, value) -> out.println(RESULT + " " + measure + " " + value));
      long begin = System.nanoTime();
      contender.close();
      out.println(CLOSED + " " + (System.nanoTime() - begin) / NANOS_PER_MILLI);
    }
  }

  private void tell(Latency latency) {
    out.println(
        LATENCY
            + " " + latency.place()
            + " " + latency.count()
            + " " + latency.p50Nanos()
            + " " + latency.p99Nanos()
            + " " + latency.p999Nanos());
  }

  private void start(boolean warm) {
    long begin = System.nanoTime();
    try (TieredContender contender = new TieredContender(image, plan, warm)) {
      long openMillis = (System.nanoTime() - begin) / NANOS_PER_MILLI;
      Counters counters = new Counters();
      // What is popular is the same as in the run, what is asked for is not.
      SplittableRandom random = new SplittableRandom(~plan.run().seed());
      AccessPattern pattern = new AccessPattern(new Popularity(image.count(), plan.run().seed()), random);
      DemoThread thread = new DemoThread(image, pattern, contender.newSession(), counters);
      while (counters.reads.sum() < FIRST_READS) {
        thread.step();
      }
      tellWrong(thread.firstWrong);
      out.println(
          START
              + " " + warm
              + " " + openMillis
              + " " + counters.reads.sum()
              + " " + contender.reads(Place.MEMORY)
              + " " + contender.reads(Place.FILE)
              + " " + counters.wrong.sum());
    }
  }

  private void tellWrong(@Nullable String what) {
    if (what != null) {
      out.println(WRONG + " " + what);
    }
  }

  /** Samples whenever the run tells how far it is. */
  private final class LineWriter implements DemoRun.Listener {
    private final TieredContender contender;
    private final GcPauses pauses;
    private long lastMillis;
    private long lastWrong;

    LineWriter(TieredContender contender, GcPauses pauses) {
      this.contender = contender;
      this.pauses = pauses;
    }

    @Override
    public void progress(double done, long reads, long hits, long wrong) {
      lastMillis = pauses.elapsedMillis();
      lastWrong = wrong;
      out.println(SAMPLE + " " + contender.sample(lastMillis, wrong));
    }

    @Override
    public void wrong(String what) {
      tellWrong(what);
    }
  }
}
