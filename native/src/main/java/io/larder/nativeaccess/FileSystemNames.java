package io.larder.nativeaccess;

import java.util.Map;

/**
 * Names for the numbers by which Linux tells file systems apart: {@code linux/magic.h}, statfs(2), and the sources of
 * those that are not in the kernel. Relations that share a number have the name of the youngest.
 */
final class FileSystemNames {
  private static final Map<Long, String> NAMES =
      Map.<Long, String>ofEntries(
          // of this machine
          Map.entry(0xEF53L, "ext4"),
          Map.entry(0x58465342L, "xfs"),
          Map.entry(0x9123683EL, "btrfs"),
          Map.entry(0x2FC12FC1L, "zfs"),
          Map.entry(0xCA451A4EL, "bcachefs"),
          Map.entry(0x3434L, "nilfs2"),
          Map.entry(0xF2F52010L, "f2fs"),
          Map.entry(0x3153464AL, "jfs"),
          Map.entry(0x52654973L, "reiserfs"),
          Map.entry(0x4D44L, "vfat"),
          Map.entry(0x2011BAB0L, "exfat"),
          Map.entry(0x5346544EL, "ntfs"),
          Map.entry(0x7366746EL, "ntfs3"),
          Map.entry(0x01021994L, "tmpfs"),
          Map.entry(0x858458F6L, "ramfs"),
          Map.entry(0x958458F6L, "hugetlbfs"),
          Map.entry(0x794C7630L, "overlay"),
          Map.entry(0x61756673L, "aufs"),
          Map.entry(0xF15FL, "ecryptfs"),
          Map.entry(0x73717368L, "squashfs"),
          Map.entry(0xE0F5E1E2L, "erofs"),
          Map.entry(0x9660L, "iso9660"),
          // of several machines, of a machine and its guest, or of a process
          Map.entry(0x65735546L, "fuse"),
          Map.entry(0x6969L, "nfs"),
          Map.entry(0x517BL, "smbfs"),
          Map.entry(0xFE534D42L, "smb2"),
          Map.entry(0xFF534D42L, "cifs"),
          Map.entry(0x01021997L, "9p"),
          Map.entry(0x00C36400L, "ceph"),
          Map.entry(0x0BD00BD0L, "lustre"),
          Map.entry(0x47504653L, "gpfs"),
          Map.entry(0x01161970L, "gfs2"),
          Map.entry(0x7461636FL, "ocfs2"),
          Map.entry(0x20030528L, "orangefs"),
          Map.entry(0x19830326L, "beegfs"),
          Map.entry(0xAAD7AAEAL, "panfs"),
          Map.entry(0x61636673L, "acfs"),
          Map.entry(0x5346414FL, "afs"),
          Map.entry(0x6B414653L, "afs"),
          Map.entry(0x73757245L, "coda"),
          Map.entry(0x564CL, "ncpfs"),
          Map.entry(0x786F4256L, "vboxsf"),
          Map.entry(0x7C7C6673L, "prl_fs"),
          Map.entry(0xBACBACBCL, "vmhgfs"));

  private FileSystemNames() {}

  /** The name for a number; empty when it is not known. */
  static String of(long magic) {
    return NAMES.getOrDefault(magic, "");
  }
}
