package io.larder;

import static io.larder.Caches.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
final class LoadingTest {
  private final Cache<String, String> cache = Caches.strings().name("loading").build();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void close() {
    threads.close();
    cache.close();
  }

  /** A loader that says when it has begun and returns when it is told what. */
  private static final class Gate implements Loader<String, String> {
    final CountDownLatch begun = new CountDownLatch(1);
    final AtomicInteger calls = new AtomicInteger();
    private final CountDownLatch opened = new CountDownLatch(1);
    private @Nullable String value;

    @Override
    public @Nullable String load(String key) throws InterruptedException {
      calls.incrementAndGet();
      begun.countDown();
      opened.await();
      return value;
    }

    void open(@Nullable String loaded) {
      value = loaded;
      opened.countDown();
    }

    void awaitBegun() throws InterruptedException {
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static String get(Future<String> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  /** Starts a thread that runs the task, and returns when it waits for something. */
  private static Thread startAndAwaitParked(ThreadFactory factory, Runnable task) {
    Thread thread = factory.newThread(task);
    thread.start();
    while (thread.getState() != Thread.State.WAITING) {
      assertThat(thread.getState()).isNotEqualTo(Thread.State.TERMINATED);
      Thread.onSpinWait();
    }
    return thread;
  }

  @Test
  void loadsOnceAndCaches() {
    AtomicInteger calls = new AtomicInteger();
    assertThat(cache.get("a", key -> key + calls.incrementAndGet())).isEqualTo("a1");
    assertThat(cache.get("a", key -> key + calls.incrementAndGet())).isEqualTo("a1");
    assertThat(cache.get("a")).isEqualTo("a1");
    CacheStats stats = cache.stats();
    assertThat(stats.loads()).isOne();
    assertThat(stats.loadFailures()).isZero();
    assertThat(stats.loadNanos()).isPositive();
    assertThat(stats.averageLoadNanos()).isEqualTo((double) stats.loadNanos());
  }

  @Test
  void nullIsAbsentAndNotCached() {
    assertThat(cache.get("a", key -> null)).isNull();
    assertThat(cache.containsKey("a")).isFalse();
    assertThat(cache.estimatedSize()).isZero();
    assertThat(cache.get("a", key -> "1")).isEqualTo("1");
  }

  @SuppressWarnings("ImmutableEnumChecker")
  enum Threads {
    PLATFORM(Thread.ofPlatform().daemon().factory()),
    VIRTUAL(Thread.ofVirtual().factory());

    final ThreadFactory factory;

    Threads(ThreadFactory factory) {
      this.factory = factory;
    }
  }

  @ParameterizedTest
  @EnumSource
  void oneThreadLoadsAndTheOthersWait(Threads kind) throws Exception {
    Gate gate = new Gate();
    List<String> results = new ArrayList<>();
    Runnable ask =
        () -> {
          String value = cache.get("a", gate);
          synchronized (results) {
            results.add(value);
          }
        };
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      waiting.add(startAndAwaitParked(kind.factory, ask));
    }
    gate.open("1");
    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(results).hasSize(50).containsOnly("1");
    assertThat(gate.calls).hasValue(1);
    assertThat(cache.stats().loads()).isOne();
  }

  @Test
  void thousandsOfVirtualThreadsMayWait() throws Exception {
    Gate gate = new Gate();
    List<Future<String>> results = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      String key = "key" + i % 10;
      results.add(threads.submit(() -> cache.get(key, gate)));
    }
    gate.awaitBegun();
    gate.open("1");
    for (Future<String> result : results) {
      assertThat(get(result)).isEqualTo("1");
    }
    assertThat(cache.stats().loads()).isEqualTo(10);
  }

