package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class RemovalListenerTest {
  private record Told(String key, String value, RemovalCause cause) {}

  private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
  private final RemovalListener<String, String> note = (key, value, cause) -> told.add(new Told(key, value, cause));

  private Told next() throws InterruptedException {
    return told.poll(30, TimeUnit.SECONDS);
  }

  @Test
  void isToldOfEachCause() throws Exception {
    AtomicLong clock = new AtomicLong(1);
    try (Cache<String, String> cache = Caches.strings().clock(clock::get).removalListener(note).build()) {
      cache.put("a", "1");
      cache.put("a", "2");
      assertThat(next()).isEqualTo(new Told("a", "1", RemovalCause.REPLACED));
      cache.remove("a");
      assertThat(next()).isEqualTo(new Told("a", "2", RemovalCause.EXPLICIT));
      cache.put("b", "3", Entry.ttl(Duration.ofMillis(1)));
      clock.addAndGet(1);
      assertThat(next()).isEqualTo(new Told("b", "3", RemovalCause.EXPIRED));
      cache.put("c", "4");
      cache.clear();
      assertThat(next()).isEqualTo(new Told("c", "4", RemovalCause.EXPLICIT));
      cache.put("d", "5");
      for (int i = 0; i < 100; i++) {
        cache.put("filler" + i, "v".repeat(100_000));
      }
      Told evicted = next();
      assertThat(evicted.cause()).isEqualTo(RemovalCause.EVICTED);
    }
  }

  @Test
  void isNotToldOfWhatHasExpiredTwiceNorOfLoads() throws Exception {
    AtomicLong clock = new AtomicLong(1);
    try (Cache<String, String> cache = Caches.strings().clock(clock::get).removalListener(note).build()) {
      cache.put("a", "1", Entry.ttl(Duration.ofMillis(1)));
      clock.addAndGet(1);
      cache.put("a", "2");
      assertThat(next()).isEqualTo(new Told("a", "1", RemovalCause.EXPIRED));
      assertThat(cache.get("b", key -> "3")).isEqualTo("3");
      assertThat(cache.get("c", key -> null)).isNull();
      cache.remove("b");
      assertThat(next()).isEqualTo(new Told("b", "3", RemovalCause.EXPLICIT));
      cache.cleanUp();
    }
    assertThat(told).isEmpty();
  }

  @Test
  void isToldOfEachRemovalExactlyOnce() throws Exception {
    Map<String, AtomicInteger> count = new ConcurrentHashMap<>();
    AtomicInteger all = new AtomicInteger();
    Map<String, String> left = new HashMap<>();
    int threads = 4;
    int writes = 5_000;
    Cache<String, String> cache =
        Caches.strings()
            .removalListener(
                (key, value, cause) -> {
                  assertThat(value).startsWith(key + "=");
                  count.computeIfAbsent(value, same -> new AtomicInteger()).incrementAndGet();
                  all.incrementAndGet();
                })
            .build();
    try (cache) {
      List<Thread> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int number = t;
        running.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int i = 0; i < writes; i++) {
                        String key = "key" + i % 700;
                        cache.put(key, key + "=" + number + "." + i + "v".repeat(i % 3 * 3_000));
                        if (i % 7 == 0) {
                          cache.remove("key" + i % 13);
                        }
                      }
                    }));
      }
      for (Thread thread : running) {
        thread.join();
      }
      left.putAll(Caches.contents(cache));
    }
    assertThat(count.values()).allMatch(times -> times.get() == 1);
    assertThat(left.values()).noneMatch(count::containsKey);
    assertThat(all.get() + left.size()).isEqualTo(threads * writes);
  }

  @Test
  void isCalledByTheMaintenanceThreadAndMayUseTheCache() throws Exception {
    Queue<String> threads = new ConcurrentLinkedQueue<>();
    CountDownLatch done = new CountDownLatch(1);
    try (Cache<Long, String> cache =
        Larder.builder(Codec.int64(), Codec.utf8()).memory("4MiB").name("mine").removalListener(
                (Long key, String value, RemovalCause cause) -> {
                  threads.add(Thread.currentThread().getName());
                  done.countDown();
                })
            .build()) {
      cache.put(1L, "1");
      cache.remove(1L);
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(threads).containsExactly("larder-mine");

    BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    List<Cache<String, String>> self = new ArrayList<>();
    try (Cache<String, String> cache =
        Caches.strings().removalListener(
                (key, value, cause) -> {
                  if (key.equals("a")) {
                    self.getFirst().put("b", value + "b");
                    self.getFirst().remove("b");
                  } else {
                    seen.add(key + value);
                  }
                })
            .build()) {
      self.add(cache);
      cache.put("a", "1");
      cache.remove("a");
      assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo("b1b");
    }
  }

  @Test
  void isCalledByTheExecutor() throws Exception {
    BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    try (Cache<String, String> cache = Caches.strings().removalListener(note).executor(tasks::add).build()) {
      cache.put("a", "1");
      cache.remove("a");
      Runnable task = tasks.poll(30, TimeUnit.SECONDS);
      assertThat(told).isEmpty();
      task.run();
      assertThat(told).containsExactly(new Told("a", "1", RemovalCause.EXPLICIT));
      cache.put("b", "2");
      cache.remove("b");
    }
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
    assertThat(told).as("also of what was left when the cache was closed").hasSize(2);
  }

  @Test
  void anExecutorThatRejectsLosesNothing() throws Exception {
    Executor full =
        task -> {
          throw new RejectedExecutionException("full");
        };
    try (Cache<String, String> cache = Caches.strings().removalListener(note).executor(full).build()) {
      cache.put("a", "1");
      cache.remove("a");
      assertThat(next()).isEqualTo(new Told("a", "1", RemovalCause.EXPLICIT));
    }
  }

  @Test
  void whatItThrowsIsSwallowedAndCounted() throws Exception {
    RemovalListener<String, String> failing =
        (key, value, cause) -> {
          note.onRemoval(key, value, cause);
          if (key.equals("a")) {
            throw new IllegalStateException("mine");
          }
          throw new AssertionError("mine");
        };
    try (Cache<String, String> cache = Caches.strings().removalListener(failing).build()) {
      cache.put("a", "1");
      cache.remove("a");
      cache.put("b", "2");
      cache.remove("b");
      assertThat(next().key()).isEqualTo("a");
      assertThat(next().key()).isEqualTo("b");
      cache.cleanUp();
      cache.put("c", "3");
      assertThat(cache.get("c")).isEqualTo("3");
    }
  }

  @Test
  void writersTellWhenTooMuchWaits() {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread writer = Thread.currentThread();
    AtomicInteger byWriter = new AtomicInteger();
    AtomicInteger all = new AtomicInteger();
    int writes = 600;
    try (Cache<String, String> cache =
        Caches.strings().removalListener(
                (key, value, cause) -> {
                  all.incrementAndGet();
                  if (Thread.currentThread().equals(writer)) {
                    byWriter.incrementAndGet();
                  } else {
                    blocked.countDown();
                    awaitQuietly(release);
                  }
                })
            .build()) {
      cache.put("a", "1");
      cache.remove("a");
      awaitQuietly(blocked);
      for (int i = 0; i < writes; i++) {
        cache.put("a", "v".repeat(100_000));
      }
      assertThat(byWriter.get() * 100_000L).isBetween(writes * 100_000L - (20L << 20), writes * 100_000L);
      release.countDown();
    }
    assertThat(all).hasValue(writes);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void mayCloseTheCache() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    List<Cache<String, String>> self = new ArrayList<>();
    Cache<String, String> cache =
        Caches.strings().name("closing").removalListener(
                (key, value, cause) -> {
                  self.getFirst().close();
                  closed.countDown();
                })
            .build();
    self.add(cache);
    cache.put("a", "1");
    cache.remove("a");
    assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("larder-closing")) {
        thread.join();
      }
    }
  }
}
