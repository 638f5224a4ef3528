package io.larder.jmh;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Question: how long after its time is an entry's space taken back, when nobody asks for it any more, and what does
 * that cost?
 *
 * <p>Hypothesis: Larder's maintenance thread goes round its slabs and looks only into those in which something is due,
 * so that the lag is that of a round, well below a second, and the thread takes next to nothing while nothing is due.
 * Redis draws keys at random and removes what is due among them, within a limit of processor time: its lag depends on
 * how many are due.
 *
 * <p>Method: one JVM per system. The entries of {@link ExpiryLoad} are put, each with the time to live that lets it
 * expire at its moment in a window of 60 s, which begins late enough for all of them to be there. Between the load and
 * the window lie 20 s or more in which nothing is due and nobody uses the system: the processor time of Larder's
 * maintenance thread, or of the Redis process, is taken over it, and before that, while the system settles, that of a
 * thread which only wakes up each millisecond. From the window's begin on one thread does nothing but look, every 2 ms,
 * how many entries there are, until all have gone.
 *
 * <p>Two lags come of that, see {@link Lags}. That of <i>all</i> entries takes the n-th to go for the n-th that was
 * due; mean and backlog are exact, the quantiles are lower bounds: where a round takes 100 ms and entries wait for
 * between nothing and that, all of them seem to wait for 50. That of the <i>marked</i> ones is exact: 15 at a time are
 * due at one moment, and the sum of the payload tells when each of them has gone. Redis does not tell such a sum. The
 * clock of the measuring thread and those of the systems may differ by 1 ms; every lag is too long by up to the time
 * between two looks, and the longest of these times is printed beside. A removal listener would tell of each entry, and
 * copy it to the heap: that is another system.
 *
 * <p>Falsified by: a p99 of more than a second; a thread that takes more than 2 % of a core while nothing is due; a lag
 * that grows with the window's time.
 */
public final class ExpiryBenchmark {
  static final String REDIS = "redis";

  private static final long LOAD_MILLIS = 5_000;
  private static final int LOAD_NANOS_PER_ENTRY = 3_000;
  private static final long SETTLE_MILLIS = 2_000;
  private static final long IDLE_MILLIS_MIN = 20_000;
  private static final long SPARE_MILLIS = 1_000;
  private static final long PATIENCE_MILLIS = 60_000;
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long NANOS_PER_MICRO = 1_000;

  private final ExpirySubject subject;
  private final int entries;
  private final ExpiryLoad load;
  private final long begin = System.nanoTime();

  /** When the window begins, in milliseconds since {@link #begin}. */
  private final int windowMillis;

  private final Lags all;
  private final Lags marked;
  private long markedGone;
  private long lookNanosMax;

  private ExpiryBenchmark(ExpirySubject subject, int entries) {
    this.subject = subject;
    this.entries = entries;
    this.load = new ExpiryLoad(entries);
    long loadMillis = LOAD_MILLIS + (long) entries * LOAD_NANOS_PER_ENTRY / NANOS_PER_MILLI;
    this.windowMillis = Math.toIntExact(loadMillis + SETTLE_MILLIS + IDLE_MILLIS_MIN + SPARE_MILLIS);
    int end = Math.toIntExact(windowMillis + ExpiryLoad.WINDOW_MILLIS + PATIENCE_MILLIS);
    this.all = new Lags(end);
    this.marked = new Lags(end);
  }

  /**
   * Measures one system and prints what it found.
   *
   * @param args {@code larder} and the number of entries, or {@code redis}, the number and the program
   * @throws IOException if the server cannot be started, or ends
   */
  public static void main(String[] args) throws IOException {
    int entries = Integer.parseInt(args[1]);
    try (ExpirySubject subject =
        args[0].equals(REDIS) ? RedisExpiry.start(Path.of(args[2])) : new LarderExpiry(entries)) {
      new ExpiryBenchmark(subject, entries).run();
    }
  }

