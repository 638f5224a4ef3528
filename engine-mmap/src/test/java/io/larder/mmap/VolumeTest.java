package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
    Volume volume = Volume.of(directory);
    assertThat(volume.type()).isNotEmpty();
    assertThat(volume.readOnly()).isFalse();
    assertThat(volume.usableBytes()).isPositive();
  }
}
