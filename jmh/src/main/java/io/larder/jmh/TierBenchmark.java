package io.larder.jmh;

import com.sun.management.ThreadMXBean;
import io.larder.ByteCache;
import io.larder.CacheStats;
import io.larder.Codec;
import io.larder.Larder;
import io.larder.Tier;
import io.larder.TierStats;
import io.larder.TierValue;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Question: what does a hit in the second tier cost beside one in the memory, what does a tier cost by itself, how much
 * can be demoted, and does any of it allocate?
 *
 * <p>Hypothesis: with its pages in memory a hit below costs at most four times one above: the lookup above that finds
 * nothing, the words of the key, a lookup with a checksum, two copies. The file tier reads at least twice as fast as
 * Chronicle Map and is written to at least four times as fast. 200,000 evictions a second are all demoted. Nothing
 * allocates, whatever moves between the tiers.
 *
 * <p>Method: one JVM per system, one thread, 24-byte keys and 100-byte values, not compressed, files where there is
 * memory for them. Keys that are asked for are equal to the stored ones and not identical. Hits below are first hits:
 * each key of the tier is asked for once, in an order of chance, so that none is promoted; promoting ones are those of
 * a second pass in the same order. Hits above are of keys that fit well, in turns with those below, window by window.
 * For demotion, new keys are put into a full memory at a pace, and as fast as one and two threads can.
 *
 * A tier by itself is asked for its keys one after the other in an order of chance, where memory is the limit, and by
 * a Zipf law, where the work is.
 *
 * <p>Falsified by: a quotient above the bounds; entries dropped at the pace; bytes allocated.
 */
public final class TierBenchmark {
  /** A measurement of hits, demotion and allocation of a cache. */
  static final String CACHE = "cache";

  /** A measurement of a tier without a cache. */
  static final String TIER = "tier";

  /** At this pace entries are evicted. */
  static final int PACE = 200_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int KEY_BYTES = 24;
  private static final int VALUE_BYTES = 100;
  private static final String MEMORY = "64MiB";

  /** They fit well into the memory. */
  private static final int ABOVE_ENTRIES = 200_000;

  private static final int WINDOWS = 10;

  /** So many windows before those that count: of keys that are asked for once, and of those that are again. */
  private static final int WARMING_WINDOWS = 20;

  /** As in the other benchmarks. */
  private static final double SKEW = 0.99;

  private static final int WARMING_PASSES = 2;

  /** So many of the entries must be there, for a figure to be one of hits. */
  private static final double PRESENT_MIN = 0.98;

  private static final int BURST = 20;
  private static final int MIXED_OPERATIONS = 1_000_000;
  private static final long PAUSE_NANOS = 1_000_000;
  private static final int NANOS_PER_SECOND = 1_000_000_000;

  private final TierSystem system;
  private final Path file;
  private final int entries;
  private final int seconds;
  private final byte[] value = new byte[VALUE_BYTES];
  private final byte[] target = new byte[VALUE_BYTES];

  /** The next number of a key that nobody has put yet. */
  private int fresh;

  private TierBenchmark(TierSystem system, Path file, int entries, int seconds) {
    this.system = system;
    this.file = file;
    this.entries = entries;
    this.seconds = seconds;
    this.fresh = entries;
  }

  /**
   * Measures one system and prints what it found.
   *
   * @param args {@code cache} or {@code tier}; the system; its file; how many entries it holds; seconds for each load
   *     of demotion
   * @throws IOException if the file cannot be had
   * @throws InterruptedException never
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    TierBenchmark benchmark =
        new TierBenchmark(
            TierSystem.of(args[1]), Path.of(args[2]), Integer.parseInt(args[3]), Integer.parseInt(args[4]));
    if (args[0].equals(TIER)) {
      benchmark.measureTier();
    } else {
      benchmark.measureCache();
    }
  }

  private static void print(String name, double figure) {
    System.out.println(name + "=" + figure);
  }

  /** Of the windows the one that was disturbed least. */
  private static double best(double[] nanos) {
    return Arrays.stream(nanos).min().orElse(Double.NaN);
  }

  private static boolean holds() {
    return true;
  }

  private void fill(Tier tier) {
    TierValue stored = new TierValue();
    System.arraycopy(value, 0, stored.reserve(VALUE_BYTES), 0, VALUE_BYTES);
    stored.set(VALUE_BYTES, 0, 0, 0, false);
    int refused = 0;
    for (int i = 0; i < entries; i++) {
      refused += tier.put(Keys.bytes(i, KEY_BYTES), 0, KEY_BYTES, stored, TierBenchmark::holds) ? 0 : 1;
    }
    print("refused", refused);
  }

