package io.larder.jmh;

import io.larder.jmh.trace.Mixing;
import io.larder.jmh.trace.Trace;
import io.larder.jmh.trace.TraceSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * The traces that need no file. Each shows one thing that real requests do, and is the same in each run: what is
 * random in it comes from a seed.
 */
final class GeneratedTraces {
  private static final double SKEW = 0.9;
  private static final int KEYS = 50_000;
  private static final int REQUESTS = 1_000_000;
  private static final long SEED = 20_260_101;

  /** Keys that no other part of the same trace has begin here. */
  private static final long OTHER_KEYS = 1L << 32;

  private static final int SCANS = 10;

  private static final int SHORT_LOOP = 2_200;
  private static final int LONG_LOOP = 4_400;
  private static final int LOOP_REQUESTS = 356_000;
  private static final int STRAY_AFTER = 10;

  private static final double NEW_SHARE = 0.05;
  private static final double WINDOW = 1_000;

  private static final int SIZED_REQUESTS = 500_000;
  private static final int SIZE_BYTES_MIN = 512;
  private static final int SIZE_BYTES_MAX = 256 << 10;
  private static final double SIZE_SHAPE = 1.2;
  private static final long SIZE_DRAW = 1;

  private GeneratedTraces() {}

  static List<TraceSource> all() {
    return List.of(
        new Generated("zipf", GeneratedTraces::zipf),
        new Generated("zipf-scans", GeneratedTraces::scans),
        new Generated("loops", GeneratedTraces::loops),
        new Generated("phases", GeneratedTraces::phases),
        new Generated("window", GeneratedTraces::window),
        new Generated("sizes", GeneratedTraces::sizes));
  }

  /** Popularity alone. */
  private static Trace zipf() {
    Trace.Builder trace = new Trace.Builder("zipf", false);
    for (int key : new Zipf(KEYS, SKEW).draws(REQUESTS, SEED)) {
      trace.add(key);
    }
    return trace.build();
  }

  /**
   * The same, with a scan after each tenth of it: over 50,000 other keys, so ten times the capacity at 5 % of all keys,
   * more of the smaller ones. The keys of a scan come back in the next one and at no other time.
   */
  private static Trace scans() {
    Trace.Builder trace = new Trace.Builder("zipf-scans", false);
    int[] draws = new Zipf(KEYS, SKEW).draws(REQUESTS, SEED);
    for (int i = 0; i < draws.length; i++) {
      trace.add(draws[i]);
      if ((i + 1) % (REQUESTS / SCANS) == 0) {
        for (int scanned = 0; scanned < KEYS; scanned++) {
          trace.add(OTHER_KEYS + scanned);
        }
      }
    }
    return trace.build();
  }

  /**
   * A loop a tenth longer than the capacity at 5 % of all keys, then one a tenth longer than that at 10 %; of ten
   * requests one is for a key that never comes back.
   */
  private static Trace loops() {
    Trace.Builder trace = new Trace.Builder("loops", false);
    int inLoop = 0;
    for (int i = 0; i < LOOP_REQUESTS; i++) {
      if (i % STRAY_AFTER == 0) {
        trace.add(OTHER_KEYS + i);
      } else {
        trace.add(inLoop++ % (i < LOOP_REQUESTS / 2 ? SHORT_LOOP : LONG_LOOP));
      }
    }
    return trace.build();
  }

  /** Popularity, and in the middle all keys give way to others. */
  private static Trace phases() {
    Trace.Builder trace = new Trace.Builder("phases", false);
    Zipf half = new Zipf(KEYS / 2, SKEW);
    for (int key : half.draws(REQUESTS / 2, SEED)) {
      trace.add(key);
    }
    for (int key : half.draws(REQUESTS / 2, SEED + 1)) {
      trace.add(OTHER_KEYS + key);
    }
    return trace.build();
  }

  /** One request of twenty is for a new key, the others for keys that are not old: the younger, the more. */
  private static Trace window() {
    Trace.Builder trace = new Trace.Builder("window", false);
    SplittableRandom random = new SplittableRandom(SEED);
    long newest = 0;
    for (int i = 0; i < REQUESTS; i++) {
      if (random.nextDouble() < NEW_SHARE) {
        trace.add(++newest);
      } else {
        long age = (long) (-WINDOW * StrictMath.log(1 - random.nextDouble()));
        trace.add(Math.max(0, newest - age));
      }
    }
    return trace.build();
  }

  /** Popularity, and values whose sizes have a heavy tail and nothing to do with it. */
  private static Trace sizes() {
    Trace.Builder trace = new Trace.Builder("sizes", true);
    for (int key : new Zipf(KEYS, SKEW).draws(SIZED_REQUESTS, SEED)) {
      double pareto = StrictMath.pow(Mixing.draw(key, SIZE_DRAW), -1 / SIZE_SHAPE);
      trace.add(key, (int) Math.min(SIZE_BYTES_MAX, SIZE_BYTES_MIN * pareto));
    }
    return trace.build();
  }

  private record Generated(String name, Supplier<Trace> maker) implements TraceSource {
    @Override
    public Trace load() {
      return maker.get();
    }
  }
}
