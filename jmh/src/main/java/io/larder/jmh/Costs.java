package io.larder.jmh;

import io.larder.Entry;
import io.larder.jmh.trace.Mixing;
import io.larder.jmh.trace.Trace;
import java.util.Arrays;

/** What it costs to compute the value of each key of a trace, by the key's number. */
final class Costs {
  /** The bytes that cost one: so that values of up to 16 MiB differ in cost. */
  private static final int BYTES_OF_ONE = 16;

  private static final int DRAWN_BYTES_MIN = 64;
  private static final double DRAWN_BYTES_SPREAD = 1024;
  private static final long SIZE_DRAW = 2;

  private static final double SHAPE = 1.1;
  private static final long COST_DRAW = 3;

  private final int[] costs;

  private Costs(int keyCount) {
    this.costs = new int[keyCount];
  }

  /** Each costs 1. */
  static Costs uniform(Trace trace) {
    Costs uniform = new Costs(trace.keyCount());
    Arrays.fill(uniform.costs, 1);
    return uniform;
  }

  /**
   * In proportion to the size that the first request has. Where sizes are not known one is drawn for the key, from 64
   * bytes to 64 KiB, each order of magnitude as likely as another.
   */
  static Costs bySize(Trace trace) {
    Costs bySize = new Costs(trace.keyCount());
    for (int i = trace.requestCount() - 1; i >= 0; i--) {
      int number = trace.number(i);
      long bytes = trace.sized() ? trace.sizeBytes(i) : drawnBytes(trace.key(number));
      bySize.costs[number] = Math.clamp(bytes / BYTES_OF_ONE, 1, Entry.COST_MAX);
    }
    return bySize;
  }

  private static long drawnBytes(long key) {
    return (long) (DRAWN_BYTES_MIN * StrictMath.pow(DRAWN_BYTES_SPREAD, Mixing.draw(key, SIZE_DRAW)));
  }

  /** Most are cheap and a few are dear: 1 and a draw from a Pareto law, up to the highest cost of an entry. */
  static Costs heavyTailed(Trace trace) {
    Costs heavyTailed = new Costs(trace.keyCount());
    for (int number = 0; number < trace.keyCount(); number++) {
      double draw = StrictMath.pow(Mixing.draw(trace.key(number), COST_DRAW), -1 / SHAPE);
      heavyTailed.costs[number] = (int) Math.min(Entry.COST_MAX, 1 + Math.floor(draw));
    }
    return heavyTailed;
  }

  int of(int number) {
    return costs[number];
  }
}
