package io.larder.jmh.simulation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * The optimum: knows all requests, and drops the key whose next request is the furthest away, be it the one that was
 * just asked for (L. Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems Journal 5,
 * 1966). No cache that holds as many entries has more hits.
 *
 * <p>An entry is the position of its key's next request, which no two keys share. A key that never comes back is not
 * kept. Hits leave their position in the queue: it is lower than those of all entries, so that an entry is always found
 * before it.
 */
public final class Belady implements Simulation {
  private static final int NEVER = Integer.MAX_VALUE;

  private final int capacity;
  private final int[] nextRequests;
  private final boolean[] present;
  private final PriorityQueue<Integer> furthestFirst = new PriorityQueue<>(Comparator.reverseOrder());
  private int position;
  private int size;

  /** For exactly these requests, of keys from 0 to {@code keyCount - 1}. */
  public Belady(int[] requests, int keyCount, int capacity) {
    this.capacity = capacity;
    this.nextRequests = nextRequests(requests, keyCount);
    this.present = new boolean[requests.length];
  }

  private static int[] nextRequests(int[] requests, int keyCount) {
    int[] nextOfKey = new int[keyCount];
    Arrays.fill(nextOfKey, NEVER);
    int[] next = new int[requests.length];
    for (int i = requests.length - 1; i >= 0; i--) {
      next[i] = nextOfKey[requests[i]];
      nextOfKey[requests[i]] = i;
    }
    return next;
  }

  @Override
  public boolean request(int key) {
    boolean hit = present[position];
    size -= hit ? 1 : 0;
    int next = nextRequests[position++];
    if (next != NEVER) {
      present[next] = true;
      furthestFirst.add(next);
      size++;
    }
    if (size > capacity) {
      present[furthestFirst.remove()] = false;
      size--;
    }
    return hit;
  }
}
