package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.SegmentMemory;
import io.larder.engine.PutSpec;
import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.engine.Victim;
import io.larder.engine.VictimSink;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes into the ring comes out of it whole, in order, and leaves zeros behind: DEM-1. */
class DemotionBufferTest {
  private static final int RING_BYTES = 1 << 13;
  private static final int PUTTERS = 3;
  private static final int PUTS = 60_000;

  private final SegmentMemory ring = SegmentMemory.allocate(RING_BYTES);
  private final DemotionBuffer buffer = new DemotionBuffer(ring);
  private final SplittableRandom random = TestSeed.random("DemotionBufferTest");

  @AfterEach
  void close() {
    ring.close();
  }

  /**
   * A record all of which follows from who put it in, and as which one of his.
   *
   * @param number from 1
   * @param valueBytes how long its value is; of every fourth one only the key is put in
   */
  private record Expected(int putter, int number, int valueBytes) {
    static final int KEY_BYTES = 12;

    byte[] key() {
      return ByteBuffer.allocate(KEY_BYTES).putInt(putter).putInt(number).putInt(valueBytes).array();
    }

    static Expected of(byte[] key) {
      ByteBuffer bytes = ByteBuffer.wrap(key);
      return new Expected(bytes.getInt(), bytes.getInt(), bytes.getInt());
    }

    byte[] value() {
      byte[] value = new byte[valueBytes];
      for (int i = 0; i < valueBytes; i++) {
        value[i] = (byte) (31 * putter + 7 * number + 3 * i + 1);
      }
      return value;
    }

    boolean hasValue() {
      return (number / 2 & 3) != 0;
    }

    /** It stands for the frequency, too. */
    long hash(int frequency) {
      return ~((long) frequency << 48 | (long) number << 8 | putter);
    }

    PutSpec spec() {
      return new PutSpec().expiryMillis(number).cost(number & 0xFFFFF).userFlags(number & 3);
    }

    /** What is wrong with a record; null for nothing. */
    static @Nullable String fault(DemotionBuffer from) {
      if (from.keyLength() != KEY_BYTES) {
        return "a key of " + from.keyLength() + " bytes";
      }
      byte[] key = new byte[KEY_BYTES];
      from.copyKey(key);
      Expected expected = of(key);
      if (from.valueLength() != (expected.hasValue() ? expected.valueBytes : DemotionBuffer.NO_VALUE)) {
        return "a value of " + from.valueLength() + " bytes: " + expected;
      }
      byte[] value = new byte[expected.valueBytes];
      if (expected.hasValue()) {
        from.copyValue(value);
      }
      boolean whole =
          (!expected.hasValue() || Arrays.equals(value, expected.value()))
              && from.hash() == expected.hash(from.frequency())
              && from.stamp() == expected.number
              && from.expiryMillis() == expected.number
              && from.cost() == (expected.number & 0xFFFFF)
              && from.flags() == (expected.number & 3);
      return whole ? null : "torn: " + expected;
    }
  }

  /** Puts victims in: a store with room for one entry, so that each put evicts what was put before. */
  private static final class Putter implements VictimSink, AutoCloseable {
    private final Store store =
        Store.open(
            StoreOptions.ofMemory(1 << 20)
                .withPartitions(1)
                .withMaximumEntries(1)
                .withClock(() -> 0)
                .withVictims(this));
    private final DemotionBuffer to;
    private final int id;
    private int number;
    private boolean taken;

    Putter(DemotionBuffer to, int id) {
      this.to = to;
      this.id = id;
      evictAndPut(new Expected(id, ++number, 0));
    }

    /** Offers a record; null when there was no room for it. */
    @Nullable Expected offer(int valueBytes) {
      Expected offered = new Expected(id, ++number, valueBytes);
      evictAndPut(offered);
      // This one has it evicted, and is not offered itself, as it is empty.
      evictAndPut(new Expected(id, ++number, 0));
      return taken ? offered : null;
    }

    private void evictAndPut(Expected next) {
      byte[] key = next.key();
      byte[] value = next.value();
      store.put(store.hash(key, 0, key.length), key, 0, key.length, value, 0, value.length, next.spec());
    }

    @Override
    public void evicted(Victim victim) {
      if (victim.valueLength() > 0) {
        byte[] key = new byte[Expected.KEY_BYTES];
        victim.copyKey(MemorySegment.ofArray(key), 0);
        Expected expected = Expected.of(key);
        taken = to.offer(victim, expected.hash(victim.frequency()), expected.number, expected.hasValue());
      }
    }

    @Override
    public void close() {
      store.close();
    }
  }

  private void take(Queue<Expected> queue) {
    assertThat(buffer.next()).isTrue();
    assertThat(Expected.fault(buffer)).isNull();
    byte[] key = new byte[Expected.KEY_BYTES];
    buffer.copyKey(key);
    assertThat(Expected.of(key)).isEqualTo(queue.remove());
    buffer.release();
  }

  private void assertAllZeros() {
    assertThat(buffer.bytes()).isZero();
    byte[] bytes = new byte[RING_BYTES];
    ring.copyOut(0, bytes, 0, RING_BYTES);
    assertThat(bytes).containsOnly(0);
  }

