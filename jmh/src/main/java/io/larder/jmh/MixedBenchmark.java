package io.larder.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Question: do readers and writers on the same skewed entries get in each other's way? Run it with two threads: with
 * one it would only repeat get and put.
 *
 * <p>Hypothesis: at 90 reads to 10 writes an operation costs about what the same mix costs on one thread; a reader
 * repeats its attempt only when a writer was in the same bucket at that moment. Beyond the CPU's caches that is at
 * least twice as fast as Caffeine, whose reads and writes are recorded in buffers that somebody has to drain.
 *
 * <p>Falsified by: a cost well above 0.9 get + 0.1 put of the same run of those benchmarks; more than half of
 * Caffeine's at 2 M entries.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MixedBenchmark {

  /** A get, or every tenth time an overwrite. */
  @Benchmark
  public int mixed(Loaded loaded, Caller caller) {
    if (caller.writeIsNext()) {
      caller.put();
      return 0;
    }
    return caller.get();
  }
}
