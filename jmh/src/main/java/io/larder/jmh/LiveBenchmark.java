package io.larder.jmh;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.larder.Cache;
import io.larder.Codec;
import io.larder.Larder;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Question: what does a hit of a live object cost, beside a heap map and the one volatile read by which a value could
 * be checked at the least?
 *
 * <p>Hypothesis: at most 1.5 times that. The table of live objects is as near as the map's; checking reads two words of
 * the region, which are as hot as the objects themselves; a hit is counted in a line of the thread's own.
 *
 * <p>Method: requests by a Zipf law over keys all of which have a live object, in a cache with ten times as many
 * entries. The keys asked for are equal to those that are kept and not the same.
 *
 * <p>Falsified by: a higher ratio; any bytes allocated per hit; two threads that reach less than 1.8 times the
 * throughput of one.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LiveBenchmark {
  private static final int KEY_BYTES = 24;
  private static final int VALUE_BYTES = 100;

  /** Both kinds of cache and the map, filled with the same. */
  @State(Scope.Benchmark)
  public static class Filled {
    private static final double SKEW = 0.99;
    private static final int OTHERS = 10;
    private static final int WARM_UPS = 100;
    private static final int ENTRY_BYTES = 256;
    private static final int MEMORY_BYTES_MIN = 8 << 20;
    private static final int CAFFEINE_ENTRIES = 1_000_000;

    /** Number of keys that are asked for. */
    @Param({"1000", "100000"})
    public int entries;

    /** Of what type they are: string or long. */
    @Param({"string", "long"})
    public String keys = "string";

    /** The least by which a value could be checked. */
    volatile long word = 1;

    Object[] requests = {};
    int[] draws = {};
    final ConcurrentHashMap<Object, byte[]> map = new ConcurrentHashMap<>();
    final com.github.benmanes.caffeine.cache.Cache<Object, byte[]> caffeine =
        Caffeine.newBuilder().maximumSize(CAFFEINE_ENTRIES).build();
    private @Nullable Cache<Object, byte[]> live;
    private @Nullable Cache<Object, byte[]> plain;

    /** Fills all, and reads until every object is alive. */
    @Setup(Level.Trial)
    public void fill() {
      requests = new Object[entries];
      draws = new Zipf(entries, SKEW).draws(Integer.highestOneBit(entries) * 4, 20);
      live = open(2 * entries);
      plain = open(0);
      for (int i = 0; i < entries * OTHERS; i++) {
        live().put(key(i), new byte[VALUE_BYTES]);
        plain().put(key(i), new byte[VALUE_BYTES]);
      }
      for (int i = 0; i < entries; i++) {
        requests[i] = key(i);
        map.put(key(i), new byte[VALUE_BYTES]);
        caffeine.put(key(i), new byte[VALUE_BYTES]);
      }
      for (int round = 0; round < WARM_UPS; round++) {
        for (int i = 0; i < entries; i++) {
          live().get(key(i));
        }
      }
      long before = live().stats().liveHits();
      for (Object request : requests) {
        live().get(request);
      }
      long hits = live().stats().liveHits() - before;
      if (hits < entries * 0.99) {
        throw new IllegalStateException("hits=" + hits + " of live objects, for entries=" + entries);
      }
    }

    @SuppressWarnings("unchecked") // the codec is that of the keys
    private Cache<Object, byte[]> open(int liveObjects) {
      Codec<?> codec = keys.equals("long") ? Codec.int64() : Codec.utf8();
      long memory = (long) entries * OTHERS * ENTRY_BYTES + MEMORY_BYTES_MIN;
      var builder = Larder.builder((Codec<Object>) codec, Codec.bytes()).memory(memory);
      return (liveObjects == 0 ? builder : builder.liveObjects(liveObjects)).build();
    }

    private Object key(int number) {
      return keys.equals("long") ? (Object) (number * 1_000_003L) : Keys.string(number, KEY_BYTES);
    }

    Cache<Object, byte[]> live() {
      return opened(live);
    }

    Cache<Object, byte[]> plain() {
      return opened(plain);
    }

    private static Cache<Object, byte[]> opened(@Nullable Cache<Object, byte[]> cache) {
      if (cache == null) {
        throw new IllegalStateException("not filled");
      }
      return cache;
    }

    /** Closes the caches. */
    @TearDown(Level.Trial)
    public void close() {
      live().close();
      plain().close();
    }
  }

  /** One thread's place in the sequence of requests. */
  @State(Scope.Thread)
  public static class Asker {
    private int cursor;

    /** Starts threads at places far from each other. */
    @Setup(Level.Trial)
    public void begin(Filled filled, ThreadParams thread) {
      cursor = (int) ((long) filled.draws.length * thread.getThreadIndex() / thread.getThreadCount());
    }

    Object next(Filled filled) {
      cursor = (cursor + 1) & (filled.draws.length - 1);
      return filled.requests[filled.draws[cursor]];
    }
  }

  /** A hit of a live object. */
  @Benchmark
  public byte @Nullable [] live(Filled filled, Asker asker) {
    return filled.live().get(asker.next(filled));
  }

  /** The baseline: a heap map, and one volatile read. */
  @Benchmark
  public byte @Nullable [] map(Filled filled, Asker asker) {
    byte[] value = filled.map.get(asker.next(filled));
    return filled.word == 0 ? null : value;
  }

  /** Caffeine, without a check: what its bookkeeping alone would cost. */
  @Benchmark
  public byte @Nullable [] caffeine(Filled filled, Asker asker) {
    return filled.caffeine.getIfPresent(asker.next(filled));
  }

  /** The same cache without live objects: a lookup and a fresh array. */
  @Benchmark
  public byte @Nullable [] decoded(Filled filled, Asker asker) {
    return filled.plain().get(asker.next(filled));
  }
}
