package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.engine.CrashSurvivor.Provocation;
import io.larder.engine.CrashWorld.Owner;
import io.larder.engine.CrashedRegion.Case;
import io.larder.engine.CrashedRegion.Death;
import io.larder.engine.CrashingMemory.Crash;
import io.larder.engine.CrashingMemory.Fences;
import io.larder.engine.CrashingMemory.Reordering;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * A process dies before the n-th store of an operation, for every n, and another one goes on with the region: it must
 * find each key with its old value or with the new one, repair what the other left, and work.
 *
 * <p>It dies in the order of the program, and again with some of its last stores undone which no fence has ordered
 * ({@link CrashingMemory}). What the survivor does first is a {@link Provocation}, in turns.
 *
 * <p>With {@code -Dlarder.crash.rounds=1} every n is tried where only a sample is otherwise, and with a larger number
 * more orders for each. {@code -Dlarder.crash.scenario=…} tries only those whose names contain it, and {@code
 * -Dlarder.crash.fences=…} other {@link Fences}.
 */
class CrashAtEveryStoreTest {
  private static final long FIRST = 1L << 16 | 1;
  private static final long SECOND = 2L << 16 | 2;
  private static final long THIRD = 3L << 16 | 1;
  private static final long LIVING = 4L << 16 | 4;

  private static final int ROUNDS = Integer.getInteger("larder.crash.rounds", 0);
  private static final Fences FENCES = Fences.valueOf(System.getProperty("larder.crash.fences", "KEPT"));
  private static final String ONLY = System.getProperty("larder.crash.scenario", "");

  /** Those in which something is undone. */
  private static final List<Reordering> REORDERINGS =
      List.of(Reordering.LAST_FIRST, Reordering.ONE_LATE, Reordering.SOME);

  /** Of an operation of more stores every second or third one is tried, or fewer; where it is much the same sooner. */
  private static final int STORES_MAX = 300;

  private static final int VARIANT_STORES_MAX = 40;
  private static final int REPAIR_STORES_MAX = 10;
  private static final int TWIN_STORES_MAX = 10;
  private static final int TWIN_CRASHES = 4;
  private static final int LIVING_CRASHES = 3;

  private static final int SEQUENCES = 100;
  private static final int SEQUENCE_CRASHES = 10;
  private static final int SEQUENCE_BYTES_MAX = 4_000;

  /** A large value that somebody is in the midst of putting. */
  private static final int BUILDING_BYTES = 40_000;

  private static final int BUILDING_STORES = 60;
  private static final int FAILURES_MAX = 12;

