package io.larder.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Question: what does it cost to overwrite an entry by one of the same length?
 *
 * <p>Hypothesis: Larder pays a lock, a block and a copy, and allocates nothing; Caffeine pays a node's lock, a copy
 * on the heap and its write buffer, and is not faster. Chronicle Map takes at least 4 times, OHC and Ehcache at least
 * twice as long.
 *
 * <p>Falsified by: a lower ratio; any bytes allocated per put by Larder's bytes API.
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
