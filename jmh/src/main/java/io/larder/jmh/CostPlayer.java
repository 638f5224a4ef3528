package io.larder.jmh;

import io.larder.jmh.simulation.GreedyDual;
import io.larder.jmh.simulation.Lru;
import io.larder.jmh.trace.Trace;

/** Who is asked for keys whose values differ in cost: those who know the costs, and those who do not. */
enum CostPlayer {
  LARDER("larder", true),
  LARDER_BLIND("larder-blind", true),
  CAFFEINE("caffeine", true),
  GDSF("gdsf", false),
  LRU("lru", false);

  private final String label;
  private final boolean real;

  CostPlayer(String label, boolean real) {
    this.label = label;
    this.real = real;
  }

  /** The name in tables and files. */
  String label() {
    return label;
  }

  /** Whether it is a cache and not a model: it hashes keys and draws random numbers, so its runs differ. */
  boolean real() {
    return real;
  }

  /** An empty one, with room for so many entries. */
  Replay open(Trace trace, int entries, Costs costs) {
    int keys = trace.keyCount();
    return switch (this) {
      case LARDER -> LarderReplay.ofEntriesWithCosts(trace, entries, costs);
      case LARDER_BLIND -> LarderReplay.ofEntries(trace, entries);
      case CAFFEINE -> CaffeineReplay.ofEntries(trace, entries);
      case GDSF -> Contender.simulated(trace, new GreedyDual(keys, entries, costs::of));
      case LRU -> Contender.simulated(trace, new Lru(keys, entries));
    };
  }
}
