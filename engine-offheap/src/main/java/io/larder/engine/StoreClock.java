package io.larder.engine;

/**
 * The time by which entries expire. Called on the read path for entries that expire: a plain field read in
 * production. Any thread.
 */
@FunctionalInterface
public interface StoreClock {
  /** The wall clock. Not a lambda: linking one takes a fresh JVM, which opens a file, a millisecond. */
  StoreClock SYSTEM =
      new StoreClock() {
        @Override
        public long millis() {
          return System.currentTimeMillis();
        }
      };

  /** Milliseconds since 1970. May stand still; a step back makes entries live longer. */
  long millis();

  /**
   * The time of a moment ago, for what people are told: it goes on also while nothing expires, and costs no call of the
   * system where the implementation can help it.
   */
  default long recentMillis() {
    return millis();
  }

  /** As {@link #millis()}, never stale, for computing a deadline. */
  default long now() {
    return millis();
  }

  /** Says that something may expire until a time, which {@link #millis()} has to go on to. */
  default void noteDeadline(long millis) {}
}
