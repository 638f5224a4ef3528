package io.larder.cli;

import java.io.IOException;

/** Sees the end of a worker's standard input: the supervisor has closed it, or is dead. Any thread may ask. */
final class StandardInputEnd implements Runnable {
  private volatile boolean reached;

  private StandardInputEnd() {}

  /** Begins to wait for it, in a thread of its own. */
  static StandardInputEnd await() {
    StandardInputEnd end = new StandardInputEnd();
    Thread.ofPlatform().daemon().name("standard-input").start(end);
    return end;
  }

  boolean isReached() {
    return reached;
  }

  @Override
  public void run() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is said to workers.
      }
    } catch (IOException closed) {
      // As good as its end.
    }
    reached = true;
  }
}
