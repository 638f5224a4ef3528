package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.SegmentMemory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A thread whose operation is cut off, as the memory is closed by another, goes on as if nobody had touched it. */
class ClosedUnderUseTest {
  private static final int ROUNDS = 300;
  private static final long BYTES = 1 << 20;
  private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);

  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private static Store open() {
    Store store = Store.open(SegmentMemory.allocate(BYTES), StoreOptions.ofMemory(BYTES));
    put(store);
    return store;
  }

  private static void put(Store store) {
    store.put(store.hash(KEY, 0, KEY.length), KEY, 0, KEY.length, new byte[4_000], 0, 4_000, new PutSpec());
  }

  private static int get(Store store, byte[] target) {
    return store.get(store.hash(KEY, 0, KEY.length), KEY, 0, KEY.length, target, 0, target.length);
  }

  /** Writes and reads until it is told that the store is closed; whether the thread is interrupted then. */
  private static boolean useUntilClosed(Store store, CountDownLatch begun) {
    byte[] target = new byte[4_000];
    try {
      while (true) {
        put(store);
        get(store, target);
        begun.countDown();
      }
    } catch (IllegalStateException closed) {
      return Thread.currentThread().isInterrupted();
    }
  }

  @Test
  void noThreadIsInterruptedByAClosing() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Store store = open();
      CountDownLatch begun = new CountDownLatch(1);
      Future<Boolean> interrupted = threads.submit(() -> useUntilClosed(store, begun));
      begun.await();
      store.close();
      assertThat(interrupted.get()).as("in round %d", round).isFalse();
    }
  }

  /** Misses and rejections from the loss on, and no interrupt. */
  private static boolean useUntilLost(Store store, CountDownLatch begun) {
    byte[] target = new byte[4_000];
    do {
      put(store);
      begun.countDown();
    } while (get(store, target) >= 0);
    return Thread.currentThread().isInterrupted();
  }

  @Test
  void noThreadIsInterruptedByALoss() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Store store = open();
      CountDownLatch begun = new CountDownLatch(1);
      Future<Boolean> interrupted = threads.submit(() -> useUntilLost(store, begun));
      begun.await();
      store.giveUp("a test");
      assertThat(interrupted.get()).as("in round %d", round).isFalse();
    }
  }

  /** Only the first failure of a thread may take an interrupt with it. */
  @Test
  void interruptsOfOthersStay() {
    Store store = open();
    store.giveUp("a test");
    assertThat(get(store, new byte[1])).isEqualTo(Store.ABSENT);
    Thread.currentThread().interrupt();
    try {
      assertThat(get(store, new byte[1])).isEqualTo(Store.ABSENT);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
