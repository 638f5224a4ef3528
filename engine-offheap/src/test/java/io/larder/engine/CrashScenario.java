package io.larder.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * What is in a store, and what a process is about to do to it when it dies.
 *
 * @param evicts whether entries may be evicted, then or later
 * @param verified whether it is worth trying with checksums, too
 * @param bytes how large the region is at first
 */
record CrashScenario(
    String name,
    boolean evicts,
    boolean verified,
    Consumer<CrashWorld> preparation,
    Consumer<CrashWorld> operation,
    long bytes) {

  /** In a region that is as large as it can be. */
  CrashScenario(
      String name,
      boolean evicts,
      boolean verified,
      Consumer<CrashWorld> preparation,
      Consumer<CrashWorld> operation) {
    this(name, evicts, verified, preparation, operation, CrashedRegion.BYTES);
  }

  private static final int[] CHAIN_BYTES = {3_000, 3_000, 5_000, 7_000};
  private static final int KIB = 1 << 10;

  /** A small value, one of the second largest class, and one that is a chain of small and of whole slabs. */
  private static final int SMALL = 100;

  private static final int BIG = 1_500;
  private static final int CHAIN = 5_000;
  private static final int LARGE = 50 * KIB;

  /** A tiny value: many of them make the index grow. */
  private static final int TINY = 4;

  /** Of the keys that {@link #some} puts: one with a small value, a big one, chains, an expiring one, a lease. */
  private static final long KEY = 1;

  private static final long BIG_KEY = 40;
  private static final long CHAIN_KEY = 41;
  private static final long LARGE_KEY = 42;
  private static final long EXPIRING_KEY = 43;
  private static final long EXPIRED_KEY = 44;
  private static final long LEASED_KEY = 45;
  private static final long NEW_KEY = 50;
  private static final long IDLE_CHAIN_KEY = 51;

  private static final long TTL_MILLIS = 10_000;

  /** So long that nothing expires by it in the course of a test. */
  private static final long IDLE_MILLIS = 1L << 32;

  /** Just below, and well above, where a table of one slab begins to grow; and where one of two slabs does. */
  private static final int NEARLY_FULL = 1_600;

  private static final int GROWN = 1_750;
  private static final int GROWN_TWICE = 3_800;

  /** Room enough for {@link #some}, and for what is done when somebody has died. */
  private static final int ROOMY_REGION = 900 * KIB;

  private static final int SMALL_REGION = 600 * KIB;

  /** Just above where one of two slabs shrinks. */
  private static final int SPARSE = 1_300;

  @Override
  public String toString() {
    return name;
  }

  // ---- preparations

  /** Something of each kind. */
  private static void some(CrashWorld world) {
    for (long number = 0; number < BIG_KEY; number++) {
      world.put(number, number % 2 == 0 ? SMALL : (int) (number * 37 % 200) + 1);
    }
    world.put(KEY, SMALL);
    world.put(BIG_KEY, BIG);
    world.put(CHAIN_KEY, CHAIN);
    world.put(LARGE_KEY, LARGE);
    world.putExpiring(EXPIRING_KEY, SMALL, TTL_MILLIS);
    world.putExpiring(EXPIRED_KEY, SMALL, 1);
    world.lease(LEASED_KEY, 0);
    world.clock.advance(1);
    for (long number = 3; number < BIG_KEY; number += 7) {
      world.remove(number);
    }
  }

  /** As {@link #some}, with entries whose idle deadline the next access moves. */
  private static void someIdle(CrashWorld world) {
    some(world);
    world.putIdle(NEW_KEY, SMALL, IDLE_MILLIS);
    world.putIdle(IDLE_CHAIN_KEY, CHAIN, IDLE_MILLIS);
    world.clock.advance(IDLE_MILLIS / 2);
  }

  /** As {@link #some}, and the class of the small values has a spare. */
  private static void someWithSpare(CrashWorld world) {
    some(world);
    for (long number = 0; number < 8; number += 2) {
      world.put(number, SMALL);
    }
  }

  /** One big entry, alone in its slab. */
  private static void oneBig(CrashWorld world) {
    for (long number = 0; number < 10; number++) {
      world.put(number, SMALL);
    }
    world.put(BIG_KEY, BIG);
  }

  private static Consumer<CrashWorld> tiny(int count) {
    return world -> {
      for (int i = 0; i < count; i++) {
        world.put(world.freshInFirst(), TINY);
      }
    };
  }

  private static void putTiny(CrashWorld world) {
    world.put(world.freshInFirst(), TINY);
  }

  private static void removeOne(CrashWorld world) {
    world.remove(world.ledger().present().getFirst());
  }

  private static void overwriteOne(CrashWorld world) {
    world.put(world.ledger().present().getLast(), TINY);
  }

  private static void beginToGrow(CrashWorld world) {
    tiny(NEARLY_FULL).accept(world);
    world.until(CrashScenario::putTiny, 200, CrashWorld.Step::beginsResizing);
  }

  private static void beginToShrink(CrashWorld world) {
    tiny(GROWN).accept(world);
    while (world.isAnyResizing()) {
      putTiny(world);
    }
    while (world.ledger().size() > SPARSE) {
      removeOne(world);
    }
    world.until(CrashScenario::removeOne, 200, CrashWorld.Step::beginsResizing);
  }

  /** So much that entries are evicted, and all that is left has been hit. */
  private static Consumer<CrashWorld> full(int valueBytesMin, int valueBytesMax) {
    return world -> {
      SplittableRandom random = new SplittableRandom(valueBytesMin);
      while (world.store.stats().evictions() < 2) {
        world.put(world.fresh(), random.nextInt(valueBytesMin, valueBytesMax));
      }
      world.hitAll();
    };
  }

  private static Consumer<CrashWorld> putFresh(int length) {
    return world -> world.put(world.fresh(), length);
  }

  /** Puts of a few lengths, so that several size classes have many blocks. */
  private static void putFreshChain(CrashWorld world) {
    long number = world.fresh();
    world.put(number, CHAIN_BYTES[(int) ((number * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - 2))]);
  }

  /** Puts of many lengths, so that no size class is all there is. */
  private static Consumer<CrashWorld> putFresh(int lengthMin, int lengthMax) {
    return world -> {
      long number = world.fresh();
      int length = lengthMin + (int) (((number * 0x9E3779B97F4A7C15L) >>> Integer.SIZE) % (lengthMax - lengthMin));
      world.put(number, length);
    };
  }

  private static Consumer<CrashWorld> times(int count, Consumer<CrashWorld> step) {
    return world -> {
      for (int i = 0; i < count; i++) {
        step.accept(world);
      }
    };
  }

  private static Consumer<CrashWorld> both(Consumer<CrashWorld> first, Consumer<CrashWorld> second) {
    return first.andThen(second);
  }

  // ---- scenarios

  /** All of them. */
  static List<CrashScenario> all() {
    List<CrashScenario> all = new ArrayList<>(writes());
    all.addAll(largeWrites());
    all.addAll(removals());
    all.addAll(slabs());
    all.addAll(resizings());
    all.addAll(evictions());
    all.addAll(sizes());
    return all;
  }

  /** The one with a name. */
  static CrashScenario named(String name) {
    return all().stream().filter(scenario -> scenario.name().equals(name)).findFirst().orElseThrow();
  }

  private static CrashScenario roomy(String name, Consumer<CrashWorld> preparation, Consumer<CrashWorld> operation) {
    return new CrashScenario(name, false, false, preparation, operation);
  }

  private static CrashScenario verified(String name, Consumer<CrashWorld> preparation, Consumer<CrashWorld> operation) {
    return new CrashScenario(name, false, true, preparation, operation);
  }

  private static CrashScenario scarce(String name, boolean verified, Consumer<CrashWorld> preparation,
      Consumer<CrashWorld> operation) {
    return new CrashScenario(name, true, verified, preparation, operation);
  }

  private static List<CrashScenario> writes() {
    return List.of(
        verified("put", CrashScenario::some, world -> world.put(NEW_KEY, SMALL)),
        roomy("put the first", world -> {}, world -> world.put(NEW_KEY, SMALL)),
        verified("put with expiry", CrashScenario::some, world -> world.putExpiring(NEW_KEY, SMALL, TTL_MILLIS)),
        verified("put with a time to idle", CrashScenario::some, world ->
            world.putIdle(NEW_KEY, SMALL, IDLE_MILLIS)),
        verified("move an idle deadline", CrashScenario::someIdle, world -> world.hit(NEW_KEY)),
        verified("move the idle deadline of a chain", CrashScenario::someIdle, world -> world.hit(IDLE_CHAIN_KEY)),
        roomy("put if absent", CrashScenario::some, world -> world.put(NEW_KEY, SMALL, world.spec().ifAbsent())),
        roomy(
            "put into an overfull bucket",
            world -> {
              tiny(NEARLY_FULL).accept(world);
              List<Long> fresh = new ArrayList<>();
              for (long number = 10_000; number < 10_200; number++) {
                if (world.partitionOf(number) == 0) {
                  fresh.add(number);
                }
              }
              world.choose(fresh, number -> world.put(number, TINY));
            },
            world -> world.put(world.ledger().chosen, TINY)),
        verified("overwrite without a spare", CrashScenario::some, world -> world.put(KEY, SMALL)),
        verified("overwrite with a spare", CrashScenario::someWithSpare, world -> world.put(KEY, SMALL)),
        roomy("overwrite by a shorter one", CrashScenario::someWithSpare, world -> world.put(KEY, SMALL - 2)),
        roomy("overwrite twice", CrashScenario::someWithSpare, times(2, world -> world.put(KEY, SMALL))),
        roomy("overwrite by a larger class", CrashScenario::someWithSpare, world -> world.put(KEY, 400)),
        roomy("overwrite by a smaller class", CrashScenario::someWithSpare, world -> world.put(BIG_KEY, SMALL)),
        roomy("overwrite if version", CrashScenario::some, world ->
            world.put(KEY, SMALL, world.spec().ifVersion(world.ledger().lastVersion(KEY)))),
        roomy(
            "overwrite an expiring one",
            world -> {
              some(world);
              world.putExpiring(EXPIRING_KEY, SMALL, 2 * TTL_MILLIS);
              world.putExpiring(EXPIRING_KEY, SMALL, 3 * TTL_MILLIS);
            },
            world -> world.putExpiring(EXPIRING_KEY, SMALL, TTL_MILLIS / 2)),
        roomy("overwrite an expired one", CrashScenario::some, world -> world.put(EXPIRED_KEY, SMALL)),
        roomy("lease", CrashScenario::some, world -> world.lease(NEW_KEY, 0)),
        roomy("lease what has expired", CrashScenario::some, world -> world.lease(EXPIRED_KEY, 0)),
        verified("put over a lease", CrashScenario::some, world ->
            world.put(LEASED_KEY, SMALL, world.spec().ifVersion(world.ledger().lastVersion(LEASED_KEY)))),
        roomy("put a large one over a lease", CrashScenario::some, world ->
            world.put(LEASED_KEY, CHAIN, world.spec().ifVersion(world.ledger().lastVersion(LEASED_KEY)))));
  }

  private static List<CrashScenario> largeWrites() {
    return List.of(
        verified("put a chain", CrashScenario::some, world -> world.put(NEW_KEY, CHAIN)),
        verified("put a large one", CrashScenario::some, world -> world.put(NEW_KEY, LARGE)),
        roomy("put a large one with expiry", CrashScenario::some, world -> world.putExpiring(NEW_KEY, LARGE, 500)),
        roomy("overwrite a large one", CrashScenario::some, world -> world.put(LARGE_KEY, LARGE - 7_000)),
        roomy("overwrite a chain by a large one", CrashScenario::some, world -> world.put(CHAIN_KEY, LARGE)),
        roomy("overwrite a small one by a chain", CrashScenario::some, world -> world.put(KEY, CHAIN)),
        roomy("overwrite a large one by a small one", CrashScenario::some, world -> world.put(LARGE_KEY, SMALL)),
        roomy("put one that cannot be read", CrashScenario::some, world -> world.putUnreadable(KEY, SMALL)),
        roomy("put a large one that cannot be read", CrashScenario::some, world ->
            world.putUnreadable(LARGE_KEY, LARGE)));
  }

  private static List<CrashScenario> removals() {
    return List.of(
        verified("remove", CrashScenario::some, world -> world.remove(KEY)),
        roomy("remove what has expired", CrashScenario::some, world -> world.remove(EXPIRED_KEY)),
        roomy("remove a lease", CrashScenario::some, world -> world.remove(LEASED_KEY)),
        roomy("remove a chain", CrashScenario::some, world -> world.remove(CHAIN_KEY)),
        roomy("remove a large one", CrashScenario::some, world -> world.remove(LARGE_KEY)),
        roomy("remove all but a spare", world -> {
          oneBig(world);
          world.put(BIG_KEY + 1, BIG);
          world.put(BIG_KEY, BIG);
        }, both(world -> world.remove(BIG_KEY), world -> world.remove(BIG_KEY + 1))),
        roomy(
            "remove and pull back",
            world -> {
              tiny(NEARLY_FULL).accept(world);
              world.choose(world.ledger().present(), world::remove);
            },
            world -> world.remove(world.ledger().chosen)),
        roomy(
            "remove what has expired, all of it",
            world -> {
              some(world);
              for (long number = 60; number < 75; number++) {
                world.putExpiring(number, number % 5 == 0 ? CHAIN : (int) number, TTL_MILLIS);
              }
              world.clock.advance(TTL_MILLIS);
            },
            CrashWorld::maintain),
        roomy("clear", CrashScenario::someWithSpare, CrashWorld::clear),
        roomy("clear while growing", both(CrashScenario::beginToGrow, times(40, CrashScenario::putTiny)),
            CrashWorld::clear));
  }

  private static List<CrashScenario> slabs() {
    return List.of(
        roomy("take a slab", CrashScenario::some, world -> world.put(NEW_KEY, 700)),
        roomy(
            "take a slab that was used",
            world -> {
              oneBig(world);
              world.put(NEW_KEY, 700);
              world.remove(NEW_KEY);
              world.remove(BIG_KEY);
            },
            world -> world.put(NEW_KEY, SMALL * 3)),
        roomy(
            "take a slab full of what looks like flags",
            world -> {
              world.putBlanks(world.freshInFirst(), BIG);
              removeOne(world);
            },
            times(2, world -> world.put(world.freshInFirst(), 3 * SMALL))),
        roomy(
            "fill a slab",
            world -> {
              some(world);
              world.until(putFresh(BIG), 20, step -> step.slabBytes() > 0);
              world.remove(BIG_KEY);
            },
            putFresh(BIG)),
        roomy(
            "open a full slab",
            world -> {
              some(world);
              world.until(putFresh(BIG), 20, step -> step.slabBytes() > 0);
            },
            world -> world.remove(BIG_KEY)),
        roomy("give a slab back", CrashScenario::oneBig, world -> world.remove(BIG_KEY)),
        roomy("give a slab back by an overwrite", CrashScenario::oneBig, world -> world.put(BIG_KEY, SMALL)));
  }

  private static List<CrashScenario> resizings() {
    return List.of(
        roomy("begin to grow", CrashScenario::beginToGrow, CrashScenario::putTiny),
        roomy("grow on", both(CrashScenario::beginToGrow, times(20, CrashScenario::putTiny)),
            times(3, CrashScenario::putTiny)),
        roomy("grow on by background work", both(CrashScenario::beginToGrow, times(50, CrashScenario::putTiny)),
            CrashWorld::maintain),
        roomy("remove while growing", both(CrashScenario::beginToGrow, times(20, CrashScenario::putTiny)),
            times(3, CrashScenario::removeOne)),
        roomy("take a table's slab", world -> {
          beginToGrow(world);
          putTiny(world);
          world.until(CrashScenario::putTiny, 200, step -> step.isResizing() && step.indexBytes() > 0);
        }, CrashScenario::putTiny),
        roomy("end growing", world -> {
          beginToGrow(world);
          world.until(CrashScenario::putTiny, 200, CrashWorld.Step::endsResizing);
        }, CrashScenario::putTiny),
        roomy("give a table's slab back while growing", world -> {
          tiny(GROWN_TWICE).accept(world);
          world.until(CrashScenario::putTiny, 700, step -> step.isResizing() && step.indexBytes() < 0);
        }, CrashScenario::putTiny),
        roomy("begin to shrink", CrashScenario::beginToShrink, CrashScenario::removeOne),
        roomy("shrink on", both(CrashScenario::beginToShrink, times(20, CrashScenario::removeOne)),
            times(3, CrashScenario::overwriteOne)),
        roomy("give a table's slab back while shrinking", world -> {
          beginToShrink(world);
          removeOne(world);
          world.until(CrashScenario::overwriteOne, 500, step -> step.isResizing() && step.indexBytes() < 0);
        }, CrashScenario::overwriteOne),
        roomy("end shrinking", world -> {
          beginToShrink(world);
          removeOne(world);
          world.until(CrashScenario::overwriteOne, 500, CrashWorld.Step::endsResizing);
        }, CrashScenario::overwriteOne));
  }

  private static List<CrashScenario> evictions() {
    Consumer<CrashWorld> fullOfBig = full(900, 1_900);
    Consumer<CrashWorld> fullOfChains = world -> {
      while (world.store.stats().evictions() < 2) {
        putFreshChain(world);
      }
      world.hitAll();
    };
    Consumer<CrashWorld> fourChains = times(4, putFresh(7_000));
    Consumer<CrashWorld> fullOfLarge = full(14 * KIB, 40 * KIB);
    return List.of(
        scarce("put and evict", true, world -> {
          fullOfBig.accept(world);
          world.until(putFresh(1_000), 500, step -> step.evictions() > 0);
        }, putFresh(1_000)),
        scarce("put and move entries", true, world -> {
          fullOfBig.accept(world);
          world.until(putFresh(1_000), putFresh(900, 1_900), 2_000, step -> step.relocations() > 0);
        }, putFresh(1_000)),
        scarce("put a chain and move pieces", false, world -> {
          fullOfChains.accept(world);
          world.until(putFresh(3_000), CrashScenario::putFreshChain, 4_000, step -> step.relocations() > 0);
        }, times(2, putFresh(3_000))),
        scarce("put a chain and move more pieces", false, world -> {
          fullOfChains.accept(world);
          world.until(fourChains, CrashScenario::putFreshChain, 4_000, step -> step.relocations() > 0);
        }, fourChains),
        scarce("put a large one and evict large ones", false, world -> {
          fullOfLarge.accept(world);
          world.until(putFresh(LARGE), 100, step -> step.evictions() > 0);
        }, putFresh(LARGE)),
        scarce("put a large one and evict many", false, fullOfBig, putFresh(60_000)),
        scarce("overwrite and evict", false, world -> {
          fullOfBig.accept(world);
          // Overwriting alone would come to rest with as many free blocks as it needs.
          world.until(
              now -> now.put(now.ledger().present().getFirst(), 1_200),
              putFresh(900, 1_900),
              2_000,
              step -> step.evictions() > 0);
        }, world -> world.put(world.ledger().present().getFirst(), 1_200)),
        scarce("clear what is full", false, fullOfLarge, CrashWorld::clear));
  }

  private static List<CrashScenario> sizes() {
    Consumer<CrashWorld> becomeSmall = world -> world.resize(SMALL_REGION);
    Consumer<CrashWorld> becomeRoomy = world -> world.resize(ROOMY_REGION);
    Consumer<CrashWorld> becomeLarge = world -> world.resize(CrashedRegion.BYTES);
    return List.of(
        roomy("become smaller", CrashScenario::some, becomeRoomy),
        scarce("become smaller and evict", true, full(100, 1_900), becomeSmall),
        scarce("become smaller and evict large ones", false, full(14 * KIB, 40 * KIB), becomeSmall),
        roomy("become larger again", both(CrashScenario::some, becomeRoomy), becomeLarge),
        new CrashScenario("become larger", false, false, CrashScenario::some, becomeLarge, ROOMY_REGION));
  }
}
