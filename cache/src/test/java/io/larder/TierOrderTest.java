package io.larder;

import static io.larder.Caches.there;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What must not come back while it is on its way from one tier to the other, held up there: TIER-1. What is done
 * meanwhile is over when the file gets the entry, or would get it.
 */
class TierOrderTest {
  private static final String KEY = "k";
  private static final String OLD = "old";
  private static final String NEW = "new";

  @TempDir private Path folder;
  private Path file = Path.of("unset");
  private final AtomicReference<HeldTier> tier = new AtomicReference<>();

  @BeforeEach
  void place() {
    file = folder.resolve("below.larder");
  }

  /** Holds one put up, before anything is done for it. */
  private static final class HeldTier extends ForwardingTier {
    private final CountDownLatch arrival = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile boolean holds;

    HeldTier(Tier inner) {
      super(inner);
    }

    @Override
    public boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard) {
      if (holds) {
        holds = false;
        arrival.countDown();
        awaitUninterruptibly(release);
      }
      return super.put(key, keyOffset, keyLength, value, guard);
    }

    void hold() {
      holds = true;
    }

    void awaitArrival() {
      awaitUninterruptibly(arrival);
    }

    void release() {
      release.countDown();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException unexpected) {
      throw new AssertionError(unexpected);
    }
  }

  /** A cache whose memory has room for so many entries. */
  private CacheBuilder<String, String> builder(int entries) {
    return Larder.builder(Codec.utf8(), Codec.utf8())
        .memory("1MiB")
        .maximumEntries(entries)
        .tier(
            clock -> {
              tier.set(new HeldTier(new FileTier(file, 4 << 20, 0).open(clock)));
              return held();
            });
  }

  private HeldTier held() {
    return there(tier.get());
  }

  /** Has an entry evicted whose way down is held up, does something, and then lets it go on to its end. */
  private void whileOnItsWayDown(Consumer<Cache<String, String>> meanwhile, Consumer<Cache<String, String>> behind) {
    try (Cache<String, String> cache = builder(1).build()) {
      cache.put(KEY, OLD);
      held().hold();
      cache.put("other", "value");
      held().awaitArrival();
      meanwhile.accept(cache);
      arrive(cache);
      behind.accept(cache);
    }
  }

  /** Lets what is held up arrive, whether it may or not. */
  private void arrive(Cache<String, String> cache) {
    held().release();
    cache.cleanUp();
  }

  @Test
  void itArrivesIfNothingIsDone() {
    whileOnItsWayDown(
        cache -> assertThat(cache.get(KEY)).isNull(), cache -> assertThat(cache.get(KEY)).isEqualTo(OLD));
  }

  @Test
  void noWriteIsUndone() {
    whileOnItsWayDown(cache -> cache.put(KEY, NEW), cache -> assertThat(cache.get(KEY)).isEqualTo(NEW));
  }

  @Test
  void noRemovalIsUndone() {
    whileOnItsWayDown(cache -> cache.remove(KEY), TierOrderTest::assertAbsent);
  }

  @Test
  void noClearingIsUndone() {
    whileOnItsWayDown(Cache::clear, TierOrderTest::assertAbsent);
  }

  @Test
  void noRemovalOfTheMapIsUndone() {
    whileOnItsWayDown(cache -> cache.asMap().remove(KEY), TierOrderTest::assertAbsent);
  }

  @Test
  void noRemovalByAFunctionIsUndone() {
    whileOnItsWayDown(cache -> cache.compute(KEY, (key, old) -> null), TierOrderTest::assertAbsent);
  }

  @Test
  void aFunctionThatRemovesIsCalledAgainForWhatIsThereAfterAll() {
    try (Cache<String, String> cache = builder(2).build()) {
      String removed =
          cache.compute(
              KEY,
              (key, old) -> {
                if (old == null) {
                  cache.put(KEY, NEW);
                  return null;
                }
                return old + old;
              });
      assertThat(removed).isEqualTo(NEW + NEW);
    }
  }

  private static void assertAbsent(Cache<String, String> cache) {
    assertThat(cache.get(KEY)).isNull();
    assertThat(cache.containsKey(KEY)).isFalse();
  }

  /** It cannot be stored, as the lease has gone; but nobody finds what is older than it any more. */
  @Test
  void noLoadIsUndone() {
    whileOnItsWayDown(
        cache -> {
          String loaded =
              cache.get(
                  KEY,
                  key -> {
                    arrive(cache);
                    // The second one would promote it, in the place of the lease.
                    assertThat(cache.get(KEY)).isNull();
                    assertThat(cache.get(KEY)).isNull();
                    return NEW;
                  });
          assertThat(loaded).isEqualTo(NEW);
        },
        cache -> assertThat(cache.get(KEY)).isIn(NEW, null));
  }

  @Test
  void noLoadIsUndoneThatIsTooLargeToBeStored() {
    String large = "x".repeat(1 << 20);
    whileOnItsWayDown(
        cache -> assertThat(cache.get(KEY, key -> large)).isEqualTo(large), TierOrderTest::assertAbsent);
  }

  /** What is flushed and what is demoted at the same time do not get into each other's way. */
  @Test
  void flushingAndCleaningUpTakeTurns() throws InterruptedException {
    Cache<String, String> cache = builder(2).flushOnClose().build();
    put(cache, 1);
    put(cache, 2);
    held().hold();
    Thread closer = new Thread(cache::close);
    closer.start();
    held().awaitArrival();
    put(cache, 3);
    Thread cleaner = new Thread(cache::cleanUp);
    cleaner.start();
    awaitWaiting(cleaner);
    held().release();
    closer.join();
    cleaner.join();
    try (Cache<String, String> again = builder(10).build()) {
      int found = 0;
      for (int length = 1; length <= 3; length++) {
        String value = again.get(KEY.repeat(length));
        if (value != null) {
          assertThat(value).isEqualTo(value(length));
          found++;
        }
      }
      assertThat(found).isPositive();
    }
  }

  /** Keys that begin alike, and values of different lengths. */
  private static void put(Cache<String, String> cache, int length) {
    cache.put(KEY.repeat(length), value(length));
  }

  private static String value(int length) {
    return "value of " + length + " ".repeat(length);
  }

  /** Until the thread waits for something, or has ended. */
  private static void awaitWaiting(Thread thread) throws InterruptedException {
    while (thread.getState() == Thread.State.RUNNABLE || thread.getState() == Thread.State.NEW) {
      thread.join(Duration.ofMillis(1));
    }
  }
}
