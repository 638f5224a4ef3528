package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.allocator.SegmentMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the store refuses itself, and that it is as it was afterwards. */
class StoreBadInputTest {
  private static final long MEMORY_BYTES = 2 << 20;
  private static final int LARGE_BYTES = 100_000;

  private final Store store = Store.open(StoreOptions.ofMemory(MEMORY_BYTES).withPartitions(2));
  private final byte[] key = {1, 2, 3};
  private final byte[] value = new byte[40];
  private final PutSpec spec = new PutSpec();
  private boolean closed;

  @AfterEach
  void close() {
    if (!closed) {
      store.close();
    }
  }

  private long hash(byte[] bytes) {
    return store.hash(bytes, 0, bytes.length);
  }

  private long put(byte[] newValue) {
    return store.put(hash(key), key, 0, key.length, newValue, 0, newValue.length, spec);
  }

  /** The store holds one entry and nothing else, and goes on working when slabs are emptied. */
  private void assertUnchangedBy(Class<? extends Throwable> expected, Runnable action) {
    assertThat(put(new byte[] {7})).isPositive();
    StoreStats before = store.stats();
    assertThatThrownBy(action::run).isInstanceOf(expected);
    store.assertValid();
    StoreStats after = store.stats();
    assertThat(after.entries()).isEqualTo(1);
    assertThat(after.payloadBytes()).isEqualTo(before.payloadBytes());
    assertThat(after.blockBytes()).as("block bytes").isEqualTo(before.blockBytes());
    assertThat(store.getBytes(hash(key), key, 0, key.length, new EntryInfo())).isEqualTo(new byte[] {7});
    byte[] other = new byte[4];
    for (int i = 0; i < 3 * MEMORY_BYTES / 1024; i++) {
      other[0] = (byte) i;
      other[1] = (byte) (i >>> 8);
      assertThat(store.put(hash(other), other, 0, other.length, new byte[1024], 0, 1024, spec)).isPositive();
    }
    store.assertValid();
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 300, LARGE_BYTES})
  void refusesAValueOutsideOfItsArray(int length) {
    assertUnchangedBy(
        IndexOutOfBoundsException.class,
        () -> store.put(hash(key), key, 0, key.length, new byte[length], 1, length, spec));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 300, LARGE_BYTES})
  void refusesAValueBeforeItsArray(int length) {
    assertUnchangedBy(
        IndexOutOfBoundsException.class,
        () -> store.put(hash(key), key, 0, key.length, new byte[length], -1, length, spec));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 300, LARGE_BYTES})
  void refusesAValueOutsideOfItsSegment(int length) {
    MemorySegment segment = MemorySegment.ofArray(new byte[length]);
    assertUnchangedBy(
        IndexOutOfBoundsException.class, () -> store.put(hash(key), key, 0, key.length, segment, 1, length, spec));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 300, LARGE_BYTES})
  void refusesAClosedSegment(int length) {
    MemorySegment segment;
    try (Arena arena = Arena.ofConfined()) {
      segment = arena.allocate(length);
    }
    assertUnchangedBy(
        IllegalStateException.class, () -> store.put(hash(key), key, 0, key.length, segment, 0, length, spec));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 300, LARGE_BYTES})
  void refusesASegmentOfAnotherThread(int length) throws InterruptedException {
    List<MemorySegment> segments = new CopyOnWriteArrayList<>();
    Thread other = Thread.ofPlatform().start(() -> segments.add(Arena.ofConfined().allocate(length)));
    other.join();
    assertUnchangedBy(
        WrongThreadException.class,
        () -> store.put(hash(key), key, 0, key.length, segments.getFirst(), 0, length, spec));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE})
  void refusesANegativeLength(int length) {
    assertUnchangedBy(
        IllegalArgumentException.class, () -> store.put(hash(key), key, 0, key.length, value, 0, length, spec));
  }

  @Test
  void refusesAKeyOutsideOfItsArray() {
    assertUnchangedBy(
        IndexOutOfBoundsException.class, () -> store.put(hash(key), key, 1, key.length, value, 0, value.length, spec));
    assertThatThrownBy(() -> store.hash(key, 1, key.length)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5_000, 65_536})
  void refusesAKeyThatIsTooLong(int beyond) {
    byte[] longKey = new byte[store.keyBytesMax() + beyond];
    assertUnchangedBy(
        IllegalArgumentException.class,
        () -> store.put(hash(longKey), longKey, 0, longKey.length, value, 0, value.length, spec));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.put(hash(longKey), longKey, 0, longKey.length, value, 0, value.length, spec))
        .withMessageContainingAll("key", "" + longKey.length, "" + store.keyBytesMax());
  }

  @Test
  void takesTheLongestKeyWithAnyValue() {
    byte[] longKey = new byte[store.keyBytesMax()];
    for (int length : new int[] {0, 1, 40, LARGE_BYTES}) {
      spec.reset().expiryMillis(Long.MAX_VALUE >>> 20);
      assertThat(store.put(hash(longKey), longKey, 0, longKey.length, new byte[length], 0, length, spec)).isPositive();
      assertThat(store.getBytes(hash(longKey), longKey, 0, longKey.length, new EntryInfo())).hasSize(length);
      store.assertValid();
    }
  }

  @Test
  void refusesAValueThatIsTooLong() {
    byte[] longValue = new byte[store.valueBytesMax() + 1];
    assertUnchangedBy(
        IllegalArgumentException.class,
        () -> store.put(hash(key), key, 0, key.length, longValue, 0, longValue.length, spec));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> put(longValue))
        .withMessageContainingAll("value", "" + longValue.length, "" + store.valueBytesMax());
    assertThat(put(new byte[store.valueBytesMax()])).isPositive();
  }

  @Test
  void looksForKeysOfAnyLength() {
    byte[] longKey = new byte[100_000];
    assertThat(store.get(hash(longKey), longKey, 0, longKey.length, value, 0, value.length)).isEqualTo(Store.ABSENT);
    assertThat(store.remove(hash(longKey), longKey, 0, longKey.length, 0)).isEqualTo(Store.ABSENT);
    assertThat(store.get(hash(key), key, 0, 0, value, 0, value.length)).isEqualTo(Store.ABSENT);
  }

  /** Keys whose lengths agree in the 16 bits that an entry keeps are not taken for each other. */
  @Test
  void doesNotTakeALongKeyForAShortOne() {
    byte[] longKey = new byte[(1 << 16) + key.length];
    System.arraycopy(key, 0, longKey, 0, key.length);
    put(value);
    assertThat(store.get(hash(key), longKey, 0, longKey.length, value, 0, value.length)).isEqualTo(Store.ABSENT);
    assertThat(store.remove(hash(key), longKey, 0, longKey.length, 0)).isEqualTo(Store.ABSENT);
  }

  @Test
  void refusesATargetThatIsSmallerThanItsRoom() {
    put(value);
    assertThatThrownBy(() -> store.get(hash(key), key, 0, key.length, new byte[10], 0, 100))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(
            () -> store.get(hash(key), key, 0, key.length, MemorySegment.ofArray(new byte[10]), 0, 100))
        .isInstanceOf(IndexOutOfBoundsException.class);
    store.assertValid();
  }

  @Test
  void termsHaveLimits() {
    assertThatIllegalArgumentException().isThrownBy(() -> spec.expiryMillis(-1)).withMessageContaining("-1");
    assertThatIllegalArgumentException().isThrownBy(() -> spec.cost(-1)).withMessageContainingAll("-1", "1048575");
    assertThatIllegalArgumentException().isThrownBy(() -> spec.cost(1 << 20)).withMessageContaining("1048576");
    assertThatIllegalArgumentException().isThrownBy(() -> spec.userFlags(4)).withMessageContainingAll("4", "3");
    assertThatIllegalArgumentException().isThrownBy(() -> spec.userFlags(-1)).withMessageContaining("-1");
    spec.expiryMillis(Long.MAX_VALUE);
    put(value);
    EntryInfo info = new EntryInfo();
    assertThat(store.find(hash(key), key, 0, key.length, info)).isTrue();
    assertThat(info.expiryMillis()).as("an expiry beyond the latest means never").isZero();
  }

  @Test
  void batchesHaveLimits() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Batch(0, 10)).withMessageContaining("keysMax=0");
    assertThatIllegalArgumentException().isThrownBy(() -> new Batch(1, -1)).withMessageContaining("-1");
    assertThatIllegalArgumentException().isThrownBy(() -> new Batch(1 << 20, 1 << 20));
    Batch batch = new Batch(1, 10).add(key);
    assertThatIllegalStateException().isThrownBy(() -> batch.add(key)).withMessageContaining("keysMax=1");
    assertThatThrownBy(() -> batch.length(1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new Batch(1, 1).add(key, 2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, (1 << 20) - 1, (1L << 42) + 1})
  void refusesMemoryOutsideOfItsLimits(long bytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Store.open(StoreOptions.ofMemory(bytes)))
        .withMessageContainingAll("memory=" + bytes, "1048576");
  }

  @Test
  void refusesMemoryOfAnotherSize() {
    try (SegmentMemory memory = SegmentMemory.allocate(1 << 20)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Store.open(memory, StoreOptions.ofMemory(MEMORY_BYTES)))
          .withMessageContainingAll("1048576", "" + MEMORY_BYTES);
    }
  }

  @Test
  void anIteratorStandsOnAnEntryOnlyAfterNext() {
    StoreIterator iterator = store.iterator();
    assertThatIllegalStateException().isThrownBy(iterator::keyLength);
    assertThat(iterator.next()).isFalse();
    assertThatIllegalStateException().isThrownBy(iterator::valueLength);
    assertThat(iterator.next()).isFalse();
  }

  static final List<Consumer<StoreBadInputTest>> uses =
      List.of(
          test -> test.put(test.value),
          test -> test.put(new byte[LARGE_BYTES]),
          test -> test.store.get(1, test.key, 0, 3, test.value, 0, 40),
          test -> test.store.getBytes(1, test.key, 0, 3, new EntryInfo()),
          test -> test.store.read(1, test.key, 0, 3, test, (context, view) -> view.length()),
          test -> test.store.find(1, test.key, 0, 3, new EntryInfo()),
          test -> test.store.getAll(new Batch(1, 1).add(test.key)),
          test -> test.store.remove(1, test.key, 0, 3, 0),
          test -> test.store.lease(1, test.key, 0, 3, 0),
          test -> test.store.clear(),
          test -> test.store.maintain(1),
          test -> test.store.iterator().next(),
          test -> test.store.stats(),
          test -> test.store.estimatedSize());

  @ParameterizedTest
  @FieldSource("uses")
  void everyUseAfterCloseIsRefused(Consumer<StoreBadInputTest> use) {
    store.close();
    closed = true;
    assertThatIllegalStateException().isThrownBy(() -> use.accept(this));
  }
}
