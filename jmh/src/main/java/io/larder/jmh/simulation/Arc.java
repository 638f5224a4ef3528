package io.larder.jmh.simulation;

/**
 * Two lists by recency, of the keys that were requested once and of those that were requested again, each with the keys
 * that it lost lately; a request for a lost one gives its list more of the capacity (N. Megiddo, D. Modha, "ARC: a
 * self-tuning, low overhead replacement cache", FAST 2003).
 */
public final class Arc implements Simulation {
  private final int capacity;
  private final KeyList once;
  private final KeyList again;
  private final KeyList lostOnce;
  private final KeyList lostAgain;
  /** How many entries those that were requested once should have. */
  private double target;

  /** For keys from 0 to {@code keyCount - 1}. */
  public Arc(int keyCount, int capacity) {
    this.capacity = capacity;
    this.once = new KeyList(keyCount);
    this.again = new KeyList(keyCount);
    this.lostOnce = new KeyList(keyCount);
    this.lostAgain = new KeyList(keyCount);
  }

  @Override
  public boolean request(int key) {
    if (once.contains(key) || again.contains(key)) {
      (once.contains(key) ? once : again).remove(key);
      again.addFirst(key);
      return true;
    }
    if (lostOnce.contains(key)) {
      target = Math.min(capacity, target + step(lostAgain, lostOnce));
      evict(false);
      lostOnce.remove(key);
      again.addFirst(key);
    } else if (lostAgain.contains(key)) {
      target = Math.max(0, target - step(lostOnce, lostAgain));
      evict(true);
      lostAgain.remove(key);
      again.addFirst(key);
    } else {
      makeRoom();
      once.addFirst(key);
    }
    return false;
  }

  private static double step(KeyList other, KeyList requested) {
    return Math.max(1, (double) other.size() / requested.size());
  }

  /** For a key that is in no list. */
  private void makeRoom() {
    int all = once.size() + lostOnce.size() + again.size() + lostAgain.size();
    if (once.size() == capacity) {
      once.removeLast();
    } else if (once.size() + lostOnce.size() == capacity) {
      lostOnce.removeLast();
      evict(false);
    } else if (all >= capacity) {
      if (all == 2 * capacity) {
        lostAgain.removeLast();
      }
      evict(false);
    }
  }

  private void evict(boolean lostAgainRequested) {
    boolean fromOnce = once.size() > target || (lostAgainRequested && once.size() == target);
    if (once.size() > 0 && fromOnce) {
      lostOnce.addFirst(once.removeLast());
    } else {
      lostAgain.addFirst(again.removeLast());
    }
  }
}
