package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.allocator.SegmentMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A region that becomes larger and smaller. What has no space is full of poison, which nobody may read or change. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RegionResizerTest {
  private static final int BYTES = 8 << 20;
  private static final int SMALL = 3 << 20;
  private static final int PARTITIONS = 4;
  private static final int KEYS = 40_000;
  private static final int VALUE_BYTES_MAX = 600;
  private static final byte POISON = (byte) 0xDB;
  private static final long OWN = 1L << 16 | 1;
  private static final long OTHER = 1L << 16 | 2;

  private final SplittableRandom random = TestSeed.random("RegionResizerTest");
  private final SegmentMemory memory = SegmentMemory.allocate(BYTES);
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
  private final StoreOptions options =
      StoreOptions.ofMemory(BYTES)
          .withPartitions(PARTITIONS)
          .withHashSeed(random.nextLong())
          .withOwners(owners)
          .withLockWait(Duration.ofMillis(20));
  private final PoisonedSpace space = new PoisonedSpace();

  /** Space that can be given back slab by slab, and that may come to an end. */
  private final class PoisonedSpace implements RegionSpace {
    private final byte[] poisoned = new byte[BYTES / RegionGeometry.PAGE_BYTES + 1];
    private long bytesLeft = Long.MAX_VALUE;

    private void mark(long from, long to, boolean poison) {
      memory.segment().asSlice(from, to - from).fill(poison ? POISON : 0);
      for (long page = from; page < to; page += RegionGeometry.PAGE_BYTES) {
        poisoned[(int) (page / RegionGeometry.PAGE_BYTES)] = (byte) (poison ? 1 : 0);
      }
    }

    @Override
    public void reserve(long from, long to) throws IOException {
      if (to - from > bytesLeft) {
        throw new IOException("the disk is full");
      }
      bytesLeft -= to - from;
      check();
      mark(from, to, false);
    }

    @Override
    public void awaitReaders() {}

    @Override
    public void giveBack(long from, long to) {
      check();
      mark(from, to, true);
    }

    /** Nobody has written where there is no space; how many bytes that is. */
    long check() {
      long without = 0;
      byte[] page = new byte[RegionGeometry.PAGE_BYTES];
      byte[] poison = new byte[RegionGeometry.PAGE_BYTES];
      Arrays.fill(poison, POISON);
      for (int i = 0; i < poisoned.length; i++) {
        if (poisoned[i] != 0) {
          memory.copyOut((long) i * page.length, page, 0, page.length);
          assertThat(Arrays.equals(page, poison)).as("page %d without space is untouched", i).isTrue();
          without += page.length;
        }
      }
      return without;
    }
  }

  private Store openSmall() {
    Store.Extent extent = Store.spaceOfNew(options, SMALL);
    space.mark(extent.headEnd(), extent.tailStart(), true);
    return Store.open(memory, options, SMALL);
  }

  // ---- entries that say what they are

  private static byte[] key(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  private static byte[] value(int number, int length) {
    byte[] value = new byte[length];
    Arrays.fill(value, (byte) (number % 97));
    return value;
  }

  private static long put(Store store, int number, int length) {
    byte[] key = key(number);
    byte[] value = value(number, length);
    return store.put(store.hash(key, 0, key.length), key, 0, key.length, value, 0, length, new PutSpec());
  }

  /** The bytes of a value, all of which must be right; -1 when there is none. */
  private static int get(Store store, int number, byte[] buffer) {
    byte[] key = key(number);
    int length = store.get(store.hash(key, 0, key.length), key, 0, key.length, buffer, 0, buffer.length);
    for (int i = 0; i < length; i++) {
      if (buffer[i] != (byte) (number % 97)) {
        throw new AssertionError("byte " + i + " of the value of " + number + " is wrong");
      }
    }
    return length;
  }

  private void fill(Store store) {
    for (int number = 0; number < KEYS; number++) {
      assertThat(put(store, number, 1 + random.nextInt(VALUE_BYTES_MAX))).isPositive();
    }
  }

  /** The index grows by small entries, and takes even the reserve: whoever wants a slab has to sweep then. */
  private static void putUntilThePoolIsEmpty(Store store) {
    for (int number = KEYS; store.stats().freeBytes() > 0; number++) {
      assertThat(put(store, number, 0)).isPositive();
    }
  }

  private static int readAll(Store store) {
    byte[] buffer = new byte[1 << 20];
    int there = 0;
    for (int number = 0; number < KEYS; number++) {
      there += get(store, number, buffer) >= 0 ? 1 : 0;
    }
    return there;
  }

  // ---- one process

  @Test
  void becomesSmallerAndLargerAgain() throws IOException {
    Store store = Store.open(memory, options);
    assertThat(store.bytes()).isEqualTo(BYTES);
    fill(store);
    int full = readAll(store);
    for (int round = 0; round < 3; round++) {
      long reached = store.resize(SMALL, space);
      assertThat(reached).isEqualTo(store.bytes()).isBetween((long) SMALL - store.geometry().slabBytes(), (long) SMALL);
      assertThat(space.check()).as("bytes without space").isEqualTo(BYTES - reached);
      store.assertValid();
      assertThat(store.verify().findings()).isEmpty();
      assertThat(store.inspect().bytes().slabsWithoutSpace()).isEqualTo(BYTES - reached);
      assertThat(store.inspect().bytes().sum()).isEqualTo(BYTES);
      int left = readAll(store);
      assertThat(left).isBetween(full / 8, full / 2);
      fill(store);
      store.assertValid();
      assertThat(readAll(store)).isBetween(full / 8, full / 2);
      assertThat(space.check()).isEqualTo(BYTES - reached);

      assertThat(store.resize(BYTES, space)).isEqualTo(BYTES);
      assertThat(space.check()).isZero();
      store.assertValid();
      fill(store);
      assertThat(readAll(store)).isGreaterThan(full * 5 / 6);
      store.assertValid();
    }
  }

  @Test
  void beginsSmallAndGrows() throws IOException {
    Store store = openSmall();
    assertThat(store.bytes()).isBetween((long) SMALL - store.geometry().slabBytes(), (long) SMALL);
    fill(store);
    int small = readAll(store);
    long smallBytes = store.stats().payloadBytes();
    store.assertValid();
    assertThat(space.check()).isEqualTo(BYTES - store.bytes());
    assertThat(store.resize(5 << 20, space)).isBetween((5L << 20) - store.geometry().slabBytes(), 5L << 20);
    assertThat(readAll(store)).as("nothing is lost by growing").isEqualTo(small);
    fill(store);
    store.assertValid();
    assertThat(store.stats().payloadBytes()).isGreaterThan(smallBytes * 3 / 2);
    store.resize(4 << 20, space);
    store.assertValid();
    assertThat(store.resize(BYTES, space)).isEqualTo(BYTES);
    fill(store);
    store.assertValid();
    assertThat(store.stats().payloadBytes()).isGreaterThan(smallBytes * 2);
  }

  @Test
  void evictsNothingWhenThePoolHasWhatIsToGo() throws IOException {
    Store store = Store.open(memory, options);
    for (int number = 0; number < KEYS / 8; number++) {
      assertThat(put(store, number, 1 + random.nextInt(VALUE_BYTES_MAX))).isPositive();
    }
    long wanted = BYTES - store.stats().freeBytes();
    assertThat(store.resize(wanted, space)).isEqualTo(wanted);
    assertThat(readAll(store)).isEqualTo(KEYS / 8);
    assertThat(store.stats().freeBytes()).isZero();
    assertThat(store.resize(wanted, space)).as("the size that it has").isEqualTo(wanted);
    assertThat(readAll(store)).isEqualTo(KEYS / 8);
    store.assertValid();
  }

  @Test
  void keepsWhatWasReachedWhenThereIsNoSpace() throws IOException {
    Store store = openSmall();
    fill(store);
    long before = store.bytes();
    int there = readAll(store);
    space.bytesLeft = 0;
    assertThatThrownBy(() -> store.resize(BYTES, space)).isInstanceOf(IOException.class).hasMessage("the disk is full");
    assertThat(store.bytes()).isEqualTo(before);
    store.assertValid();
    assertThat(readAll(store)).isEqualTo(there);
    assertThat(store.finishResizing(space)).as("there is nothing left to do").isFalse();
    space.bytesLeft = Long.MAX_VALUE;
    assertThat(store.resize(BYTES, space)).isEqualTo(BYTES);
    store.assertValid();
  }

  @Test
  void becomesSmallerWhateverIsInIt() throws IOException {
    Store store = Store.open(memory, options);
    int length = 300_000;
    for (int number = 0; number < 100; number++) {
      put(store, number, number % 3 == 0 ? length : 10);
    }
    fillTiny(store);
    store.resize(store.geometry().bytesWith(store.geometry().slabCount() / 4), space);
    store.assertValid();
    assertThat(store.estimatedSize()).isPositive();
    assertThat(store.stats().indexBytes()).as("of so few entries").isLessThan(store.bytes() / 4);
    assertThat(put(store, 1, length / 4)).isPositive();
    assertThat(get(store, 1, new byte[length])).isEqualTo(length / 4);
  }

  /** Much of such a region is index. */
  private static void fillTiny(Store store) {
    for (int number = 0; number < 10 * KEYS; number++) {
      put(store, number, 0);
    }
  }

  @Test
  void doesNotEvictForWhatHasNoRoomAnyway() throws IOException {
    Store store = Store.open(memory, options);
    store.resize(SMALL, space);
    fill(store);
    int there = readAll(store);
    assertThat(put(store, KEYS, BYTES / 2 - (1 << 20))).isEqualTo(Store.REJECTED);
    assertThat(readAll(store)).isEqualTo(there);
    store.resize(BYTES, space);
    assertThat(put(store, KEYS, BYTES / 2 - (1 << 20))).isPositive();
  }

  @Test
  void refusesSizesThatAreNone() {
    Store store = Store.open(memory, options);
    assertThatThrownBy(() -> store.resize(BYTES + 1, space))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("size=" + (BYTES + 1), String.valueOf(BYTES));
    assertThatThrownBy(() -> store.resize(1, space)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Store.spaceOfNew(options, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(store.bytes()).isEqualTo(BYTES);
  }

  // ---- others

  /** What a stopped process has locked stays as it is, and nobody waits for it. */
  @Test
  void becomesSmallerAsFarAsItCan() throws IOException {
    Store store = Store.open(memory, options);
    fill(store);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      memory.putLong(lockWord(store, partition), OTHER);
    }
    assertThat(store.resize(SMALL, space)).isGreaterThan(SMALL);
    memory.putLong(lockWord(store, 1), 0);
    assertThat(store.resize(BYTES * 15 / 16, space)).isLessThanOrEqualTo(BYTES * 15 / 16);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      memory.putLong(lockWord(store, partition), 0);
    }
    store.assertValid();
  }

  private static long lockWord(Store store, int partition) {
    return store.geometry().partitionOffset(partition) + PartitionLayout.LOCK_OFFSET;
  }

  @Test
  void waitsForAnotherButNotForEver() {
    Store store = Store.open(memory, options);
    memory.putLong(RegionLayout.RESIZER_OFFSET, OTHER);
    assertThatThrownBy(() -> store.resize(SMALL, space)).isInstanceOf(PartitionBusyException.class);
    assertThat(store.bytes()).isEqualTo(BYTES);
  }

  @Test
  void goesOnForTheDead() throws IOException {
    Store store = Store.open(memory, options);
    fill(store);
    memory.putLong(RegionLayout.SLABS_TARGET_OFFSET, store.geometry().slabsWithin(SMALL));
    memory.putLong(RegionLayout.RESIZER_OFFSET, OTHER);
    assertThat(store.finishResizing(space)).as("while he lives").isFalse();
    otherLives = false;
    assertThat(store.finishResizing(space)).isTrue();
    assertThat(store.bytes()).isLessThanOrEqualTo(SMALL);
    assertThat(store.finishResizing(space)).isFalse();
    store.assertValid();
    assertThat(readAll(store)).isPositive();
  }

  @Test
  void keepsTheSizeWhenTheDeadHadNotSaidAnother() throws IOException {
    Store store = Store.open(memory, options);
    store.resize(SMALL, space);
    store.resize(BYTES - (1 << 20), space);
    fill(store);
    putUntilThePoolIsEmpty(store);
    long before = store.bytes();
    int there = readAll(store);
    memory.putLong(RegionLayout.RESIZER_OFFSET, OTHER);
    otherLives = false;
    assertThat(store.finishResizing(space)).isTrue();
    assertThat(store.bytes()).isEqualTo(before);
    assertThat(readAll(store)).isEqualTo(there);
    store.assertValid();
  }

  @Test
  void readersAndWritersGoOnMeanwhile() throws Exception {
    Store store = Store.open(memory, options);
    fill(store);
    AtomicBoolean stopped = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      Future<?> writer = threads.submit(() -> writeUntil(stopped, store));
      Future<?> reader = threads.submit(() -> readUntil(stopped, store));
      Future<?> other = threads.submit(() -> writeUntil(stopped, store));
      try {
        for (int round = 0; round < 10; round++) {
          int size = random.nextInt(SMALL, BYTES);
          assertThat(store.resize(size, space)).isLessThanOrEqualTo(size);
        }
      } finally {
        stopped.set(true);
      }
      writer.get();
      reader.get();
      other.get();
    }
    store.assertValid();
    assertThat(space.check()).isEqualTo(BYTES - store.bytes());
  }

  private static void writeUntil(AtomicBoolean stopped, Store store) {
    SplittableRandom own = new SplittableRandom(Thread.currentThread().threadId());
    while (!stopped.get()) {
      int length = own.nextInt(100) == 0 ? 20_000 : own.nextInt(VALUE_BYTES_MAX);
      put(store, own.nextInt(KEYS), length);
    }
  }

  private static void readUntil(AtomicBoolean stopped, Store store) {
    while (!stopped.get()) {
      readAll(store);
    }
  }
}
