package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.allocator.SegmentMemory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Another process holds a partition's lock: it lives and does not go on, or it is dead and nobody writes there. */
class LockDeadlineTest {
  private static final int BYTES = 1 << 20;
  private static final long OWN = 1L << 16 | 1;
  private static final long OTHER = 1L << 16 | 2;
  private static final long DEAD = 1L << 16 | 3;
  private static final Duration WAIT = Duration.ofMillis(20);

  private boolean otherLives = true;

  private final LockOwners owners =
      new LockOwners() {
        @Override
        public long token() {
          return OWN;
        }

        @Override
        public boolean isDead(long token) {
          return token != OWN && !otherLives;
        }
      };

  private final SegmentMemory memory = SegmentMemory.allocate(BYTES);
  private final Store store =
      Store.open(memory, StoreOptions.ofMemory(BYTES).withPartitions(2).withOwners(owners).withLockWait(WAIT));
  private final byte[] value = new byte[8];

  @AfterEach
  void close() {
    store.close();
  }

  private static byte[] key(int number) {
    return ("key " + number).getBytes(StandardCharsets.US_ASCII);
  }

  private long hash(byte[] key) {
    return store.hash(key, 0, key.length);
  }

  private long put(byte[] key) {
    return store.put(hash(key), key, 0, key.length, key, 0, key.length, new PutSpec());
  }

  private int get(byte[] key) {
    return store.get(hash(key), key, 0, key.length, value, 0, value.length);
  }

  private long record(byte[] key) {
    return store.geometry().partitionOffset((int) hash(key) & 1);
  }

  private long lockWord(byte[] key) {
    return record(key) + PartitionLayout.LOCK_OFFSET;
  }

  /** A key of the other partition. */
  private byte[] elsewhere(byte[] key) {
    int number = 1;
    while (record(key(number)) == record(key)) {
      number++;
    }
    return key(number);
  }

  @Test
  void whoWritesWaitsNoLongerThanMeantAndStealsNothing() {
    byte[] key = key(0);
    put(key);
    memory.putLong(lockWord(key), OTHER);
    long begin = System.nanoTime();
    assertThatThrownBy(() -> put(key)).isInstanceOf(PartitionBusyException.class).hasMessageContaining("20 ms");
    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(WAIT.toNanos());
    assertThatThrownBy(() -> store.remove(hash(key), key, 0, key.length, 0))
        .isInstanceOf(PartitionBusyException.class);
    assertThatThrownBy(store::clear).isInstanceOf(PartitionBusyException.class);
    assertThat(memory.getLong(lockWord(key))).isEqualTo(OTHER);
    assertThat(get(key)).as("who reads notices nothing").isEqualTo(key.length);
    assertThat(put(elsewhere(key))).as("the other partition").isPositive();
    store.maintain(100);
    memory.putLong(lockWord(key), 0);
    assertThat(put(key)).isPositive();
    assertThat(store.repairs()).isZero();
    store.assertValid();
  }

  @Test
  void whoReadsWhatIsBeingChangedMissesInTheEnd() {
    byte[] key = key(0);
    put(key);
    memory.putLong(lockWord(key), OTHER);
    long shape = memory.getLong(record(key));
    long bucket =
        Addresses.of(store.geometry()).bucketAtRest(memory, (int) hash(key) & 1, shape, hash(key));
    long stamp = memory.getLong(bucket);
    memory.putLong(bucket, stamp | BucketLayout.WRITING);
    assertThat(get(key)).isEqualTo(Store.ABSENT);
    memory.putLong(bucket, stamp);
    assertThat(get(key)).isEqualTo(key.length);
    assertThat(memory.getLong(lockWord(key))).isEqualTo(OTHER);
    memory.putLong(lockWord(key), 0);
  }

  /** A process that opens the file clears up first, and must not stand behind one that is stopped. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whoClearsUpAfterTheDeadDoesNotWaitForTheLiving() {
    byte[] key = key(0);
    put(key);
    Store patient = Store.attach(memory, StoreOptions.ofMemory(BYTES).withOwners(owners));
    memory.putLong(record(key) + PartitionLayout.BUILDING_OFFSET, 1);
    memory.putLong(lockWord(key), OTHER);
    assertThatThrownBy(() -> patient.releaseOwner(DEAD)).isInstanceOf(PartitionBusyException.class);
    memory.putLong(lockWord(key), 0);
    assertThat(patient.releaseOwner(DEAD)).as("nothing was really being built").isZero();
    memory.putLong(record(key) + PartitionLayout.BUILDING_OFFSET, 0);
    store.assertValid();
  }

  /** Given back between a failed attempt and the look who has it: then there is nothing to repair. */
  @Test
  void aFreeLockIsNobodysToBeTakenFrom() {
    otherLives = false;
    assertThat(owners.isDead(0)).isTrue();
    assertThat(PartitionLock.takeOver(memory, lockWord(key(0)), 0, owners)).isFalse();
    assertThat(memory.getLong(lockWord(key(0)))).isZero();
  }

  @Test
  void maintenanceRepairsWhatNobodyWritesTo() {
    byte[] key = key(0);
    put(key);
    memory.putLong(lockWord(key), OTHER);
    store.maintain(100);
    assertThat(store.repairs()).as("repairs while he lives").isZero();
    otherLives = false;
    store.maintain(100);
    assertThat(store.repairs()).isOne();
    assertThat(memory.getLong(lockWord(key))).isZero();
    assertThat(get(key)).isEqualTo(key.length);
  }
}
