package io.larder.jmh;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Question: what do gigabytes of cached values cost the requests of a service, and its collector?
 *
 * <p>Hypothesis: off the heap nothing. The collector sees a small heap with short-lived garbage, as it would without a
 * cache, so that its pauses and its processor time are those without one. On the heap all values are live data of the
 * old generation: they are marked again and again, overwritten ones leave holes that have to be compacted, and the
 * slowest requests are those that wait for that.
 *
 * <p>Method: one JVM for each system, collector and round, with the same memory for cache and heap together. All
 * entries are put. Then requests of {@link GcService} arrive at a fixed rate, at two threads, for a time to warm up and
 * a time to be measured, and each is timed from the moment at which it was due ({@link OpenLoop}). Pauses are those of
 * the JVM's log of safepoints, from the request for one to the moment when all threads go on; ZGC's cycles, which run
 * beside the service, are none. The collector's processor time is that of its threads, as the system counts it. Without
 * a cache the same bytes are copied from and to plain memory: a service that touches gigabytes leaves its collector
 * colder caches of the processor, which is not the cache's doing.
 *
 * <p>A thread that waits for its next request is woken up some 50 µs late by the system. That is in each time, and the
 * same for all.
 *
 * <p>Falsified by: a p99.99 of Larder's that is not far below that of a cache on the heap under G1, or is above it
 * under ZGC; pauses or processor time of the collector's that are more than without a cache by over a tenth.
 */
public final class GcBenchmark {
  static final String REQUESTS = "requests";
  static final String P50 = "p50.us";
  static final String P99 = "p99.us";
  static final String P99_9 = "p99.9.us";
  static final String P99_99 = "p99.99.us";
  static final String MAX = "max.us";
  static final String LATE = "late.ms";
  static final String HITS = "hits.share";
  static final String SERVICE_CPU = "service.cpu.share";
  static final String PAUSES = "pauses";
  static final String PAUSES_TOTAL = "pauses.total.ms";
  static final String PAUSE_MAX = "pause.max.ms";
  static final String STALLS = "stalls";
  static final String GC_CPU = "gc.cpu.share";
  static final String ALLOCATED = "allocated.bytes.per.second";
  static final String RESIDENT = "resident.bytes";

  /** Requests a second of all threads. */
  static final int RATE = 10_000;

  static final int THREADS = 2;
  static final double SKEW = 0.99;

