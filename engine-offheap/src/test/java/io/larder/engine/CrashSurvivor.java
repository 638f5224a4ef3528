package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What a process does that comes after some that are dead, and what it must find. */
final class CrashSurvivor {
  private static final int WORK_OPERATIONS = 120;
  private static final int WORK_BYTES_MAX = 4_000;

  /** What the survivor does first. */
  enum Provocation {
    /** It writes into every partition. */
    WRITE,
    /** It reads everything, and sees to what the dead ones have left. */
    READ,
    /** It sees to that first. */
    RELEASE,
    /** It works where nobody has locked anything, and then writes into every partition. */
    WORK_ELSEWHERE
  }

  /** What the store logs: a repair that gives up says so, and no test would miss what may have been evicted. */
  private static final List<String> WARNINGS = new ArrayList<>();

  private static final Logger LOGGER = Logger.getLogger("io.larder.engine");

  private static final Handler LISTENER =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          WARNINGS.add(record.getMessage() + " " + record.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  /** Hears what the store logs from now on. */
  static void listen() {
    LOGGER.addHandler(LISTENER);
    LOGGER.setUseParentHandlers(false);
  }

  /** Lets others hear it again. */
  static void listenNoMore() {
    LOGGER.removeHandler(LISTENER);
    LOGGER.setUseParentHandlers(true);
  }

  private CrashSurvivor() {}

  /** Begins. */
  static void provoke(CrashWorld world, Provocation provocation, long seed, long... dead) {
    switch (provocation) {
      case WRITE -> world.writeEverywhere();
      case WORK_ELSEWHERE -> {
        world.workElsewhere(new SplittableRandom(seed), WORK_OPERATIONS, WORK_BYTES_MAX);
        world.writeEverywhere();
      }
      case READ -> {
        world.checkAll(false);
        release(world, dead);
        // What has been seen stays: a repair neither evicts nor brings back.
        world.checkAllKept();
      }
      case RELEASE -> release(world, dead);
    }
  }

  /** Sees to what the dead have left outside of locks, too; how much that was. */
  static int release(CrashWorld world, long... dead) {
    return Arrays.stream(dead).mapToInt(world.store::releaseOwner).sum();
  }

  /** Works as usual. */
  static void work(CrashWorld world, SplittableRandom random) {
    world.work(random, WORK_OPERATIONS, WORK_BYTES_MAX);
  }

  /** Begins, compares everything, works, and leaves an empty region. */
  static void survive(
      CrashedRegion region, CrashWorld world, Provocation provocation, long seed, long... dead) {
    WARNINGS.clear();
    List<Long> begun = world.ledger().begun();
    long locked = region.lockedPartitions();
    long before = world.store.repairs();
    provoke(world, provocation, seed, dead);
    long repairs = world.store.repairs() - before;
    if (repairs < locked) {
      throw new AssertionError("repairs=" + repairs + " of " + locked + " locked partitions");
    }
    assertThat(WARNINGS).as("what was logged").isEmpty();
    world.store.assertValid();
    world.finishResizing();
    world.store.assertValid();
    world.checkAll(true);
    SplittableRandom random = new SplittableRandom(seed);
    world.overwriteSome(random, begun);
    work(world, random);
    release(world, dead);
    world.store.assertValid();
    world.checkAll(true);
    world.removeAll(seed);
  }
}
