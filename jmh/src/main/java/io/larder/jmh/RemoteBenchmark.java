package io.larder.jmh;

import io.larder.jmh.Subject.Client;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Question: how much of the time of a read is the way to a server, when the server is on the same machine?
 *
 * <p>Hypothesis: nearly all. A read in the process is some hundred nanoseconds; one from a server is two switches of
 * context and a pass through the system's sockets, tens of microseconds, whatever the server does meanwhile. Many
 * commands sent together share that, and what is left of each, formatting, parsing and the array for the value, is
 * still several times a read in the process.
 *
 * <p>Method: one JVM for each system and round; keys of 24 bytes, values of 100, the keys drawn by Zipf 0.99 and made
 * before, one thread with one connection. After a warm-up reads are counted over a time, without a clock between
 * them, and then for as long again each call is timed by itself: a read, or a batch of 64 keys. The clock is in these
 * times. Every read must find its value.
 *
 * <p>Falsified by: a read from the server within ten times of one in the process.
 */
public final class RemoteBenchmark {
  static final String NANOS = "nanos.per.read";
  static final String P50 = "p50.us";
  static final String P99 = "p99.us";

  /** The keys of a batch. */
  static final int BATCH_KEYS = 64;

  private static final double SKEW = 0.99;
  private static final int DRAWS = 1 << 20;
  private static final long SEED = 53;
  private static final int CALLS_AT_ONCE = 64;
  private static final long NANOS_MAX = TimeUnit.SECONDS.toNanos(100);
  private static final int DIGITS = 3;
  private static final double NANOS_PER_MICRO = 1e3;

  private final Client<byte[]> client;
  private final Object[] keys;
  private final int[] draws;
  private final int keysOfCall;
  private final int valueBytes;
  private int next;

  /** Reads with so many keys in a call. */
  RemoteBenchmark(Subject<byte[]> subject, Shape shape, int keysOfCall) {
    this.client = subject.newClient();
    this.keys = new Object[shape.entries()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = subject.newKey(i);
    }
    this.draws = new Zipf(shape.entries(), SKEW).draws(DRAWS, SEED);
    this.keysOfCall = keysOfCall;
    this.valueBytes = shape.valueBytes();
  }

  /**
   * Measures one system and prints what it found.
   *
   * @param args system, entries, keys in a call, milliseconds to warm up, milliseconds to measure, port and socket of
   *     the server
   */
  public static void main(String[] args) {
    RemoteSystem system = RemoteSystem.of(args[0]);
    Shape shape = Shape.usual(Integer.parseInt(args[1]));
    RedisAddress address =
        new RedisAddress(Integer.parseInt(args[5]), Path.of(args[6]), system.byUnixSocket());
    try (Subject<byte[]> subject = system.open(shape, address)) {
      if (!system.isRemote()) {
        fill(subject, shape);
      }
      RemoteBenchmark benchmark = new RemoteBenchmark(subject, shape, Integer.parseInt(args[2]));
      long warmNanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(args[3]));
      long nanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(args[4]));
      benchmark.count(warmNanos);
      benchmark.time(warmNanos);
      print(NANOS, benchmark.count(nanos));
      Histogram times = benchmark.time(nanos);
      print(P50, times.getValueAtPercentile(50) / NANOS_PER_MICRO);
      print(P99, times.getValueAtPercentile(99) / NANOS_PER_MICRO);
    }
  }

  private static void fill(Subject<byte[]> subject, Shape shape) {
    Values values = new Values(shape.valueBytes());
    Client<byte[]> client = subject.newClient();
    for (int i = 0; i < shape.entries(); i++) {
      client.put(subject.newKey(i), values.of(i));
    }
  }

  /** Reads for a time; returns the nanoseconds for each read. */
  double count(long nanos) {
    long begin = System.nanoTime();
    long reads = 0;
    long now = begin;
    while (now - begin < nanos) {
      for (int i = 0; i < CALLS_AT_ONCE; i++) {
        call();
      }
      reads += (long) CALLS_AT_ONCE * keysOfCall;
      now = System.nanoTime();
    }
    return (double) (now - begin) / reads;
  }

  /** Reads for a time; returns the nanoseconds of each call. */
  Histogram time(long nanos) {
    Histogram times = new Histogram(NANOS_MAX, DIGITS);
    long begin = System.nanoTime();
    long before = begin;
    while (before - begin < nanos) {
      call();
      long now = System.nanoTime();
      times.recordValue(Math.min(now - before, NANOS_MAX));
      before = now;
    }
    return times;
  }

  private void call() {
    int bytes =
        keysOfCall == 1
            ? client.get((byte[]) keys[draws[next]])
            : client.getAll(keys, draws, next, keysOfCall);
    if (bytes != keysOfCall * valueBytes) {
      throw new IllegalStateException(
          "of keys=" + keysOfCall + " with " + valueBytes + " bytes each came bytes=" + bytes);
    }
    next += keysOfCall;
    if (next == DRAWS) {
      next = 0;
    }
  }

  private static void print(String name, double value) {
    System.out.println(name + "=" + value);
  }
}
