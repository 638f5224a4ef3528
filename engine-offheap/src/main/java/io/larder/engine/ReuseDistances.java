package io.larder.engine;

import java.util.Arrays;

/**
 * How many other keys are asked for between two requests for a key: its reuse distance, the size up to which an LRU
 * cache would have missed it.
 *
 * <p>Of the keys of a sample, as SHARDS has it (C. Waldspurger et al., "Efficient MRC Construction with SHARDS", FAST
 * 2015): the distances among all keys are as much larger as the sample is smaller. The last request for each key is a
 * leaf of a Fenwick tree over the order of requests, so a distance is the sum over a range of it. Of the keys the
 * {@value #KEYS} youngest are kept.
 *
 * <p>On the heap, some 350 KiB from the first key on, and never more: an instrument, which each process has for itself.
 * For the holder of one lock.
 */
final class ReuseDistances {
  /** More keys than the largest sample asks for; what is asked for again after more of them counts as new. */
  static final int KEYS = 5 << 10;

  private static final int TIMES = 16 << 10;
  private static final int PLACES = 2 * TIMES;

  private final long[] keyAt = new long[TIMES];
  private final int[] tree = new int[TIMES + 1];

  // Open addressing: a time + 1, of a key that was last asked for then unless keyAt says otherwise.
  private final int[] timeOf = new int[PLACES];

  private int now;
  private int keys;

  /** Notes a request and returns the distance to the one before it; -1 when there was none that is remembered. */
  int request(long hash) {
    if (now == TIMES) {
      renumber();
    }
    long key = hash == 0 ? 1 : hash;
    int place = place(key);
    int distance = -1;
    int time = timeOf[place] - 1;
    if (time >= 0) {
      distance = keys - sum(time + 1);
      keyAt[time] = 0;
      add(time, -1);
    } else {
      keys++;
    }
    keyAt[now] = key;
    add(now, 1);
    timeOf[place] = now + 1;
    now++;
    return distance;
  }

  /** Where a key is, or where there is room for it. */
  private int place(long key) {
    int place = (int) ((key * 0x9E3779B97F4A7C15L) >>> Integer.SIZE) & (PLACES - 1);
    while (timeOf[place] != 0 && keyAt[timeOf[place] - 1] != key) {
      place = (place + 1) & (PLACES - 1);
    }
    return place;
  }

  /** How many keys were last asked for before a time. */
  private int sum(int time) {
    int sum = 0;
    for (int node = time; node > 0; node &= node - 1) {
      sum += tree[node];
    }
    return sum;
  }

  private void add(int time, int delta) {
    for (int node = time + 1; node <= TIMES; node += node & -node) {
      tree[node] += delta;
    }
  }

  /** Gives the youngest keys the first times, in their order, and forgets the others. */
  private void renumber() {
    int forgotten = Math.max(keys - KEYS, 0);
    Arrays.fill(timeOf, 0);
    Arrays.fill(tree, 0);
    keys = 0;
    now = 0;
    for (int time = 0; time < TIMES; time++) {
      long key = keyAt[time];
      keyAt[time] = 0;
      if (key != 0 && forgotten-- <= 0) {
        timeOf[place(key)] = now + 1;
        keyAt[now] = key;
        add(now, 1);
        now++;
        keys++;
      }
    }
  }
}
