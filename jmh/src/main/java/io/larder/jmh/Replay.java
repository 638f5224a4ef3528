package io.larder.jmh;

import io.larder.jmh.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A cache to which the requests of a trace are played in order, each once, by one thread. */
interface Replay extends AutoCloseable {
  long UNKNOWN = -1;

  /** Whether the key that is requested at this position is there; if it is not, it is put. */
  boolean request(int position);

  /** How many entries there are. */
  default long entries() {
    return UNKNOWN;
  }

  @Override
  default void close() {}

  /** Plays all of a trace, with what a miss costs. */
  static Tally play(Trace trace, Replay replay, Costs costs) {
    long hits = 0;
    long bytes = 0;
    long hitBytes = 0;
    long missCost = 0;
    for (int i = 0; i < trace.requestCount(); i++) {
      long size = trace.sizeBytes(i);
      bytes += size;
      if (replay.request(i)) {
        hits++;
        hitBytes += size;
      } else {
        missCost += costs.of(trace.number(i));
      }
    }
    return new Tally(trace.requestCount(), hits, bytes, hitBytes, missCost, replay.entries());
  }

  /** Plays a trace so many times, each to an empty cache, and with the bits of its keys mixed in another way. */
  static List<Tally> repeat(int times, Trace trace, Costs costs, Function<Trace, Replay> opening) {
    List<Tally> tallies = new ArrayList<>();
    for (int run = 0; run < times; run++) {
      try (Replay replay = opening.apply(trace.remixed(run))) {
        tallies.add(play(trace, replay, costs));
      }
    }
    return tallies;
  }
}
