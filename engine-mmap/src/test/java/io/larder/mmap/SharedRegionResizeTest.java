package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.larder.engine.Store;
import io.larder.mmap.RegionFileException.Reason;
import io.larder.nativeaccess.NativeAccess;
import io.larder.nativeaccess.NativeResult;
import io.larder.nativeaccess.NativeResult.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that become larger and smaller while they are in use. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedRegionResizeTest {
  private static final long MIB = 1 << 20;
  private static final long LIMIT = 64 * MIB;
  private static final long SMALL = 20 * MIB;
  private static final int BLOCK_BYTES = 512;
  private static final int VALUE_BYTES = 900;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void name() throws IOException {
    file = directory.toRealPath().resolve("region.larder");
  }

  private SharedRegion open(long bytes, long limit) throws IOException {
    return SharedRegion.open(file, new FileSize(bytes, limit), Worker.options(limit), Worker.WAIT);
  }

  /** What the file takes on its disk. */
  private long spaceBytes() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/stat")));
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    try (BufferedReader reader = stat.inputReader()) {
      return Long.parseLong(String.valueOf(reader.readLine())) * BLOCK_BYTES;
    }
  }

  private static void fill(Store store, int entries) {
    for (int i = 0; i < entries; i++) {
      assertThat(Values.put(store, "key-" + i, new byte[VALUE_BYTES])).isPositive();
    }
  }

  private static boolean canGiveBack(Path file) throws IOException {
    Path probe = file.resolveSibling("probe");
    Files.write(probe, new byte[64 << 10]);
    boolean can = Reservation.of(probe, Host.THIS).giveBack(0, 64 << 10).how() == Reservation.How.BY_THE_SYSTEM;
    Files.delete(probe);
    return can;
  }

  @Test
  void takesSpaceForItsSizeOnly() throws IOException {
    try (SharedRegion region = open(SMALL, LIMIT)) {
      Store store = region.store();
      assertThat(file).hasSize(LIMIT);
      assertThat(store.bytes()).isBetween(SMALL - MIB, SMALL);
      if (canGiveBack(file)) {
        assertThat(spaceBytes()).isBetween(SMALL - MIB, SMALL + MIB);
      }
      fill(store, 40_000);
      assertThat(store.stats().evictions()).isPositive();
      long small = store.estimatedSize();

      assertThat(region.resize(LIMIT)).isEqualTo(LIMIT).isEqualTo(store.bytes());
      assertThat(spaceBytes()).isGreaterThanOrEqualTo(LIMIT);
      assertThat(store.estimatedSize()).isEqualTo(small);
      fill(store, 60_000);
      assertThat(store.estimatedSize()).isGreaterThan(2 * small);

      long reached = region.resize(SMALL);
      assertThat(reached).isLessThanOrEqualTo(SMALL);
      if (canGiveBack(file)) {
        assertThat(spaceBytes()).isLessThan(SMALL + MIB);
      }
      assertThat(store.estimatedSize()).isBetween(small / 2, 2 * small);
      store.assertValid();
    }
    assertThat(file).hasSize(LIMIT);
    try (SharedRegion region = open(MIB, LIMIT)) {
      assertThat(region.created()).isFalse();
      assertThat(region.store().bytes()).as("it keeps its size").isBetween(SMALL - MIB, SMALL);
      region.store().assertValid();
    }
  }

  @Test
  void whatIsStartedOverHasTheSizeThatItHad() throws IOException {
    try (SharedRegion region = SharedRegion.open(
            file, new FileSize(SMALL, LIMIT), Worker.options(LIMIT), Worker.WAIT, TestHost.booted(1))) {
      assertThat(region.created()).isTrue();
      region.resize(2 * SMALL);
      Files.copy(file, file.resolveSibling("copy"));
    }
    Files.move(file.resolveSibling("copy"), file, StandardCopyOption.REPLACE_EXISTING);
    try (SharedRegion region =
        SharedRegion.open(file, FileSize.ANY, Worker.options(LIMIT), Worker.WAIT, TestHost.booted(2))) {
      assertThat(region.created()).as("a power loss").isTrue();
      assertThat(region.store().bytes()).isBetween(2 * SMALL - MIB, 2 * SMALL);
      region.resize(LIMIT);
      fill(region.store(), 1_000);
      region.store().assertValid();
    }
  }

  @Test
  void refusesWhatDoesNotFit() throws IOException {
    assertThatIllegalArgumentException().isThrownBy(() -> new FileSize(LIMIT, SMALL));
    assertThatIllegalArgumentException().isThrownBy(() -> new FileSize(0, SMALL));
    assertThatIllegalArgumentException().isThrownBy(() -> open(1, LIMIT));
    assertThat(file).doesNotExist();
    try (SharedRegion region = open(SMALL, LIMIT)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> region.resize(LIMIT + 1))
          .withMessageContaining(String.valueOf(LIMIT));
      assertThatExceptionOfType(RegionFileException.class)
          .isThrownBy(() -> open(SMALL, SMALL))
          .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.SIZE))
          .withMessageContainingAll(String.valueOf(SMALL), String.valueOf(LIMIT));
    }
  }

  @Test
  void growthWithoutSpaceLosesNothing() throws IOException {
    TestHost host = new TestHost();
    try (SharedRegion region =
        SharedRegion.open(file, new FileSize(SMALL, LIMIT), Worker.options(LIMIT), Worker.WAIT, host)) {
      fill(region.store(), 5_000);
      long before = region.store().bytes();
      TestSystem full = new TestSystem();
      full.givenBack = new NativeResult(Outcome.DONE, 0, "");
      full.reserved = new NativeResult(Outcome.REFUSED, 0, "the disk is full");
      host.system = full;
      assertThatExceptionOfType(RegionFileException.class)
          .isThrownBy(() -> region.resize(LIMIT))
          .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NO_SPACE))
          .withMessageContaining("the disk is full");
      assertThat(region.store().bytes()).isEqualTo(before);
      assertThat(Values.get(region.store(), "key-1")).isNotNull();
      region.look();
      assertThat(region.store().bytes()).isEqualTo(before);
      host.system = NativeAccess.available();
      assertThat(region.resize(LIMIT)).isEqualTo(LIMIT);
      region.store().assertValid();
    }
  }

  /** Where the system is not asked zeros are written, and space stays with the file. */
  @Test
  void worksWhereTheSystemCannotBeAsked() throws IOException {
    TestHost host = new TestHost();
    host.system = NativeAccess.none();
    try (SharedRegion region =
        SharedRegion.open(file, new FileSize(SMALL, LIMIT), Worker.options(LIMIT), Worker.WAIT, host)) {
      fill(region.store(), 30_000);
      assertThat(region.resize(LIMIT)).isEqualTo(LIMIT);
      fill(region.store(), 60_000);
      assertThat(region.resize(SMALL)).isLessThanOrEqualTo(SMALL);
      assertThat(spaceBytes()).isGreaterThanOrEqualTo(LIMIT);
      assertThat(region.resize(LIMIT)).isEqualTo(LIMIT);
      fill(region.store(), 60_000);
      region.store().assertValid();
    }
  }

  // ---- several processes

  @Test
  void allProcessesSeeTheSameSize() throws IOException {
    try (SharedRegion region = open(SMALL, LIMIT);
        Child child = Child.start("serve", file, 0)) {
      child.opened();
      fill(region.store(), 10_000);
      assertThat(child.ask("resize " + LIMIT)).isEqualTo("size " + LIMIT);
      assertThat(region.store().bytes()).isEqualTo(LIMIT);
      fill(region.store(), 60_000);
      long reached = region.resize(SMALL);
      assertThat(child.ask("size")).isEqualTo("size " + reached);
      assertThat(child.ask("everywhere")).isEqualTo("stored");
      assertThat(child.ask("valid")).isEqualTo("valid");
    }
  }

  /** Whoever looks goes on with it. */
  @Test
  void whoIsKilledWhileItBecomesSmallerIsFollowedByAnother() throws IOException {
    try (SharedRegion region = open(LIMIT, LIMIT)) {
      fill(region.store(), 100_000);
      long there = region.store().estimatedSize();
      try (Child child = Child.start("mortal-evictor", file, 0)) {
        child.opened();
        child.tell("resize " + SMALL);
        assertThat(child.awaitEnd()).isEmpty();
      }
      assertThat(region.store().bytes()).as("halfway").isBetween(SMALL + MIB, LIMIT - MIB);
      region.look();
      assertThat(region.store().bytes()).isLessThanOrEqualTo(SMALL);
      assertThat(region.store().estimatedSize()).isBetween(1L, there / 2);
      if (canGiveBack(file)) {
        assertThat(spaceBytes()).isLessThan(SMALL + MIB);
      }
      region.store().assertValid();
      assertThat(region.resize(LIMIT)).isEqualTo(LIMIT);
      region.store().assertValid();
    }
  }
}
