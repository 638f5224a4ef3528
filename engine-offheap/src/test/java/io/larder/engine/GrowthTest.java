package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.Memory;
import io.larder.allocator.SegmentMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Growth from nothing, without a count given beforehand. */
class GrowthTest {
  private static final int ENTRIES = 2_000_000;
  private static final long MEMORY_BYTES = 128L << 20;

  private static final int COUNTED_ENTRIES = 300_000;
  private static final long COUNTED_MEMORY_BYTES = 20L << 20;
  private static final int PUT_ACCESSES_MAX = 5_000;
  private static final int REMOVE_ACCESSES_MAX = 2_000;

  private final SplittableRandom random = TestSeed.random("GrowthTest");
  private final byte[] key = new byte[Long.BYTES];
  private final byte[] value = new byte[Long.BYTES];
  private final PutSpec spec = new PutSpec();

  private static void set(byte[] bytes, long number) {
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, number);
  }

  private static Store open(Memory memory, int partitions) {
    return Store.open(memory, StoreOptions.ofMemory(memory.bytes()).withPartitions(partitions));
  }

  private void put(Store store, long number) {
    set(key, number);
    set(value, ~number);
    assertThat(store.put(store.hash(key, 0, key.length), key, 0, key.length, value, 0, value.length, spec))
        .as("version of entry %d", number)
        .isPositive();
  }

  private void check(Store store, long number, boolean there) {
    set(key, number);
    int length = store.get(store.hash(key, 0, key.length), key, 0, key.length, value, 0, value.length);
    assertThat(length).as("entry %d", number).isEqualTo(there ? value.length : Store.ABSENT);
    if (there) {
      assertThat(ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong(0)).isEqualTo(~number);
    }
  }

  @Test
  void growsToMillionsOfEntriesWithoutLosingOne() {
    try (Store store = open(SegmentMemory.allocate(MEMORY_BYTES), 0)) {
      for (int number = 0; number < ENTRIES; number++) {
        put(store, number);
        if (number % 16 == 0) {
          check(store, random.nextInt(number + 1), true);
          check(store, number + 1L + random.nextInt(ENTRIES), false);
        }
      }
      StoreStats stats = store.stats();
      assertThat(stats.entries()).isEqualTo(ENTRIES);
      assertThat(stats.evictions()).isZero();
      for (int number = 0; number < ENTRIES; number++) {
        check(store, number, true);
      }
      assertThat((double) stats.indexBytes() / ENTRIES).as("index bytes per entry").isLessThan(10);
      store.assertValid();
      shrinks(store);
    }
  }

  private void shrinks(Store store) {
    for (int number = 0; number < ENTRIES; number++) {
      if (number % 100 != 0) {
        set(key, number);
        assertThat(store.remove(store.hash(key, 0, key.length), key, 0, key.length, 0)).isPositive();
      }
    }
    // The first round leaves the index to those who put, for it cannot know yet that there are none any more.
    store.maintain(1);
    while (store.maintain(1) > 0) {
      assertThat(store.estimatedSize()).isEqualTo(ENTRIES / 100);
    }
    for (int number = 0; number < ENTRIES; number += 50) {
      check(store, number, number % 100 == 0);
    }
    assertThat(store.stats().indexBytes()).isLessThan(2 << 20);
    store.assertValid();
  }

  /** What a put or a remove does under the lock has a bound, the growth of the index included. */
  @Test
  void theWorkOfAWriteIsBounded() {
    CountingMemory memory = new CountingMemory(COUNTED_MEMORY_BYTES);
    try (Store store = open(memory, 1)) {
      for (int number = 0; number < COUNTED_ENTRIES; number++) {
        memory.reset();
        put(store, number);
        assertThat(memory.accesses()).as("accesses of put %d", number).isLessThan(PUT_ACCESSES_MAX);
        // A step may need a slab for the new table, and the entry may be the first of its table's next slab.
        assertThat(memory.zeroedBytes()).isLessThanOrEqualTo(2L * store.geometry().slabBytes());
      }
      assertThat(store.stats().evictions()).isZero();
      for (int number = 0; number < COUNTED_ENTRIES; number++) {
        set(key, number);
        memory.reset();
        assertThat(store.remove(store.hash(key, 0, key.length), key, 0, key.length, 0)).isPositive();
        assertThat(memory.accesses()).as("accesses of removal %d", number).isLessThan(REMOVE_ACCESSES_MAX);
      }
      store.assertValid();
    }
  }
}
