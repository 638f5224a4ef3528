package io.larder.jmh.simulation;

import java.util.Arrays;

/** A binary heap of keys by worth, of equals the one that was set first; the worth of a key in it can be changed. */
final class WorthHeap {
  private static final int ABSENT = -1;

  private final int[] heap;
  private final int[] placeOfKey;
  private final double[] worthOfKey;
  private final long[] setAt;
  private int size;
  private long sets;

  WorthHeap(int keyCount, int sizeMax) {
    this.heap = new int[sizeMax];
    this.placeOfKey = new int[keyCount];
    this.worthOfKey = new double[keyCount];
    this.setAt = new long[keyCount];
    Arrays.fill(placeOfKey, ABSENT);
  }

  int size() {
    return size;
  }

  boolean contains(int key) {
    return placeOfKey[key] != ABSENT;
  }

  /** The worth of the least key, which must exist. */
  double leastWorth() {
    return worthOfKey[heap[0]];
  }

  /** Adds a key, or changes its worth. */
  void set(int key, double worth) {
    worthOfKey[key] = worth;
    setAt[key] = sets++;
    if (!contains(key)) {
      place(key, size++);
    }
    sink(rise(placeOfKey[key]));
  }

  /** Removes the least key, which must exist. */
  void removeLeast() {
    placeOfKey[heap[0]] = ABSENT;
    size--;
    if (size > 0) {
      place(heap[size], 0);
      sink(0);
    }
  }

  private int rise(int from) {
    int place = from;
    while (place > 0 && less(place, parent(place))) {
      swap(place, parent(place));
      place = parent(place);
    }
    return place;
  }

  private void sink(int from) {
    int place = from;
    int child = lesserChild(place);
    while (child < size && less(child, place)) {
      swap(child, place);
      place = child;
      child = lesserChild(place);
    }
  }

  private int lesserChild(int place) {
    int left = 2 * place + 1;
    return left + 1 < size && less(left + 1, left) ? left + 1 : left;
  }

  private static int parent(int place) {
    return (place - 1) / 2;
  }

  private boolean less(int place, int other) {
    int key = heap[place];
    int otherKey = heap[other];
    int order = Double.compare(worthOfKey[key], worthOfKey[otherKey]);
    return order < 0 || (order == 0 && setAt[key] < setAt[otherKey]);
  }

  private void swap(int place, int other) {
    int key = heap[place];
    place(heap[other], place);
    place(key, other);
  }

  private void place(int key, int place) {
    heap[place] = key;
    placeOfKey[key] = place;
  }
}
