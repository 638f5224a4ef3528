package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.larder.allocator.RegionLayout;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not opened: the message says why, and the file stays as it is. */
class SharedRegionRefusalTest {
  private static final long BYTES = 1 << 20;
  private static final Duration WAIT = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void name() throws IOException {
    file = directory.toRealPath().resolve("region.larder");
  }

  private void make() throws IOException {
    SharedRegion.open(file, BYTES, Worker.options(BYTES), WAIT).close();
  }

  private void patch(long offset, long word) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, word);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(bytes, offset);
    }
  }

  private void patchInt(long offset, int word) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(0, word);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(bytes, offset);
    }
  }

  private void resize(long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
      if (channel.size() < bytes) {
        channel.write(ByteBuffer.allocate(1), bytes - 1);
      }
    }
  }

  private void assertRefused(Reason reason, String... said) throws IOException {
    byte[] before = Files.readAllBytes(file);
    assertRefused(file, Host.THIS, reason, said);
    assertThat(Files.readAllBytes(file)).as("the file").isEqualTo(before);
  }

  private static void assertRefused(Path path, Host host, Reason reason, String... said) {
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(() -> SharedRegion.open(path, BYTES, Worker.options(BYTES), WAIT, host))
        .withMessageContaining(path.toString())
        .withMessageContainingAll(said)
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "LARDER0", "#!/bin/sh\necho of somebody else's\n", "\0\0\0\0\0\0\0\0\0\0\0\0"})
  void refusesAFileOfSomebodyElse(String content) throws IOException {
    Files.writeString(file, content);
    assertRefused(Reason.NOT_A_REGION, "found", "expected");
    assertThat(directory).as("made beside it").isDirectoryNotContaining(path -> !path.endsWith("region.larder"));
  }

  @Test
  void refusesWordsTheOtherWayRound() throws IOException {
    make();
    patch(RegionLayout.MAGIC_OFFSET, Long.reverseBytes(RegionLayout.MAGIC));
    assertRefused(Reason.BYTE_ORDER, "found big-endian", "expected little-endian");
  }

  @Test
  void refusesAnotherFormat() throws IOException {
    make();
    patchInt(RegionLayout.FORMAT_VERSION_OFFSET, 77);
    assertRefused(Reason.FORMAT_VERSION, "found 77", "expected " + RegionLayout.FORMAT_VERSION);
  }

  @Test
  void refusesOtherStructures() throws IOException {
    make();
    patch(FileLayout.LAYOUT_FINGERPRINT_OFFSET, 0x77);
    assertRefused(Reason.LAYOUT, "found 0000000000000077", "expected %016x".formatted(LayoutFingerprint.current()));
  }

  @Test
  void refusesFeaturesThatItDoesNotKnow() throws IOException {
    make();
    patch(FileLayout.INCOMPATIBLE_FEATURES_OFFSET, 1L << 40);
    assertRefused(Reason.FEATURES, "found", "10000000000", "expected");
    patch(FileLayout.INCOMPATIBLE_FEATURES_OFFSET, 0);
    patch(FileLayout.READ_ONLY_FEATURES_OFFSET, 1L << 36);
    assertRefused(Reason.FEATURES, "found", "1000000000", "expected");
    patch(FileLayout.READ_ONLY_FEATURES_OFFSET, 0);
    patch(FileLayout.COMPATIBLE_FEATURES_OFFSET, -1);
    make();
  }

  @ParameterizedTest
  @ValueSource(longs = {BYTES - 1, BYTES / 2, 4096, 4095, 128})
  void refusesAFileThatWasCutOff(long bytes) throws IOException {
    make();
    resize(bytes);
    // Below a page the fingerprint is gone as well.
    assertRefused(bytes > 1024 ? Reason.TRUNCATED : Reason.LAYOUT, "found", "expected");
  }

  @Test
  void refusesAFileThatHasGrown() throws IOException {
    make();
    resize(BYTES + 1);
    assertRefused(Reason.SIZE, "found " + (BYTES + 1), "expected " + BYTES);
  }

  @Test
  void refusesAFileOfAnotherSizeThanWanted() throws IOException {
    SharedRegion.open(file, 2 * BYTES, Worker.options(2 * BYTES), WAIT).close();
    assertRefused(Reason.SIZE, "found " + 2 * BYTES, "the " + BYTES);
  }

  @Test
  void refusesADamagedSuperblock() throws IOException {
    make();
    patchInt(RegionLayout.READY_OFFSET, 5);
    assertRefused(Reason.NOT_A_REGION, "found ready=5", "expected 1");
    patchInt(RegionLayout.READY_OFFSET, RegionLayout.READY);
    patchInt(RegionLayout.PARTITION_COUNT_OFFSET, 3);
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(this::make)
        .withMessageContaining(file.toString())
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NOT_A_REGION));
    patchInt(RegionLayout.PARTITION_COUNT_OFFSET, Worker.PARTITIONS);
    make();
  }

  @Test
  void refusesWhatIsNoRegularFile() throws IOException {
    assertRefused(directory.toRealPath(), Host.THIS, Reason.NOT_A_FILE, "directory");
    Path device = Path.of("/dev/null");
    assumeTrue(Files.exists(device));
    assertRefused(device, Host.THIS, Reason.NOT_A_FILE, "special file");
  }

  @Test
  void refusesALinkThatLeadsNowhere() throws IOException {
    Files.createSymbolicLink(file, directory.resolve("nowhere"));
    assertRefused(file, Host.THIS, Reason.NOT_A_FILE, "nowhere");
    assertThat(directory.resolve("nowhere")).doesNotExist();
  }

  @Test
  void refusesAFileWithTwoNames() throws IOException {
    assumeTrue(file.getFileSystem().supportedFileAttributeViews().contains("unix"));
    make();
    Path other = directory.resolve("other");
    Files.createLink(other, file);
    assertRefused(Reason.NOT_A_FILE, "found 2", "expected 1");
    Files.delete(other);
    make();
  }

  @Test
  void refusesADirectoryThatIsNotThere() {
    assertRefused(file.resolveSibling("missing").resolve("region"), Host.THIS, Reason.ABSENT, "missing");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void refusesToMakeAFileOfNoSize() {
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(() -> SharedRegion.open(file, 0, Worker.options(0), WAIT))
        .withMessageContaining(file.toString())
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.ABSENT));
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"nfs4, false, REMOTE", "fuse.sshfs, false, REMOTE", "ext4, true, READ_ONLY", "9p, true, REMOTE"})
  void refusesAFileSystemThatIsNotFit(String type, boolean readOnly, Reason reason) throws IOException {
    TestHost host = new TestHost();
    host.type = type;
    host.readOnly = readOnly;
    assertRefused(file, host, reason, "found", type, "expected");
    assertThat(directory).isEmptyDirectory();
    make();
    byte[] before = Files.readAllBytes(file);
    assertRefused(file, host, reason, "found", type, "expected");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }
}
