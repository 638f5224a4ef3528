package io.larder.jcstress;

/**
 * What one reader makes of all its looks at a key whose value goes from generation to generation: the name of the worst
 * that it saw. For one thread.
 */
public final class Witness {
  /** All looks saw the same: the writer was not at work. */
  public static final String STILL = "still";

  /** Looks saw different things, each of them whole, and never an earlier one after a later one. */
  public static final String CHANGING = "changing";

  /** A look saw no entry, of a key that is never removed. */
  public static final String ABSENT = "absent";

  /** A look saw a generation that was replaced or removed before an earlier look. */
  public static final String BACKWARD = "backward";

  /** A look saw bytes that are the value of no generation. */
  public static final String TORN = "torn";

  private static final int NOTHING_YET = -1;

  private final Generations generations;
  private int last = NOTHING_YET;
  private int highest;
  private int floor;
  private boolean changed;
  private boolean absent;
  private boolean backward;
  private boolean torn;

  public Witness(Generations generations) {
    this.generations = generations;
  }

  /** Takes the outcome of a look: a negative length is a miss. */
  public void saw(byte[] read, int length) {
    int now = length < 0 ? 0 : generations.generation(read, length);
    changed |= last != NOTHING_YET && now != last;
    last = now;
    if (length < 0) {
      absent = true;
      // What was there before must not come back.
      floor = Math.max(floor, highest + 1);
    } else if (now == 0) {
      torn = true;
    } else {
      backward |= now < floor;
      floor = Math.max(floor, now);
      highest = Math.max(highest, now);
    }
  }

  /** The verdict for a key that is never removed. */
  public String verdict() {
    return absent ? ABSENT : verdictWithRemovals();
  }

  /** The verdict for a key that is removed between two generations. */
  public String verdictWithRemovals() {
    if (torn) {
      return TORN;
    }
    if (backward) {
      return BACKWARD;
    }
    return changed ? CHANGING : STILL;
  }
}
