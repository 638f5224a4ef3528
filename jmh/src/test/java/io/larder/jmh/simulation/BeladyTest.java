package io.larder.jmh.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BeladyTest {
  private static final int KEYS = 6;
  private static final int REQUESTS = 14;

  @Test
  void keepsPartOfALoop() {
    assertThat(hits(new int[] {0, 1, 2, 0, 1, 2, 0, 1, 2}, 3, 2)).isEqualTo(4);
  }

  @Test
  void doesNotKeepWhatNeverComesBack() {
    assertThat(hits(new int[] {0, 1, 0, 2, 0, 3, 0}, 4, 1)).isEqualTo(3);
  }

  /** What may be kept after each request is tried in all ways. */
  @RepeatedTest(200)
  void noChoiceOfVictimsHasMoreHits(RepetitionInfo repetition) {
    SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
    int[] requests = random.ints(REQUESTS, 0, KEYS).toArray();
    int capacity = 1 + random.nextInt(KEYS - 1);

    assertThat(hits(requests, KEYS, capacity))
        .as("seed %d", repetition.getCurrentRepetition())
        .isEqualTo(mostHits(requests, 0, 0, capacity, new HashMap<>()));
  }

  private static int hits(int[] requests, int keyCount, int capacity) {
    Belady belady = new Belady(requests, keyCount, capacity);
    int hits = 0;
    for (int key : requests) {
      hits += belady.request(key) ? 1 : 0;
    }
    return hits;
  }

  /** The most hits from a position on, with a set of keys in the cache, a bit for each. */
  private static int mostHits(int[] requests, int position, int cached, int capacity, Map<Integer, Integer> known) {
    if (position == requests.length) {
      return 0;
    }
    int state = position << KEYS | cached;
    Integer before = known.get(state);
    if (before != null) {
      return before;
    }
    int requested = 1 << requests[position];
    int most = mostHitsAfter(requests, position + 1, cached | requested, capacity, known);
    most += (cached & requested) == 0 ? 0 : 1;
    known.put(state, most);
    return most;
  }

  private static int mostHitsAfter(
      int[] requests, int position, int cached, int capacity, Map<Integer, Integer> known) {
    if (Integer.bitCount(cached) <= capacity) {
      return mostHits(requests, position, cached, capacity, known);
    }
    int most = 0;
    for (int key = 0; key < KEYS; key++) {
      int without = cached & ~(1 << key);
      if (without != cached) {
        most = Math.max(most, mostHits(requests, position, without, capacity, known));
      }
    }
    return most;
  }
}
