package io.larder.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Question: what does it cost to overwrite an entry by one of the same length?
 *
 * <p>Hypothesis: Larder pays a lock, a block and a copy, and allocates nothing: beyond the CPU's caches at most half as
 * much again as a get, since both wait for the same lines. Caffeine pays a node's lock, a copy on the heap and its
 * write buffer, and is not faster. Chronicle Map takes at least 5 times, OHC, Ehcache and MapDB at least 3 times as
 * long.
 *
 * <p>Falsified by: a lower ratio to a peer, or a higher one to the get; any bytes allocated per put by Larder's bytes
 * API.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PutBenchmark {

  /** An overwrite of an entry that is there. */
  @Benchmark
  public void put(Loaded loaded, Caller caller) {
    caller.put();
  }
}
