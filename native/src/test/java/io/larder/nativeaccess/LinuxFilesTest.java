package io.larder.nativeaccess;

import static io.larder.nativeaccess.LinuxFiles.ATTEMPTS_MAX;
import static io.larder.nativeaccess.LinuxFiles.CHUNK_BYTES;
import static io.larder.nativeaccess.LinuxFiles.FALLOCATE;
import static io.larder.nativeaccess.LinuxFiles.O_CLOEXEC;
import static io.larder.nativeaccess.LinuxFiles.O_RDWR;
import static io.larder.nativeaccess.LinuxFiles.POSIX_FADV_DONTNEED;
import static io.larder.nativeaccess.LinuxFiles.PUNCH_HOLE_KEEP_SIZE;
import static io.larder.nativeaccess.ScriptedLibc.DESCRIPTOR;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.larder.nativeaccess.NativeResult.Outcome;
import io.larder.nativeaccess.ScriptedLibc.Call;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The requests about files, made of a C library that fails as it is told. */
class LinuxFilesTest {
  private static final Call OPEN = new Call("open", O_RDWR | O_CLOEXEC, 0, 0);
  private static final Call CLOSE = new Call("close", DESCRIPTOR, 0, 0);

  private final ScriptedLibc libc = new ScriptedLibc();

  @TempDir private Path directory;
  private Path file;
  private LinuxFiles files;

  @BeforeEach
  void make() throws IOException {
    file = Files.createFile(directory.resolve("file"));
    Path descriptors = Files.createDirectory(directory.resolve("descriptors"));
    Files.createSymbolicLink(descriptors.resolve("" + DESCRIPTOR), file);
    files = new LinuxFiles(libc, libc::lastErrno, descriptors);
  }

  private static Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  private NativeResult reserve(long from, long bytes) throws IOException {
    return files.reserve(file, key(file), from, bytes);
  }

  private static Call fallocate(long from, long bytes, int mode) {
    return new Call("fallocate", from, bytes, mode);
  }

  @Test
  void reservesByChunks() throws IOException {
    assertThat(reserve(10, 2 * CHUNK_BYTES + 1)).isEqualTo(NativeResult.done(2 * CHUNK_BYTES + 1));

    assertThat(libc.calls)
        .containsExactly(
            OPEN,
            fallocate(10, CHUNK_BYTES, FALLOCATE),
            fallocate(10 + CHUNK_BYTES, CHUNK_BYTES, FALLOCATE),
            fallocate(10 + 2 * CHUNK_BYTES, 1, FALLOCATE),
            CLOSE);
  }

  @Test
  void givesBackByHolesThatLeaveTheSize() throws IOException {
    assertThat(files.giveBack(file, key(file), 4096, 8192)).isEqualTo(NativeResult.done(8192));

    assertThat(libc.calls).containsExactly(OPEN, fallocate(4096, 8192, PUNCH_HOLE_KEEP_SIZE), CLOSE);
  }

  @Test
  void dropsWhatIsCachedOfAllOfTheFile() throws IOException {
    libc.errors.addAll(List.of(0, 0, 0, SystemCall.EINVAL));

    assertThat(files.dropCached(file, key(file))).isEqualTo(NativeResult.done(0));
    assertThat(libc.calls).containsExactly(OPEN, new Call("posix_fadvise", 0, 0, POSIX_FADV_DONTNEED), CLOSE);
    assertThat(files.dropCached(file, key(file)).detail()).contains("EINVAL");
    assertThat(files.dropCached(file, key(directory)).detail()).contains("another file");
  }

  @Test
  void saysHowFarItCameWhenTheDiskIsFull() throws IOException {
    libc.errors.addAll(List.of(0, 0, SystemCall.ENOSPC));

    NativeResult result = reserve(0, 3 * CHUNK_BYTES);

    assertThat(result.outcome()).isEqualTo(Outcome.PARTLY);
    assertThat(result.bytes()).isEqualTo(CHUNK_BYTES);
    assertThat(result.detail()).contains("ENOSPC", "no space left");
    assertThat(libc.calls).endsWith(CLOSE);
  }

