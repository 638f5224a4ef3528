package io.larder.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Question: what does a hit cost that ends with the value in the caller's buffer?
 *
 * <p>Hypothesis: in the CPU's caches a heap map is faster, since it need not hash a string twice nor check bounds,
 * but by no more than 2 times; beyond the caches both wait for memory, and Larder's one index line and one entry are
 * no slower than the map's node, key and value: at most 3.5 of the misses of {@link ChaseBenchmark}. The other off-heap
 * systems lock, allocate or deserialise and take 3 to 5 times as long. Two threads read nearly twice as much as one,
 * because a reader writes no shared line.
 *
 * <p>Falsified by: a higher ratio; more misses; any bytes allocated per get; two threads that reach less than 1.8 times
 * the throughput of one.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class GetBenchmark {

  /** A get of an entry that is there. */
  @Benchmark
  public int get(Loaded loaded, Caller caller) {
    return caller.get();
  }
}