  private void run() throws IOException {
    load();
    print("load.seconds", sinceBegin() / 1e9);
    subject.look();
    if (sinceBegin() < windowMillis * NANOS_PER_MILLI && subject.entries() != entries) {
      throw new IllegalStateException("of entries=" + entries + " there are " + subject.entries());
    }
    print("used.bytes", subject.usedBytes());
    measureWaking();
    measureIdle();
    measureExpiry();
    print("used.bytes.after", subject.usedBytes());
    print("gone", all.gone());
    print("look.max", lookNanosMax / (double) NANOS_PER_MILLI);
    print("all", all);
    if (markedGone == load.marks()) {
      print("marked", marked);
    }
  }

  private void load() throws IOException {
    byte[] value = new byte[ExpiryLoad.VALUE_BYTES_MAX];
    new SplittableRandom(41).nextBytes(value);
    for (int i = 0; i < entries; i++) {
      byte[] key = Keys.bytes(i, ExpiryLoad.KEY_BYTES);
      long now = sinceBegin();
      long ttl = Math.max(windowMillis + load.dueMillis(i) - now / NANOS_PER_MILLI, 1);
      subject.put(key, value, load.valueBytes(i), ttl);
      int due = Math.toIntExact(now / NANOS_PER_MILLI + ttl);
      all.addDue(due);
      if (load.isMarked(i)) {
        marked.addDue(due);
      }
    }
    subject.flush();
  }

  /** What a thread takes that wakes up each millisecond and does nothing: on virtual machines that is not little. */
  private void measureWaking() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = sinceBegin();
    long cpu = threads.getCurrentThreadCpuTime();
    while (sinceBegin() - start < SETTLE_MILLIS * NANOS_PER_MILLI) {
      LockSupport.parkNanos(NANOS_PER_MILLI);
    }
    print("waking.cpu", (threads.getCurrentThreadCpuTime() - cpu) / (double) (sinceBegin() - start));
  }

  /** Nothing is printed of an idle time that was too short, because the load took longer than thought. */
  private void measureIdle() {
    long start = sinceBegin();
    long cpu = subject.cpuNanos();
    park(windowMillis * NANOS_PER_MILLI - SPARE_MILLIS * NANOS_PER_MILLI / 2 - start);
    double share = (subject.cpuNanos() - cpu) / (double) (sinceBegin() - start);
    double millis = (sinceBegin() - start) / (double) NANOS_PER_MILLI;
    if (millis >= IDLE_MILLIS_MIN) {
      print("idle.cpu", share);
      print("idle.seconds", millis / 1000);
    }
  }

  private void measureExpiry() throws IOException {
    subject.look();
    long payload = subject.payloadBytes();
    long start = sinceBegin();
    long cpu = subject.cpuNanos();
    Waiting waiting = subject.waiting();
    long waited = waiting.nanos();
    long before = start;
    long windowEnd = (windowMillis + ExpiryLoad.WINDOW_MILLIS) * NANOS_PER_MILLI;
    boolean measured = false;
    while (all.gone() < entries && before < windowEnd + PATIENCE_MILLIS * NANOS_PER_MILLI) {
      park(LOOK_NANOS);
      subject.look();
      long now = sinceBegin();
      lookNanosMax = Math.max(lookNanosMax, now - before);
      before = now;
      all.addLook(now / NANOS_PER_MICRO, entries - subject.entries());
      if (payload != ExpirySubject.UNKNOWN) {
        markedGone += ExpiryLoad.marksGone(payload, subject.payloadBytes());
        payload = subject.payloadBytes();
        marked.addLook(now / NANOS_PER_MICRO, markedGone);
      }
      if (!measured && now >= windowEnd) {
        measured = true;
        print("expiring.cpu", (subject.cpuNanos() - cpu) / (double) (now - start));
        if (waited != Waiting.UNKNOWN) {
          print("expiring.waiting", (waiting.nanos() - waited) / (double) (now - start));
        }
        print("expiring.left", subject.entries());
      }
    }
  }

  private long sinceBegin() {
    return System.nanoTime() - begin;
  }

  private static void park(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static void print(String name, Lags lags) {
    print(name + ".mean", lags.mean());
    print(name + ".p50", lags.percentile(50));
    print(name + ".p99", lags.percentile(99));
    print(name + ".max", lags.max());
    print(name + ".count", lags.gone());
  }

  private static void print(String name, Number value) {
    System.out.println(name + "=" + value);
  }
}
