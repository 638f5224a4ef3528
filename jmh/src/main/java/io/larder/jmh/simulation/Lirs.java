package io.larder.jmh.simulation;

import java.util.BitSet;

/**
 * Ranks keys by how many others were requested between their last two requests, and not by the last alone (S. Jiang,
 * X. Zhang, "LIRS: an efficient low inter-reference recency set replacement policy to improve buffer cache
 * performance", SIGMETRICS 2002). The keys of low rank stay; a hundredth of the capacity, at least one entry, is a
 * queue through which all others pass.
 *
 * <p>A stack by recency has the low keys and whatever was requested since the least recent of them. A key that is asked
 * for again while it is in the stack has the lower rank of the two, and they change places. What left the cache stays
 * in the stack without its entry, but no more than twice the capacity of such keys: the first that left is forgotten.
 */
public final class Lirs implements Simulation {
  private static final int QUEUE_SHARE = 100;
  private static final int LOST_FACTOR = 2;

  private final int lowMax;
  private final int queueMax;
  private final int lostMax;
  private final BitSet low = new BitSet();
  private final KeyList stack;
  /** The entries that are not low. */
  private final KeyList queue;
  /** The keys in the stack that have no entry, by the time at which they lost it. */
  private final KeyList lost;
  private int lowCount;

  /** For keys from 0 to {@code keyCount - 1}. */
  public Lirs(int keyCount, int capacity) {
    this.queueMax = Math.max(1, capacity / QUEUE_SHARE);
    this.lowMax = capacity - queueMax;
    this.lostMax = LOST_FACTOR * capacity;
    this.stack = new KeyList(keyCount);
    this.queue = new KeyList(keyCount);
    this.lost = new KeyList(keyCount);
  }

  @Override
  public boolean request(int key) {
    if (low.get(key)) {
      raise(key);
      prune();
      return true;
    }
    boolean hit = queue.contains(key);
    boolean ranked = stack.contains(key);
    if (hit) {
      queue.remove(key);
    } else {
      if (ranked) {
        lost.remove(key);
      }
      if (queue.size() == queueMax) {
        evict();
      }
    }
    raise(key);
    if (ranked || lowCount < lowMax) {
      lower(key);
    } else {
      queue.addFirst(key);
    }
    return hit;
  }

  private void raise(int key) {
    if (stack.contains(key)) {
      stack.remove(key);
    }
    stack.addFirst(key);
  }

  /** For a key on top of the stack; where there is no room for one more, the least recent of the low has to go. */
  private void lower(int key) {
    low.set(key);
    lowCount++;
    if (lowCount > lowMax) {
      int highest = stack.removeLast();
      low.clear(highest);
      lowCount--;
      queue.addFirst(highest);
      prune();
    }
  }

  private void evict() {
    int key = queue.removeLast();
    if (stack.contains(key)) {
      lost.addFirst(key);
      if (lost.size() > lostMax) {
        stack.remove(lost.removeLast());
      }
    }
  }

  /** Drops what is below the least recent of the low keys. */
  private void prune() {
    int key = stack.last();
    while (key != KeyList.NONE && !low.get(key)) {
      stack.remove(key);
      if (lost.contains(key)) {
        lost.remove(key);
      }
      key = stack.last();
    }
  }
}
