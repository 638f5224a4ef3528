package io.larder.jmh.simulation;

/**
 * W-TinyLFU with a window of one size (G. Einziger, R. Friedman, B. Manes, "TinyLFU: a highly efficient cache admission
 * policy", ACM Transactions on Storage 13, 2017). New keys enter the window, a hundredth of the capacity, by recency.
 * Who leaves it is a candidate for the main part, and is evicted unless it was requested more often than the one that
 * would have to go for it. The main part is a segmented LRU: on probation is what was not hit there, and four fifths
 * are protected, for those that were.
 */
public final class WindowTinyLfu implements Simulation {
  private static final int WINDOW_SHARE = 100;
  private static final double PROTECTED_SHARE = 0.8;

  private final int windowMax;
  private final int protectedMax;
  private final int mainMax;
  private final KeyList window;
  private final KeyList probation;
  private final KeyList protectedKeys;
  private final CountMinSketch frequencies;

  /** For keys from 0 to {@code keyCount - 1}, with room for at least two of them. */
  public WindowTinyLfu(int keyCount, int capacity) {
    this.windowMax = Math.max(1, capacity / WINDOW_SHARE);
    this.mainMax = capacity - windowMax;
    this.protectedMax = (int) (PROTECTED_SHARE * mainMax);
    this.window = new KeyList(keyCount);
    this.probation = new KeyList(keyCount);
    this.protectedKeys = new KeyList(keyCount);
    this.frequencies = new CountMinSketch(capacity);
  }

  @Override
  public boolean request(int key) {
    frequencies.add(key);
    if (window.contains(key)) {
      window.remove(key);
      window.addFirst(key);
    } else if (protectedKeys.contains(key)) {
      protectedKeys.remove(key);
      protectedKeys.addFirst(key);
    } else if (probation.contains(key)) {
      protect(key);
    } else {
      insert(key);
      return false;
    }
    return true;
  }

  /** For a key on probation; the least recent of those that are protected changes places with it. */
  private void protect(int key) {
    probation.remove(key);
    protectedKeys.addFirst(key);
    if (protectedKeys.size() > protectedMax) {
      probation.addFirst(protectedKeys.removeLast());
    }
  }

  private void insert(int key) {
    window.addFirst(key);
    if (window.size() > windowMax) {
      admit(window.removeLast());
    }
  }

  /** Lets a candidate into the main part where there is room, or where it is more frequent than the victim. */
  private void admit(int candidate) {
    if (probation.size() + protectedKeys.size() < mainMax) {
      probation.addFirst(candidate);
    } else if (frequencies.count(candidate) > frequencies.count(probation.last())) {
      probation.removeLast();
      probation.addFirst(candidate);
    }
  }
}
