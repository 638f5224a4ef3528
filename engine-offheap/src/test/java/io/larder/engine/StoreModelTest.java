package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.engine.StoreModel.Load;
import io.larder.engine.StoreModel.Mix;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** More than a million random operations on stores of several kinds, each compared with a map. */
class StoreModelTest {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;

  /**
   * A store, what goes into it, and for how long.
   *
   * @param told whether the store has a sink
   */
  record Scenario(
      String name,
      long memoryBytes,
      int partitions,
      boolean verify,
      boolean told,
      Load load,
      int operations,
      int checkEvery) {
    /** A store with a sink. */
    Scenario(String name, long memoryBytes, int partitions, boolean verify, Load load, int operations, int checkEvery) {
      this(name, memoryBytes, partitions, verify, true, load, operations, checkEvery);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static final List<Scenario> scenarios =
      List.of(
          new Scenario("tiny", MIB, 1, false, new Load(20_000, 1, 24, 500, 1_000, 200 * KIB), 700_000, 35_000),
          new Scenario("tiny keys", 2 * MIB, 4, true, new Load(200_000, 2, 3, 100, 400, 16 * KIB), 600_000, 50_000),
          new Scenario("long keys", 8 * MIB, 4, true, new Load(50_000, 1, 9_000, 3_000, 100, 2 * MIB), 500_000, 50_000),
          new Scenario("usual", 24 * MIB, 4, false, new Load(60_000, 8, 40, 3_000, 500, 8 * MIB), 600_000, 100_000),
          new Scenario("roomy", 64 * MIB, 1, false, new Load(100_000, 8, 16, 100, 50_000, 8 * MIB), 500_000, 100_000),
          new Scenario("large", 32 * MIB, 2, false, new Load(2_000, 8, 16, 64 * KIB, 10, 8 * MIB), 80_000, 8_000),
          new Scenario("chains", 4 * MIB, 1, true, new Load(500, 1, 900, 40 * KIB, 20, MIB), 300_000, 20_000),
          new Scenario(
              "overwrites", 16 * MIB, 2, false, false, new Load(500, 0, 40, 300, 500, 60 * KIB), 500_000, 20_000),
          new Scenario(
              "more overwrites",
              24 * MIB,
              4,
              false,
              false,
              new Load(3_000, 8, 99, 999, 999, 60 * KIB),
              500_000,
              50_000),
          new Scenario(
              "overwrites of all sizes",
              48 * MIB,
              1,
              false,
              false,
              new Load(300, 1, 64, 20 * KIB, 100, 60 * KIB),
              200_000,
              20_000));

  /** Of so many operations of a store without a sink one is an overwrite by the short way, or more. */
  private static final int SHORT_OVERWRITE_EVERY = 50;

  @ParameterizedTest
  @FieldSource("scenarios")
  void answersAsAMapDoes(Scenario scenario) {
    SplittableRandom random = TestSeed.random("StoreModelTest");
    StoreOptions options =
        StoreOptions.ofMemory(scenario.memoryBytes)
            .withPartitions(scenario.partitions)
            .withVerifyReads(scenario.verify);
    try (StoreModel model = new StoreModel(options, scenario.told, scenario.load, random)) {
      int phase = scenario.operations / 12;
      Mix mix = Mix.FILL;
      for (int operation = 0; operation < scenario.operations; operation++) {
        model.operate(mix);
        if (operation % phase == 0) {
          mix = operation / phase % 3 == 0 ? Mix.FILL : Mix.ALL.get(random.nextInt(Mix.ALL.size()));
        }
        if (operation % scenario.checkEvery == 0) {
          model.check();
        }
        if (random.nextInt(scenario.operations) < 3) {
          model.clear();
        }
      }
      model.check();
      if (!scenario.told) {
        int expected = scenario.operations / SHORT_OVERWRITE_EVERY;
        assertThat(model.shortOverwrites()).as("overwrites by the short way").isGreaterThan(expected);
      }
      System.out.println(scenario + ": " + model);
    }
  }
}
