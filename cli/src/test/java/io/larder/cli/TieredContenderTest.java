package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.TierStats;
import io.larder.cli.Contender.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gets are attributed to the place that has answered them. */
class TieredContenderTest {
  private static final long MEMORY_BYTES = 2L << 20;
  private static final long FILE_BYTES = 32L << 20;
  private static final int OBJECTS = 2_000;

  /** So that all fit, whatever the order in which the image lists its objects. */
  private static final int OBJECT_BYTES_MAX = 8 << 10;

  private static JdkImage image;
  private static int[] numbers;

  @TempDir private Path folder;

  @BeforeAll
  static void open() throws IOException {
    image = JdkImage.open();
    numbers =
        IntStream.range(0, image.count())
            .filter(number -> image.size(number) <= OBJECT_BYTES_MAX)
            .limit(OBJECTS)
            .toArray();
    assertThat(numbers).hasSize(OBJECTS);
  }

  private TieredContender contender(boolean withFile) {
    DemoPlan run = DemoPlan.of(MEMORY_BYTES, 1, 1, 1);
    DemoTiersPlan plan =
        new DemoTiersPlan(run, folder.resolve("image"), folder.resolve("tier.larder"), FILE_BYTES, true);
    return new TieredContender(image, plan, withFile);
  }

  private static void put(Session session, int count) {
    for (int i = 0; i < count; i++) {
      put(session, numbers[i], (byte) i);
    }
  }

  private static void put(Session session, int number, byte edition) {
    byte[] value = new byte[OBJECT_BYTES_MAX + Edition.EXTRA_BYTES];
    session.put(number, value, Edition.encode(image.load(number), edition, value));
  }

  /** Gets all, and returns how many were there. */
  private static long get(Session session, int count) {
    long hits = 0;
    for (int i = 0; i < count; i++) {
      int length = session.get(numbers[i]);
      session.took(1_000, length, true);
      hits += length == Session.ABSENT ? 0 : 1;
    }
    return hits;
  }

  @Test
  void findsOutWhichTierHasAnswered() {
    try (TieredContender first = contender(true)) {
      put(first.newSession(), OBJECTS);
    }
    // All that was demoted, and all that was in memory, is in the file now.
    try (TieredContender contender = contender(true)) {
      Session session = contender.newSession();
      long hits = get(session, OBJECTS);
      TierStats tier = Objects.requireNonNull(contender.stats().tier());

      assertThat(contender.reads(Place.FILE)).isPositive().isEqualTo(tier.hits());
      assertThat(contender.reads(Place.MEMORY)).isEqualTo(hits - tier.hits());
      assertThat(contender.reads(Place.NOWHERE)).isEqualTo(OBJECTS - hits);

      long inFile = contender.reads(Place.FILE);
      long inMemory = contender.reads(Place.MEMORY);
      put(session, numbers[0], (byte) 1);
      session.took(1_000, session.get(numbers[0]), true);
      assertThat(contender.reads(Place.MEMORY)).isEqualTo(inMemory + 1);
      assertThat(contender.reads(Place.FILE)).isEqualTo(inFile);
      assertThat(contender.latencies())
          .extracting(TieredContender.Latency::count)
          .containsExactly(inMemory + 1, inFile, OBJECTS - hits);
    }
  }

  @Test
  void leavesInTheFileWhatWasInMemoryOnly() {
    int few = 50;
    try (TieredContender first = contender(true)) {
      put(first.newSession(), few);
      assertThat(first.stats().evictions()).isZero();
    }
    try (TieredContender again = contender(true)) {
      assertThat(get(again.newSession(), few)).isEqualTo(few);
      assertThat(again.reads(Place.FILE)).isEqualTo(few);
    }
  }

  @Test
  void hasNoHitsInTheFileWithoutOne() {
    try (TieredContender contender = contender(false)) {
      Session session = contender.newSession();
      put(session, OBJECTS);
      long hits = get(session, OBJECTS);

      assertThat(hits).isPositive();
      assertThat(contender.reads(Place.FILE)).isZero();
      assertThat(contender.reads(Place.MEMORY)).isEqualTo(hits);
      assertThat(contender.sample(1, 0).get(TierGauge.FILE_USED)).isZero();
    }
  }
}
