package io.larder.cli;

import com.sun.management.GarbageCollectorMXBean;
import io.larder.cli.AccessPattern.Popularity;
import io.larder.cli.DemoThread.Counters;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/** Runs the demo's work on one cache, in this process, and measures it. */
final class DemoRun {
  private static final long TICK_MILLIS = 200;
  private static final Path STATUS = Path.of("/proc/self/status");

  private final JdkImage image;
  private final DemoPlan plan;
  private final Listener listener;

  /** Hears how the run goes, five times a second. */
  interface Listener {
    /**
     * Hears how far the run is.
     *
     * @param done the part of the run that is over, 0 to 1
     * @param reads so far
     * @param hits so far
     * @param wrong so far
     */
    void progress(double done, long reads, long hits, long wrong);

    /** Hears of the first wrong value, if there is one. */
    void wrong(String what);
  }

  DemoRun(JdkImage image, DemoPlan plan, Listener listener) {
    this.image = image;
    this.plan = plan;
    this.listener = listener;
  }

  /**
   * Works on the contender and returns what was measured. The contender is left open, its sessions are used up.
   *
   * @param heapBefore the live heap before the contender was opened
   */
  Map<Measure, Double> run(Contender contender, long heapBefore) throws InterruptedException {
    Map<Measure, Double> results = work(contender);
    // The threads' buffers and requests are garbage by now.
    addMemory(results, contender, heapBefore);
    return results;
  }

  private Map<Measure, Double> work(Contender contender) throws InterruptedException {
    Counters counters = new Counters();
    List<DemoThread> workers = workers(contender, counters);
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (DemoThread worker : workers) {
      threads.add(Thread.ofPlatform().name("demo-" + threads.size()).uncaughtExceptionHandler((thread, failure) -> {
        synchronized (failures) {
          failures.add(failure);
        }
        counters.stop = true;
      }).start(worker));
    }
    long begin = System.nanoTime();
    watch(counters, begin, plan.warmupMillis());
    counters.measuring = true;
    long measuredFrom = System.nanoTime();
    long collectionsBefore = collections(GarbageCollectorMXBean::getCollectionCount);
    long collectionMillisBefore = collections(GarbageCollectorMXBean::getCollectionTime);
    watch(counters, begin, plan.warmupMillis() + plan.measureMillis());
    counters.stop = true;
    for (Thread thread : threads) {
      thread.join();
    }
    Map<Measure, Double> results = new EnumMap<>(Measure.class);
    put(results, Measure.SECONDS, (System.nanoTime() - measuredFrom) / 1e9);
    put(results, Measure.GC_COUNT, collections(GarbageCollectorMXBean::getCollectionCount) - collectionsBefore);
    put(results, Measure.GC_MILLIS, collections(GarbageCollectorMXBean::getCollectionTime) - collectionMillisBefore);
    rethrow(failures);
    addOperations(results, workers, counters);
    return results;
  }

  private List<DemoThread> workers(Contender contender, Counters counters) {
    Popularity popularity = new Popularity(image.count(), plan.seed());
    SplittableRandom seeds = new SplittableRandom(plan.seed());
    List<DemoThread> workers = new ArrayList<>();
    for (int i = 0; i < plan.threads(); i++) {
      AccessPattern pattern = new AccessPattern(popularity, seeds.split());
      workers.add(new DemoThread(image, pattern, contender.newSession(), counters));
    }
    return workers;
  }

  private void watch(Counters counters, long begin, long untilMillis) throws InterruptedException {
    long totalMillis = plan.warmupMillis() + plan.measureMillis();
    for (; ; ) {
      long passed = (System.nanoTime() - begin) / 1_000_000;
      if (passed >= untilMillis || counters.stop) {
        return;
      }
      Thread.sleep(Math.min(TICK_MILLIS, untilMillis - passed));
      double done = Math.min(1, (double) (passed + TICK_MILLIS) / totalMillis);
      listener.progress(done, counters.reads.sum(), counters.hits.sum(), counters.wrong.sum());
    }
  }

  private static void rethrow(List<Throwable> failures) {
    if (!failures.isEmpty()) {
      throw new IllegalStateException("a thread of the demo failed: " + failures.getFirst(), failures.getFirst());
    }
  }

  private void addOperations(Map<Measure, Double> results, List<DemoThread> workers, Counters counters) {
    Histogram gets = workers.getFirst().getNanos.copy();
    Histogram puts = workers.getFirst().putNanos.copy();
    workers.stream().skip(1).forEach(worker -> {
      gets.add(worker.getNanos);
      puts.add(worker.putNanos);
    });
    put(results, Measure.READS, gets.getTotalCount());
    put(results, Measure.HITS, sum(workers, worker -> worker.hits));
    put(results, Measure.WRITES, puts.getTotalCount());
    put(results, Measure.CHECKED, sum(workers, worker -> worker.checked));
    put(results, Measure.WRONG, counters.wrong.sum());
    put(results, Measure.GET_P50, gets.getValueAtPercentile(50));
    put(results, Measure.GET_P99, gets.getValueAtPercentile(99));
    put(results, Measure.GET_P999, gets.getValueAtPercentile(99.9));
    put(results, Measure.PUT_P50, puts.getValueAtPercentile(50));
    put(results, Measure.PUT_P99, puts.getValueAtPercentile(99));
    put(results, Measure.PUT_P999, puts.getValueAtPercentile(99.9));
    long getAllocated = sum(workers, worker -> worker.getAllocatedBytes);
    long putAllocated = sum(workers, worker -> worker.putAllocatedBytes);
    put(results, Measure.GET_ALLOCATED, getAllocated / (double) Math.max(1, gets.getTotalCount()));
    put(results, Measure.PUT_ALLOCATED, putAllocated / (double) Math.max(1, puts.getTotalCount()));
    workers.stream().map(worker -> worker.firstWrong).filter(Objects::nonNull).findFirst().ifPresent(listener::wrong);
  }

  private static void addMemory(Map<Measure, Double> results, Contender contender, long heapBefore) {
    put(results, Measure.RESIDENT, residentBytes());
    put(results, Measure.ENTRIES, contender.entries());
    put(results, Measure.PAYLOAD, contender.payloadBytes());
    put(results, Measure.ACCOUNTED, contender.accountedBytes());
    contender.releaseRequests();
    long live = liveHeapBytes();
    put(results, Measure.LIVE_HEAP, live);
    put(results, Measure.HEAP_LIMIT, Runtime.getRuntime().maxMemory());
    put(results, Measure.HELD, contender.accountsForAll() ? contender.accountedBytes() : live - heapBefore);
  }

  /** The heap in use after a collection. */
  static long liveHeapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Resident bytes of this process; 0 where the system does not tell. */
  private static long residentBytes() {
    try (var lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  private static long collections(ToLongFunction<GarbageCollectorMXBean> what) {
    return ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class).stream().mapToLong(what).sum();
  }

  private static long sum(List<DemoThread> workers, ToLongFunction<DemoThread> what) {
    return workers.stream().mapToLong(what).sum();
  }

  private static void put(Map<Measure, Double> results, Measure measure, Number value) {
    results.put(measure, value.doubleValue());
  }
}