  private static final int DRAWS = 1 << 20;
  private static final long SEED = 47;
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1) * THREADS / RATE;
  private static final long HEAD_START_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_MILLI = 1e6;

  private static final ThreadMXBean JVM_THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final List<GcService<?>> services = new ArrayList<>();
  private final ExecutorService threads;
  private final Path log;

  private GcBenchmark(Subject<?> subject, int entries, ExecutorService threads, Path log) {
    this.threads = threads;
    this.log = log;
    int[] draws = new Zipf(entries, SKEW).draws(DRAWS, SEED);
    for (int i = 0; i < THREADS; i++) {
      services.add(new GcService<>(subject, draws, i * (DRAWS / THREADS), SEED + i));
    }
  }

  /**
   * Measures one system and prints what it found.
   *
   * @param args system, entries, seconds to warm up, seconds to measure, and the file of {@link SafepointLog} that this
   *     JVM writes
   * @throws IOException if the log or the system's accounts cannot be read
   * @throws InterruptedException if it is interrupted
   * @throws ExecutionException if a request fails
   */
  public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
    int entries = Integer.parseInt(args[1]);
    try (Subject<?> subject = GcSystem.of(args[0]).open(entries);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      GcBenchmark benchmark = new GcBenchmark(subject, entries, threads, Path.of(args[4]));
      benchmark.services.getFirst().fill(entries);
      benchmark.serve(Integer.parseInt(args[2]));
      benchmark.measure(Integer.parseInt(args[3]));
    }
  }

  private void measure(int seconds) throws IOException, InterruptedException, ExecutionException {
    long logged = Files.size(log);
    long requestsBefore = services.stream().mapToLong(GcService::requests).sum();
    long hitsBefore = services.stream().mapToLong(GcService::hits).sum();
    long gcBefore = Collector.cpuNanos();
    long allocatedBefore = JVM_THREADS.getTotalThreadAllocatedBytes();
    long begin = System.nanoTime();
    List<Served> served = serve(seconds);
    double nanos = System.nanoTime() - begin;
    long allocated = JVM_THREADS.getTotalThreadAllocatedBytes() - allocatedBefore;
    long gcNanos = Collector.cpuNanos() - gcBefore;
    long requests = services.stream().mapToLong(GcService::requests).sum() - requestsBefore;
    long hits = services.stream().mapToLong(GcService::hits).sum() - hitsBefore;
    printTimes(served);
    print(REQUESTS, requests);
    print(HITS, (double) hits / (requests * GcService.GETS));
    print(SERVICE_CPU, served.stream().mapToLong(Served::cpuNanos).sum() / nanos);
    print(GC_CPU, gcNanos / nanos);
    print(ALLOCATED, allocated / (nanos / TimeUnit.SECONDS.toNanos(1)));
    print(RESIDENT, ProcessStatus.bytes("VmRSS"));
    printPauses(SafepointLog.lines(log, logged));
  }

  /**
   * What a thread of the service found.
   *
   * @param loop the times of its requests
   * @param cpuNanos its processor time
   */
  private record Served(OpenLoop loop, long cpuNanos) {}

  /** Lets the threads serve requests, which arrive at them by turns. */
  private List<Served> serve(int seconds) throws InterruptedException, ExecutionException {
    int requests = Math.toIntExact(TimeUnit.SECONDS.toNanos(seconds) / INTERVAL_NANOS);
    long begin = System.nanoTime() + HEAD_START_NANOS;
    List<Callable<Served>> tasks = new ArrayList<>();
    for (int i = 0; i < services.size(); i++) {
      GcService<?> service = services.get(i);
      long first = begin + i * (INTERVAL_NANOS / THREADS);
      tasks.add(
          () -> {
            OpenLoop loop = new OpenLoop();
            long cpuBefore = JVM_THREADS.getCurrentThreadCpuTime();
            loop.run(requests, first, INTERVAL_NANOS, service);
            return new Served(loop, JVM_THREADS.getCurrentThreadCpuTime() - cpuBefore);
          });
    }
    List<Served> served = new ArrayList<>();
    for (Future<Served> each : threads.invokeAll(tasks)) {
      served.add(each.get());
    }
    return served;
  }

  private static void printTimes(List<Served> served) {
    Histogram all = new Histogram(served.getFirst().loop().nanos());
    served.forEach(each -> all.add(each.loop().nanos()));
    print(P50, all.getValueAtPercentile(50) / NANOS_PER_MICRO);
    print(P99, all.getValueAtPercentile(99) / NANOS_PER_MICRO);
    print(P99_9, all.getValueAtPercentile(99.9) / NANOS_PER_MICRO);
    print(P99_99, all.getValueAtPercentile(99.99) / NANOS_PER_MICRO);
    print(MAX, all.getMaxValue() / NANOS_PER_MICRO);
    print(LATE, served.stream().mapToLong(each -> each.loop().lateNanos()).max().orElse(0) / NANOS_PER_MILLI);
  }

  private static void printPauses(List<String> lines) {
    long[] pauses = SafepointLog.pauseNanos(lines);
    print(PAUSES, pauses.length);
    print(PAUSES_TOTAL, Arrays.stream(pauses).sum() / NANOS_PER_MILLI);
    print(PAUSE_MAX, Arrays.stream(pauses).max().orElse(0) / NANOS_PER_MILLI);
    print(STALLS, SafepointLog.stalls(lines));
  }

  private static void print(String name, Number value) {
    System.out.println(name + "=" + value.doubleValue());
  }
}
