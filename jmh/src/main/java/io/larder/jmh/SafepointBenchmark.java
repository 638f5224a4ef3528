package io.larder.jmh;

import io.larder.engine.PutSpec;
import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.nativeaccess.NativeAccess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/**
 * Question: does a tier on a disk, most of which is not in memory, keep the threads of the JVM longer from a safepoint?
 *
 * <p>Hypothesis: no. A page that has to be read is read in native state, and a thread in native state is at a safepoint
 * already. A file that is accessed as memory is has its reads in compiled code, where a safepoint waits for the disk,
 * and for what the system reads ahead besides.
 *
 * <p>Method: one JVM for each round and case, with native access. Entries of 24 and 1,000 bytes are in private memory,
 * or in a file of which the system has dropped all from its page cache before. Four threads do the same in each case,
 * every millisecond: gets of 50 keys of a small store in private memory, and then of one key of all entries, at random,
 * so that nearly each is the first get of its page. They have done so with a twentieth of the keys for some seconds
 * before, so that all code is compiled: compilers hold up safepoints, too. Another thread dumps all threads every 5
 * milliseconds, which is a safepoint. What is counted is the time from the request to the moment when all threads have
 * stopped, by the JVM's own log. On a busy machine that is often the time in which a thread waits for a processor; so
 * the longest that one did, by the system's account of it, is taken off, too.
 *
 * <p>Falsified by: a maximum of more than twice that without a tier.
 */
public final class SafepointBenchmark {
  private static final int KEY_BYTES = 24;
  private static final int VALUE_BYTES = 1_000;

  /** What an entry takes, with its part of everything, and some room. */
  private static final int ENTRY_BYTES = 1_300;

  private static final int READERS = 4;
  private static final int SMALL_ENTRIES = 10_000;
  private static final int SMALL_GETS = 50;
  private static final int WARM_SHARE = 20;
  private static final long WARM_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long CYCLE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SAFEPOINT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final double NANOS_PER_MICRO = 1e3;

  /** What a reader works on, and until when. */
  private volatile int keys;
  private volatile boolean over;

  private final Store small;
  private final Store large;
  private final AtomicLong gets = new AtomicLong();
  private final AtomicLong hits = new AtomicLong();

  private SafepointBenchmark(Store small, Store large) {
    this.small = small;
    this.large = large;
  }

  /** The size of a store of so many entries. */
  static long bytes(int entries) {
    return (long) entries * ENTRY_BYTES + (16L << 20);
  }

  /**
   * Makes the file of a case, or measures one.
   *
   * @param args {@code fill CASE ENTRIES FILE}, or {@code measure CASE ENTRIES FILE SECONDS LOG}, where the last is
   *     what this JVM logs of its safepoints
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    SafepointCase which = SafepointCase.valueOf(args[1]);
    int entries = Integer.parseInt(args[2]);
    Path file = Path.of(args[3]);
    if (args[0].equals("fill")) {
      try (SafepointCase.Opened opened = which.open(file, bytes(entries))) {
        fill(opened.store(), entries);
      }
      System.out.println("filled=" + entries);
      return;
    }
    if (which.isFile()) {
      drop(file);
      System.out.println("residentBefore=" + residentBytes(file));
    }
    try (SafepointCase.Opened opened = which.open(file, bytes(entries));
        Store small = Store.open(StoreOptions.ofMemory(bytes(SMALL_ENTRIES)))) {
      fill(small, SMALL_ENTRIES);
      if (!which.isFile()) {
        fill(opened.store(), entries);
      }
      new SafepointBenchmark(small, opened.store())
          .measure(entries, TimeUnit.SECONDS.toNanos(Long.parseLong(args[4])), Path.of(args[5]), opened.look());
    }
    if (which.isFile()) {
      System.out.println("residentAfter=" + residentBytes(file));
    }
  }

  private static void fill(Store store, int entries) {
    Values values = new Values(VALUE_BYTES);
    for (int i = 0; i < entries; i++) {
      byte[] key = Keys.bytes(i, KEY_BYTES);
      byte[] value = values.of(i);
      store.put(store.hash(key, 0, key.length), key, 0, key.length, value, 0, value.length, new PutSpec());
    }
  }

  /** The file is closed and on the disk. */
  private static void drop(Path file) throws IOException {
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    if (key != null) {
      NativeAccess.available().dropCached(file, key);
    }
  }

