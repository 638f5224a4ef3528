package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.allocator.PartitionSlabsLayout;
import io.larder.engine.CrashWorld.Owner;
import io.larder.engine.CrashedRegion.Case;
import io.larder.engine.CrashedRegion.Death;
import io.larder.engine.CrashingMemory.Crash;
import io.larder.engine.CrashingMemory.Fences;
import io.larder.engine.CrashingMemory.Reordering;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What writers have written down is what repair goes by: it does not walk over the entries, and its work does not grow
 * with them. That it leaves the right thing behind is a matter of {@link CrashAtEveryStoreTest}.
 */
class WrittenRepairTest {
  private static final long DEAD = 1L << 16 | 1;
  private static final long REPAIRER = 2L << 16 | 2;

  /** Operations of which every step is described. */
  static final List<CrashScenario> described =
      List.of(
          CrashScenario.named("put"),
          CrashScenario.named("put with expiry"),
          CrashScenario.named("put if absent"),
          CrashScenario.named("overwrite without a spare"),
          CrashScenario.named("overwrite with a spare"),
          CrashScenario.named("overwrite by a larger class"),
          CrashScenario.named("overwrite by a smaller class"),
          CrashScenario.named("overwrite an expired one"),
          CrashScenario.named("lease"),
          CrashScenario.named("put over a lease"),
          CrashScenario.named("put a large one over a lease"),
          CrashScenario.named("put a chain"),
          CrashScenario.named("put a large one"),
          CrashScenario.named("overwrite a large one"),
          CrashScenario.named("overwrite a chain by a large one"),
          CrashScenario.named("remove"),
          CrashScenario.named("remove a chain"),
          CrashScenario.named("remove a large one"),
          CrashScenario.named("take a slab"),
          CrashScenario.named("grow on"),
          CrashScenario.named("put and evict"),
          CrashScenario.named("put and move entries"),
          CrashScenario.named("put a chain and move pieces"),
          CrashScenario.named("put a chain and move more pieces"));

  private static final long PARTITION_BYTES = 24L << 20;
  private static final int FEW = 10_000;
  private static final int MANY = 200_000;
  private static final int DEATHS = 40;

  /** Some hundred buckets, the bitmap of a slab, and a few words of each of the partition's slabs. */
  private static final long ACCESSES_MAX = 20_000;

  @ParameterizedTest
  @FieldSource("described")
  void walksOverNothing(CrashScenario scenario) {
    CrashedRegion region = new CrashedRegion(new Case(scenario, 1, false), TestSeed.random("WrittenRepairTest"));
    long stores = region.countStores();
    int repaired = 0;
    for (long n = 1; n <= stores; n++) {
      CrashLedger known = region.die(new Owner(DEAD), new Death(n, Reordering.NONE, Fences.KEPT, n));
      CrashWorld survivor = region.attach(new Owner(REPAIRER), known);
      long locked = region.lockedPartitions();
      long before = survivor.store.repairs();
      CrashSurvivor.release(survivor, DEAD);
      assertThat(survivor.store.repairs() - before).as("repairs after %d stores", n).isEqualTo(locked);
      assertThat(CrashWorld.wholeRepairs(survivor.store)).as("walks after %d stores of %d", n, stores).isZero();
      repaired += (int) locked;
    }
    assertThat(repaired).isPositive();
  }

  /** A store that stays repairs as often as others die, with what it made when it was opened. */
  @Test
  void repairsAgainAndAgain() {
    CrashScenario growing = CrashScenario.named("grow on");
    CrashedRegion region = new CrashedRegion(new Case(growing, 1, false), TestSeed.random("WrittenRepairTest"));
    long stores = region.countStores();
    CrashWorld survivor = region.restore(new Owner(REPAIRER));
    for (long n = 1; n <= stores; n++) {
      region.die(new Owner(DEAD), new Death(n, Reordering.NONE, Fences.KEPT, n));
      CrashSurvivor.release(survivor, DEAD);
      assertThat(CrashWorld.wholeRepairs(survivor.store)).as("walks after %d stores of %d", n, stores).isZero();
      survivor.store.assertValid();
    }
  }

  /** What is not described is walked for: so the test above can fail. */
  @Test
  void walksForAClear() {
    CrashScenario clear = CrashScenario.named("clear");
    CrashedRegion region = new CrashedRegion(new Case(clear, 1, false), TestSeed.random("WrittenRepairTest"));
    CrashLedger known =
        region.die(new Owner(DEAD), new Death(region.countStores() / 2, Reordering.NONE, Fences.KEPT, 1));
    CrashWorld survivor = region.attach(new Owner(REPAIRER), known);
    CrashSurvivor.release(survivor, DEAD);
    assertThat(CrashWorld.wholeRepairs(survivor.store)).isOne();
  }

