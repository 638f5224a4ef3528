package io.larder.jmh.simulation;

import java.util.Arrays;

/**
 * A list of different keys, linked both ways by arrays with a place for every key, and one more as the anchor that
 * closes the ring. Each operation takes constant time.
 */
final class KeyList {
  /** No key. */
  static final int NONE = -1;

  private final int anchor;
  private final int[] towardsFirst;
  private final int[] towardsLast;
  private int size;

  /** An empty list of keys from 0 to {@code keyCount - 1}. */
  KeyList(int keyCount) {
    this.anchor = keyCount;
    this.towardsFirst = new int[keyCount + 1];
    this.towardsLast = new int[keyCount + 1];
    Arrays.fill(towardsFirst, NONE);
    Arrays.fill(towardsLast, NONE);
    towardsFirst[anchor] = anchor;
    towardsLast[anchor] = anchor;
  }

  int size() {
    return size;
  }

  boolean contains(int key) {
    return towardsLast[key] != NONE;
  }

  /** The key that was added before all others, or {@link #NONE}. */
  int last() {
    return keyOrNone(towardsFirst[anchor]);
  }

  /** The key that was added next after this one, or {@link #NONE}. */
  int before(int key) {
    return keyOrNone(towardsFirst[key]);
  }

  private int keyOrNone(int place) {
    return place == anchor ? NONE : place;
  }

  void addFirst(int key) {
    int first = towardsLast[anchor];
    towardsLast[key] = first;
    towardsFirst[key] = anchor;
    towardsFirst[first] = key;
    towardsLast[anchor] = key;
    size++;
  }

  void remove(int key) {
    towardsLast[towardsFirst[key]] = towardsLast[key];
    towardsFirst[towardsLast[key]] = towardsFirst[key];
    towardsLast[key] = NONE;
    towardsFirst[key] = NONE;
    size--;
  }

  /** Removes the last key, which must exist, and returns it. */
  int removeLast() {
    int last = last();
    remove(last);
    return last;
  }
}
