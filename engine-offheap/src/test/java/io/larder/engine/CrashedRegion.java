package io.larder.engine;

import io.larder.allocator.RegionGeometry;
import io.larder.engine.CrashWorld.Owner;
import io.larder.engine.CrashingMemory.Crash;
import io.larder.engine.CrashingMemory.Fences;
import io.larder.engine.CrashingMemory.Reordering;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** A region that is prepared once, and in which processes die as often as one likes. */
final class CrashedRegion {
  /** Its size. */
  static final int BYTES = 1 << 20;

  /** A copy is at most so many stores. */
  static final int CHUNKS_MAX = 12;

  private static final long BUILDER = 7L << 16 | 3;

  /** A scenario in a store of some kind. */
  record Case(CrashScenario scenario, int partitions, boolean verify) {
    /** Whether it is neither of the variants. */
    boolean isSimple() {
      return partitions == 1 && !verify;
    }

    @Override
    public String toString() {
      return scenario + ", partitions=" + partitions + (verify ? ", verified" : "");
    }
  }

  /** When and how a process dies. */
  record Death(long store, Reordering reordering, Fences fences, long seed) {
    /** Never. */
    static final Death NEVER = new Death(Long.MAX_VALUE, Reordering.NONE, Fences.KEPT, 0);
  }

  final String name;
  private final boolean evicts;
  private final Consumer<CrashWorld> operation;
  private final StoreOptions options;
  private final TestClock clock = new TestClock();
  private final byte[] image = new byte[BYTES];
  private final byte[] working = new byte[BYTES];
  private final RegionGeometry geometry;
  private final long millis;
  private CrashLedger ledger;

  CrashedRegion(Case of, SplittableRandom random) {
    this.name = of.toString();
    this.evicts = of.scenario.evicts();
    this.operation = of.scenario.operation();
    this.options =
        StoreOptions.ofMemory(BYTES)
            .withPartitions(of.partitions)
            .withVerifyReads(of.verify)
            .withHashSeed(random.nextLong())
            .withClock(clock);
    CrashingMemory memory = new CrashingMemory(image, CHUNKS_MAX);
    Store store = Store.open(memory, options.withOwners(new Owner(BUILDER)), of.scenario.bytes());
    CrashWorld world = new CrashWorld(store, memory, clock, new CrashLedger(), evicts);
    of.scenario.preparation().accept(world);
    store.assertValid();
    world.checkAll(true);
    geometry = store.geometry();
    ledger = world.ledger();
    millis = clock.millis();
  }

  /** The region as it was, as one more process sees it. */
  CrashWorld restore(Owner owner) {
    System.arraycopy(image, 0, working, 0, image.length);
    clock.advance(millis - clock.millis());
    return attach(owner, new CrashLedger(ledger));
  }

  /** Takes the region as it is now for what is there before the operation. */
  void keep(CrashWorld world) {
    System.arraycopy(working, 0, image, 0, working.length);
    ledger = new CrashLedger(world.ledger());
  }

  /** The region as it is now, as one more process sees it. */
  CrashWorld attach(Owner owner, CrashLedger known) {
    CrashingMemory memory = new CrashingMemory(working, CHUNKS_MAX);
    Store store = Store.attach(memory, options.withOwners(owner));
    return new CrashWorld(store, memory, clock, known, evicts);
  }

  /** Lets a process do the operation in the region as it was, until it dies; what there is to know of it. */
  CrashLedger die(Owner owner, Death death) {
    CrashWorld world = restore(owner);
    die(world, death, () -> operation.accept(world));
    return world.ledger();
  }

  /** Lets a process do something until it dies; whether it does. */
  static boolean die(CrashWorld world, Death death, Runnable action) {
    world.memory.crashBefore(death.store, death.reordering, death.fences, death.seed);
    try {
      action.run();
      world.memory.close();
      return false;
    } catch (Crash crash) {
      return true;
    }
  }

  private int lockWord(int partition) {
    return (int) (geometry.partitionOffset(partition) + PartitionLayout.LOCK_OFFSET);
  }

  /** How many partitions somebody has locked. */
  long lockedPartitions() {
    ByteBuffer words = ByteBuffer.wrap(working);
    return IntStream.range(0, geometry.partitionCount()).filter(i -> words.getLong(lockWord(i)) != 0).count();
  }

  /** How many blocks somebody is filling. */
  int blocksBeingBuilt() {
    CrashingMemory memory = new CrashingMemory(working, CHUNKS_MAX);
    return IntStream.range(0, geometry.partitionCount())
        .map(i -> (int) memory.getLong(geometry.partitionOffset(i) + PartitionLayout.BUILDING_OFFSET))
        .sum();
  }

  /** How many stores the operation is, about: what it does may hang on chance. */
  long countStores() {
    CrashWorld world = restore(new Owner(BUILDER));
    operation.accept(world);
    return world.memory.stores();
  }

  /** Opens all locks, as if nobody had died. */
  void unlockAll() {
    ByteBuffer words = ByteBuffer.wrap(working);
    IntStream.range(0, geometry.partitionCount()).forEach(i -> words.putLong(lockWord(i), 0));
  }
}
