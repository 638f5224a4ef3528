package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.SegmentMemory;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two processes that want to load the same. */
class LeaseTest {
  private static final int BYTES = 1 << 20;
  private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);

  private final Set<Long> dead = new HashSet<>();
  private final SegmentMemory memory = SegmentMemory.allocate(BYTES);
  private final TestClock clock = new TestClock();
  private final StoreOptions options = StoreOptions.ofMemory(BYTES).withPartitions(1).withClock(clock);
  private final Store first = Store.open(memory, options.withOwners(process(1)));
  private final Store second = Store.attach(memory, options.withOwners(process(2)));

  private LockOwners process(long token) {
    return new LockOwners() {
      @Override
      public long token() {
        return token;
      }

      @Override
      public boolean isDead(long other) {
        return dead.contains(other);
      }
    };
  }

  @AfterEach
  void close() {
    first.assertValid();
    first.close();
  }

  private static long hash(Store store) {
    return store.hash(KEY, 0, KEY.length);
  }

  private static long lease(Store store, long expiryMillis, boolean anyway) {
    return store.lease(hash(store), KEY, 0, KEY.length, expiryMillis, anyway);
  }

  private static long publish(Store store, long lease) {
    return store.put(hash(store), KEY, 0, KEY.length, KEY, 0, KEY.length, new PutSpec().ifVersion(lease));
  }

  @Test
  void oneHasIt() {
    long lease = lease(first, 0, false);
    assertThat(lease).isPositive();
    assertThat(lease(second, 0, false)).isEqualTo(Store.LEASED);
    assertThat(publish(first, lease)).isPositive();
    assertThat(lease(second, 0, false)).isEqualTo(Store.PRESENT);
  }

  @Test
  void theSameProcessTakesItAnew() {
    long lease = lease(first, 0, false);
    assertThat(lease(first, 0, false)).isGreaterThan(lease);
    assertThat(publish(first, lease)).isEqualTo(Store.MISMATCH);
  }

  @Test
  void thatOfTheDeadIsFree() {
    long lease = lease(first, 0, false);
    dead.add(1L);
    long taken = lease(second, 0, false);
    assertThat(taken).isGreaterThan(lease);
    assertThat(publish(second, taken)).isPositive();
  }

  @Test
  void whoIsTooSlowCanLoseIt() {
    long lease = lease(first, 0, false);
    long taken = lease(second, 0, true);
    assertThat(taken).isGreaterThan(lease);
    assertThat(publish(first, lease)).isEqualTo(Store.MISMATCH);
    assertThat(publish(second, taken)).isPositive();
  }

  @Test
  void itEndsWithItsTime() {
    assertThat(lease(first, clock.millis() + 10, false)).isPositive();
    clock.advance(11);
    assertThat(lease(second, 0, false)).isPositive();
  }

  @Test
  void removingItFreesTheKey() {
    long lease = lease(first, 0, false);
    assertThat(second.remove(hash(second), KEY, 0, KEY.length, 0)).isEqualTo(Store.ABSENT);
    assertThat(publish(first, lease)).isNegative();
    assertThat(lease(second, 0, false)).isPositive();
  }
}