  @Test
  void goesRoundAndRound() {
    Queue<Expected> queue = new ArrayDeque<>();
    try (Putter putter = new Putter(buffer, 1)) {
      for (int step = 0; step < 10_000; step++) {
        Expected put =
            random.nextInt(3) == 0 ? null : putter.offer(1 + random.nextInt(buffer.payloadBytesMax() - 12));
        if (put != null) {
          queue.add(put);
        } else if (!queue.isEmpty()) {
          take(queue);
        }
        if (step % 1_000 == 0) {
          while (!queue.isEmpty()) {
            take(queue);
          }
          assertThat(buffer.next()).isFalse();
          assertAllZeros();
        }
      }
    }
  }

  @Test
  void takesNothingThatOverwritesWhatIsThere() {
    try (Putter putter = new Putter(buffer, 1)) {
      for (int round = 0; round < 100; round++) {
        Queue<Expected> queue = new ArrayDeque<>();
        int valueBytes = 1 + random.nextInt(200);
        Expected put = putter.offer(valueBytes);
        while (put != null) {
          queue.add(put);
          put = putter.offer(valueBytes);
        }
        assertThat(buffer.bytes()).isBetween(RING_BYTES - 2L * (valueBytes + 80), (long) RING_BYTES);
        assertThat(buffer.isHalfFull()).isTrue();
        while (!queue.isEmpty()) {
          take(queue);
        }
        assertAllZeros();
      }
    }
  }

  /** Wherever in the ring its head is. */
  @Test
  void thereIsRoomForTheLargestWhenItIsEmpty() {
    try (Putter putter = new Putter(buffer, 1)) {
      for (int round = 0; round < 1_000; round++) {
        Queue<Expected> queue = new ArrayDeque<>();
        for (int valueBytes : new int[] {buffer.payloadBytesMax() - Expected.KEY_BYTES, 1 + random.nextInt(300)}) {
          Expected put = putter.offer(valueBytes);
          assertThat(put).isNotNull();
          queue.add(Caches.there(put));
          take(queue);
        }
      }
      assertAllZeros();
    }
  }

  @Test
  void knowsWhatWasThereAtAMoment() {
    try (Putter putter = new Putter(buffer, 1)) {
      putter.offer(10);
      putter.offer(10);
      long end = buffer.end();
      putter.offer(10);
      for (int taken = 0; taken < 3; taken++) {
        assertThat(buffer.isBefore(end)).isEqualTo(taken < 2);
        assertThat(buffer.next()).isTrue();
        buffer.release();
      }
    }
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void wakesWhoSleepsWhenThereIsMuch() throws InterruptedException {
    try (Putter putter = new Putter(buffer, 1)) {
      for (int round = 0; round < 100; round++) {
        Thread sleeper = new Thread(() -> buffer.sleep(TimeUnit.HOURS.toNanos(1)));
        sleeper.start();
        while (buffer.bytes() <= RING_BYTES / 8) {
          putter.offer(100);
        }
        sleeper.join();
        while (buffer.next()) {
          buffer.release();
        }
      }
    }
  }

  // ---- many threads

  /** Puts in and takes out by several threads until all is through, or something is wrong; says what. */
  private static @Nullable String play(DemotionBuffer buffer, long seed) throws InterruptedException {
    int[] accepted = new int[PUTTERS];
    List<Thread> threads = new ArrayList<>();
    for (int id = 0; id < PUTTERS; id++) {
      int putterId = id;
      SplittableRandom sizes = new SplittableRandom(seed + id);
      Thread thread =
          new Thread(
              () -> {
                try (Putter putter = new Putter(buffer, putterId)) {
                  for (int i = 0; i < PUTS; i++) {
                    accepted[putterId] += putter.offer(1 + sizes.nextInt(150)) == null ? 0 : 1;
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    Taker taker = new Taker(buffer);
    boolean alive = true;
    while (alive && taker.fault == null) {
      alive = threads.stream().anyMatch(Thread::isAlive);
      taker.takeAll();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return taker.fault != null || Arrays.equals(taker.taken, accepted)
        ? taker.fault
        : "put in " + Arrays.toString(accepted) + ", taken out " + Arrays.toString(taker.taken);
  }

  private static final class Taker {
    private final DemotionBuffer from;
    private final int[] taken = new int[PUTTERS];
    private final int[] last = new int[PUTTERS];
    @Nullable String fault;

    Taker(DemotionBuffer from) {
      this.from = from;
    }

    void takeAll() {
      try {
        while (fault == null && from.next()) {
          fault = Expected.fault(from);
          if (fault == null) {
            count();
          }
          from.release();
        }
      } catch (IllegalArgumentException | IndexOutOfBoundsException | NegativeArraySizeException garbage) {
        fault = "garbage: " + garbage;
      }
    }

    private void count() {
      int putter = (int) ~from.hash() & 0xFF;
      int number = (int) from.stamp();
      if (number <= last[putter]) {
        fault = "number " + number + " of " + putter + " after " + last[putter];
      }
      last[putter] = number;
      taken[putter]++;
    }
  }

  @Test
  void manyPutInAndOneTakesOut() throws InterruptedException {
    assertThat(play(buffer, random.nextLong())).isNull();
    assertAllZeros();
  }

  /** What a twin leaves behind of a record: the first word, or all of the rest of it. */
  @ParameterizedTest
  @ValueSource(longs = {0, Long.BYTES})
  void isSeenToFailWithoutTheZeros(long kept) throws InterruptedException {
    DemotionBuffer twin =
        new DemotionBuffer(ring) {
          @Override
          void wipe(long from, long length) {
            if (kept > 0 && length > kept) {
              super.wipe(from, kept);
            }
          }
        };
    assertThat(play(twin, random.nextLong())).isNotNull();
  }
}
