package io.larder.jmh.simulation;

import java.util.function.IntToDoubleFunction;

/**
 * GreedyDual-Size-Frequency for entries of one size (L. Cherkasova, "Improving WWW proxies performance with
 * greedy-dual-size-frequency caching policy", HP Laboratories 1998): an entry is worth its requests times its cost, on
 * top of the worth that was evicted last before its latest request. The least worth is evicted, of equals the one
 * whose last request is the longest ago.
 */
public final class GreedyDual implements Simulation {
  private final int capacity;
  private final IntToDoubleFunction costs;
  private final int[] requests;
  private final WorthHeap entries;
  private double worthOfEvicted;

  /** For keys from 0 to {@code keyCount - 1}, each with its cost. */
  public GreedyDual(int keyCount, int capacity, IntToDoubleFunction costs) {
    this.capacity = capacity;
    this.costs = costs;
    this.requests = new int[keyCount];
    this.entries = new WorthHeap(keyCount, capacity);
  }

  @Override
  public boolean request(int key) {
    boolean hit = entries.contains(key);
    if (!hit && entries.size() == capacity) {
      worthOfEvicted = entries.leastWorth();
      entries.removeLeast();
    }
    requests[key] = hit ? requests[key] + 1 : 1;
    entries.set(key, worthOfEvicted + requests[key] * costs.applyAsDouble(key));
    return hit;
  }
}