  @Test
  void eachWaiterHasAnArrayOfItsOwn() throws Exception {
    try (Cache<byte[], byte[]> arrays = Caches.arrays().build()) {
      CountDownLatch open = new CountDownLatch(1);
      AtomicReference<byte[]> waited = new AtomicReference<>();
      AtomicReference<byte[]> loaded = new AtomicReference<>();
      Thread owner =
          startAndAwaitParked(
              Threads.PLATFORM.factory,
              () ->
                  loaded.set(
                      arrays.get(
                          bytes("a"),
                          key -> {
                            open.await();
                            return bytes("value");
                          })));
      Thread waiter =
          startAndAwaitParked(
              Threads.PLATFORM.factory, () -> waited.set(arrays.get(bytes("a"), key -> bytes("other"))));
      open.countDown();
      owner.join();
      waiter.join();
      assertThat(waited.get()).isEqualTo(bytes("value")).isNotSameAs(loaded.get());
    }
  }

  // ---- an invalidation beats an older load

  @SuppressWarnings("ImmutableEnumChecker")
  enum Write {
    PUT(cache -> cache.put("a", "new"), "new"),
    PUT_IF_ABSENT(cache -> cache.putIfAbsent("a", "new"), "new"),
    REMOVE(cache -> cache.remove("a"), null),
    CLEAR(Cache::clear, null),
    COMPUTE(cache -> cache.compute("a", (key, none) -> "new"), "new"),
    PUT_AND_REMOVE(
        cache -> {
          cache.put("a", "new");
          cache.remove("a");
        },
        null),
    BYTES_PUT(cache -> cache.bytes().put(bytes("a"), bytes("new")), "new"),
    BYTES_REMOVE(cache -> cache.bytes().remove(bytes("a")), null),
    MAP_REMOVE(cache -> cache.asMap().keySet().remove("a"), null);

    final Consumer<Cache<String, String>> action;
    final @Nullable String left;

