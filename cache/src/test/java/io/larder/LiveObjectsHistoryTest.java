package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.engine.EntryInfo;
import io.larder.engine.Store;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * L0-1 among threads: no read yields a value that is older than one whose write had returned, or than one that another
 * read had yielded, before it began.
 *
 * <p>Each key has one writer, who writes growing numbers; a removal takes a number, too, so that what was there before
 * it must not come back.
 */
class LiveObjectsHistoryTest {
  private static final int KEYS = 64;
  private static final int WRITERS = 2;
  private static final int READERS = 2;
  private static final long NANOS = TimeUnit.SECONDS.toNanos(3);

  @TempDir private Path folder;

  /** What is read and written. */
  private interface Subject {
    @Nullable Long get(long key);

    void put(long key, long value);

    void remove(long key);

    /** Anything that moves entries and tables. */
    void disturb(SplittableRandom random);
  }

  private record OfCache(Cache<Long, Long> reading, Cache<Long, Long> writing) implements Subject {
    @Override
    public @Nullable Long get(long key) {
      return reading.get(key);
    }

    @Override
    public void put(long key, long value) {
      writing.put(key, value);
    }

    @Override
    public void remove(long key) {
      writing.remove(key);
    }

    @Override
    public void disturb(SplittableRandom random) {
      writing.put(1_000 + random.nextLong(50_000), 1L);
    }
  }

  /** Reads the words after the value. */
  private record Broken(OfCache writing, Core core, LiveObjects<Long, Long> live) implements Subject {
    @Override
    public @Nullable Long get(long key) {
      Long alive = live.get(key);
      if (alive != null) {
        return alive;
      }
      Scratch scratch = Scratch.take();
      try {
        Codec.int64().encode(key, scratch.key);
        Store store = core.store();
        long hash = store.hash(scratch.key.array(), 0, Long.BYTES);
        byte[] room = new byte[Long.BYTES];
        EntryInfo info = new EntryInfo();
        if (store.get(hash, scratch.key.array(), 0, Long.BYTES, room, 0, room.length) < 0) {
          return null;
        }
        long value = Codec.int64().decode(room, 0, room.length);
        if (store.find(hash, scratch.key.array(), 0, Long.BYTES, info)) {
          live.keep(key, value, info);
        }
        return value;
      } finally {
        scratch.release();
      }
    }

    @Override
    public void put(long key, long value) {
      writing.put(key, value);
    }

    @Override
    public void remove(long key) {
      writing.remove(key);
    }

    @Override
    public void disturb(SplittableRandom random) {
      writing.disturb(random);
    }
  }

  /** How many reads there were, and how many of them went back in time. */
  private record Verdict(long reads, long backward) {}

  private static Verdict watch(Subject subject, String name) throws InterruptedException, ExecutionException {
    SplittableRandom seeds = new SplittableRandom();
    AtomicLongArray acknowledged = new AtomicLongArray(KEYS);
    AtomicLongArray seen = new AtomicLongArray(KEYS);
    AtomicLong reads = new AtomicLong();
    AtomicLong backward = new AtomicLong();
    long end = System.nanoTime() + NANOS;
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS + READERS)) {
      for (int writer = 0; writer < WRITERS; writer++) {
        int first = writer;
        SplittableRandom random = seeds.split();
        running.add(threads.submit(() -> write(subject, acknowledged, first, random, end)));
      }
      for (int reader = 0; reader < READERS; reader++) {
        SplittableRandom random = seeds.split();
        running.add(
            threads.submit(
                () -> {
                  long mine = 0;
                  while (System.nanoTime() < end) {
                    int key = random.nextInt(KEYS);
                    long floor = Math.max(acknowledged.get(key), seen.get(key));
                    Long value = subject.get(key);
                    mine++;
                    if (value != null) {
                      seen.accumulateAndGet(key, value, Math::max);
                      if (value < floor && backward.incrementAndGet() == 1) {
                        System.out.println(name + ": key=" + key + " value=" + value + " after " + floor);
                      }
                    }
                  }
                  reads.addAndGet(mine);
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    return new Verdict(reads.get(), backward.get());
  }

  private static void write(
      Subject subject, AtomicLongArray acknowledged, int first, SplittableRandom random, long end) {
    for (long number = 1; System.nanoTime() < end; number++) {
      int key = random.nextInt(KEYS / WRITERS) * WRITERS + first;
      int what = random.nextInt(16);
      if (what == 0) {
        subject.remove(key);
        acknowledged.set(key, number);
      } else if (what < 4) {
        subject.put(key, number);
        acknowledged.set(key, number);
      } else if (what < 8) {
        subject.disturb(random);
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private static CacheBuilder<Long, Long> builder() {
    return Larder.builder(Codec.int64(), Codec.int64()).liveObjects(KEYS);
  }

  private static void assertNeverBackward(Cache<Long, Long> reading, Cache<Long, Long> writing) throws Exception {
    Verdict verdict = watch(new OfCache(reading, writing), "LiveObjectsHistoryTest");
    assertThat(verdict.reads()).isGreaterThan(10_000);
    assertThat(reading.stats().liveHits()).isGreaterThan(verdict.reads() / 10);
    assertThat(verdict.backward()).isZero();
  }

  @Test
  void neverGoesBack() throws Exception {
    try (Cache<Long, Long> cache = builder().memory("1MiB").build()) {
      assertNeverBackward(cache, cache);
    }
  }

  @Test
  void neverGoesBackAboveASecondTier() throws Exception {
    try (Cache<Long, Long> cache = builder().memory("1MiB").file(folder.resolve("tier"), "16MiB").build()) {
      assertNeverBackward(cache, cache);
    }
  }

  @Test
  void neverGoesBackInAFileThatAnotherWrites() throws Exception {
    Path file = folder.resolve("shared");
    try (Cache<Long, Long> reading = builder().sharedFile(file, "2MiB").build();
        Cache<Long, Long> writing = Larder.builder(Codec.int64(), Codec.int64()).sharedFile(file, "2MiB").build()) {
      assertNeverBackward(reading, writing);
    }
  }

  @Test
  void wouldGoBackIfTheWordsWereReadAfterTheValue() throws Exception {
    Core core = Core.open(Larder.builder(Codec.int64(), Codec.int64()).memory("1MiB").settings(), null);
    try (Cache<Long, Long> cache = new TypedCache<>(core, Codec.int64(), Codec.int64())) {
      Subject broken = new Broken(new OfCache(cache, cache), core, new LiveObjects<>(core.store(), KEYS));
      assertThat(watch(broken, "broken").backward()).isPositive();
    }
  }
}
