package io.larder.jmh.simulation;

/** Evicts the key whose last request is the longest ago. */
public final class Lru implements Simulation {
  private final int capacity;
  private final KeyList byRecency;

  /** For keys from 0 to {@code keyCount - 1}. */
  public Lru(int keyCount, int capacity) {
    this.capacity = capacity;
    this.byRecency = new KeyList(keyCount);
  }

  @Override
  public boolean request(int key) {
    boolean hit = byRecency.contains(key);
    if (hit) {
      byRecency.remove(key);
    } else if (byRecency.size() == capacity) {
      byRecency.removeLast();
    }
    byRecency.addFirst(key);
    return hit;
  }
}
