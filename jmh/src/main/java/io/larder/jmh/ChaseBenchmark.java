package io.larder.jmh;

import io.larder.allocator.SegmentMemory;
import io.larder.nativeaccess.NativeAccess;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Question: what is the price of one load that has to wait for memory, on this machine and at this moment?
 *
 * <p>Method: as many bytes as the entries take in Larder, in memory of the same kind, huge pages asked for. Its lines
 * of 64 bytes are one cycle in an order of chance (S. Sattolo, "An algorithm to generate a random cyclic permutation",
 * Information Processing Letters 22, 1986), so that each load names the next line and nothing can be fetched early.
 * Each line is as likely as any other; requests to a cache, which are skewed, find some of theirs in the processor's
 * caches.
 *
 * <p>Falsified by: a score that does not grow with the entries beyond the processor's caches.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChaseBenchmark {
  static final int LINE_BYTES = 64;
  private static final long SEED = 29;

  /** The lines, each with the offset of the next. */
  @State(Scope.Thread)
  public static class Cycle {
    /** Whose memory is imitated: Larder's. */
    @Param("larder")
    public String implementation = "larder";

    /** Number of entries. */
    @Param("2000000")
    public int entries;

    private SegmentMemory memory = SegmentMemory.allocate(LINE_BYTES);
    private long at;

    /** Makes the cycle. */
    @Setup(Level.Trial)
    public void make() {
      Shape shape = Shape.usual(entries);
      int lines = Math.toIntExact((shape.payloadBytes() + (long) LarderSubject.OVERHEAD_BYTES * entries) / LINE_BYTES);
      memory.close();
      memory = SegmentMemory.allocate((long) lines * LINE_BYTES);
      NativeAccess.available().collapse(memory.segment());
      int[] next = cycle(lines, SEED);
      for (int line = 0; line < lines; line++) {
        memory.putLong((long) line * LINE_BYTES, (long) next[line] * LINE_BYTES);
      }
    }

    /** Gives the memory back. */
    @TearDown(Level.Trial)
    public void close() {
      memory.close();
    }
  }

  /** A permutation of the numbers below a count that is one cycle: where each leads. */
  static int[] cycle(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] next = new int[count];
    for (int i = 0; i < count; i++) {
      next[i] = i;
    }
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i);
      int swapped = next[i];
      next[i] = next[j];
      next[j] = swapped;
    }
    return next;
  }

  /** One load, whose address the last one has given. */
  @Benchmark
  public long chase(Cycle cycle) {
    cycle.at = cycle.memory.getLong(cycle.at);
    return cycle.at;
  }
}
