package io.larder.jmh.simulation;

/** A model of a cache that holds so many entries and stores every key that it is asked for and has not. */
@FunctionalInterface
public interface Simulation {
  /** Whether the key was there; if it was not, it is now, and another one may have been evicted for it. */
  boolean request(int key);
}
