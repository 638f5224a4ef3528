package io.larder.engine;

/**
 * What the word {@code idle} of an entry says: its time to idle, and until when it lives if nobody gets it.
 *
 * <p>Each part has 32 bits, aligned, so that neither is ever torn. The <i>span</i> is the time to idle T: 27 bits, and
 * behind them by how many they are shifted; what does not fit is rounded up. It stays as it was put. The
 * <i>deadline</i> is moved by those who get the entry: a count of ticks, of which the lower half is kept. A tick is the
 * power of two of milliseconds that T has 64 to 127 of, or one millisecond.
 *
 * <p>An access moves the deadline to T + T / 8 from now, but only when less than T is left. So an entry lives at least
 * T, and at most T + T / 8, behind its last access, and its hits write about eight times in each T at most.
 *
 * <p>The clock may go back. Then the deadline is further ahead than anybody would have set it: the entry lives, and its
 * next access sets that right. Only where it is further ahead than {@link #AHEAD_MAX} ticks it is taken for one that
 * has passed: the ticks go round after 2^32, and an entry of a file that nobody has opened for long may have seen that.
 */
final class IdleTime {
  /** A longer time to idle is for ever: 139 years. */
  static final long MILLIS_MAX = 1L << 42;

  /** A deadline that is more ticks ahead has passed. */
  static final int AHEAD_MAX = 1 << 24;

  private static final int SPAN_BITS = 27;
  private static final int SPAN_MASK = (1 << SPAN_BITS) - 1;

  /** T has 2^6 ticks at least, where it has as many milliseconds. */
  private static final int TICKS_SHIFT = 6;

  /** Beyond T the deadline is set by T / 2^3. */
  private static final int SLACK_SHIFT = 3;

  /** Expired entries are looked for every 2^3 ticks. */
  private static final int RECLAIM_SHIFT = 3;

  private IdleTime() {}

  /** The span for a time to idle of 1 to {@link #MILLIS_MAX} milliseconds. */
  static int span(long millis) {
    int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(millis) - SPAN_BITS);
    long rounded = (millis + (1L << shift) - 1) >>> shift;
    if (rounded > SPAN_MASK) {
      rounded >>>= 1;
      shift++;
    }
    return shift << SPAN_BITS | (int) rounded;
  }

  /** The time to idle in milliseconds. */
  static long millis(int span) {
    return (long) (span & SPAN_MASK) << (span >>> SPAN_BITS);
  }

  private static int tickShift(int span) {
    int bits = Long.SIZE - Long.numberOfLeadingZeros(millis(span));
    return Math.max(0, bits - 1 - TICKS_SHIFT);
  }

  /** The deadline, in ticks, that an access sets. */
  static int deadline(int span, long nowMillis) {
    long millis = millis(span);
    return (int) ((nowMillis + millis + (millis >>> SLACK_SHIFT)) >>> tickShift(span));
  }

  /** When a deadline that is kept in ticks is, in milliseconds, 1 or more; it has passed if that is now or before. */
  static long deadlineMillis(int span, int deadline, long nowMillis) {
    int shift = tickShift(span);
    long now = nowMillis >>> shift;
    int ahead = deadline - (int) now;
    long ticks = ahead > AHEAD_MAX ? ahead - (1L << Integer.SIZE) : ahead;
    return Math.max(1, (now + ticks) << shift);
  }

  /** Whether an access now has to move a deadline. */
  static boolean isDue(int span, long deadlineMillis, long nowMillis) {
    long millis = millis(span);
    long left = deadlineMillis - nowMillis;
    return left < millis || left > millis + (millis >>> SLACK_SHIFT) + (1L << tickShift(span));
  }

  /**
   * When to look whether an entry is still there for nothing, if nobody moves its deadline until then: T / 8 or 7
   * milliseconds behind it at most, and the same for many entries, since their deadlines keep moving and each look is
   * one at all of a slab.
   */
  static long reclaimMillis(int span, long deadlineMillis) {
    long step = 1L << (tickShift(span) + RECLAIM_SHIFT);
    return (deadlineMillis + step - 1) & -step;
  }

  /** The earlier of two times, of which 0 is never. */
  static long earlier(long millis, long otherMillis) {
    return millis == 0 || (otherMillis != 0 && otherMillis < millis) ? otherMillis : millis;
  }
}
