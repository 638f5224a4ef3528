package io.larder.jmh.simulation;

import java.util.BitSet;

/**
 * A queue in the order of insertion, in which nothing moves: a hand goes from the oldest key to the newest and round
 * again, takes the mark from those that were hit since it came by, and evicts the first without one (Y. Zhang and
 * others, "SIEVE is simpler than LRU", NSDI 2024).
 */
public final class Sieve implements Simulation {
  private final int capacity;
  private final KeyList queue;
  private final BitSet marked = new BitSet();
  private int hand = KeyList.NONE;

  /** For keys from 0 to {@code keyCount - 1}. */
  public Sieve(int keyCount, int capacity) {
    this.capacity = capacity;
    this.queue = new KeyList(keyCount);
  }

  @Override
  public boolean request(int key) {
    if (queue.contains(key)) {
      marked.set(key);
      return true;
    }
    if (queue.size() == capacity) {
      evict();
    }
    queue.addFirst(key);
    return false;
  }

  private void evict() {
    int candidate = orOldest(hand);
    while (marked.get(candidate)) {
      marked.clear(candidate);
      candidate = orOldest(queue.before(candidate));
    }
    hand = queue.before(candidate);
    queue.remove(candidate);
  }

  private int orOldest(int key) {
    return key == KeyList.NONE ? queue.last() : key;
  }
}