  static final List<Case> cases = cases();
  static final List<Case> simpleCases = cases.stream().filter(Case::isSimple).toList();

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (CrashScenario scenario : CrashScenario.all()) {
      if (!scenario.name().contains(ONLY)) {
        continue;
      }
      for (int partitions = 1; partitions <= 2; partitions++) {
        cases.add(new Case(scenario, partitions, false));
        if (scenario.verified()) {
          cases.add(new Case(scenario, partitions, true));
        }
      }
    }
    return cases;
  }

  @BeforeAll
  static void listen() {
    CrashSurvivor.listen();
  }

  @AfterAll
  static void listenNoMore() {
    CrashSurvivor.listenNoMore();
  }

  /** What has gone wrong in a case. */
  private static final class Failures {
    private final List<String> failures = new ArrayList<>();
    private long runs;

    /** Runs something that may fail, and says where. */
    void run(Runnable attempt, Object... where) {
      runs++;
      try {
        attempt.run();
      } catch (RuntimeException | AssertionError | Crash failure) {
        StringBuilder text = new StringBuilder();
        for (Object part : where) {
          text.append(part).append(' ');
        }
        text.append(failure);
        for (int i = 0; i < Math.min(8, failure.getStackTrace().length); i++) {
          text.append("\n    at ").append(failure.getStackTrace()[i]);
        }
        failures.add(text.toString());
      }
    }

    boolean isTooMany() {
      return failures.size() >= FAILURES_MAX;
    }

    void assertNone() {
      if (!failures.isEmpty()) {
        throw new AssertionError(failures.size() + " of " + runs + " failed:\n" + String.join("\n", failures));
      }
    }
  }

  // ---- a crash, and what comes after it

  /** Lets the first process die in the operation, and a second one go on. */
  private static void crash(CrashedRegion region, Death death, Provocation provocation) {
    CrashLedger known = region.die(new Owner(FIRST), death);
    CrashWorld survivor = region.attach(new Owner(SECOND), known);
    CrashSurvivor.survive(region, survivor, provocation, death.seed(), FIRST);
  }

  private static <T> T any(T[] values, SplittableRandom random) {
    return values[random.nextInt(values.length)];
  }

  @ParameterizedTest
  @FieldSource("cases")
  void leavesWhatIsPermitted(Case tried) {
    SplittableRandom random = TestSeed.random("CrashAtEveryStoreTest");
    CrashedRegion region = new CrashedRegion(tried, random);
    Failures failures = new Failures();
    long stores = region.countStores();
    int step = ROUNDS > 0 ? 1 : (int) (stores / (tried.isSimple() ? STORES_MAX : VARIANT_STORES_MAX)) + 1;
    for (long n = 1; n <= stores + step && !failures.isTooMany(); n += 1 + random.nextInt(2 * step - 1)) {
      long store = n;
      Provocation[] provocations = Provocation.values();
      for (int i = 0; i < (ROUNDS == 0 ? 1 : provocations.length); i++) {
        Provocation provocation = provocations[(int) (n + i) % provocations.length];
        Death death = new Death(store, Reordering.NONE, FENCES, n);
        failures.run(() -> crash(region, death, provocation), region.name, death, provocation);
      }
      for (int i = 0; i < Math.max(1, ROUNDS); i++) {
        Provocation provocation = any(provocations, random);
        Reordering reordering = REORDERINGS.get((int) (n + i) % REORDERINGS.size());
        Death death = new Death(store, reordering, FENCES, random.nextLong());
        failures.run(() -> crash(region, death, provocation), region.name, death, provocation);
      }
    }
    System.out.println(region.name + ": " + stores + " stores, " + failures.runs + " crashes");
    failures.assertNone();
  }

  /** The process that repairs dies, too, before every store of the repair and of what it does first. */
  @ParameterizedTest
  @FieldSource("cases")
  void leavesWhatIsPermittedWhenTheRepairEndsLikewise(Case tried) {
    SplittableRandom random = TestSeed.random("CrashAtEveryStoreTest");
    CrashedRegion region = new CrashedRegion(tried, random);
    Failures failures = new Failures();
    long stores = region.countStores();
    for (int i = 0; i < Math.max(1, ROUNDS) && !failures.isTooMany(); i++) {
      Death first = new Death(1 + random.nextLong(stores), any(Reordering.values(), random), FENCES, i);
      Provocation provocation = any(Provocation.values(), random);
      long repairStores = crashTwice(region, first, Death.NEVER, provocation);
      int step = ROUNDS > 0 ? 1 : (int) (repairStores / REPAIR_STORES_MAX) + 1;
      for (long n = 1; n <= repairStores && !failures.isTooMany(); n += 1 + random.nextInt(2 * step - 1)) {
        Death second = new Death(n, any(Reordering.values(), random), FENCES, random.nextLong());
        failures.run(
            () -> crashTwice(region, first, second, provocation), region.name, first, second, provocation);
      }
    }
    System.out.println(region.name + ": " + failures.runs + " second crashes");
    failures.assertNone();
  }

  /** Lets a second process die in the repair, and a third one go on; how many stores the second one began. */
  private static long crashTwice(CrashedRegion region, Death first, Death second, Provocation provocation) {
    CrashLedger known = region.die(new Owner(FIRST), first);
    CrashWorld repairing = region.attach(new Owner(SECOND), known);
    CrashedRegion.die(
        repairing, second, () -> CrashSurvivor.provoke(repairing, provocation, second.seed(), FIRST));
    CrashWorld survivor = region.attach(new Owner(THIRD), repairing.ledger());
    CrashSurvivor.survive(region, survivor, provocation, second.seed(), FIRST, SECOND);
    return repairing.memory.stores();
  }

  /** Random operations in a row, with the crash at a random store of them. */
  @Test
  void leavesWhatIsPermittedAfterRandomOperations() {
    SplittableRandom random = TestSeed.random("CrashAtEveryStoreTest");
    Failures failures = new Failures();
    int sequences = SEQUENCES * Math.max(1, ROUNDS);
    for (int i = 0; i < sequences && !failures.isTooMany(); i++) {
      long seed = random.nextLong();
      boolean evicts = i % 4 == 0;
      CrashScenario scenario =
          new CrashScenario(
              "sequence " + seed,
              evicts,
              true,
              world -> {
                SplittableRandom before = new SplittableRandom(seed);
                int bytesMax = evicts ? 20_000 : SEQUENCE_BYTES_MAX;
                world.work(before, before.nextInt(400), bytesMax);
                while (evicts && world.store.stats().evictions() == 0) {
                  world.work(before, 20, bytesMax);
                  world.put(world.fresh(), 2_000);
                }
              },
              world -> world.work(new SplittableRandom(seed + 1), 20, evicts ? 60_000 : 2 * SEQUENCE_BYTES_MAX));
      Case tried = new Case(scenario, 1 << random.nextInt(2), random.nextBoolean());
      CrashedRegion region = new CrashedRegion(tried, random);
      long stores = region.countStores();
      for (int j = 0; j < SEQUENCE_CRASHES; j++) {
        Death death =
            new Death(1 + random.nextLong(stores), any(Reordering.values(), random), FENCES, random.nextLong());
        Provocation provocation = any(Provocation.values(), random);
        failures.run(() -> crash(region, death, provocation), region.name, death, provocation);
      }
    }
    System.out.println(failures.runs + " crashes in sequences");
    failures.assertNone();
  }

  /** What somebody alive is building while another dies stays, and goes when he dies too. */
  @ParameterizedTest
  @FieldSource("simpleCases")
  void sparesWhatTheLivingBuild(Case tried) {
    SplittableRandom random = TestSeed.random("CrashAtEveryStoreTest");
    CrashedRegion region = new CrashedRegion(tried, random);
    region.keep(beginToBuild(region, BUILDING_STORES));
    int blocks = region.blocksBeingBuilt();
    Failures failures = new Failures();
    long stores = region.countStores();
    for (int i = 0; i < LIVING_CRASHES * Math.max(1, ROUNDS) && !failures.isTooMany(); i++) {
      Death death = new Death(1 + random.nextLong(stores), any(Reordering.values(), random), FENCES, random.nextLong());
      failures.run(
          () -> {
            CrashLedger known = region.die(new Owner(FIRST, LIVING), death);
            CrashWorld survivor = region.attach(new Owner(SECOND, LIVING), known);
            CrashSurvivor.release(survivor, FIRST);
            survivor.store.assertValid();
            survivor.checkAll(true);
            CrashSurvivor.work(survivor, new SplittableRandom(death.seed()));
            CrashWorld last = region.attach(new Owner(THIRD), survivor.ledger());
            int released = CrashSurvivor.release(last, LIVING);
            assertThat(released).as("blocks that were being built").isEqualTo(blocks);
            CrashSurvivor.survive(region, last, Provocation.WRITE, death.seed(), LIVING);
          },
          region.name,
          death);
    }
    failures.assertNone();
  }

  /** Puts a large value, and stops after so many stores or a few more, when no lock is held. */
  private static CrashWorld beginToBuild(CrashedRegion region, long stores) {
    for (long n = stores; ; n++) {
      CrashWorld building = region.restore(new Owner(LIVING));
      Death pause = new Death(n, Reordering.NONE, Fences.KEPT, 0);
      assertThat(CrashedRegion.die(building, pause, () -> building.put(LIVING, BUILDING_BYTES))).isTrue();
      if (region.lockedPartitions() == 0) {
        return building;
      }
    }
  }

  /** Whoever makes a store dies before its end: then there is none, and otherwise it is whole. */
  @Test
  void attachesToNoStoreThatIsNotComplete() {
    SplittableRandom random = TestSeed.random("CrashAtEveryStoreTest");
    StoreOptions options = StoreOptions.ofMemory(CrashedRegion.BYTES).withPartitions(2).withHashSeed(random.nextLong());
    boolean died = true;
    for (long n = 1; died; n++) {
      byte[] image = new byte[CrashedRegion.BYTES];
      CrashingMemory dying = new CrashingMemory(image, CrashedRegion.CHUNKS_MAX);
      dying.crashBefore(n, any(Reordering.values(), random), FENCES, random.nextLong());
      try {
        Store.open(dying, options.withOwners(new Owner(FIRST)));
        died = false;
      } catch (Crash crash) {
        CrashingMemory memory = new CrashingMemory(image, CrashedRegion.CHUNKS_MAX);
        assertThatThrownBy(() -> Store.attach(memory, options.withOwners(new Owner(SECOND))))
            .as("attached after %d stores", n)
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  // ---- the twins

  /** Without the repair: the locks are open, as if nothing had happened. */
  @Test
  void findsWhatIsNotRepaired() {
    SplittableRandom random = TestSeed.random("CrashAtEveryStoreTest");
    List<String> found = new ArrayList<>();
    for (Case tried : simpleCases) {
      CrashedRegion region = new CrashedRegion(tried, random);
      long stores = region.countStores();
      int damaged = 0;
      for (long n = 1; n <= stores; n += stores / TWIN_STORES_MAX + 1) {
        CrashLedger known = region.die(new Owner(FIRST), new Death(n, Reordering.NONE, FENCES, n));
        region.unlockAll();
        damaged += isDamaged(region.attach(new Owner(SECOND), known)) ? 1 : 0;
      }
      if (damaged > 0) {
        found.add(region.name);
      }
    }
    System.out.println("without repair: damage in " + found.size() + " scenarios");
    assertThat(found).hasSizeGreaterThan(ONLY.isEmpty() ? simpleCases.size() / 2 : 0);
  }

  private static boolean isDamaged(CrashWorld world) {
    try {
      world.store.assertValid();
      world.checkAll(true);
      return false;
    } catch (RuntimeException | AssertionError damage) {
      return true;
    }
  }

  /** Without fences: stores come into the region in any order but for the locks. */
  @Test
  void findsWhatFencesWouldHaveOrdered() {
    SplittableRandom random = TestSeed.random("CrashAtEveryStoreTest");
    int damaged = 0;
    int runs = 0;
    for (Case tried : simpleCases) {
      CrashedRegion region = new CrashedRegion(tried, random);
      long stores = region.countStores();
      for (int i = 0; i < TWIN_CRASHES; i++) {
        Death death = new Death(1 + random.nextLong(stores), Reordering.SOME, Fences.IGNORED, random.nextLong());
        Failures failures = new Failures();
        failures.run(() -> crash(region, death, Provocation.WRITE));
        runs++;
        damaged += failures.failures.isEmpty() ? 0 : 1;
      }
    }
    System.out.println("without fences: damage after " + damaged + " of " + runs + " crashes");
    assertThat(damaged).isPositive();
  }
}
