package io.larder.jcstress;

/**
 * A writer and a reader who meet: how long the reader looks.
 *
 * <p>Both go through many rounds in one run of their actors. One operation of the store takes about as long as it
 * takes the harness to bring two threads together; in many rounds they meet for certain.
 */
abstract class Meeting {
  /** How often a reader looks when the writer does not get a processor. */
  private static final int LOOKS_MAX = 5_000;

  private final Stalls pauses = new Stalls();
  private volatile boolean over;

  // Guarded by the reader's thread.
  private int looks;
  private boolean lastLook;

  /** Lets the writer leave things as they are for a moment, so that a reader sees them. */
  final void pause() {
    pauses.stall();
  }

  /** The writer's last word. */
  final void writerIsDone() {
    over = true;
  }

  /** Whether the reader looks once more: until the writer is done, and a last time then. */
  final boolean goesOn() {
    return goesOn(1);
  }

  /** As {@link #goesOn()}, when the next look takes as long as so many. */
  final boolean goesOn(int cost) {
    boolean goesOn = !lastLook;
    looks += cost;
    lastLook = over || looks >= LOOKS_MAX;
    return goesOn;
  }

  /** How often the reader has looked, counting the look under way. */
  final int looks() {
    return looks;
  }
}
