package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is only read, alone and beside processes that write to it. */
class ReadOnlyRegionTest {
  private static final long BYTES = 2 << 20;
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(20);

  @TempDir private Path directory;
  private Path file;
  private Path locks;

  @BeforeEach
  void name() throws IOException {
    file = directory.toRealPath().resolve("region.larder");
    locks = file.resolveSibling("region.larder.locks");
  }

  private SharedRegion write() throws IOException {
    return SharedRegion.open(file, BYTES, Worker.options(BYTES), WAIT);
  }

  private ReadOnlyRegion read() throws IOException {
    return ReadOnlyRegion.open(file, System::currentTimeMillis, MOMENT);
  }

  private void assertRefused(Reason reason, Host host, String... said) throws IOException {
    byte[] before = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(() -> ReadOnlyRegion.open(file, System::currentTimeMillis, MOMENT, host))
        .withMessageContaining(file.toString())
        .withMessageContainingAll(said)
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    assertThat(Files.exists(file) ? Files.readAllBytes(file) : new byte[0]).isEqualTo(before);
  }

  private void makeUnclean() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(Integer.BYTES), FileLayout.CLEAN_OFFSET);
    }
  }

  @Test
  void readsAClosedFileAndLeavesItAndItsDirectoryAlone() throws IOException {
    try (SharedRegion region = write()) {
      Values.put(region.store(), "key", "value");
    }
    byte[] before = Files.readAllBytes(file);
    Path alone = Files.createDirectory(directory.resolve("alone")).resolve("copy.larder");
    Files.copy(file, alone);
    if (alone.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(alone, PosixFilePermissions.fromString("r--------"));
    }
    try (ReadOnlyRegion region = ReadOnlyRegion.open(alone, System::currentTimeMillis, MOMENT)) {
      assertThat(Values.get(region.store(), "key")).isEqualTo("value");
      assertThat(Values.get(region.store(), "other")).isNull();
      assertThat(region.file()).isEqualTo(alone.toRealPath());
    }
    assertThat(Files.readAllBytes(alone)).isEqualTo(before);
    try (Stream<Path> there = Files.list(alone.getParent())) {
      assertThat(there).containsExactly(alone);
    }
  }

  @Test
  void seesWhatOthersWriteAndTakesNoSlot() throws IOException {
    try (SharedRegion writer = write();
        ReadOnlyRegion reader = read();
        Child child = Child.start("serve", file, BYTES)) {
      assertThat(child.opened().slot()).isEqualTo(1);
      assertThat(child.ask("put a 1")).isEqualTo("stored");
      assertThat(Values.get(reader.store(), "a")).isEqualTo("1");
      Values.put(writer.store(), "a", "2");
      assertThat(Values.get(reader.store(), "a")).isEqualTo("2");
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> Values.put(reader.store(), "a", "3"));
    }
    assertThat(Files.readAllBytes(file)[(int) FileLayout.CLEAN_OFFSET]).as("clean flag").isEqualTo((byte) 1);
  }

  @Test
  void readsOnWhileWritersAreKilled() throws IOException {
    write().close();
    try (ReadOnlyRegion reader = read()) {
      for (int kill = 0; kill < 3; kill++) {
        try (Child child = Child.start("write", file, BYTES)) {
          int slot = child.opened().slot();
          for (int lines = 0; lines < 500; lines++) {
            child.next();
          }
          child.kill();
          int whole = 0;
          for (int number = 0; number < 1000; number++) {
            String key = slot + "-0-" + number;
            assertThat(Values.count(reader.store(), key)).as(key).isNotEqualTo(Values.TORN);
            whole += Values.count(reader.store(), key) >= 0 ? 1 : 0;
          }
          assertThat(whole).isPositive();
        }
      }
    }
  }

  /** Nobody repairs the partition that its dead owner has locked; its entries are readable. */
  @Test
  void readsAPartitionThatADeadWriterHasLocked() throws IOException {
    try (Child child = Child.start("mortal", file, BYTES)) {
      child.opened();
      child.ask("put a 1");
      child.ask("put b 1");
      child.tell("put a 2");
      child.awaitEnd();
    }
    try (ReadOnlyRegion reader = read()) {
      assertThat(Values.get(reader.store(), "a")).isIn("1", "2");
      assertThat(Values.get(reader.store(), "b")).isEqualTo("1");
      assertThat(reader.store().repairs()).isZero();
    }
    try (SharedRegion writer = write()) {
      assertThat(Values.get(writer.store(), "a")).isIn("1", "2");
      assertThat(writer.store().repairs()).isEqualTo(1);
    }
  }

  @Test
  void readsWhereNothingCanBeWritten() throws IOException {
    write().close();
    TestHost host = new TestHost();
    host.readOnly = true;
    ReadOnlyRegion.open(file, System::currentTimeMillis, MOMENT, host).close();
    host.type = "nfs4";
    assertRefused(Reason.REMOTE, host, "nfs4");
  }

  @Test
  void refusesWhatIsNotThere() throws IOException {
    assertRefused(Reason.ABSENT, Host.THIS, "found no file");
    assertThat(locks).doesNotExist();
    Files.createDirectory(file);
    assertThatExceptionOfType(RegionFileException.class)
        .isThrownBy(this::read)
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NOT_A_FILE));
  }

  @Test
  void refusesAFileOfAnotherBootThatWasNotClosed() throws IOException {
    write().close();
    ReadOnlyRegion.open(file, System::currentTimeMillis, MOMENT, TestHost.booted(1)).close();
    makeUnclean();
    assertRefused(Reason.NOT_CLOSED, TestHost.booted(1), "boot id", BootId.current().toString());
    assumeTrue(!BootId.current().equals(BootId.UNKNOWN));
    read().close();
  }

  @Test
  void refusesAnotherFormatAndAFileThatWasCut() throws IOException {
    write().close();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      channel.write(word.putInt(0, 77), RegionLayout.FORMAT_VERSION_OFFSET);
      assertRefused(Reason.FORMAT_VERSION, Host.THIS, "found 77");
      channel.write(word.clear().putInt(0, RegionLayout.FORMAT_VERSION), RegionLayout.FORMAT_VERSION_OFFSET);
      channel.truncate(BYTES / 2);
    }
    assertRefused(Reason.TRUNCATED, Host.THIS, "found " + BYTES / 2);
  }

  @Test
  void waitsForAFileThatIsBeingMade() throws Exception {
    ByteBuffer half = ByteBuffer.allocate(RegionGeometry.PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    half.putLong((int) RegionLayout.MAGIC_OFFSET, RegionLayout.MAGIC);
    Files.write(file, half.array());
    assertRefused(Reason.BUSY, Host.THIS, "incomplete");

    Thread maker = Thread.ofPlatform().start(this::make);
    try (ReadOnlyRegion reader = ReadOnlyRegion.open(file, System::currentTimeMillis, WAIT)) {
      assertThat(Objects.requireNonNullElse(Values.get(reader.store(), "key"), "value")).isEqualTo("value");
    }
    maker.join();
  }

  private void make() {
    try (SharedRegion region = write()) {
      Values.put(region.store(), "key", "value");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Test
  void closes() throws IOException {
    write().close();
    ReadOnlyRegion reader = read();
    reader.close();
    reader.close();
    assertThatIllegalStateException().isThrownBy(() -> Values.get(reader.store(), "key"));
  }
}
