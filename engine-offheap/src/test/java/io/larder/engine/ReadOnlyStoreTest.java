package io.larder.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.larder.allocator.SegmentMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store over memory that cannot be written to, beside one that writes to the same memory. */
class ReadOnlyStoreTest {
  private static final int BYTES = 4 << 20;
  private static final int KEYS = 3_000;
  private static final int LARGE = 50_000;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment = arena.allocate(BYTES, 4096);

  @AfterEach
  void free() {
    arena.close();
  }

  private Store writer(boolean checksums) {
    return Store.open(
        new SegmentMemory(segment, arena), StoreOptions.ofMemory(BYTES).withPartitions(2).withVerifyReads(checksums));
  }

  private Store reader(boolean checksums) {
    return Store.attachReadOnly(
        new SegmentMemory(segment.asReadOnly(), arena), StoreOptions.ofMemory(BYTES).withVerifyReads(checksums));
  }

  private static byte[] key(int number) {
    return ("key-" + number).getBytes(UTF_8);
  }

  private static byte[] value(int number) {
    byte[] value = new byte[number % 500 == 7 ? LARGE : 8 + number % 90];
    Arrays.fill(value, (byte) number);
    return value;
  }

  private static long put(Store store, int number) {
    byte[] key = key(number);
    byte[] value = value(number);
    return store.put(store.hash(key, 0, key.length), key, 0, key.length, value, 0, value.length, new PutSpec());
  }

  private static int get(Store store, int number, byte[] target) {
    byte[] key = key(number);
    return store.get(store.hash(key, 0, key.length), key, 0, key.length, target, 0, target.length);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsInEveryWayAndWritesNothing(boolean checksums) {
    Store writer = writer(checksums);
    for (int i = 0; i < KEYS; i++) {
      assertThat(put(writer, i)).isPositive();
    }
    byte[] before = segment.toArray(ValueLayout.JAVA_BYTE);
    Store reader = reader(checksums);
    assertThat(reader.isReadOnly()).isTrue();
    byte[] target = new byte[LARGE];
    for (int i = 0; i < KEYS; i++) {
      byte[] expected = value(i);
      assertThat(get(reader, i, target)).isEqualTo(expected.length);
      byte[] key = key(i);
      long hash = reader.hash(key, 0, key.length);
      assertThat(reader.getBytes(hash, key, 0, key.length, new EntryInfo())).isEqualTo(expected);
      Byte first = reader.read(hash, key, 0, key.length, i, (number, view) -> view.getByte(0));
      assertThat(first).isEqualTo((byte) i);
      Batch batch = new Batch(1, LARGE).add(key);
      reader.getAll(batch);
      assertThat(batch.length(0)).isEqualTo(expected.length);
    }
    assertThat(get(reader, KEYS, target)).isEqualTo(Store.ABSENT);
    int walked = 0;
    for (StoreIterator all = reader.iterator(); all.next(); walked++) {
      assertThat(all.valueLength()).isPositive();
    }
    assertThat(walked).isEqualTo(KEYS);
    assertThat(reader.estimatedSize()).isEqualTo(KEYS);
    assertThat(reader.stats().entries()).isEqualTo(KEYS);
    assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).as("the memory").isEqualTo(before);
  }

  /** A deadline that is due stays, and the entry expires then. */
  @Test
  void itsReadsAreNoAccesses() {
    TestClock clock = new TestClock();
    StoreOptions options = StoreOptions.ofMemory(BYTES).withPartitions(2).withClock(clock);
    Store writer = Store.open(new SegmentMemory(segment, arena), options);
    Store reader = Store.attachReadOnly(new SegmentMemory(segment.asReadOnly(), arena), options);
    byte[] key = key(1);
    long hash = reader.hash(key, 0, key.length);
    PutSpec spec = new PutSpec().timeToIdle(1_000, clock.millis());
    assertThat(writer.put(hash, key, 0, key.length, value(1), 0, value(1).length, spec)).isPositive();
    byte[] before = segment.toArray(ValueLayout.JAVA_BYTE);
    byte[] target = new byte[LARGE];
    clock.advance(1_000);
    assertThat(get(reader, 1, target)).isEqualTo(value(1).length);
    assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).as("the memory").isEqualTo(before);
    clock.advance(200);
    assertThat(get(reader, 1, target)).isEqualTo(Store.ABSENT);
  }

  @Test
  void refusesToWrite() {
    writer(false);
    Store reader = reader(false);
    byte[] key = key(1);
    long hash = reader.hash(key, 0, key.length);
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> put(reader, 1));
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> put(reader, 7));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> reader.remove(hash, key, 0, key.length, 0));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> reader.lease(hash, key, 0, key.length, 0));
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(reader::clear);
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> reader.maintain(1));
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> reader.releaseOwner(1));
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(reader::assertValid);
  }

  /** As a writer leaves it who was killed in the midst of a change: locked for ever, the stamp odd. */
  @Test
  void missesWhatIsBeingChangedForEverAndDoesNotHang() {
    Store writer = writer(false);
    for (int i = 0; i < KEYS; i++) {
      put(writer, i);
    }
    Store reader = reader(false);
    byte[] target = new byte[LARGE];
    long bucket = anyBucketWithEntries(writer);
    segment.set(ValueLayout.JAVA_LONG, bucket, segment.get(ValueLayout.JAVA_LONG, bucket) | BucketLayout.WRITING);
    segment.set(ValueLayout.JAVA_LONG, writer.geometry().partitionOffset(0) + PartitionLayout.LOCK_OFFSET, 77);

    Set<Integer> missed = new HashSet<>();
    for (int i = 0; i < KEYS; i++) {
      int length = get(reader, i, target);
      assertThat(length).isIn(Store.ABSENT, value(i).length);
      if (length < 0) {
        missed.add(i);
      }
    }
    assertThat(missed.size()).isBetween(1, 4 * BucketLayout.SLOTS);
    int walked = 0;
    for (StoreIterator all = reader.iterator(); all.next(); walked++) {
      assertThat(all.keyLength()).isPositive();
    }
    assertThat(walked).isBetween(KEYS - 4 * BucketLayout.SLOTS, KEYS - 1);
  }

  private long anyBucketWithEntries(Store store) {
    long directory = store.geometry().directoryOffset(0, table(store));
    int slab = segment.get(ValueLayout.JAVA_INT, directory) - 1;
    long bucket = store.geometry().slabOffset(slab);
    while (segment.get(ValueLayout.JAVA_INT, bucket + BucketLayout.SLOTS_OFFSET) == 0) {
      bucket += BucketLayout.BYTES;
    }
    return bucket;
  }

  private int table(Store store) {
    return PartitionLayout.table(
        segment.get(ValueLayout.JAVA_LONG, store.geometry().partitionOffset(0) + PartitionLayout.SHAPE_OFFSET));
  }
}