    Write(Consumer<Cache<String, String>> action, @Nullable String left) {
      this.action = action;
      this.left = left;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWriteDuringALoadWins(Write write) throws Exception {
    Gate gate = new Gate();
    Future<String> load = threads.submit(() -> cache.get("a", gate));
    gate.awaitBegun();
    write.action.accept(cache);
    assertThat(cache.get("a")).isEqualTo(write.left);
    gate.open("old");
    assertThat(get(load)).as("its caller still gets it").isEqualTo("old");
    assertThat(cache.get("a")).as("nobody else does").isEqualTo(write.left);
    assertThat(cache.get("a", key -> "newer")).isEqualTo(write.left != null ? write.left : "newer");
  }

  @Test
  void whoAsksAfterAnInvalidationDoesNotJoinTheOlderLoad() throws Exception {
    Gate old = new Gate();
    Future<String> first = threads.submit(() -> cache.get("a", old));
    old.awaitBegun();
    cache.remove("a");
    assertThat(cache.get("a", key -> "new")).isEqualTo("new");
    old.open("old");
    assertThat(get(first)).isEqualTo("old");
    assertThat(cache.get("a")).isEqualTo("new");
  }

  @Test
  void ofTwoLoadsTheOneAfterTheInvalidationIsStored() throws Exception {
    Gate old = new Gate();
    Gate young = new Gate();
    Future<String> first = threads.submit(() -> cache.get("a", old));
    old.awaitBegun();
    cache.remove("a");
    Future<String> second = threads.submit(() -> cache.get("a", young));
    young.awaitBegun();
    old.open("old");
    assertThat(get(first)).isEqualTo("old");
    assertThat(cache.get("a")).isNull();
    young.open("young");
    assertThat(get(second)).isEqualTo("young");
    assertThat(cache.get("a")).isEqualTo("young");
  }

  @Test
  void whatDoesNotChangeTheKeyDoesNotDisturbTheLoad() throws Exception {
    Gate gate = new Gate();
    Future<String> load = threads.submit(() -> cache.get("a", gate));
    gate.awaitBegun();
    assertThat(cache.replace("a", "x")).isFalse();
    assertThat(cache.replace("a", "x", "y")).isFalse();
    assertThat(cache.removeIfVersion("a", 999)).isFalse();
    assertThat(cache.computeIfPresent("a", (key, value) -> "x")).isNull();
    assertThat(cache.containsKey("a")).isFalse();
    assertThat(cache.iterator()).isExhausted();
    cache.put("b", "1");
    cache.remove("b");
    gate.open("loaded");
    assertThat(get(load)).isEqualTo("loaded");
    assertThat(cache.get("a")).isEqualTo("loaded");
  }

  @Test
  void aWriteByTheLoaderItselfWins() {
    String loaded =
        cache.get(
            "a",
            key -> {
              cache.put(key, "put");
              return "loaded";
            });
    assertThat(loaded).isEqualTo("loaded");
    assertThat(cache.get("a")).isEqualTo("put");
  }

  @Test
  void aValueTooLargeForTheCacheIsReturnedAllTheSame() {
    String large = "x".repeat(3 << 20);
    assertThat(cache.get("a", key -> large)).isEqualTo(large);
    assertThat(cache.containsKey("a")).isFalse();
    assertThat(cache.stats().rejections()).isPositive();
    assertThat(cache.stats().entries()).isZero();
  }

  @Test
  void loadsUnderPressureAreReturnedWhateverBecomesOfTheLease() {
    for (int i = 0; i < 200; i++) {
      String value = "v".repeat(50_000) + i;
      assertThat(
              cache.get(
                  "key" + i,
                  key -> {
                    for (int j = 0; j < 10; j++) {
                      cache.put("beside " + key + j, "w".repeat(100_000));
                    }
                    return value;
                  }))
          .isEqualTo(value);
    }
  }

  /**
   * A writer changes the truth, invalidates, and only then makes known what it was. Who has read that and asks
   * afterwards must not get anything older, from whichever flight or entry.
   */
  @Test
  void nobodyGetsWhatWasInvalidatedBeforeHeAsked() throws Exception {
    int keys = 3;
    int rounds = 20_000;
    try (Cache<Long, Long> numbers = Larder.builder(Codec.int64(), Codec.int64()).memory("1MiB").build();
        ExecutorService platform = Executors.newThreadPerTaskExecutor(Threads.PLATFORM.factory)) {
      AtomicLongArray truth = new AtomicLongArray(keys);
      AtomicLongArray known = new AtomicLongArray(keys);
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < keys; i++) {
        int key = i;
        tasks.add(
            () -> {
              for (int round = 0; round < rounds; round++) {
                long now = truth.incrementAndGet(key);
                switch (round % 4) {
                  case 0 -> numbers.clear();
                  case 1 -> numbers.put((long) key, now);
                  case 2 -> numbers.compute((long) key, (same, old) -> null);
                  default -> numbers.remove((long) key);
                }
                known.set(key, now);
              }
              return null;
            });
        tasks.add(
            () -> {
              while (known.get(key) < rounds) {
                long atLeast = known.get(key);
                Long value = numbers.get((long) key, same -> truth.get(key));
                assertThat(value).isGreaterThanOrEqualTo(atLeast);
              }
              return null;
            });
        tasks.add(tasks.getLast());
      }
      for (Future<Void> task : platform.invokeAll(tasks)) {
        task.get();
      }
      assertThat(numbers.stats().loads()).isPositive();
    }
  }

  // ---- failures

  @Test
  void whatALoaderThrowsReachesAllWhoWaitAndNothingIsCached() throws Exception {
    IllegalStateException failure = new IllegalStateException("mine");
    CountDownLatch open = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    List<Throwable> thrown = new ArrayList<>();
    Runnable ask =
        () -> {
          try {
            cache.get(
                "a",
                key -> {
                  calls.incrementAndGet();
                  open.await();
                  throw failure;
                });
          } catch (RuntimeException caught) {
            synchronized (thrown) {
              thrown.add(caught);
            }
          }
        };
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiting.add(startAndAwaitParked(Threads.VIRTUAL.factory, ask));
    }
    open.countDown();
    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(thrown).hasSize(5).allSatisfy(caught -> assertThat(caught).isSameAs(failure));
    assertThat(calls).hasValue(1);
    assertThat(cache.get("a")).isNull();
    assertThat(cache.stats().loadFailures()).isOne();
    assertThat(cache.estimatedSize()).isZero();
    assertThat(cache.get("a", key -> "1")).isEqualTo("1");
  }

