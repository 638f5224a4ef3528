package io.larder.engine;

/**
 * The time by which entries expire. Called on the read path for entries that expire: a plain field read in
 * production. Any thread.
 */
@FunctionalInterface
public interface StoreClock {
  /** Milliseconds since 1970. May stand still; a step back makes entries live longer. */
  long millis();
}
