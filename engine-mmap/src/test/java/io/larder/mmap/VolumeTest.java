package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.larder.nativeaccess.NativeAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which file systems a region may be on. */
class VolumeTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "nfs", "nfs4", "NFS", "cifs", "smb3", "smbfs", "9p", "virtiofs", "ceph", "glusterfs", "lustre", "fuse",
        "fuse.sshfs", "fuse.s3fs"
      })
  void isRemote(String type) {
    assertThat(new Volume(type, false, 0).isRemote()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs", "NTFS", "fuseblk", "hugetlbfs"})
  void isLocal(String type) {
    assertThat(new Volume(type, false, 0).isRemote()).isFalse();
  }

  @Test
  void tellsOfTheDirectoryOfTheTests(@TempDir Path directory) throws IOException {
    Volume volume = Volume.of(directory, NativeAccess::available);
    assertThat(volume.type()).isNotEmpty().isNotEqualTo("unknown");
    assertThat(volume.readOnly()).isFalse();
    assertThat(volume.usableBytes()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "nfs, ext4, nfs",
    "ext4, nfs4, ext4",
    "tmpfs, tmpfs, tmpfs",
    "fuse, fuse.sshfs, fuse.sshfs",
    "fuse, fuseblk, fuseblk",
    "fuse, virtiofs, virtiofs",
    "fuse, ext4, fuse",
    "fuse, unknown, fuse",
    "'', newfs, newfs",
    "'', nfs4, nfs4",
    "'', unknown, unknown",
  })
  void theKernelKnowsTheTypeAndTheTableOfMountsItsKind(String byKernel, String mounted, String type) {
    assertThat(Volume.type(byKernel, mounted)).isEqualTo(type);
  }

  @Test
  void isNotRefusedWhenNobodyKnowsIt() {
    assertThat(new Volume(Volume.type("", "unknown"), false, 0).isRemote()).isFalse();
    assertThat(new Volume(Volume.type("", "newfs"), false, 0).isRemote()).isFalse();
  }

  @Test
  void tellsWhichCopyOnWrite() {
    assertThat(new Volume("btrfs", false, 0).copiesOnWrite()).isTrue();
    assertThat(new Volume("zfs", false, 0).copiesOnWrite()).isTrue();
    assertThat(new Volume("ext4", false, 0).copiesOnWrite()).isFalse();
    assertThat(new Volume("tmpfs", false, 0).copiesOnWrite()).isFalse();
  }

  /** Whether a file may be written to is another question. */
  @Test
  void aFileWithoutPermissionIsNotOnAReadOnlyFileSystem(@TempDir Path directory) throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assumeTrue(file.toFile().setReadOnly());
    assertThat(Volume.of(file, NativeAccess::available).readOnly()).isFalse();
  }

  @Test
  void whatIsNotThereHasNone(@TempDir Path directory) {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Volume.of(directory.resolve("absent"), NativeAccess::available));
  }
}
