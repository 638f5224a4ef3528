package io.larder.jmh;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.larder.ByteCache;
import io.larder.Codec;
import io.larder.Larder;
import java.nio.charset.StandardCharsets;
import java.util.function.ObjIntConsumer;

/**
 * Question: what does a put of a new key cost when another entry has to go for it?
 *
 * <p>Hypothesis: half as much again as one into a cache that has room, at most. The victim and the oldest entry of the
 * window are looked up besides, but the block that becomes free is the one that is needed.
 *
 * <p>Method: one JVM per system, one thread, 24-byte keys and 100-byte values. Rounds of as many new keys as the full
 * cache holds, timed by chunks of keys that were made before. A cache with room has twice as many entries, of which one
 * half is removed before each round; the full one is turned over twice before it is timed. Caffeine does its
 * maintenance in the calling thread, so that it counts.
 *
 * <p>Falsified by: a quotient above 1.5, or a time above Caffeine's.
 */
public final class EvictBenchmark {
  private static final int KEY_BYTES = 24;
  private static final int VALUE_BYTES = 100;

  /** What an entry takes in Larder, with its part of everything. */
  private static final int ENTRY_BYTES = 155;

  private static final int CHUNK = 10_000;
  private static final int ROUNDS = 5;

  private EvictBenchmark() {}

  /**
   * Measures one system and prints the nanoseconds of a put into each of its caches, the best of some rounds.
   *
   * @param args {@code larder} or {@code caffeine}, and the entries that the full cache holds
   */
  public static void main(String[] args) {
    int entries = Integer.parseInt(args[1]);
    boolean larder = Implementation.of(args[0]) == Implementation.LARDER;
    double full = larder ? larder(entries, false) : caffeine(entries, false);
    double roomy = larder ? larder(entries, true) : caffeine(entries, true);
    System.out.println("full=" + full);
    System.out.println("roomy=" + roomy);
  }

  private static double larder(int entries, boolean roomy) {
    long memory = (roomy ? 3L : 1L) * entries * ENTRY_BYTES;
    try (ByteCache cache = Larder.builder(Codec.bytes(), Codec.bytes()).memory(memory).buildBytes()) {
      return measure(entries, roomy, cache::put, (key, number) -> cache.remove(key));
    }
  }

  private static double caffeine(int entries, boolean roomy) {
    Cache<String, byte[]> cache =
        Caffeine.newBuilder().maximumSize((roomy ? 3L : 1L) * entries).executor(Runnable::run).build();
    return measure(
        entries,
        roomy,
        (key, value) -> cache.put(new String(key, StandardCharsets.ISO_8859_1), value.clone()),
        (key, number) -> cache.invalidate(new String(key, StandardCharsets.ISO_8859_1)));
  }

  /** Stores a value. */
  private interface Putter {
    void put(byte[] key, byte[] value);
  }

  private static double measure(int entries, boolean roomy, Putter putter, ObjIntConsumer<byte[]> remover) {
    int next = 0;
    double best = Double.MAX_VALUE;
    for (int warm = 0; warm < 2; warm++) {
      time(next, entries, putter);
      next += entries;
    }
    for (int round = 0; round < ROUNDS; round++) {
      if (roomy) {
        for (int number = next - entries; number < next; number++) {
          remover.accept(Keys.bytes(number, KEY_BYTES), number);
        }
      }
      best = Math.min(best, time(next, entries, putter));
      next += entries;
    }
    return best;
  }

  private static double time(int first, int count, Putter putter) {
    byte[] value = new byte[VALUE_BYTES];
    byte[][] keys = new byte[CHUNK][];
    long nanos = 0;
    for (int done = 0; done < count; done += CHUNK) {
      int chunk = Math.min(CHUNK, count - done);
      for (int i = 0; i < chunk; i++) {
        keys[i] = Keys.bytes(first + done + i, KEY_BYTES);
      }
      long begin = System.nanoTime();
      for (int i = 0; i < chunk; i++) {
        putter.put(keys[i], value);
      }
      nanos += System.nanoTime() - begin;
    }
    return (double) nanos / count;
  }
}
