package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabLayout;
import io.larder.allocator.SlabPool;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bits of the region flip under the store. Reads that verify give the value or nothing; no read throws, or reaches
 * beyond the region, whatever it meets.
 */
class CorruptionTest {
  private static final long MEMORY_BYTES = 4 << 20;
  private static final int PARTITIONS = 2;
  private static final int KEYS = 3_000;
  private static final long IDLE_MILLIS = 1L << 32;
  private static final int LARGE_EVERY = 100;
  private static final int BATCH_KEYS = 8;

  private final SplittableRandom random = TestSeed.random("CorruptionTest");

  /** A store, and a second look at its region, which finds where entries lie. */
  private final class Damaged implements AutoCloseable {
    final StoreOptions options;
    final Store store;
    final Memory memory;
    final RegionGeometry geometry;
    final Entries entries;
    final Partition[] partitions = new Partition[PARTITIONS];
    final byte[] target = new byte[1 << 20];
    final EntryInfo info = new EntryInfo();
    final PutSpec spec = new PutSpec();
    final Batch batch = new Batch(BATCH_KEYS, 256);

    Damaged(boolean verify) {
      options = StoreOptions.ofMemory(MEMORY_BYTES).withPartitions(PARTITIONS).withVerifyReads(verify);
      store = Store.open(options);
      memory = store.memory();
      geometry = store.geometry();
      entries = new Entries(memory, geometry, options.hashSeed());
      SizeClasses classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
      SlabPool pool = new SlabPool(memory, geometry);
      for (int i = 0; i < PARTITIONS; i++) {
        partitions[i] = new Partition(
            memory, geometry, classes, pool, entries, i, StoreOptions.ofExisting(memory.bytes()));
      }
      for (int number = 0; number < KEYS; number++) {
        put(number);
      }
      assertThat(store.stats().evictions()).isZero();
    }

    long hash(byte[] key) {
      return store.hash(key, 0, key.length);
    }

    void put(int number) {
      byte[] key = key(number);
      byte[] value = value(number);
      spec.reset().userFlags(userFlags(number)).cost(cost(number)).expiryMillis(expiryMillis(number));
      spec.timeToIdle(idleMillis(number), System.currentTimeMillis());
      assertThat(store.put(hash(key), key, 0, key.length, value, 0, value.length, spec)).isPositive();
    }

    /** Where the entry lies; 0 when it is not there. */
    long offset(int number) {
      byte[] key = key(number);
      long hash = hash(key);
      HashIndex index = partitions[(int) hash & (PARTITIONS - 1)].index;
      long slot = index.find(hash, key, 0, key.length);
      return slot == HashIndex.NO_SLOT ? 0 : index.entry(slot);
    }

    void flip(long offset) {
      memory.setByteOpaque(offset, memory.getByte(offset) ^ 1 << random.nextInt(8));
    }

    /** Flips a bit of an entry: of its header, key or value, or of a further block of it. */
    void flipIn(long entry) {
      long block = entry;
      int length = entries.usedBytes(entry);
      long next = entries.firstContinuation(entry);
      while (next != 0 && random.nextBoolean()) {
        block = next;
        length = ContinuationLayout.HEADER_BYTES + entries.continuationLength(next);
        next = entries.nextContinuation(next);
      }
      // The header half of the time: it is small, and most can go wrong there.
      flip(block + random.nextInt(random.nextBoolean() ? Math.min(length, EntryLayout.HEADER_BYTES) : length));
    }

    void forEachTableSlab(LongConsumer visitor) {
      for (int slab = 0; slab < geometry.slabCount(); slab++) {
        if (partitions[0].slabs.state(slab) == SlabLayout.TABLE) {
          visitor.accept(geometry.slabOffset(slab));
        }
      }
    }

    /** Reads an entry in some form; the value if there is one, and what else is known about it in {@link #info}. */
    byte @Nullable [] read(int number) {
      byte[] key = key(number);
      long hash = hash(key);
      info.userFlags = userFlags(number);
      info.idleMillis = 0;
      info.terms = EntryLayout.terms(expiryMillis(number), cost(number));
      return switch (random.nextInt(5)) {
        case 0 -> upTo(store.get(hash, key, 0, key.length, target, 0, target.length));
        case 1 -> upTo(store.get(hash, key, 0, key.length, target, 0, target.length, info));
        case 2 -> upTo(store.get(hash, key, 0, key.length, MemorySegment.ofArray(target), 0, target.length, info));
        case 3 -> store.getBytes(hash, key, 0, key.length, info);
        default -> store.read(hash, key, 0, key.length, this, (context, view) -> view.toArray());
      };
    }

