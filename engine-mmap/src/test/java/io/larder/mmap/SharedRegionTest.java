package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file, and one JVM that opens and closes it. */
class SharedRegionTest {
  private static final long BYTES = 2 << 20;
  private static final Duration WAIT = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private Path file;
  private Path locks;

  @BeforeEach
  void name() throws IOException {
    file = directory.toRealPath().resolve("region.larder");
    locks = file.resolveSibling("region.larder.locks");
  }

  private SharedRegion open(long bytes) throws IOException {
    return SharedRegion.open(file, bytes, Worker.options(bytes), WAIT);
  }

  private SharedRegion open(Host host) throws IOException {
    return SharedRegion.open(file, BYTES, Worker.options(BYTES), WAIT, host);
  }

  private Header header() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return Header.read(file, channel);
    }
  }

  private void makeUnclean() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(Integer.BYTES), FileLayout.CLEAN_OFFSET);
    }
  }

  private void makeHalf(int bytes) throws IOException {
    ByteBuffer half = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    half.putLong((int) RegionLayout.MAGIC_OFFSET, RegionLayout.MAGIC);
    Files.write(file, half.array());
  }

  private void putAndClose(String key, Host host) throws IOException {
    try (SharedRegion region = open(host)) {
      assertThat(Values.put(region.store(), key, "value")).isPositive();
    }
  }

  private void assertRefused(Reason reason) {
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(() -> open(BYTES))
        .withMessageContaining(file.toString())
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  // ---- making and finding

  @Test
  void outlivesThoseWhoUseIt() throws IOException {
    try (SharedRegion region = open(BYTES)) {
      assertThat(region.created()).isTrue();
      assertThat(region.attachment()).isZero();
      assertThat(region.file()).isEqualTo(file).hasSize(BYTES);
      assertThat(region.store().geometry().regionBytes()).isEqualTo(BYTES);
      assertThat(Values.put(region.store(), "key", "value")).isPositive();
      assertThat(header().isClean()).isFalse();
    }
    assertThat(header().isClean()).isTrue();
    for (long bytes : new long[] {BYTES, 0}) {
      try (SharedRegion region = open(bytes)) {
        assertThat(region.created()).isFalse();
        assertThat(Values.get(region.store(), "key")).isEqualTo("value");
        assertThat(header().isClean()).isFalse();
        region.store().assertValid();
      }
    }
  }

  @Test
  void everyTakingOfASlotHasAHigherEpoch() throws IOException {
    for (long epoch = 1; epoch <= 4; epoch++) {
      try (SharedRegion region = open(BYTES)) {
        assertThat(region.owners().token()).isEqualTo(epoch << 16 | 1);
      }
    }
  }

  @Test
  void slotThatIsUsedUpIsNotTakenAgain() throws IOException {
    open(BYTES).close();
    setEpoch(0, Liveness.EPOCH_MAX - 1);
    try (SharedRegion region = open(BYTES)) {
      assertThat(region.owners().token()).isEqualTo(0xFFFF_0001L);
    }
    try (SharedRegion region = open(BYTES)) {
      assertThat(region.owners().token()).isEqualTo(1 << 16 | 2);
      assertThat(region.owners().isDead(0xFFFF_0001L)).isTrue();
    }
    for (int slot = 0; slot < FileLayout.ATTACHMENTS_MAX; slot++) {
      setEpoch(slot, Liveness.EPOCH_MAX);
    }
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(() -> SharedRegion.open(file, BYTES, Worker.options(BYTES), Duration.ofMillis(20)))
        .withMessageContainingAll(file.toString(), "64", "65535")
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.FULL));
    assertThat(header().isClean()).isTrue();
  }

  private void setEpoch(int slot, long epoch) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, epoch);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(word, FileLayout.attachmentOffset(slot) + AttachmentLayout.EPOCH_OFFSET);
    }
  }

  @Test
  void isItsOwnersAlone() throws IOException {
    assumeTrue(file.getFileSystem().supportedFileAttributeViews().contains("posix"));
    open(BYTES).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(locks))).isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(locks)) {
      assertThat(files)
          .hasSize(FileLayout.ATTACHMENTS_MAX + 1)
          .allSatisfy(
              lock ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(lock)))
                      .isEqualTo("rw-------"));
    }
  }

  @Test
  void reservesEveryByte() throws IOException {
    assumeTrue(file.getFileSystem().supportedFileAttributeViews().contains("unix"));
    try (SharedRegion region = open(BYTES)) {
      Process du = new ProcessBuilder("du", "-k", region.file().toString()).start();
      String kibibytes = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(Long.parseLong(kibibytes.split("\\s", -1)[0])).isGreaterThanOrEqualTo(BYTES >>> 10);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void checksumsAreAMatterOfTheFile(boolean made) throws IOException {
    for (int round = 0; round < 3; round++) {
      boolean asked = made == (round % 2 == 0);
      try (SharedRegion region =
          SharedRegion.open(file, BYTES, Worker.options(BYTES).withVerifyReads(asked), WAIT)) {
        assertThat(Values.put(region.store(), "key-" + round, "value-" + round)).isPositive();
        for (int earlier = 0; earlier <= round; earlier++) {
          assertThat(Values.get(region.store(), "key-" + earlier)).isEqualTo("value-" + earlier);
        }
        assertThat(region.store().stats().corruptions()).isZero();
      }
      assertThat(header().hasChecksums()).isEqualTo(made);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whetherValuesArePackedIsAMatterOfTheFile(boolean made) throws IOException {
    for (int round = 0; round < 3; round++) {
      boolean asked = made == (round % 2 == 0);
      try (SharedRegion region =
          SharedRegion.open(file, FileSize.upTo(BYTES), Worker.options(BYTES), asked, WAIT)) {
        assertThat(region.isPacked()).isEqualTo(made);
        try (SharedRegion second = open(0)) {
          assertThat(second.isPacked()).isEqualTo(made);
        }
        try (ReadOnlyRegion reader = ReadOnlyRegion.open(file, Worker.options(BYTES).clock(), WAIT)) {
          assertThat(reader.isPacked()).isEqualTo(made);
        }
      }
      assertThat(header().isPacked()).isEqualTo(made);
    }
  }

  // ---- one JVM, several openings

  @Test
  void secondOpeningSharesTheFirst() throws IOException {
    try (SharedRegion first = open(BYTES)) {
      SharedRegion second = open(0);
      assertThat(second.store()).isSameAs(first.store());
      assertThat(second.created()).isFalse();
      assertThat(second.attachment()).isEqualTo(first.attachment());
      second.close();
      second.close();
      assertThat(Values.put(first.store(), "key", "value")).isPositive();
      assertThat(header().isClean()).isFalse();
    }
    assertThat(header().isClean()).isTrue();
  }

  @Test
  void otherPathsLeadToTheSameAttachment() throws IOException {
    Path link = directory.resolve("link");
    try (SharedRegion first = open(BYTES)) {
      Files.createSymbolicLink(link, file);
      Path roundabout = directory.resolve("..").resolve(directory.getFileName()).resolve(file.getFileName());
      Path relative = Path.of("").toAbsolutePath().relativize(file);
      assertThat(relative).isRelative();
      for (Path path : new Path[] {link, roundabout, relative}) {
        try (SharedRegion second = SharedRegion.open(path, 0, Worker.options(0), WAIT)) {
          assertThat(second.store()).isSameAs(first.store());
        }
      }
    }
  }

  /** Nobody else could be let in by it, see {@link SharedRegionRefusalTest#refusesAFileWithTwoNames}. */
  @Test
  void anotherNameOfTheFileLeadsToTheSameAttachment() throws IOException {
    Path name = directory.resolve("another-name");
    try (SharedRegion first = open(BYTES)) {
      Files.createLink(name, file);
      for (Path path : new Path[] {name, file}) {
        try (SharedRegion second = SharedRegion.open(path, 0, Worker.options(0), WAIT)) {
          assertThat(second.store()).isSameAs(first.store());
          assertThat(second.file()).isEqualTo(file);
        }
      }
      assertThat(directory.resolve("another-name.locks")).doesNotExist();
    }
    assertThat(header().isClean()).isTrue();
    assertRefused(Reason.NOT_A_FILE);
    Files.delete(name);
    open(BYTES).close();
  }

  @Test
  void fileThatWasMovedWithItsLockFilesIsStillTheSame() throws IOException {
    Path moved = file.resolveSibling("moved");
    try (SharedRegion first = open(BYTES)) {
      Files.move(file, moved);
      Files.move(locks, moved.resolveSibling("moved.locks"));
      try (SharedRegion second = SharedRegion.open(moved, 0, Worker.options(0), WAIT)) {
        assertThat(second.store()).isSameAs(first.store());
      }
      Files.move(moved, file);
      Files.move(moved.resolveSibling("moved.locks"), locks);
    }
    assertThat(header().isClean()).isTrue();
  }

  @Test
  void secondOpeningMustWantTheSameSize() throws IOException {
    try (SharedRegion first = open(BYTES)) {
      assertThatExceptionOfType(RegionFileException.class)
          .isThrownBy(() -> open(2 * BYTES))
          .withMessageContainingAll(file.toString(), "" + BYTES, "" + 2 * BYTES);
      assertThat(Values.put(first.store(), "key", "value")).isPositive();
    }
  }

  @Test
  void storeEndsWithTheLastClose() throws IOException {
    SharedRegion region = open(BYTES);
    Store store = region.store();
    region.close();
    assertThatIllegalStateException().isThrownBy(() -> Values.put(store, "key", "value"));
    assertThatIllegalStateException().isThrownBy(store::assertValid);
  }

  @Test
  void survivesAStoreThatWasClosedByItself() throws IOException {
    try (SharedRegion region = open(BYTES)) {
      region.store().close();
    }
    assertThat(header().isClean()).isTrue();
    open(BYTES).close();
  }

  @Test
  void anotherFileInItsPlaceIsNotTakenForIt() throws IOException {
    try (SharedRegion first = open(BYTES)) {
      Files.delete(file);
      assertRefused(Reason.REPLACED);
      assertThat(Values.put(first.store(), "key", "value")).isPositive();
    }
    try (SharedRegion region = open(BYTES)) {
      assertThat(region.created()).isTrue();
      assertThat(Values.get(region.store(), "key")).isNull();
    }
  }

  /** What another class loader's copy leaves behind while it has the file open. */
  @Test
  void anotherCopyInThisJvmIsRefused() throws IOException {
    open(BYTES).close();
    Object key = Files.readAttributes(locks, BasicFileAttributes.class).fileKey();
    String property = "io.larder.mmap.open " + Objects.requireNonNullElse(key, locks);
    System.setProperty(property, "another copy");
    try {
      assertRefused(Reason.FOREIGN_ATTACHMENT);
      assertThat(System.getProperty(property)).isEqualTo("another copy");
    } finally {
      System.clearProperty(property);
    }
    open(BYTES).close();
    assertThat(System.getProperty(property)).isNull();
  }

  @Test
  void closesInOrderThoughInterrupted() throws IOException {
    SharedRegion region = open(BYTES);
    Thread.currentThread().interrupt();
    region.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(header().isClean()).isTrue();
  }

  @Test
  void interruptEndsOpening() throws IOException {
    open(BYTES).close();
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> open(BYTES)).isInstanceOf(IOException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(header().isClean()).isTrue();
    open(BYTES).close();
  }

  // ---- what was left behind

  @ParameterizedTest
  @ValueSource(ints = {RegionGeometry.PAGE_BYTES, 5000, (int) BYTES, 3 << 20})
  void startsOverWhatWasNeverCompleted(int bytes) throws IOException {
    makeHalf(bytes);
    try (SharedRegion region = open(BYTES)) {
      assertThat(region.created()).isTrue();
      assertThat(Files.size(file)).isEqualTo(BYTES);
      assertThat(Values.put(region.store(), "key", "value")).isPositive();
      region.store().assertValid();
    }
  }

  @Test
  void takesAnEmptyFile() throws IOException {
    Files.createFile(file);
    try (SharedRegion region = open(BYTES)) {
      assertThat(region.created()).isTrue();
    }
  }

  @Test
  void doesNotGuessTheSizeOfWhatWasNeverCompleted() throws IOException {
    makeHalf(5000);
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(() -> open(0))
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.ABSENT));
    assertThat(file).hasSize(5000);
  }

  @Test
  void keepsEverythingWithinABoot() throws IOException {
    putAndClose("key", TestHost.booted(1));
    makeUnclean();
    try (SharedRegion region = open(TestHost.booted(1))) {
      assertThat(region.created()).isFalse();
      assertThat(Values.get(region.store(), "key")).isEqualTo("value");
    }
  }

  @Test
  void givesUpWhatAnotherBootHasNotClosed() throws IOException {
    putAndClose("key", TestHost.booted(1));
    makeUnclean();
    try (SharedRegion region = open(TestHost.booted(2))) {
      assertThat(region.created()).isTrue();
      assertThat(Values.get(region.store(), "key")).isNull();
      assertThat(header().bootId()).isEqualTo(new BootId(2, 2));
      region.store().assertValid();
    }
  }

  /** Who joins does not decide what those may do who made the file, only because the machine went down. */
  @Test
  void isWhatItWasWhenItsContentIsGivenUp() throws IOException {
    StoreOptions checked = Worker.options(BYTES).withVerifyReads(true);
    SharedRegion.open(file, FileSize.upTo(BYTES), checked, true, WAIT, TestHost.booted(1)).close();
    makeUnclean();
    try (SharedRegion region = open(TestHost.booted(2))) {
      assertThat(region.created()).isTrue();
      assertThat(region.isPacked()).isTrue();
      assertThat(header().hasChecksums()).isTrue();
    }
  }

  @Test
  void keepsWhatAnotherBootHasClosed() throws IOException {
    putAndClose("key", TestHost.booted(1));
    try (SharedRegion region = open(TestHost.booted(2))) {
      assertThat(region.created()).isFalse();
      assertThat(Values.get(region.store(), "key")).isEqualTo("value");
      assertThat(header().bootId()).isEqualTo(new BootId(2, 2));
      assertThat(header().isClean()).isFalse();
    }
  }

  @Test
  void takesAnUnknownBootForAnother() throws IOException {
    TestHost host = new TestHost();
    host.bootId = BootId.UNKNOWN;
    putAndClose("key", host);
    try (SharedRegion region = open(host)) {
      assertThat(Values.get(region.store(), "key")).isEqualTo("value");
    }
    makeUnclean();
    try (SharedRegion region = open(host)) {
      assertThat(region.created()).isTrue();
    }
  }

  @Test
  void makesLockFilesAnewWhenNobodyIsAttached() throws IOException {
    putAndClose("key", Host.THIS);
    deleteLocks();
    try (SharedRegion region = open(BYTES)) {
      assertThat(Values.get(region.store(), "key")).isEqualTo("value");
    }
  }

  @Test
  void refusesOtherLockFilesWhenSomebodyMayBeAttached() throws IOException {
    putAndClose("key", Host.THIS);
    makeUnclean();
    Path aside = locks.resolveSibling("aside");
    Files.move(locks, aside);
    assertRefused(Reason.LOCKS);
    deleteLocks();
    Path other = file.resolveSibling("other");
    SharedRegion.open(other, BYTES, Worker.options(BYTES), WAIT).close();
    Files.move(other.resolveSibling("other.locks"), locks);
    assertRefused(Reason.LOCKS);
    deleteLocks();
    Files.move(aside, locks);
    Files.delete(locks.resolve("attachment-0"));
    assertRefused(Reason.LOCKS);
    Files.createFile(locks.resolve("attachment-0"));
    try (SharedRegion region = open(BYTES)) {
      assertThat(Values.get(region.store(), "key")).isEqualTo("value");
    }
  }

  private void deleteLocks() throws IOException {
    try (Stream<Path> files = Files.list(locks)) {
      for (Path path : files.toList()) {
        Files.delete(path);
      }
    }
    Files.delete(locks);
  }

  // ---- bad arguments

  @Test
  void moreThanThereIsSpaceForIsRefusedBeforehand() throws IOException {
    long usable = Files.getFileStore(directory).getUsableSpace();
    long bytes = Math.min(usable + (64L << 30) & -RegionGeometry.PAGE_BYTES, RegionGeometry.REGION_BYTES_MAX);
    assumeTrue(bytes > usable);
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(() -> open(bytes))
        .withMessageContainingAll(file.toString(), "needed " + bytes, "usable ")
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NO_SPACE));
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, RegionGeometry.REGION_BYTES_MIN - 1, RegionGeometry.REGION_BYTES_MAX + 1})
  void sizesThatNoRegionHasAreRefused(long bytes) {
    assertThatIllegalArgumentException().isThrownBy(() -> open(bytes)).withMessageContaining("" + bytes);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void argumentsHaveLimits() {
    assertThatIllegalArgumentException().isThrownBy(() -> open(-1)).withMessageContaining("bytes=-1");
    for (Duration wait : new Duration[] {Duration.ofMillis(-1), Duration.ofHours(25)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SharedRegion.open(file, BYTES, Worker.options(BYTES), wait))
          .withMessageContaining(wait.toString());
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SharedRegion.open(file, BYTES, Worker.options(BYTES).withPartitions(3), WAIT));
    assertThat(directory).isEmptyDirectory();
  }
}
