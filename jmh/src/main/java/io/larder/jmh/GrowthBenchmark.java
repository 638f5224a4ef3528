package io.larder.jmh;

import io.larder.jmh.Subject.Client;
import java.io.IOException;
import org.HdrHistogram.Histogram;

/**
 * Question: how long does the slowest put take while a cache grows from nothing, with no entry count configured?
 *
 * <p>Hypothesis: Larder's index grows by splitting small parts, so its worst put is bounded by one such step and the
 * tail does not grow with the number of entries; a table that doubles shows puts of milliseconds and more, the longer
 * the larger it is. Heap maps have the collector's pauses on top.
 *
 * <p>Method: one JVM per system, one thread, entries of 8 + 8 bytes; each put is timed by itself, its key made
 * before. The clock adds some 20 ns to each. Every time the system preempts the thread, one put waits for milliseconds;
 * how often that was is said beside the times, and on a busy machine it hides the rest. Chronicle Map cannot grow: it
 * is told the count, its whole table is there from the start.
 *
 * <p>Falsified by: a p99.99 of Larder's that rises in proportion to the entries, or a maximum in the order of a whole
 * table's copy.
 */
public final class GrowthBenchmark {
  private static final int WARMUP_ENTRIES = 100_000;
  private static final long LATENCY_NANOS_MAX = 100_000_000_000L;
  private static final int DIGITS = 3;

  private GrowthBenchmark() {}

  /**
   * Measures one system and prints what it found.
   *
   * @param args implementation and number of entries
   * @throws IOException if the thread's status cannot be read
   */
  public static void main(String[] args) throws IOException {
    Implementation implementation = Implementation.of(args[0]);
    int entries = Integer.parseInt(args[1]);
    try (Subject<?> small = implementation.open(Shape.growing(WARMUP_ENTRIES))) {
      fill(small, WARMUP_ENTRIES, new Histogram(LATENCY_NANOS_MAX, DIGITS));
    }
    Histogram nanos = new Histogram(LATENCY_NANOS_MAX, DIGITS);
    try (Subject<?> subject = implementation.open(Shape.growing(entries))) {
      long preemptionsBefore = preemptions();
      long begin = System.nanoTime();
      fill(subject, entries, nanos);
      print("seconds", (System.nanoTime() - begin) / 1e9);
      print("preemptions", preemptions() - preemptionsBefore);
      print("present", present(subject, entries));
    }
    print("mean", nanos.getMean());
    print("p50", nanos.getValueAtPercentile(50));
    print("p99", nanos.getValueAtPercentile(99));
    print("p99.9", nanos.getValueAtPercentile(99.9));
    print("p99.99", nanos.getValueAtPercentile(99.99));
    print("p99.999", nanos.getValueAtPercentile(99.999));
    print("max", nanos.getMaxValue());
  }

  private static <K> void fill(Subject<K> subject, int entries, Histogram nanos) {
    Values values = new Values(Shape.growing(entries).valueBytes());
    Client<K> client = subject.newClient();
    for (int i = 0; i < entries; i++) {
      K key = subject.newKey(i);
      byte[] value = values.of(i);
      long start = System.nanoTime();
      client.put(key, value);
      nanos.recordValue(System.nanoTime() - start);
    }
  }

  private static <K> int present(Subject<K> subject, int entries) {
    Client<K> client = subject.newClient();
    int present = 0;
    for (int i = 0; i < entries; i++) {
      present += client.get(subject.newKey(i)) == Client.ABSENT ? 0 : 1;
    }
    return present;
  }

  /** How often the system took this thread off its processor for another one. */
  private static long preemptions() throws IOException {
    return ProcessStatus.numberOfThread("nonvoluntary_ctxt_switches").orElse(0);
  }

  private static void print(String name, Number value) {
    System.out.println(name + "=" + value);
  }
}
