package io.larder.cli;

import io.larder.ByteCache;
import io.larder.CacheException;
import io.larder.ValueView;
import io.larder.cli.TortureOperation.Kind;
import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.mmap.SharedRegion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a shared file when its workers have ended: reads all keys, checks the whole region, reads all keys again.
 */
final class TortureInspector implements TortureJudge {
  private static final byte[] MARK = "larder torture".getBytes(StandardCharsets.US_ASCII);
  private static final Duration WAIT = Duration.ofSeconds(30);

  private final TorturePlan plan;
  private final TortureTally tally;
  private final TortureState state = new TortureState();
  private final TortureRepairs repairs = new TortureRepairs();
  private final TortureLinearizability linearizability;

  /** By counter: how many increments of it were acknowledged, and what it had come to when it was read last. */
  private final Map<Integer, Long> counted = new HashMap<>();

  private final Map<Integer, Long> counters = new HashMap<>();
  private long evictions;

  TortureInspector(TorturePlan plan, TortureTally tally) {
    this.plan = plan;
    this.tally = tally;
    this.linearizability = new TortureLinearizability(tally, plan.evicts());
  }

  @Override
  public TorturePlan plan() {
    return plan;
  }

  /** The repairs of the file; whoever watches it adds to them. */
  @Override
  public TortureRepairs repairs() {
    return repairs;
  }

  /**
   * Takes a file that there is already, or makes it. It must be empty, or be left from an earlier run.
   *
   * @throws IllegalArgumentException when others' entries are in it
   */
  void take() throws IOException {
    try (ByteCache cache = open()) {
      long entries = cache.estimatedSize();
      if (entries > 0 && !cache.containsKey(MARK)) {
        throw new IllegalArgumentException(
            plan.file() + " holds " + entries + " entries that are not this command's; name another file");
      }
      cache.clear();
      cache.resize(plan.bytes());
      cache.put(MARK, MARK);
      evictions = cache.stats().evictions();
      verify(repairs::start);
    }
  }

  private ByteCache open() {
    try {
      return TortureWorker.open(plan, 0);
    } catch (CacheException unfit) {
      throw new IllegalArgumentException(unfit.getMessage(), unfit);
    }
  }

  @Override
  public void judge(List<TortureHistory> histories) throws IOException {
    List<TortureOperation> read = new ArrayList<>();
    List<TortureOperation> last = new ArrayList<>();
    try (ByteCache cache = open()) {
      readAll(cache, read);
      verify(repairs::look);
      readAll(cache, last);
      long evictionsNow = cache.stats().evictions();
      if (!plan.evicts() && evictionsNow != evictions) {
        tally.failure("entries were evicted where there is room: " + (evictionsNow - evictions) + ", " + cache.stats());
      }
      evictions = evictionsNow;
    }
    read.addAll(last);
    List<TortureHistory> all = new ArrayList<>(histories);
    all.add(new TortureHistory(TortureOperation.SUPERVISOR, read, System.nanoTime(), List.of()));
    histories.forEach(history -> tally.operations += history.operations().size());
    linearizability.check(all, state);
    new TortureChecker(tally, plan.evicts()).check(all, state);
    if (!plan.evicts()) {
      checkCounters(all, last);
    }
    state.there.putAll(there(all, last));
    last.stream().filter(operation -> !operation.sawValue()).forEach(gone -> state.there.remove(gone.key()));
  }

  /**
   * Nobody but increments writes to a counter, and nobody removes it: it counts those that were acknowledged, and of
   * the killed ones some.
   */
  private void checkCounters(List<TortureHistory> histories, List<TortureOperation> last) {
    for (TortureHistory history : histories) {
      for (TortureOperation operation : history.operations()) {
        if (plan.isCounter(operation.key()) && operation.hasWritten()) {
          counted.merge(operation.key(), 1L, Long::sum);
        }
      }
    }
    Map<Integer, Long> unknown = new HashMap<>();
    for (TortureOperation operation : state.pending) {
      unknown.merge(operation.key(), 1L, Long::sum);
    }
    for (TortureOperation read : last) {
      if (plan.isCounter(read.key()) && !read.torn()) {
        long least = counted.getOrDefault(read.key(), 0L);
        long most = least + unknown.getOrDefault(read.key(), 0L);
        long counter = counters.getOrDefault(read.key(), 0L);
        if (counter < least) {
          tally.lost(read + ": counted to " + counter + ", and acknowledged were " + least);
        } else if (counter > most) {
          tally.stale(read + ": counted to " + counter + ", of " + most + " at most");
        }
      }
    }
  }

  /** What is there for the next round, each marked if it expires. */
  private Map<Integer, TortureOperation> there(List<TortureHistory> histories, List<TortureOperation> last) {
    Set<Long> expiring = new HashSet<>();
    state.there.values().stream().filter(o -> o.kind().expires()).forEach(o -> expiring.add(o.found()));
    state.pending.stream().filter(o -> o.kind().expires()).forEach(o -> expiring.add(o.id()));
    for (TortureHistory history : histories) {
      history.operations().stream().filter(o -> o.kind().expires()).forEach(o -> expiring.add(o.id()));
    }
    Map<Integer, TortureOperation> there = new HashMap<>();
    for (TortureOperation read : last) {
      if (read.sawValue()) {
        Kind kind = expiring.contains(read.found()) ? Kind.THERE_TTL : Kind.THERE;
        there.put(
            read.key(),
            new TortureOperation(
                kind, read.key(), read.writer(), read.begin(), read.end(), 0, 0, read.outcome(), read.found(), false));
      }
    }
    return there;
  }

  /** Checks the whole region, and shows it to somebody. */
  private void verify(Consumer<Store> next) throws IOException {
    try (SharedRegion region = SharedRegion.open(plan.file(), 0, StoreOptions.ofMemory(plan.bytes()), WAIT)) {
      try {
        region.store().assertValid();
      } catch (AssertionError | RuntimeException invalid) {
        tally.invalid(plan.file().getFileName() + ": " + invalid);
      }
      next.accept(region.store());
    }
  }

  private void readAll(ByteCache cache, List<TortureOperation> operations) {
    counters.clear();
    for (int key = 0; key < plan.keys(); key++) {
      operations.add(read(cache, key, counters));
    }
  }

  /** Reads a key as workers do; a whole value's number besides goes to the counters. */
  static TortureOperation read(ByteCache cache, int key, Map<Integer, Long> counters) {
    long begin = System.nanoTime();
    Seen seen = cache.read(TortureValue.key(key), TortureInspector::seen);
    long end = System.nanoTime();
    if (seen == null) {
      return operation(key, begin, end, TortureOperation.ABSENT, 0, false);
    }
    boolean torn = TortureValue.flaw(seen.value, seen.value.length, key) != null;
    if (!torn) {
      counters.put(key, TortureValue.counter(seen.value));
    }
    return operation(key, begin, end, seen.version, torn ? 0 : TortureValue.id(seen.value), torn);
  }

  private static TortureOperation operation(int key, long begin, long end, long outcome, long found, boolean torn) {
    return new TortureOperation(
        Kind.READ, key, TortureOperation.SUPERVISOR, begin, end, 0, 0, outcome, found, torn);
  }

  /** A value and its version. */
  private static final class Seen {
    private final long version;
    private final byte[] value;

    Seen(long version, byte[] value) {
      this.version = version;
      this.value = value;
    }
  }

  private static @Nullable Seen seen(ValueView view) {
    return new Seen(view.version(), view.toArray());
  }
}
