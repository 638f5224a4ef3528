package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionGeometry;
import io.larder.engine.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a power loss leaves on a disk: each page is of one of two moments of the file's life, or was never written. The
 * next boot finds nothing of it; and all of a file that had been closed.
 */
class PowerLossTest {
  private static final long BYTES = 2 << 20;
  private static final int KEYS = 1_500;
  private static final int ROUNDS = 12;
  private static final Duration WAIT = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private SharedRegion open(Path file, boolean checksums, long boot) throws IOException {
    StoreOptions options = Worker.options(BYTES).withVerifyReads(checksums);
    return SharedRegion.open(file, BYTES, options, WAIT, TestHost.booted(boot));
  }

  private static void write(SharedRegion region, int from, long count) {
    for (int key = from; key < KEYS; key++) {
      Values.put(region.store(), "key-" + key, Values.counted("key-" + key, count));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void pagesOfDifferentMomentsAreGivenUp(boolean checksums) throws IOException {
    Long given = Long.getLong("larder.test.seed");
    long seed = given != null ? given : new SplittableRandom().nextLong();
    System.out.println("PowerLossTest -Dlarder.test.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int discarded = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Path file = folder.resolve("region-" + round);
      byte[] earlier;
      byte[] later;
      try (SharedRegion region = open(file, checksums, 1)) {
        write(region, 0, 1);
        earlier = Files.readAllBytes(file);
        write(region, random.nextInt(KEYS), 2);
        later = Files.readAllBytes(file);
      }
      boolean superblockKept = round > 0;
      Files.write(file, mix(earlier, later, superblockKept, random));
      try (SharedRegion region = open(file, checksums, 2)) {
        assertThat(region.created()).as("round %d", round).isTrue();
        for (int key = 0; key < KEYS; key++) {
          assertThat(Values.getBytes(region.store(), "key-" + key)).as("key %d, round %d", key, round).isNull();
        }
        write(region, 0, 3);
        assertThat(Values.count(region.store(), "key-" + (KEYS - 1))).isEqualTo(3);
        region.store().assertValid();
        discarded++;
      } catch (RegionFileException refusal) {
        assertThat(superblockKept).as("round %d: %s", round, refusal.getMessage()).isFalse();
      }
    }
    assertThat(discarded).isEqualTo(ROUNDS - 1);
  }

  /** The superblock is on the disk from the start: it is forced there before anything is changed. */
  private static byte[] mix(byte[] earlier, byte[] later, boolean superblockKept, SplittableRandom random) {
    byte[] mixed = new byte[earlier.length];
    for (int page = 0; page < mixed.length; page += RegionGeometry.PAGE_BYTES) {
      int choice = page == 0 ? (superblockKept ? random.nextInt(2) : 2) : random.nextInt(3);
      if (choice < 2) {
        System.arraycopy(choice == 0 ? earlier : later, page, mixed, page, RegionGeometry.PAGE_BYTES);
      }
    }
    return mixed;
  }

  @Test
  void aFileThatWasClosedIsKept() throws IOException {
    Path file = folder.resolve("closed");
    long size;
    try (SharedRegion region = open(file, false, 1)) {
      write(region, 0, 1);
      size = region.store().estimatedSize();
    }
    try (SharedRegion region = open(file, false, 2)) {
      assertThat(region.created()).isFalse();
      for (int key = 0; key < KEYS; key++) {
        assertThat(Values.count(region.store(), "key-" + key)).isIn(1L, Values.ABSENT);
      }
      assertThat(region.store().estimatedSize()).isEqualTo(size).isPositive();
      region.store().assertValid();
    }
  }

  /** A twin whose boot id is the old one takes the mix for a file of killed processes: it must be seen to be wrong. */
  @Test
  void theMixIsSeenWhereTheBootIsNot() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    Path file = folder.resolve("same-boot");
    byte[] earlier;
    byte[] later;
    try (SharedRegion region = open(file, false, 1)) {
      write(region, 0, 1);
      earlier = Files.readAllBytes(file);
      write(region, 0, 2);
      later = Files.readAllBytes(file);
    }
    Files.write(file, mix(earlier, later, true, random));
    int stale = 0;
    try (SharedRegion region = open(file, false, 1)) {
      for (int key = 0; key < KEYS; key++) {
        byte[] value = Values.getBytes(region.store(), "key-" + key);
        stale += Arrays.equals(value, Values.counted("key-" + key, 2)) ? 0 : 1;
      }
    }
    assertThat(stale).isPositive();
  }
}
