package io.larder.cli;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One thread of the demo: reads, loads and stores what is missing, overwrites, and checks every value that it reads.
 * Times and allocation are taken around the calls of the cache alone, with two readings of the clock in each.
 */
final class DemoThread implements Runnable {
  private static final long LATENCY_NANOS_MAX = 60_000_000_000L;
  private static final int DIGITS = 3;
  private static final ThreadMXBean ALLOCATION = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What all threads count while they run, for the progress line. */
  static final class Counters {
    final LongAdder reads = new LongAdder();
    final LongAdder hits = new LongAdder();
    final LongAdder wrong = new LongAdder();

    /** The longest call of the cache in nanoseconds, while it is measured. */
    final LongAccumulator longestNanos = new LongAccumulator(Math::max, 0);

    volatile boolean measuring;
    volatile boolean stop;
  }

  final Histogram getNanos = new Histogram(LATENCY_NANOS_MAX, DIGITS);
  final Histogram putNanos = new Histogram(LATENCY_NANOS_MAX, DIGITS);
  long hits;
  long getAllocatedBytes;
  long putAllocatedBytes;
  long checked;
  @Nullable String firstWrong;

  private final JdkImage image;
  private final AccessPattern pattern;
  private final Contender.Session session;
  private final Counters counters;
  private final byte[] encoded;
  private final byte[] decoded;
  private boolean measuring;

  DemoThread(JdkImage image, AccessPattern pattern, Contender.Session session, Counters counters) {
    this.image = image;
    this.pattern = pattern;
    this.session = session;
    this.counters = counters;
    this.encoded = new byte[image.largestBytes() + Edition.EXTRA_BYTES];
    this.decoded = new byte[image.largestBytes()];
  }

  @Override
  public void run() {
    while (!counters.stop) {
      if (!measuring && counters.measuring) {
        beginToMeasure();
      }
      step();
    }
  }

  /** Does what comes next. */
  void step() {
    int number = pattern.next();
    if (pattern.overwrite()) {
      store(number);
    } else {
      read(number);
    }
  }

  private void beginToMeasure() {
    measuring = true;
    getNanos.reset();
    putNanos.reset();
    hits = 0;
    getAllocatedBytes = 0;
    putAllocatedBytes = 0;
  }

  private void read(int number) {
    long allocatedBefore = ALLOCATION.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    int length = session.get(number);
    long nanos = System.nanoTime() - start;
    getAllocatedBytes += ALLOCATION.getCurrentThreadAllocatedBytes() - allocatedBefore;
    record(getNanos, nanos);
    session.took(nanos, length, measuring);
    counters.reads.increment();
    if (length == Contender.Session.ABSENT) {
      store(number);
      return;
    }
    hits++;
    counters.hits.increment();
    check(number, length);
  }

  private void record(Histogram histogram, long nanos) {
    histogram.recordValue(Math.min(nanos, LATENCY_NANOS_MAX));
    if (measuring) {
      counters.longestNanos.accumulate(nanos);
    }
  }

  private void check(int number, int length) {
    checked++;
    int objectBytes = length > encoded.length ? -1 : Edition.decode(session.value(), length, decoded);
    if (objectBytes < 0 || !image.matches(number, decoded, objectBytes)) {
      counters.wrong.increment();
      if (firstWrong == null) {
        firstWrong =
            "%s: %d bytes in the image, the cache gave %d of another content"
                .formatted(image.name(number), image.size(number), length - Edition.EXTRA_BYTES);
      }
    }
  }

  private void store(int number) {
    int length = Edition.encode(image.load(number), pattern.edition(), encoded);
    long allocatedBefore = ALLOCATION.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    session.put(number, encoded, length);
    long nanos = System.nanoTime() - start;
    putAllocatedBytes += ALLOCATION.getCurrentThreadAllocatedBytes() - allocatedBefore;
    record(putNanos, nanos);
  }
}
