package io.larder.jmh;

import com.sun.management.ThreadMXBean;
import io.larder.ByteCache;
import io.larder.Cache;
import io.larder.CacheStats;
import io.larder.Codec;
import io.larder.Larder;
import io.larder.TierStats;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.consumer.RecordingStream;
import org.HdrHistogram.Histogram;

/**
 * Question: does a cache of gigabytes in two tiers cost the collector anything, while entries go up and down between
 * them?
 *
 * <p>Hypothesis: nothing. The values lie in neither generation, no operation of the bytes API makes an object, and the
 * threads that demote and maintain make none either; so young pauses are as long as with an empty cache, and operations
 * allocate 0 bytes.
 *
 * <p>Method: a memory above a file, together of the size given. The full one is filled until the file evicts; then one
 * thread gets nine times and puts once, any key as likely as any other, so that entries are promoted, evicted and
 * demoted all the time. With the empty one it looks for keys that are not there. In both another thread makes garbage
 * at a steady rate, some of which lives for a while, and the pauses of the young collections are recorded. Bytes
 * allocated are those of the thread that operates and of the cache's own threads, after a warm-up.
 *
 * <p>Falsified by: any byte per operation; pauses that are longer by more than a tenth.
 */
public final class SilenceBenchmark {
  static final String PAUSES = "pauses";
  static final String PAUSE_MEAN = "pause.mean.us";
  static final String PAUSE_P50 = "pause.p50.us";
  static final String PAUSE_P99 = "pause.p99.us";
  static final String PAUSE_MAX = "pause.max.us";
  static final String OPERATIONS = "operations";
  static final String BYTES_PER_OPERATION = "bytesPerOperation";
  static final String BYTES_OF_CACHE = "bytesOfCacheThreads";
  static final String HITS_BELOW = "hitsBelow";
  static final String PROMOTIONS = "promotions";
  static final String DEMOTIONS = "demotions";
  static final String DROPPED = "dropped";
  static final String HELD = "heldBytes";

  private static final int VALUE_BYTES = 1_000;
  private static final int KEY_BYTES = 24;

  /** What an entry takes in a block and of the index. */
  private static final int ENTRY_BYTES = 1_060;

  private static final int PUTS_AT_ONCE = 1_000;
  private static final int OPERATIONS_AT_ONCE = 1_000;
  private static final int GETS_OF_TEN = 9;
  private static final int WARMUP_SECONDS = 10;
  private static final long PAUSE_MICROS_MAX = TimeUnit.SECONDS.toMicros(10);

  private static final int GARBAGE_BYTES = 4 << 10;
  private static final int GARBAGE_AT_ONCE = 64;
  private static final int GARBAGE_KEPT = 2_048;
  private static final long GARBAGE_PAUSE_NANOS = 1_000_000;

  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Cache<byte[], byte[]> cache;
  private final ByteCache bytes;
  private final long entries;
  private final byte[] key = new byte[KEY_BYTES];
  private final byte[] value = new byte[VALUE_BYTES];
  private final byte[] target = new byte[VALUE_BYTES];
  private final SplittableRandom random = new SplittableRandom(7);

  private volatile boolean stop;

  @SuppressWarnings("unused") // what it refers to lives
  private volatile Object sink = "";

  private SilenceBenchmark(long memoryBytes, long fileBytes, Path file) {
    cache = Larder.builder(Codec.bytes(), Codec.bytes()).memory(memoryBytes).file(file, fileBytes).build();
    bytes = cache.bytes();
    entries = (memoryBytes + fileBytes) / ENTRY_BYTES;
  }

