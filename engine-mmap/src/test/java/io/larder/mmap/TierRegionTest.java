package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.engine.StoreClock;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tier's file, and one JVM that opens and closes it. */
class TierRegionTest {
  private static final long BYTES = 2 << 20;
  private static final Duration WAIT = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void name() throws IOException {
    file = directory.toRealPath().resolve("tier.larder");
  }

  private TierRegion open() throws IOException {
    return TierRegion.open(file, BYTES, Worker.options(BYTES), WAIT);
  }

  private TierRegion open(Host host) throws IOException {
    return TierRegion.open(file, BYTES, false, Worker.options(BYTES), WAIT, host);
  }

  private TierRegion openAnew(long bytes) throws IOException {
    return TierRegion.openAnew(file, bytes, Worker.options(bytes), WAIT);
  }

  private SharedRegion openShared() throws IOException {
    return SharedRegion.open(file, BYTES, Worker.options(BYTES), WAIT);
  }

  private void fill(Host host) throws IOException {
    try (TierRegion tier = open(host)) {
      assertThat(Values.put(tier.store(), "key", "value")).isPositive();
    }
  }

  private void makeUnclean() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(Integer.BYTES), FileLayout.CLEAN_OFFSET);
    }
  }

  private void deleteLocks() throws IOException {
    Path locks = file.resolveSibling("tier.larder.locks");
    try (Stream<Path> each = Files.list(locks)) {
      for (Path lock : each.toList()) {
        Files.delete(lock);
      }
    }
    Files.delete(locks);
  }

  private void assertRefused(ThrowingCallable opening, Reason reason, String... said) {
    List<String> all = new ArrayList<>(List.of(said));
    all.add(file.toString());
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(opening)
        .satisfies(refusal -> assertThat(refusal).message().contains(all))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  private void assertRefusedAndLeft(ThrowingCallable opening, Reason reason, String... said) throws IOException {
    byte[] before = Files.readAllBytes(file);
    assertRefused(opening, reason, said);
    assertThat(Files.readAllBytes(file)).as("the file").isEqualTo(before);
  }

  // ---- making and finding

  @Test
  void outlivesItsUser() throws IOException {
    try (TierRegion tier = open()) {
      assertThat(tier.created()).isTrue();
      assertThat(tier.file()).isEqualTo(file).hasSize(BYTES);
      assertThat(Values.put(tier.store(), "key", "value")).isPositive();
    }
    for (long bytes : new long[] {BYTES, 0}) {
      try (TierRegion tier = TierRegion.open(file, bytes, Worker.options(bytes), WAIT)) {
        assertThat(tier.created()).isFalse();
        assertThat(Values.get(tier.store(), "key")).isEqualTo("value");
        tier.look();
        tier.publish(1, 2, 3);
        assertThat(tier.store().isLost()).isFalse();
        tier.store().assertValid();
      }
    }
  }

  @Test
  void makesWhatWasNeverComplete() throws IOException {
    ByteBuffer half = ByteBuffer.allocate(RegionGeometry.PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, half.putLong((int) RegionLayout.MAGIC_OFFSET, RegionLayout.MAGIC).array());
    try (TierRegion tier = open()) {
      assertThat(tier.created()).isTrue();
    }
    assertRefusedAndLeft(this::openShared, Reason.KIND);
  }

  @Test
  void keepsWhatWasLeftUncleanInThisBootOnly() throws IOException {
    fill(TestHost.booted(1));
    makeUnclean();
    try (TierRegion tier = open(TestHost.booted(1))) {
      assertThat(tier.created()).isFalse();
      assertThat(Values.get(tier.store(), "key")).isEqualTo("value");
    }
    makeUnclean();
    try (TierRegion tier = open(TestHost.booted(2))) {
      assertThat(tier.created()).isTrue();
      assertThat(Values.get(tier.store(), "key")).isNull();
    }
    assertRefusedAndLeft(this::openShared, Reason.KIND);
  }

  @Test
  void keepsWhatWasClosedOverABoot() throws IOException {
    fill(TestHost.booted(1));
    try (TierRegion tier = open(TestHost.booted(2))) {
      assertThat(tier.created()).isFalse();
      assertThat(Values.get(tier.store(), "key")).isEqualTo("value");
    }
  }

  @Test
  void hasChecksumsWhateverTheOptionsSay() throws IOException {
    try (TierRegion tier =
        TierRegion.open(file, BYTES, Worker.options(BYTES).withVerifyReads(false), WAIT)) {
      assertThat(Values.put(tier.store(), "key", "a value to be found")).isPositive();
    }
    byte[] bytes = Files.readAllBytes(file);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("a value to be found");
    assertThat(at).isPositive();
    bytes[at]++;
    Files.write(file, bytes);
    try (TierRegion tier =
        TierRegion.open(file, BYTES, Worker.options(BYTES).withVerifyReads(false), WAIT)) {
      assertThat(Values.get(tier.store(), "key")).isNull();
    }
  }

  // ---- one user

  @Test
  void isRefusedWhileThisJvmHasIt() throws IOException {
    try (TierRegion tier = open()) {
      assertThat(Values.put(tier.store(), "key", "value")).isPositive();
      assertRefused(this::open, Reason.IN_USE, "found it open in this JVM", "expected nobody", "another file");
      assertRefused(() -> openAnew(BYTES), Reason.IN_USE, "found it open in this JVM");
      Path link = Files.createSymbolicLink(directory.resolve("link"), file);
      assertRefused(() -> TierRegion.open(link, 0, Worker.options(0), WAIT), Reason.IN_USE);
      assertThat(Values.get(tier.store(), "key")).isEqualTo("value");
      assertThat(Values.put(tier.store(), "other", "value")).isPositive();
    }
    open().close();
  }

  @Test
  void isNotShared() throws IOException {
    String[] said = {"found the tier of one cache", "expected a file that caches share"};
    try (TierRegion tier = open()) {
      assertRefused(this::openShared, Reason.KIND, said);
      assertThat(Values.put(tier.store(), "key", "value")).isPositive();
    }
    assertRefusedAndLeft(this::openShared, Reason.KIND, said);
    assertRefusedAndLeft(() -> ReadOnlyRegion.open(file, StoreClock.SYSTEM, WAIT), Reason.KIND, said);
    try (TierRegion tier = open()) {
      assertThat(Values.get(tier.store(), "key")).isEqualTo("value");
    }
  }

  @Test
  void isNotMadeOfASharedFile() throws IOException {
    String[] said = {"found a file that caches share", "expected the tier of one cache"};
    try (SharedRegion region = openShared()) {
      assertRefused(this::open, Reason.KIND, said);
      assertThat(Values.put(region.store(), "key", "value")).isPositive();
    }
    assertRefusedAndLeft(this::open, Reason.KIND, said);
    assertRefusedAndLeft(() -> openAnew(BYTES), Reason.KIND, said);
    try (SharedRegion region = openShared()) {
      assertThat(Values.get(region.store(), "key")).isEqualTo("value");
    }
  }

  @Test
  void canBeLookedIntoWhileItIsUsed() throws IOException {
    try (TierRegion tier = open()) {
      assertThat(Values.put(tier.store(), "key", "value")).isPositive();
      try (ReadOnlyRegion region = ReadOnlyRegion.inspect(file, StoreClock.SYSTEM, WAIT)) {
        assertThat(region.describe().tier()).isTrue();
        assertThat(region.describe().checksums()).isTrue();
        assertThat(region.attachments()).singleElement().matches(one -> one.life() == AttachmentReport.Life.ALIVE);
        assertThat(Values.get(region.store(), "key")).isEqualTo("value");
      }
    }
    openShared(directory.resolve("shared.larder")).close();
    try (ReadOnlyRegion region =
        ReadOnlyRegion.inspect(directory.resolve("shared.larder"), StoreClock.SYSTEM, WAIT)) {
      assertThat(region.describe().tier()).isFalse();
    }
  }

  private static SharedRegion openShared(Path path) throws IOException {
    return SharedRegion.open(path, BYTES, Worker.options(BYTES), WAIT);
  }

  // ---- anew

  @Test
  void givesUpItsContentWhenAsked() throws IOException {
    for (long bytes : new long[] {BYTES, 2 * BYTES, 0, BYTES}) {
      long expected = bytes == 0 ? Files.size(file) : bytes;
      try (TierRegion tier = openAnew(bytes)) {
        assertThat(tier.created()).isTrue();
        assertThat(file).hasSize(expected);
        assertThat(Values.get(tier.store(), "key")).isNull();
        assertThat(Values.put(tier.store(), "key", "value")).isPositive();
        tier.store().assertValid();
      }
    }
    assertRefusedAndLeft(this::openShared, Reason.KIND);
    fill(Host.THIS);
  }

  @Test
  void keepsItsContentWhenThereIsNoSpaceForAnother() throws IOException {
    fill(Host.THIS);
    assertRefusedAndLeft(() -> openAnew(1L << 42), Reason.NO_SPACE);
    assertRefusedAndLeft(
        () -> TierRegion.open(file, 2 * BYTES, Worker.options(BYTES), WAIT), Reason.SIZE, "found " + BYTES);
  }

  /** Without the lock files nobody can say whether it is in use. */
  @Test
  void isNotMadeAnewUnderAUserWhoseLocksAreGone() throws IOException {
    fill(Host.THIS);
    makeUnclean();
    deleteLocks();
    assertRefusedAndLeft(() -> openAnew(BYTES), Reason.LOCKS);
  }
}