  /** The keys from a number on, in an order of chance. */
  private static byte[][] shuffled(int first, int count) {
    SplittableRandom random = new SplittableRandom(count);
    byte[][] keys = new byte[count][];
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i + 1);
      keys[i] = keys[other];
      keys[other] = Keys.bytes(first + i, KEY_BYTES);
    }
    return keys;
  }

  // ---- a tier

  private void measureTier() throws IOException {
    byte[][] keys = shuffled(0, entries);
    try (Tier tier = system.factory(file, entries).open(() -> 1)) {
      fill(tier);
      measureTier(tier, keys, "");
      // Equal and not identical to those that were used before.
      byte[][] others = shuffled(0, entries);
      int[] draws = new Zipf(entries, SKEW).draws(entries, 1);
      measureTier(tier, Arrays.stream(draws).mapToObj(draw -> others[draw]).toArray(byte[][]::new), "Skewed");
    }
  }

  private void measureTier(Tier tier, byte[][] keys, String load) {
    TierValue stored = new TierValue();
    System.arraycopy(value, 0, stored.reserve(VALUE_BYTES), 0, VALUE_BYTES);
    double[] gets = new double[WINDOWS];
    double[] puts = new double[WINDOWS];
    int part = entries / WINDOWS;
    // The first passes over all keys are for the compiler.
    for (int window = -WARMING_PASSES * WINDOWS; window < WINDOWS; window++) {
      int first = Math.floorMod(window, WINDOWS) * part;
      long begin = System.nanoTime();
      int found = 0;
      for (int i = first; i < first + part; i++) {
        found += tier.get(keys[i], 0, KEY_BYTES, stored) ? 1 : 0;
      }
      long middle = System.nanoTime();
      stored.set(VALUE_BYTES, 0, 0, 0, false);
      int put = 0;
      for (int i = first; i < first + part; i++) {
        put += tier.put(keys[i], 0, KEY_BYTES, stored, TierBenchmark::holds) ? 1 : 0;
      }
      long end = System.nanoTime();
      if (found < part * PRESENT_MIN || put < part * PRESENT_MIN) {
        throw new IllegalStateException("of " + part + " entries " + found + " were found, and " + put + " put");
      }
      if (window >= 0) {
        gets[window] = (double) (middle - begin) / part;
        puts[window] = (double) (end - middle) / part;
      }
    }
    print("get" + load, best(gets));
    print("put" + load, best(puts));
  }

  // ---- a cache

  private void measureCache() throws IOException, InterruptedException {
    try (Tier tier = system.factory(file, entries).open(() -> 1)) {
      fill(tier);
    }
    try (ByteCache cache =
        Larder.builder(Codec.bytes(), Codec.bytes())
            .memory(MEMORY)
            .tier(system.factory(file, entries))
            .buildBytes()) {
      measureHits(cache);
      if (system == TierSystem.LARDER) {
        measureAllocation(cache);
        measureDemotion(cache);
      }
    }
  }

  private static TierStats below(ByteCache cache) {
    return Objects.requireNonNull(cache.stats().tier());
  }

  private void measureHits(ByteCache cache) {
    byte[][] above = shuffled(fresh, ABOVE_ENTRIES);
    for (int i = 0; i < ABOVE_ENTRIES; i++) {
      cache.put(Keys.bytes(fresh + i, KEY_BYTES), value);
    }
    fresh += ABOVE_ENTRIES;
    byte[][] below = shuffled(0, entries);
    int part = entries / (WARMING_WINDOWS + WINDOWS);
    double[] aboveNanos = new double[WINDOWS];
    double[] belowNanos = new double[WINDOWS];
    TierStats before = below(cache);
    long allocated = 0;
    for (int window = -WARMING_WINDOWS; window < WINDOWS; window++) {
      int first = (window + WARMING_WINDOWS) * part;
      long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
      double nanosAbove = nanosPerHit(cache, above, first, part);
      double nanosBelow = nanosPerHit(cache, below, first, part);
      if (window >= 0) {
        allocated += THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
        aboveNanos[window] = nanosAbove;
        belowNanos[window] = nanosBelow;
      }
    }
    print("above", best(aboveNanos));
    print("below", best(belowNanos));
    print("quotient", best(belowNanos) / best(aboveNanos));
    print("hitAllocated", (double) allocated / (2L * WINDOWS * part));
    print("promotedAtFirst", (double) (below(cache).promotions() - before.promotions()));
    measurePromotion(cache, below, part);
  }

  private void measurePromotion(ByteCache cache, byte[][] below, int part) {
    double[] nanos = new double[WINDOWS];
    TierStats before = below(cache);
    long allocated = 0;
    for (int window = -WARMING_WINDOWS; window < WINDOWS; window++) {
      long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
      double perHit = nanosPerHit(cache, below, (window + WARMING_WINDOWS) * part, part);
      if (window >= 0) {
        nanos[window] = perHit;
        allocated += THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
      }
    }
    print("promoting", best(nanos));
    print("promotingAllocated", (double) allocated / ((long) WINDOWS * part));
    long gets = (long) (WARMING_WINDOWS + WINDOWS) * part;
    print("promoted", (double) (below(cache).promotions() - before.promotions()) / gets);
  }

  private double nanosPerHit(ByteCache cache, byte[][] keys, int first, int count) {
    int hits = 0;
    long begin = System.nanoTime();
    for (int i = 0; i < count; i++) {
      hits += cache.get(keys[(first + i) % keys.length], target) >= 0 ? 1 : 0;
    }
    long nanos = System.nanoTime() - begin;
    if (hits < count * PRESENT_MIN) {
      throw new IllegalStateException(hits + " hits of " + count);
    }
    return (double) nanos / count;
  }

  /** Gets of all kinds and puts of new keys, so that entries go up and down all the time; of all threads. */
  private void measureAllocation(ByteCache cache) {
    byte[][] keys = shuffled(0, entries);
    byte[][] news = shuffled(fresh, MIXED_OPERATIONS);
    fresh += MIXED_OPERATIONS;
    mix(cache, keys, news, 0, MIXED_OPERATIONS / 2);
    TierStats before = below(cache);
    long all = THREADS.getTotalThreadAllocatedBytes();
    long own = THREADS.getCurrentThreadAllocatedBytes();
    mix(cache, keys, news, MIXED_OPERATIONS / 2, MIXED_OPERATIONS);
    own = THREADS.getCurrentThreadAllocatedBytes() - own;
    all = THREADS.getTotalThreadAllocatedBytes() - all;
    print("mixedAllocated", (double) own / (MIXED_OPERATIONS / 2));
    print("mixedAllocatedByAll", (double) all / (MIXED_OPERATIONS / 2));
    print("mixedDemoted", (double) (below(cache).demotions() - before.demotions()));
    print("mixedPromoted", (double) (below(cache).promotions() - before.promotions()));
  }

  private void mix(ByteCache cache, byte[][] keys, byte[][] news, int from, int to) {
    for (int i = from; i < to; i++) {
      if (i % 3 == 0) {
        cache.put(news[i], value);
      } else {
        // Each key twice: found below, then promoted.
        cache.get(keys[i / 6 * 2 % keys.length], target);
      }
    }
  }

  private void measureDemotion(ByteCache cache) throws InterruptedException {
    demote(cache, "paced", 1, PACE);
    demote(cache, "one", 1, 0);
    demote(cache, "two", 2, 0);
  }

  private static void awaitDemotion(ByteCache cache) {
    while (below(cache).waitingBytes() > 0) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void demote(ByteCache cache, String load, int threads, int pace) throws InterruptedException {
    awaitDemotion(cache);
    CacheStats above = cache.stats();
    TierStats before = below(cache);
    long begin = System.nanoTime();
    long end = begin + TimeUnit.SECONDS.toNanos(seconds);
    Thread[] writers = new Thread[threads];
    int[] puts = new int[threads];
    for (int t = 0; t < threads; t++) {
      int number = t;
      int first = fresh + number;
      writers[t] = Thread.ofPlatform().start(() -> puts[number] = putUntil(cache, first, threads, pace, end));
    }
    int put = 0;
    for (int t = 0; t < threads; t++) {
      writers[t].join();
      put = Math.max(put, puts[t]);
    }
    double took = (double) (System.nanoTime() - begin) / NANOS_PER_SECOND;
    fresh += put * threads;
    TierStats after = below(cache);
    print(load + ".evicted", (cache.stats().evictions() - above.evictions()) / took);
    print(load + ".demoted", (after.demotions() - before.demotions()) / took);
    print(load + ".skipped", (after.cleanSkips() - before.cleanSkips()) / took);
    print(load + ".superseded", (after.superseded() - before.superseded()) / took);
    print(load + ".dropped", (after.dropped() - before.dropped()) / took);
  }

  /** Puts every so many numbers' key, as it is evicted, at a pace or without; returns how many. */
  private int putUntil(ByteCache cache, int first, int step, int pace, long end) {
    int count = 0;
    long begin = System.nanoTime();
    while (System.nanoTime() < end) {
      for (int i = 0; i < BURST; i++) {
        cache.put(Keys.bytes(first + count * step, KEY_BYTES), value);
        count++;
      }
      while (pace > 0 && System.nanoTime() - begin < (long) count * NANOS_PER_SECOND / pace) {
        Thread.onSpinWait();
      }
    }
    return count;
  }
}
