package io.larder.jmh;

import io.larder.allocator.SegmentMemory;
import io.larder.nativeaccess.NativeAccess;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Question: what does one load cost on this machine, from memory as large as a cache's, whose address is not known
 * before the load before it has ended?
 *
 * <p>Hypothesis: it is what a lookup consists of, once entries lie beyond the processor's caches. A hit needs a line of
 * the index and then the lines of an entry, and copies them: at most 3.5 times one such load.
 *
 * <p>Method: a pointer chase. Lines of 64 bytes, as many as the entries take in Larder, are linked to one cycle in
 * random order (S. Sattolo, "An algorithm to generate a random cyclic permutation", Information Processing Letters 22,
 * 1986), so that no prefetcher sees the next one and no part of them is met again before all others. Each line holds
 * the place of the next. The memory is of Larder's own kind ({@link SegmentMemory}), allocated and collapsed to huge
 * pages as the cache does it by default. Threads begin at places far from each other. All lines are equally likely,
 * while requests to the caches have favourites that stay in the processor's caches.
 *
 * <p>Falsified by: a get from 2 M entries or more that takes more than 3.5 times as long.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChaseBenchmark {
  /** Its name among the systems. */
  static final String LABEL = "miss";

  static final int LINE_BYTES = 64;

  /** Loads in one call, so that the call itself does not count. */
  private static final int STEPS = 64;

  private static final String ABOUT = "a load whose address the load before has found";

  /** The case that stands beside those of so many entries and threads. */
  static Case caseOf(int entries, int threads) {
    return Case.of(ChaseBenchmark.class, LABEL, LABEL, ABOUT, entries, threads);
  }

  /** Whether a case is such a one. */
  static boolean isOne(Case each) {
    return each.benchmark() == ChaseBenchmark.class;
  }

  /** The lines, linked. */
  @State(Scope.Benchmark)
  public static class Lines {
    private static final long SEED = 22;

    /** There is only this one. */
    @Param(LABEL)
    public String implementation = LABEL;

    /** Number of entries that would take as many bytes in Larder. */
    @Param("2000000")
    public int entries;

    private @Nullable SegmentMemory memory;

    /** Allocates and links them. */
    @Setup(Level.Trial)
    public void link() {
      long count = count(entries);
      SegmentMemory allocated = SegmentMemory.allocate(count * LINE_BYTES);
      memory = allocated;
      NativeAccess system = NativeAccess.available();
      if (allocated.bytes() >= 2 * system.hugePageBytes()) {
        system.collapse(allocated.segment());
      }
      link(allocated, count, new SplittableRandom(SEED));
    }

    /** As many lines as so many entries take in Larder. */
    static long count(int entries) {
      return (long) entries * EvictBenchmark.ENTRY_BYTES / LINE_BYTES;
    }

    /** Makes one cycle of all lines: each holds the offset of the next from the start of the memory. */
    static void link(SegmentMemory memory, long count, SplittableRandom random) {
      for (long line = 0; line < count; line++) {
        memory.putLong(line * LINE_BYTES, line * LINE_BYTES);
      }
      for (long line = count - 1; line > 0; line--) {
        long other = random.nextLong(line);
        long next = memory.getLong(line * LINE_BYTES);
        memory.putLong(line * LINE_BYTES, memory.getLong(other * LINE_BYTES));
        memory.putLong(other * LINE_BYTES, next);
      }
    }

    private SegmentMemory memory() {
      SegmentMemory linked = memory;
      if (linked == null) {
        throw new IllegalStateException("not linked");
      }
      return linked;
    }

    /** Gives the memory back. */
    @TearDown(Level.Trial)
    public void close() {
      memory().close();
    }
  }

  /** One thread's place on the cycle. */
  @State(Scope.Thread)
  public static class Walker {
    private long offset;

    /** Starts threads at places far from each other. */
    @Setup(Level.Trial)
    public void begin(Lines lines, ThreadParams thread) {
      offset = Lines.count(lines.entries) * thread.getThreadIndex() / thread.getThreadCount() * LINE_BYTES;
    }
  }

  /** The next lines; the score is that of one. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public long miss(Lines lines, Walker walker) {
    SegmentMemory memory = lines.memory();
    long offset = walker.offset;
    for (int i = 0; i < STEPS; i++) {
      offset = memory.getLong(offset);
    }
    walker.offset = offset;
    return offset;
  }
}