  /**
   * Measures one case and prints what it found.
   *
   * @param args {@code empty} or {@code full}, bytes of memory, bytes of the file, the file, seconds
   * @throws InterruptedException if it is interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    SilenceBenchmark benchmark =
        new SilenceBenchmark(Long.parseLong(args[1]), Long.parseLong(args[2]), Path.of(args[3]));
    try {
      benchmark.run(args[0].equals("full"), Integer.parseInt(args[4]));
    } finally {
      benchmark.cache.close();
    }
  }

  private void run(boolean full, int seconds) throws InterruptedException {
    if (full) {
      fill();
    }
    Thread garbage = Thread.ofPlatform().daemon().name("garbage").start(this::makeGarbage);
    operate(full, WARMUP_SECONDS);
    Histogram pauses = new Histogram(PAUSE_MICROS_MAX, 3);
    try (RecordingStream recording = new RecordingStream()) {
      recording.enable("jdk.GarbageCollection");
      recording.onEvent(
          "jdk.GarbageCollection",
          event -> {
            if ("G1New".equals(event.getString("name"))) {
              Duration sum = event.getDuration("sumOfPauses");
              pauses.recordValue(Math.min(sum.toNanos() / 1_000, PAUSE_MICROS_MAX));
            }
          });
      recording.startAsync();
      TierStats before = tier();
      long ownBefore = THREADS.getCurrentThreadAllocatedBytes();
      long cacheBefore = bytesOfCacheThreads();
      long operations = operate(full, seconds);
      print(BYTES_PER_OPERATION, (double) (THREADS.getCurrentThreadAllocatedBytes() - ownBefore) / operations);
      print(BYTES_OF_CACHE, bytesOfCacheThreads() - cacheBefore);
      recording.stop();
      TierStats after = tier();
      print(OPERATIONS, operations);
      print(HITS_BELOW, after.hits() - before.hits());
      print(PROMOTIONS, after.promotions() - before.promotions());
      print(DEMOTIONS, after.demotions() - before.demotions());
      print(DROPPED, after.dropped() - before.dropped());
    }
    stop = true;
    garbage.join();
    CacheStats stats = cache.stats();
    print(HELD, stats.usedBytes() + tier().usedBytes());
    print(PAUSES, pauses.getTotalCount());
    print(PAUSE_MEAN, pauses.getMean());
    print(PAUSE_P50, pauses.getValueAtPercentile(50));
    print(PAUSE_P99, pauses.getValueAtPercentile(99));
    print(PAUSE_MAX, pauses.getMaxValue());
  }

  private TierStats tier() {
    return Objects.requireNonNull(cache.stats().tier());
  }

  private void fill() {
    for (long i = 0; i < entries; i++) {
      put(i);
      if (i % PUTS_AT_ONCE == 0) {
        // As fast as what is evicted can be written.
        cache.cleanUp();
      }
    }
    cache.cleanUp();
  }

  /** Works for so many seconds; returns how many operations it did. */
  private long operate(boolean full, int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    long operations = 0;
    while (System.nanoTime() - end < 0) {
      for (int i = 0; i < OPERATIONS_AT_ONCE; i++) {
        long number = random.nextLong(entries);
        if (!full) {
          get(-1 - number);
        } else if (i % 10 < GETS_OF_TEN) {
          get(number);
        } else {
          put(number);
        }
      }
      operations += OPERATIONS_AT_ONCE;
    }
    return operations;
  }

  private void get(long number) {
    LONG.set(key, 0, number);
    bytes.get(key, target);
  }

  private void put(long number) {
    LONG.set(key, 0, number);
    LONG.set(value, 0, number);
    bytes.put(key, value);
  }

  /** The cache's threads are named after it. */
  private static long bytesOfCacheThreads() {
    long[] ids =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("larder-"))
            .mapToLong(Thread::threadId)
            .toArray();
    return Arrays.stream(THREADS.getThreadAllocatedBytes(ids)).filter(bytes -> bytes > 0).sum();
  }

  private void makeGarbage() {
    Object[] kept = new Object[GARBAGE_KEPT];
    sink = kept;
    for (int i = 0; !stop; i++) {
      for (int j = 0; j < GARBAGE_AT_ONCE; j++) {
        byte[] garbage = new byte[GARBAGE_BYTES];
        kept[(i * GARBAGE_AT_ONCE + j) % GARBAGE_KEPT] = garbage;
      }
      LockSupport.parkNanos(GARBAGE_PAUSE_NANOS);
    }
  }

  private static void print(String name, Number value) {
    System.out.println(name + "=" + value.doubleValue());
  }
}
