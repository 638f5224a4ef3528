package io.larder.jmh.simulation;

/** Evicts the key that was inserted before all others, whether it was hit or not. */
public final class Fifo implements Simulation {
  private final int capacity;
  private final KeyList byInsertion;

  /** For keys from 0 to {@code keyCount - 1}. */
  public Fifo(int keyCount, int capacity) {
    this.capacity = capacity;
    this.byInsertion = new KeyList(keyCount);
  }

  @Override
  public boolean request(int key) {
    if (byInsertion.contains(key)) {
      return true;
    }
    if (byInsertion.size() == capacity) {
      byInsertion.removeLast();
    }
    byInsertion.addFirst(key);
    return false;
  }
}