  /** A change of a list that cannot have been written down by anybody is not made. */
  @ParameterizedTest
  @ValueSource(ints = {1 << 24, 3, 5 | 1 << 8, 1 | 128 << 8, Integer.MIN_VALUE | 1})
  void walksWhenAListIsNone(int linking) {
    walksFor(linking, 1, 0, 0);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "100000, 0, 0", "-1, 0, 0", "1, 1, 0", "1, 0, 1", "1, 0, -1", "1, 100000, 0"})
  void walksWhenASlabIsNone(int slab, int previous, int next) {
    walksFor(5, slab, previous, next);
  }

  private static void walksFor(int linking, int slab, int previous, int next) {
    CrashScenario put = CrashScenario.named("put");
    CrashedRegion region = new CrashedRegion(new Case(put, 1, false), TestSeed.random("WrittenRepairTest"));
    CrashLedger known = region.die(new Owner(DEAD), new Death(3, Reordering.NONE, Fences.KEPT, 1));
    CrashWorld survivor = region.attach(new Owner(REPAIRER), known);
    assertThat(region.lockedPartitions()).isOne();
    long slabs = survivor.store.geometry().partitionSlabsOffset(0);
    survivor.memory.putInt(slabs + PartitionSlabsLayout.LINKING_OFFSET, linking);
    survivor.memory.putInt(slabs + PartitionSlabsLayout.LINK_SLAB_OFFSET, slab);
    survivor.memory.putInt(slabs + PartitionSlabsLayout.LINK_PREVIOUS_OFFSET, previous);
    survivor.memory.putInt(slabs + PartitionSlabsLayout.LINK_NEXT_OFFSET, next);
    CrashSurvivor.listen();
    try {
      CrashSurvivor.release(survivor, DEAD);
    } finally {
      CrashSurvivor.listenNoMore();
    }
    assertThat(CrashWorld.wholeRepairs(survivor.store)).isOne();
    survivor.store.assertValid();
    survivor.checkAll(true);
  }

  /** A walk over the many would be some million accesses. */
  @Test
  void itsWorkDoesNotGrowWithTheEntries() {
    long few = mostAccesses(FEW);
    long many = mostAccesses(MANY);
    System.out.println("accesses of a repair: " + few + " of " + FEW + " entries, " + many + " of " + MANY);
    assertThat(few).isLessThan(ACCESSES_MAX);
    assertThat(many).isLessThan(ACCESSES_MAX);
  }

  /** The accesses of the longest of some repairs, in a partition of so many entries, after deaths anywhere in a put. */
  private static long mostAccesses(int entryCount) {
    SplittableRandom random = TestSeed.random("WrittenRepairTest");
    StoreOptions options = StoreOptions.ofMemory(PARTITION_BYTES).withPartitions(1).withHashSeed(random.nextLong());
    byte[] image = new byte[(int) PARTITION_BYTES];
    CrashingMemory filling = new CrashingMemory(image, CrashedRegion.CHUNKS_MAX);
    Store store = Store.open(filling, options.withOwners(new Owner(DEAD)));
    for (int number = 0; number < entryCount; number++) {
      assertThat(put(store, number)).isPositive();
    }
    assertThat(store.stats().evictions()).isZero();
    long most = 0;
    for (int death = 0; death < DEATHS; death++) {
      CrashingMemory dying = new CrashingMemory(image, CrashedRegion.CHUNKS_MAX);
      Store writer = Store.attach(dying, options.withOwners(new Owner(DEAD)));
      dying.crashBefore(1 + random.nextInt(50), Reordering.NONE, Fences.KEPT, death);
      int number = random.nextInt(2 * entryCount);
      assertThatThrownBy(() -> IntStream.range(0, 20).forEach(i -> put(writer, number + i))).isInstanceOf(Crash.class);
      CountingMemory counting = new CountingMemory(image.length);
      counting.copyIn(0, image, 0, image.length);
      Store survivor = Store.attach(counting, options.withOwners(new Owner(REPAIRER)));
      counting.reset();
      survivor.releaseOwner(DEAD);
      most = Math.max(most, counting.accesses());
      assertThat(CrashWorld.wholeRepairs(survivor)).isZero();
      counting.copyOut(0, image, 0, image.length);
    }
    return most;
  }

  private static long put(Store store, int number) {
    byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    return store.put(store.hash(key, 0, key.length), key, 0, key.length, key, 0, key.length, new PutSpec());
  }
}