  @Test
  void checkedExceptionsAreWrapped() {
    IOException failure = new IOException("mine");
    assertThatThrownBy(() -> cache.get("a", key -> { throw failure; }))
        .isInstanceOfSatisfying(
            CacheException.class, wrapped -> assertThat(wrapped.code()).isEqualTo(CacheException.Code.LOAD_FAILED))
        .hasCause(failure)
        .hasMessageContaining("loading");
  }

  @Test
  void errorsArePassedOn() {
    AssertionError failure = new AssertionError("mine");
    assertThatThrownBy(() -> cache.get("a", key -> { throw failure; })).isSameAs(failure);
  }

  @Test
  void anInterruptOfTheLoaderStaysPending() {
    assertThatThrownBy(() -> cache.get("a", key -> { throw new InterruptedException(); }))
        .isInstanceOf(CacheException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void waitingDoesNotMindInterrupts() throws Exception {
    Gate gate = new Gate();
    Future<String> load = threads.submit(() -> cache.get("a", gate));
    gate.awaitBegun();
    AtomicReference<String> got = new AtomicReference<>();
    Thread waiter =
        startAndAwaitParked(
            Threads.PLATFORM.factory,
            () -> {
              String value = cache.get("a", gate);
              got.set(value + " " + Thread.currentThread().isInterrupted());
            });
    waiter.interrupt();
    gate.open("1");
    waiter.join();
    assertThat(got).hasValue("1 true");
    assertThat(get(load)).isEqualTo("1");
  }

  @Test
  void aValueThatCannotBeEncodedFailsTheLoad() {
    assertThatThrownBy(() -> cache.get("a", key -> "\uD800"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("surrogate");
    assertThat(cache.containsKey("a")).isFalse();
    assertThat(cache.get("a", key -> "1")).isEqualTo("1");
  }

  // ---- recursion

  @Test
  void aLoaderMayLoadOtherKeys() {
    assertThat(cache.get("a", a -> a + cache.get("b", b -> b + cache.get("c", c -> c)))).isEqualTo("abc");
    assertThat(cache.get("b")).isEqualTo("bc");
  }

  @Test
  void aLoaderThatAsksForItsOwnKeyIsTold() {
    Loader<String, String> recursive =
        new Loader<>() {
          @Override
          public @Nullable String load(String key) {
            return cache.get(key, this);
          }
        };
    assertThatThrownBy(() -> cache.get("a", recursive))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the key that it is loading");
    assertThat(cache.get("a", key -> "1")).isEqualTo("1");
  }

  @Test
  void aLoaderThatAsksForItsOwnKeyByWayOfAnotherIsTold() {
    assertThatThrownBy(() -> cache.get("a", a -> cache.get("b", b -> cache.get("a", again -> "never"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the key that it is loading");
  }

  @Test
  void loadersOfTwoThreadsThatWaitForEachOtherAreTold() throws Exception {
    CountDownLatch bothBegun = new CountDownLatch(2);
    Callable<@Nullable String> ab = () -> crossing("a", "b", bothBegun);
    Callable<@Nullable String> ba = () -> crossing("b", "a", bothBegun);
    Future<String> one = threads.submit(ab);
    Future<String> other = threads.submit(ba);
    List<String> results = List.of(get(one), get(other));
    assertThat(results).contains("told");
  }

  private @Nullable String crossing(String first, String second, CountDownLatch bothBegun) {
    try {
      return cache.get(
          first,
          key -> {
            bothBegun.countDown();
            bothBegun.await();
            return cache.get(second, other -> "unexpected");
          });
    } catch (IllegalStateException circle) {
      assertThat(circle).hasMessageContaining("for ever");
      return "told";
    }
  }

  @Test
  void theCacheMayBeClosedDuringALoad() throws Exception {
    Gate gate = new Gate();
    Future<String> load = threads.submit(() -> cache.get("a", gate));
    gate.awaitBegun();
    cache.close();
    gate.open("1");
    assertThat(get(load)).isEqualTo("1");
  }
}
