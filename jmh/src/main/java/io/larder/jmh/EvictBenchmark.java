package io.larder.jmh;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.larder.ByteCache;
import io.larder.Codec;
import io.larder.Larder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Question: what does a put of a new key cost when another entry has to go for it?
 *
 * <p>Hypothesis: half as much again as one into a cache that has room, at most. The victim and the oldest entry of the
 * window are looked up besides, but the block that becomes free is the one that is needed. It is at most three times a
 * get into a buffer from the same cache.
 *
 * <p>Method: one JVM per system, one thread, 24-byte keys and 100-byte values. Rounds of as many new keys as the full
 * cache holds, timed by chunks of keys that were made before. A cache with room has twice as many entries, of which one
 * half is removed before each round; the full one is turned over twice before it is timed. Caffeine does its
 * maintenance in the calling thread, so that it counts. Then Larder's full cache is asked for the entries that it has
 * kept, by a Zipf law, timed in the same way.
 *
 * <p>Falsified by: a quotient above 1.5, or one by the get above 3, or a time above Caffeine's.
 */
public final class EvictBenchmark {
  private static final int KEY_BYTES = 24;
  private static final int VALUE_BYTES = 100;

  /** What an entry takes in Larder, with its part of everything. */
  static final int ENTRY_BYTES = 155;

  private static final int CHUNK = 10_000;
  private static final int WARM_UPS = 2;
  private static final int ROUNDS = 5;
  private static final double SKEW = 0.99;
  private static final long SEED = 20;

  private EvictBenchmark() {}

  /**
   * Measures one system and prints the nanoseconds of a put into each of its caches, the best of some rounds, and for
   * Larder those of a get from the full one.
   *
   * @param args {@code larder} or {@code caffeine}, and the entries that the full cache holds
   */
  public static void main(String[] args) {
    int entries = Integer.parseInt(args[1]);
    boolean larder = Implementation.of(args[0]) == Implementation.LARDER;
    for (boolean roomy : new boolean[] {false, true}) {
      if (larder) {
        larder(entries, roomy);
      } else {
        print(roomy ? "roomy" : "full", caffeine(entries, roomy));
      }
    }
  }

  private static void larder(int entries, boolean roomy) {
    long memory = (roomy ? 3L : 1L) * entries * ENTRY_BYTES;
    try (ByteCache cache = Larder.builder(Codec.bytes(), Codec.bytes()).memory(memory).buildBytes()) {
      print(roomy ? "roomy" : "full", puts(entries, roomy, cache::put, cache::remove));
      if (!roomy) {
        print("get", gets(cache, present(cache, entries)));
      }
    }
  }

  private static double caffeine(int entries, boolean roomy) {
    Cache<String, byte[]> cache =
        Caffeine.newBuilder().maximumSize((roomy ? 3L : 1L) * entries).executor(Runnable::run).build();
    return puts(
        entries,
        roomy,
        (key, value) -> cache.put(new String(key, StandardCharsets.ISO_8859_1), value.clone()),
        key -> cache.invalidate(new String(key, StandardCharsets.ISO_8859_1)));
  }

  private static void print(String name, double nanos) {
    System.out.println(name + "=" + nanos);
  }

  /** Stores a value. */
  private interface Putter {
    void put(byte[] key, byte[] value);
  }

  private static double puts(int entries, boolean roomy, Putter putter, Consumer<byte[]> remover) {
    byte[] value = new byte[VALUE_BYTES];
    Consumer<byte[]> put = key -> putter.put(key, value);
    int next = 0;
    double best = Double.MAX_VALUE;
    for (int warm = 0; warm < WARM_UPS; warm++) {
      time(entries, from(next), put);
      next += entries;
    }
    for (int round = 0; round < ROUNDS; round++) {
      if (roomy) {
        for (int number = next - entries; number < next; number++) {
          remover.accept(Keys.bytes(number, KEY_BYTES));
        }
      }
      best = Math.min(best, time(entries, from(next), put));
      next += entries;
    }
    return best;
  }

  private static IntUnaryOperator from(int first) {
    return i -> first + i;
  }

  /** The numbers of the entries that a cache still holds, of all that {@link #puts} has put. */
  private static int[] present(ByteCache cache, int entries) {
    byte[] buffer = new byte[VALUE_BYTES];
    return IntStream.range(0, (WARM_UPS + ROUNDS) * entries)
        .filter(number -> cache.get(Keys.bytes(number, KEY_BYTES), buffer) == VALUE_BYTES)
        .toArray();
  }

  private static double gets(ByteCache cache, int[] present) {
    int[] draws = new Zipf(present.length, SKEW).draws(present.length, SEED);
    byte[] buffer = new byte[VALUE_BYTES];
    Consumer<byte[]> get =
        key -> {
          int length = cache.get(key, buffer);
          if (length != VALUE_BYTES) {
            throw new IllegalStateException("an entry is lost: got length=" + length);
          }
        };
    double best = Double.MAX_VALUE;
    for (int round = 0; round < WARM_UPS + ROUNDS; round++) {
      double nanos = time(draws.length, i -> present[draws[i]], get);
      best = round < WARM_UPS ? best : Math.min(best, nanos);
    }
    return best;
  }

  /** Nanoseconds of an operation on keys that were made before, a chunk at a time. */
  private static double time(int count, IntUnaryOperator numbers, Consumer<byte[]> operation) {
    byte[][] keys = new byte[CHUNK][];
    long nanos = 0;
    for (int done = 0; done < count; done += CHUNK) {
      int chunk = Math.min(CHUNK, count - done);
      for (int i = 0; i < chunk; i++) {
        keys[i] = Keys.bytes(numbers.applyAsInt(done + i), KEY_BYTES);
      }
      long begin = System.nanoTime();
      for (int i = 0; i < chunk; i++) {
        operation.accept(keys[i]);
      }
      nanos += System.nanoTime() - begin;
    }
    return (double) nanos / count;
  }
}
