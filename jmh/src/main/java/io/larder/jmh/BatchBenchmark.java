package io.larder.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Question: what does a get cost when 64 keys are known at once?
 *
 * <p>Hypothesis: {@code getAll} works through the batch in steps, so that the cache misses of different keys overlap,
 * and costs at most 0.6 of a heap map's get per key at 2 M entries. In the CPU's caches there is nothing to overlap
 * and no gain. The peers' own bulk methods build a map of the results; a loop of gets is faster for them, and is what
 * they run here.
 *
 * <p>Falsified by: a higher ratio at 2 M entries; any bytes allocated per get.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BatchBenchmark {
  /** Keys per batch. */
  static final int BATCH_KEYS = 64;

  /** All keys of the batch in one call, where there is one; the score is per key. */
  @Benchmark
  @OperationsPerInvocation(BATCH_KEYS)
  public int batch(Loaded loaded, Caller caller) {
    return caller.getAll(BATCH_KEYS);
  }

  /** The same keys one by one; the score is per key. */
  @Benchmark
  @OperationsPerInvocation(BATCH_KEYS)
  public int each(Loaded loaded, Caller caller) {
    return caller.getEach(BATCH_KEYS);
  }
}
