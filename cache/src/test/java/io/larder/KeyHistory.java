package io.larder;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * What several threads have written to one key, by numbers, and whether what is read of it goes back in time: a value
 * must not be read when another write, which began behind the end of the write of that value, has returned before the
 * read began, or has been seen by a read that had ended then. A miss is right at any time.
 *
 * <p>Times are those of {@link System#nanoTime}. Any thread.
 */
final class KeyHistory {
  private static final long PENDING = Long.MAX_VALUE;
  private static final long FAILED = Long.MIN_VALUE;

  private final AtomicInteger last = new AtomicInteger();
  private final AtomicLongArray begins;
  private final AtomicLongArray ends;

  /** From when on the values are surely over, by the cache's clock. */
  private final AtomicLongArray expiries;

  /** The latest begin of a write that has returned, or was seen. */
  private final AtomicLong floor = new AtomicLong(FAILED);

  KeyHistory(int writesMax) {
    begins = new AtomicLongArray(writesMax + 1);
    ends = new AtomicLongArray(writesMax + 1);
    expiries = new AtomicLongArray(writesMax + 1);
  }

  /** Whether there is room for some more writes. */
  boolean hasRoom() {
    return last.get() < begins.length() - 100;
  }

  // ---- writes

  /** Begins a write; returns its number, 1 or more. */
  int begin() {
    int number = last.incrementAndGet();
    ends.set(number, PENDING);
    expiries.set(number, PENDING);
    begins.set(number, System.nanoTime());
    return number;
  }

  /** A write has returned, and has taken effect. */
  void end(int number) {
    ends.set(number, System.nanoTime());
    raise(begins.get(number));
  }

  /** A write has returned, and may have taken effect or not: it counts when it is seen. */
  void endMaybe(int number) {
    ends.set(number, System.nanoTime());
  }

  /** A write has returned, and has not taken effect. */
  void fail(int number) {
    ends.set(number, FAILED);
  }

  /** The value of a write is over at a time of the cache's clock. */
  void expiresAt(int number, long millis) {
    expiries.set(number, millis);
  }

  /** Something that has removed the key has returned; it began at a time. */
  void removed(long begin) {
    raise(begin);
  }

  private void raise(long begin) {
    floor.accumulateAndGet(begin, Math::max);
  }

  // ---- reads

  /** What is to be remembered when a read begins. */
  long floor() {
    return floor.get();
  }

  /**
   * A read has ended; says what is wrong with what it has found, or null.
   *
   * @param floorBefore the {@link #floor} when it began
   * @param millisBefore the cache's clock when it began
   */
  @Nullable String read(int number, long floorBefore, long millisBefore) {
    if (number <= 0 || number > last.get()) {
      return "number " + number + " was never written, only up to " + last.get();
    }
    long end = ends.get(number);
    if (end == FAILED) {
      return "number " + number + " was not written";
    }
    if (end < floorBefore) {
      return "number " + number + " was over " + (floorBefore - end) + " ns before a later write began, which had been"
          + " seen or had returned";
    }
    if (expiries.get(number) <= millisBefore) {
      return "number " + number + " had expired";
    }
    raise(begins.get(number));
    return null;
  }
}
