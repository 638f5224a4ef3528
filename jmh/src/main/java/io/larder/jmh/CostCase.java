package io.larder.jmh;

import java.util.List;
import java.util.Map;

/**
 * A trace whose keys have costs and that was played to several caches with the same capacity.
 *
 * @param trace the trace's name
 * @param law by what law its keys have costs
 * @param percent the capacity as a share of the trace's keys
 * @param capacity the capacity in entries
 * @param tallies what each made of it, run by run
 */
record CostCase(String trace, CostLaw law, double percent, long capacity, Map<CostPlayer, List<Tally>> tallies) {

  /** The costs of all misses, the mean of the runs. */
  double cost(CostPlayer player) {
    return runs(player).stream().mapToLong(Tally::missCost).average().orElse(Double.NaN);
  }

  /** The same, divided by that of LRU. */
  double overLru(CostPlayer player) {
    return cost(player) / cost(CostPlayer.LRU);
  }

  /** How many entries a Larder held at the end, the most of all runs. */
  double larderEntries() {
    return Math.max(mostEntries(CostPlayer.LARDER), mostEntries(CostPlayer.LARDER_BLIND));
  }

  /** Whether a Larder held more entries than it should. */
  boolean exceeded() {
    return Capacity.exceeded(larderEntries(), capacity);
  }

  private double mostEntries(CostPlayer player) {
    return runs(player).stream().mapToLong(Tally::entries).max().orElse(0);
  }

  private List<Tally> runs(CostPlayer player) {
    return tallies.getOrDefault(player, List.of());
  }
}
