package io.larder.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.PartitionSlabsLayout;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SegmentMemory;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabLayout;
import io.larder.allocator.SlabPool;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What verifying finds in stores that were broken by hand, and that it finds nothing in whole ones. */
class StoreVerifierTest {
  private static final int BYTES = 4 << 20;
  private static final int KEYS = 2_000;
  private static final int LARGE_KEY = 7;
  private static final int LARGE = 50_000;
  private static final int WRITES = 60_000;

  private final SegmentMemory memory = SegmentMemory.allocate(BYTES);
  private final StoreOptions options = StoreOptions.ofMemory(BYTES).withPartitions(2).withVerifyReads(true);
  private final Store store = Store.open(memory, options);

  @BeforeEach
  void fill() {
    for (int i = 0; i < KEYS; i++) {
      put(i, i == LARGE_KEY ? LARGE : 20 + i % 200);
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void put(int number, int length) {
    byte[] key = ("key-" + number).getBytes(UTF_8);
    store.put(store.hash(key, 0, key.length), key, 0, key.length, new byte[length], 0, length, new PutSpec());
  }

  private HashIndex index(int partition) {
    return partition(partition).index;
  }

  private Partition partition(int number) {
    RegionGeometry geometry = store.geometry();
    SizeClasses classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
    Entries entries = new Entries(memory, geometry, options.hashSeed());
    return new Partition(
        memory, geometry, classes, new SlabPool(memory, geometry), entries, number,
        StoreOptions.ofExisting(memory.bytes()));
  }

  /** The slot of a key, whichever partition it is in. */
  private long slot(int number) {
    byte[] key = ("key-" + number).getBytes(UTF_8);
    long hash = store.hash(key, 0, key.length);
    return index((int) hash & 1).find(hash, key, 0, key.length);
  }

  private long entry(int number) {
    return index(0).entry(slot(number));
  }

  private void assertFound(String... said) {
    VerifyReport report = store.verify();
    assertThat(report.isSound()).isFalse();
    assertThat(String.join("\n", report.findings())).contains(said);
  }

  @Test
  void findsNothingInAWholeStore() {
    VerifyReport report = store.verify();
    assertThat(report.findings()).isEmpty();
    assertThat(report.unjudged()).isEmpty();
    assertThat(report.entries()).isEqualTo(KEYS);
    assertThat(report.checksums()).isEqualTo(KEYS);
    assertThat(report.furtherBlocks()).isPositive();
    assertThat(report.partitionsJudged()).isEqualTo(2);
    assertThat(report.slabs()).isEqualTo(store.geometry().slabCount());
  }

  @Test
  void findsNothingWhileOthersWrite() throws InterruptedException {
    AtomicBoolean writing = new AtomicBoolean(true);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      SplittableRandom random = new SplittableRandom(i);
      writers.add(
          Thread.ofPlatform()
              .uncaughtExceptionHandler((thread, thrown) -> failure.set(thrown))
              .start(() -> write(random)));
    }
    Thread last =
        Thread.ofPlatform()
            .start(
                () -> {
                  writers.forEach(StoreVerifierTest::join);
                  writing.set(false);
                });
    List<String> found = new ArrayList<>();
    do {
      found.addAll(store.verify().findings());
    } while (writing.get());
    last.join();
    assertThat(failure.get()).isNull();
    assertThat(found).isEmpty();
    assertThat(store.verify().unjudged()).isEmpty();
    store.assertValid();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
  }

  /** Puts, overwrites, removals; more than fits, so that slabs are swept, and the index grows and shrinks. */
  private void write(SplittableRandom random) {
    for (int i = 0; i < WRITES; i++) {
      int number = random.nextInt(4 * KEYS);
      if (random.nextInt(5) == 0) {
        byte[] key = ("key-" + number).getBytes(UTF_8);
        store.remove(store.hash(key, 0, key.length), key, 0, key.length, 0);
      } else {
        put(number, random.nextInt(200) == 0 ? LARGE : random.nextInt(1_500));
      }
    }
  }

  @Test
  void findsAFlippedTag() {
    long slot = slot(1);
    long tag = BucketLayout.tagOf(BucketLayout.bucketOf(slot), BucketLayout.slotIndex(slot));
    memory.setByteOpaque(tag, memory.getByte(tag) ^ 2);
    assertFound("has tag");
  }

  @Test
  void findsASlotThatNamesNoBlock() {
    memory.putInt(slot(1), memory.getInt(slot(1)) + 1);
    assertFound("which is no allocated block");
  }

  @Test
  void findsAWrongChecksum() {
    long value = entry(2) + EntryLayout.HEADER_BYTES + 6;
    memory.setByteOpaque(value, memory.getByte(value) ^ 4);
    assertFound("whose checksum is wrong");
  }

  @Test
  void findsACutChain() {
    long head = entry(LARGE_KEY);
    long chain = head + EntryLayout.chainOffset(memory.getByte(head + EntryLayout.FLAGS_OFFSET));
    memory.putInt(chain, 0);
    assertFound("whose chain leads to offset 0");
  }

  @Test
  void findsASlabInTwoPlaces() {
    int mine = partition(0).slabs.oldest();
    int other = partition(1).slabs.oldest();
    memory.putInt(store.geometry().descriptorOffset(mine) + SlabLayout.RING_NEXT_OFFSET, other + 1);
    assertFound("slab " + other + " is in 2 places");
  }

  @Test
  void findsALostSlab() {
    int youngest = memory.getInt(store.geometry().partitionSlabsOffset(0) + PartitionSlabsLayout.RING_YOUNGEST_OFFSET);
    int before = memory.getInt(store.geometry().descriptorOffset(youngest - 1) + SlabLayout.RING_PREVIOUS_OFFSET);
    memory.putInt(store.geometry().descriptorOffset(before - 1) + SlabLayout.RING_NEXT_OFFSET, 0);
    assertFound("slab " + (youngest - 1) + " is in 0 places");
  }

  @Test
  void findsAWrongCount() {
    partition(1).add(PartitionLayout.ENTRIES_OFFSET, 1);
    assertFound("entries of partition 1");
  }

  @Test
  void findsAnEntryThatNobodyNames() {
    long slot = slot(3);
    long bucket = BucketLayout.bucketOf(slot);
    memory.putInt(slot, 0);
    memory.setByteOpaque(BucketLayout.tagOf(bucket, BucketLayout.slotIndex(slot)), 0);
    assertFound("entries of partition");
  }

  /** As a writer leaves it who was killed: what he was at is not judged, and the rest is. */
  @Test
  void doesNotJudgeWhatADeadWriterHasLocked() {
    long slot = slot(1);
    index(0).beginChange(slot);
    byte[] key = "key-1".getBytes(UTF_8);
    int partition = (int) store.hash(key, 0, key.length) & 1;
    partition(partition).set(PartitionLayout.LOCK_OFFSET, 77);
    VerifyReport report = store.verify();
    assertThat(report.findings()).isEmpty();
    assertThat(report.partitionsJudged()).isEqualTo(1);
    assertThat(String.join("\n", report.unjudged()))
        .contains("1 buckets of partition " + partition + " are being changed, locked by token 77")
        .contains("partition " + partition + " never rested");
    partition(partition).set(PartitionLayout.LOCK_OFFSET, 0);
  }
}
