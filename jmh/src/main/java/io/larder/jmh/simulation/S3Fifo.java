package io.larder.jmh.simulation;

/**
 * Three queues in the order of insertion (J. Yang and others, "FIFO queues are all you need for cache eviction", SOSP
 * 2023). New keys enter the small one, a tenth of the capacity; those that were hit there more than once go on to the
 * main one, the others are remembered in the ghost queue, which has as many keys as the main one has entries. A key
 * that comes back while it is remembered enters the main queue, where each hit, up to three, is worth another round.
 */
public final class S3Fifo implements Simulation {
  private static final int SMALL_SHARE = 10;
  private static final int COUNT_MAX = 3;
  private static final int COUNT_TO_STAY = 2;

  private final int capacity;
  private final int smallCapacity;
  private final KeyList small;
  private final KeyList main;
  private final KeyList ghosts;
  private final byte[] counts;

  /** For keys from 0 to {@code keyCount - 1}. */
  public S3Fifo(int keyCount, int capacity) {
    this.capacity = capacity;
    this.smallCapacity = Math.max(1, capacity / SMALL_SHARE);
    this.small = new KeyList(keyCount);
    this.main = new KeyList(keyCount);
    this.ghosts = new KeyList(keyCount);
    this.counts = new byte[keyCount];
  }

  @Override
  public boolean request(int key) {
    if (small.contains(key) || main.contains(key)) {
      counts[key] = (byte) Math.min(COUNT_MAX, counts[key] + 1);
      return true;
    }
    while (small.size() + main.size() >= capacity) {
      evict();
    }
    counts[key] = 0;
    if (ghosts.contains(key)) {
      ghosts.remove(key);
      main.addFirst(key);
    } else {
      small.addFirst(key);
    }
    return false;
  }

  private void evict() {
    if (small.size() >= smallCapacity || main.size() == 0) {
      evictFromSmall();
    } else {
      evictFromMain();
    }
  }

  /** Evicts the oldest key, or moves it to the main queue. */
  private void evictFromSmall() {
    int key = small.removeLast();
    if (counts[key] >= COUNT_TO_STAY) {
      counts[key] = 0;
      main.addFirst(key);
    } else {
      remember(key);
    }
  }

  private void evictFromMain() {
    int key = main.removeLast();
    while (counts[key] > 0) {
      counts[key]--;
      main.addFirst(key);
      key = main.removeLast();
    }
  }

  private void remember(int key) {
    if (ghosts.size() > 0 && ghosts.size() >= capacity - smallCapacity) {
      ghosts.removeLast();
    }
    ghosts.addFirst(key);
  }
}