    private byte @Nullable [] upTo(int length) {
      return length < 0 ? null : length > target.length ? target : Arrays.copyOf(target, length);
    }

    void readAll() {
      batch.clear();
      for (int i = 0; i < BATCH_KEYS; i++) {
        batch.add(key(random.nextInt(KEYS)));
      }
      store.getAll(batch);
    }

    /** Goes over all entries; returns how many there seem to be. */
    int walk() {
      StoreIterator iterator = store.iterator();
      int seen = 0;
      while (iterator.next()) {
        byte[] key = new byte[iterator.keyLength()];
        iterator.copyKey(key, 0);
        iterator.copyValue(new byte[iterator.valueLength()], 0);
        seen++;
      }
      return seen;
    }

    @Override
    public void close() {
      store.close();
    }
  }

  private static byte[] key(int number) {
    byte[] key = new byte[4 + number % 37];
    new SplittableRandom(number).nextBytes(key);
    key[0] = (byte) number;
    key[1] = (byte) (number >>> 8);
    key[2] = (byte) (number >>> 16);
    return key;
  }

  private static byte[] value(int number) {
    SplittableRandom ofValue = new SplittableRandom(~number);
    byte[] value = new byte[number % LARGE_EVERY == 0 ? ofValue.nextInt(2_000, 50_000) : ofValue.nextInt(200)];
    ofValue.nextBytes(value);
    return value;
  }

  private static int userFlags(int number) {
    return number / 3 % 4;
  }

  private static int cost(int number) {
    return number % 2 * 77;
  }

  private static long idleMillis(int number) {
    return number % 4 == 1 ? IDLE_MILLIS : 0;
  }

  private static long expiryMillis(int number) {
    return number % 3 == 0 ? Long.MAX_VALUE >>> 20 : 0;
  }

  @Test
  void verifiedReadsGiveTheValueOrNothing() {
    try (Damaged damaged = new Damaged(true)) {
      long corruptions = 0;
      for (int number = 0; number < KEYS; number++) {
        long entry = damaged.offset(number);
        damaged.flipIn(entry);
        byte[] value = damaged.read(number);
        if (value == null) {
          assertThat(damaged.read(number)).as("entry %d, read again", number).isNull();
        } else {
          assertThat(Arrays.equals(value, value(number))).as("value %d", number).isTrue();
          assertThat(damaged.info.userFlags()).as("user flags %d", number).isEqualTo(userFlags(number));
          assertThat(damaged.info.cost()).as("cost %d", number).isEqualTo(cost(number));
          if (idleMillis(number) == 0) {
            assertThat(damaged.info.expiryMillis()).as("expiry %d", number).isEqualTo(expiryMillis(number));
          }
        }
        corruptions = damaged.store.stats().corruptions();
      }
      // The rest lost its key, became a lease, or was hit where nothing is kept.
      assertThat(corruptions).isGreaterThan(KEYS / 4);
      assertThat(damaged.store.stats().quarantinedBytes()).isGreaterThan(corruptions * 32);
      damaged.walk();
    }
  }