  private static long residentBytes(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file);
        Arena arena = Arena.ofConfined()) {
      return NativeAccess.available()
          .residentBytes(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    }
  }

  // ---- the load

  private void measure(int entries, long nanos, Path log, Runnable look) throws IOException, InterruptedException {
    keys = entries / WARM_SHARE;
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      SplittableRandom random = new SplittableRandom(System.nanoTime() + i);
      readers.add(Thread.ofPlatform().name("reader-" + i).start(() -> read(random)));
    }
    ThreadWaits waits = new ThreadWaits();
    stopAllThreads(WARM_NANOS, look, waits);
    gets.set(0);
    hits.set(0);
    keys = entries;
    long logged = Files.size(log);
    long[] waited = stopAllThreads(nanos, look, waits);
    long[] toReach = SafepointLog.nanosToReach(SafepointLog.lines(log, logged));
    double seconds = (double) nanos / TimeUnit.SECONDS.toNanos(1);
    System.out.println("getsPerSecond=" + gets.get() / seconds);
    System.out.println("hits=" + (double) hits.get() / gets.get());
    over = true;
    for (Thread reader : readers) {
      reader.join();
    }
    print(toReach, waited);
  }

  private static void print(long[] toReach, long[] waited) {
    if (toReach.length != waited.length) {
      throw new IllegalStateException("dumped=" + waited.length + " but logged=" + toReach.length);
    }
    long[] net = new long[toReach.length];
    Arrays.setAll(net, i -> Math.max(0, toReach[i] - waited[i]));
    Arrays.sort(net);
    Arrays.sort(toReach);
    System.out.println("safepoints=" + toReach.length);
    System.out.println("p50=" + toReach[toReach.length / 2] / NANOS_PER_MICRO);
    System.out.println("p99=" + toReach[(int) (toReach.length * 0.99)] / NANOS_PER_MICRO);
    System.out.println("netSlow=" + Arrays.stream(net).filter(nanos -> nanos > SLOW_NANOS).count());
    System.out.println("netMax=" + net[net.length - 1] / NANOS_PER_MICRO);
    System.out.println("slow=" + Arrays.stream(toReach).filter(nanos -> nanos > SLOW_NANOS).count());
    System.out.println("max=" + toReach[toReach.length - 1] / NANOS_PER_MICRO);
  }

  /** Causes safepoints for a time; tells of each how long one of the threads waited for a processor meanwhile. */
  private static long[] stopAllThreads(long nanos, Runnable look, ThreadWaits waits) {
    LongStream.Builder waited = LongStream.builder();
    long begin = System.nanoTime();
    long looked = begin;
    for (long now = begin; now - begin < nanos; now = System.nanoTime()) {
      waits.begin();
      if (Thread.getAllStackTraces().isEmpty()) {
        throw new IllegalStateException("there are no threads");
      }
      waited.add(waits.longestNanos());
      if (now - looked > LOOK_NANOS) {
        look.run();
        looked = now;
      }
      LockSupport.parkNanos(SAFEPOINT_NANOS);
    }
    return waited.build().toArray();
  }

  private void read(SplittableRandom random) {
    byte[] target = new byte[VALUE_BYTES];
    long next = System.nanoTime();
    while (!over) {
      for (int i = 0; i < SMALL_GETS; i++) {
        get(small, random.nextInt(SMALL_ENTRIES), target);
      }
      boolean hit = get(large, random.nextInt(keys), target);
      gets.incrementAndGet();
      if (hit) {
        hits.incrementAndGet();
      }
      next = Math.max(next + CYCLE_NANOS, System.nanoTime());
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  private static boolean get(Store store, int number, byte[] target) {
    byte[] key = Keys.bytes(number, KEY_BYTES);
    return store.get(store.hash(key, 0, key.length), key, 0, key.length, target, 0, target.length) == VALUE_BYTES;
  }
}
