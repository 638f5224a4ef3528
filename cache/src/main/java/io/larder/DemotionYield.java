package io.larder;

import java.util.concurrent.atomic.LongAdder;

/**
 * Whether evicted entries of a kind are worth writing to the second tier: of those that have been, how many are read
 * again? Where hardly any is, as in a scan or a log, only a sample of them is written from then on, from which it is
 * seen when that changes.
 *
 * <p>Hits are counted by any thread, the rest is the business of the one that demotes.
 */
final class DemotionYield {
  /** Of the entries that are not worth it one in so many is written. */
  private static final int SAMPLE = 8;

  /** They are not worth it when fewer than one in so many is read again. */
  private static final int READ_AGAIN = 100;

  /**
   * It is judged anew when as many have been written, or left out, as this part of what the tier holds: so it takes no
   * longer to see that they are worth it again than that they are not.
   */
  private static final int WINDOW_PART = 4;

  private static final int WINDOW_MIN = 256;

  private final LongAdder hits = new LongAdder();
  private long hitsBefore;
  private long written;
  private long leftOut;
  private long window = WINDOW_MIN;

  // Of the windows before, each half as important as the one after it.
  private double hitsOfLate;
  private double writtenOfLate;

  private boolean sampling;
  private int left;

  /** Such an entry has been read from the tier, for the first time there. */
  void countHit() {
    hits.increment();
  }

  /** Whether the next such entry is to be written. */
  boolean admits() {
    if (!sampling) {
      return true;
    }
    left = left == 0 ? SAMPLE - 1 : left - 1;
    if (left > 0) {
      leftOut++;
    }
    return left == 0;
  }

  /** Such an entry has been written; says whether it is time to {@link #judge}. */
  boolean countWritten() {
    written++;
    return written + leftOut >= window;
  }

  /**
   * Judges by what has been written and read of late.
   *
   * @param entries how many the tier holds
   * @param isFull whether it has begun to evict: before that, what was written may not have had its chance
   */
  void judge(long entries, boolean isFull) {
    long now = hits.sum();
    hitsOfLate = hitsOfLate / 2 + (now - hitsBefore);
    writtenOfLate = writtenOfLate / 2 + written;
    hitsBefore = now;
    written = 0;
    leftOut = 0;
    window = Math.max(WINDOW_MIN, entries / WINDOW_PART);
    sampling = isFull && hitsOfLate * READ_AGAIN < writtenOfLate;
  }
}