  /** A damaged value costs its own block and nothing else: what was quarantined does not come back. */
  @Test
  void damagedValuesAreQuarantinedAndTheRestGoesOn() {
    try (Damaged damaged = new Damaged(true)) {
      int broken = 0;
      for (int number = 0; number < KEYS; number += 3) {
        long entry = damaged.offset(number);
        int length = damaged.entries.inlineLength(entry);
        if (length > 0) {
          damaged.flip(damaged.entries.key(entry) + damaged.entries.keyLength(entry) + random.nextInt(length));
          assertThat(damaged.read(number)).isNull();
          broken++;
        }
      }
      StoreStats stats = damaged.store.stats();
      assertThat(stats.corruptions()).isEqualTo(broken);
      assertThat(stats.entries()).isEqualTo(KEYS - broken);
      damaged.store.assertValid();
      for (int round = 0; round < 20; round++) {
        for (int number = 0; number < KEYS; number++) {
          damaged.put(number + KEYS * random.nextInt(5));
        }
        damaged.store.assertValid();
      }
      assertThat(damaged.store.stats().evictions()).isPositive();
      assertThat(damaged.store.stats().corruptions()).isEqualTo(broken);
      assertThat(damaged.store.stats().quarantinedBytes()).isEqualTo(stats.quarantinedBytes());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noReadFailsOnDamagedEntries(boolean verify) {
    for (int round = 0; round < 10; round++) {
      try (Damaged damaged = new Damaged(verify)) {
        for (int number = 0; number < KEYS; number++) {
          long entry = damaged.offset(number);
          if (entry != 0) {
            damaged.flipIn(entry);
            damaged.read(number);
          }
          damaged.read(random.nextInt(KEYS));
          if (number % BATCH_KEYS == 0) {
            damaged.readAll();
          }
        }
        assertThat(damaged.walk()).isLessThanOrEqualTo(KEYS);
      }
    }
  }

  /** Evicting, moving, replacing and removing damaged entries neither fails nor damages others. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noWriteFailsOnDamagedEntries(boolean verify) {
    for (int round = 0; round < 10; round++) {
      try (Damaged damaged = new Damaged(verify)) {
        for (int number = 0; number < KEYS; number += 10) {
          damaged.flipIn(damaged.offset(number));
        }
        for (int i = 0; i < 20 * KEYS; i++) {
          int number = random.nextInt(5 * KEYS);
          if (random.nextInt(10) == 0) {
            byte[] key = key(number);
            damaged.store.remove(damaged.hash(key), key, 0, key.length, 0);
          } else {
            damaged.put(number);
          }
          int healthy = random.nextInt(5 * KEYS) / 10 * 10 + 1;
          byte[] value = damaged.read(healthy);
          assertThat(value == null || Arrays.equals(value, value(healthy))).as("healthy entry %d", healthy).isTrue();
          if (i % 1_000 == 0) {
            damaged.store.maintain(16);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noReadFailsOnGarbageInBuckets(boolean verify) {
    for (int round = 0; round < 30; round++) {
      try (Damaged damaged = new Damaged(verify)) {
        int flips = 1 << random.nextInt(12);
        damaged.forEachTableSlab(
            slab -> {
              for (int i = 0; i < flips; i++) {
                damaged.flip(slab + random.nextInt(damaged.geometry.slabBytes()));
              }
            });
        for (int number = 0; number < KEYS; number++) {
          byte[] value = damaged.read(number);
          assertThat(value == null || Arrays.equals(value, value(number))).as("value %d", number).isTrue();
        }
        damaged.readAll();
        damaged.walk();
      }
    }
  }

  @Test
  void aDamagedChainFreesNobodyElsesBlocks() {
    try (Damaged damaged = new Damaged(true)) {
      for (int number = 0; number < KEYS; number += LARGE_EVERY) {
        long entry = damaged.offset(number);
        long other = damaged.offset(number + 1);
        assertThat(damaged.entries.firstContinuation(entry)).isNotZero();
        // The chain goes on in another entry's block.
        long chain = entry + EntryLayout.chainOffset(damaged.entries.flags(entry));
        damaged.memory.putInt(chain, damaged.entries.reference(other));
        damaged.put(number);
        assertThat(damaged.read(number)).isEqualTo(value(number));
        assertThat(damaged.read(number + 1)).isEqualTo(value(number + 1));
      }
      damaged.store.assertValid();
    }
  }

  /** The last block of a chain names another one: nobody follows it, and nothing is written there. */
  @Test
  void aChainThatGoesOnBehindItsValueIsDamaged() {
    try (Damaged damaged = new Damaged(false)) {
      int number = LARGE_EVERY;
      long entry = damaged.offset(number);
      Partition partition = damaged.partitions[(int) damaged.hash(key(number)) & (PARTITIONS - 1)];
      long last = damaged.entries.firstContinuation(entry);
      for (long next = last; next != 0; next = damaged.entries.nextContinuation(next)) {
        last = next;
      }
      assertThat(partition.isSound(entry)).isTrue();
      long descriptor = damaged.geometry.descriptorOffset(1);
      damaged.memory.putInt(last + ContinuationLayout.NEXT_OFFSET, damaged.entries.reference(descriptor));
      assertThat(partition.isSound(entry)).isFalse();
    }
  }
}