  @Test
  void saysTheReasonWhenNothingCouldBeHad() throws IOException {
    libc.errors.addAll(List.of(0, SystemCall.EDQUOT));

    NativeResult result = reserve(0, 4096);

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.detail()).contains("EDQUOT", "quota");
  }

  @Test
  void signalsAreNoReason() throws IOException {
    libc.errors.addAll(List.of(0, SystemCall.EINTR, SystemCall.EINTR, 0));

    assertThat(reserve(0, 4096)).isEqualTo(NativeResult.done(4096));
    assertThat(libc.calls).hasSize(2 + 3);
  }

  @Test
  void triesABoundedNumberOfTimes() throws IOException {
    libc.errors.add(0);
    libc.errorOfTheRest = SystemCall.EINTR;

    assertThat(reserve(0, 4096).detail()).contains("EINTR");
    assertThat(libc.calls).hasSize(2 + ATTEMPTS_MAX);
  }

  @ParameterizedTest
  @CsvSource({"95, EOPNOTSUPP, this file system has no such call", "38, ENOSYS, this kernel", "1, EPERM, seccomp"})
  void aCallThatIsNotThereIsUnavailable(int errno, String name, String reason) throws IOException {
    libc.errors.addAll(List.of(0, errno));

    NativeResult result = reserve(0, 4096);

    assertThat(result.outcome()).isEqualTo(Outcome.UNAVAILABLE);
    assertThat(result.detail()).contains(name, reason);
    assertThat(libc.calls).endsWith(CLOSE);
  }

  @Test
  void anotherFileInItsPlaceStaysUntouched() throws IOException {
    Object other = key(Files.createFile(directory.resolve("other")));

    NativeResult result = files.giveBack(file, other, 0, 4096);

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.detail()).contains("another file");
    assertThat(libc.calls).containsExactly(OPEN, CLOSE);
  }

  @Test
  void aFileThatCannotBeToldFromAnotherStaysUntouched() throws IOException {
    Files.delete(directory.resolve("descriptors").resolve("" + DESCRIPTOR));

    NativeResult result = reserve(0, 4096);

    assertThat(result.outcome()).isEqualTo(Outcome.UNAVAILABLE);
    assertThat(result.detail()).contains("/proc");
    assertThat(libc.calls).containsExactly(OPEN, CLOSE);
  }

  @Test
  void aFileThatCannotBeOpenedIsRefusedWithTheReason() throws IOException {
    libc.errors.add(SystemCall.EACCES);

    NativeResult result = reserve(0, 4096);

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.detail()).startsWith("open failed with EACCES: ").contains("permissions");
    assertThat(libc.calls).containsExactly(OPEN);
  }

  @Test
  void nothingIsAskedForAnEmptyRange() throws IOException {
    assertThat(reserve(7, 0)).isEqualTo(NativeResult.done(0));
    assertThat(libc.calls).containsExactly(OPEN, CLOSE);
  }

  @Test
  void rangesHaveLimits() {
    for (long[] range : new long[][] {{-1, 1}, {0, -1}, {Long.MAX_VALUE, 1}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reserve(range[0], range[1]))
          .withMessageContainingAll("from=" + range[0], "bytes=" + range[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "with blank", "100%", "a%20b", "ünïcödé", "\uD83E\uDD6B", "semi;colon#?"})
  void theKernelGetsTheBytesOfThePath(String name) {
    files.fileSystem(directory.resolve(name));

    assertThat(new String(libc.path, UTF_8)).isEqualTo(directory.resolve(name) + "\0");
  }

  // ---- file systems

  private FileSystemType fileSystem(long magic) {
    libc.fileSystem = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(magic).array();
    return files.fileSystem(directory);
  }

  @ParameterizedTest
  @CsvSource({
    "0xEF53, ext4", "0x58465342, xfs", "0x9123683E, btrfs", "0x01021994, tmpfs", "0x794C7630, overlay",
    "0x6969, nfs", "0xFF534D42, cifs", "0x65735546, fuse", "0x01021997, 9p", "0x00C36400, ceph"
  })
  void fileSystemsHaveNames(long magic, String name) {
    assertThat(fileSystem(magic)).isEqualTo(new FileSystemType(Outcome.DONE, magic, name, ""));
    assertThat(fileSystem(magic | -1L << 32)).as("with a sign").isEqualTo(fileSystem(magic));
  }

  @Test
  void aFileSystemThatIsNotKnownHasItsNumberOnly() {
    assertThat(fileSystem(0x12345678)).isEqualTo(new FileSystemType(Outcome.DONE, 0x12345678, "", ""));
  }

  @Test
  void aFileSystemThatIsNotToldHasAReason() {
    libc.errors.addAll(List.of(SystemCall.ENOENT, SystemCall.ENOSYS));

    FileSystemType absent = fileSystem(0xEF53);
    assertThat(absent.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(absent.magic()).isZero();
    assertThat(absent.name()).isEmpty();
    assertThat(absent.detail()).startsWith("statfs failed with ENOENT: ");
    assertThat(fileSystem(0xEF53).outcome()).isEqualTo(Outcome.UNAVAILABLE);
  }
}
