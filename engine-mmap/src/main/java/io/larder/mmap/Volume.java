package io.larder.mmap;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * The file system that a region is on.
 *
 * @param type the kernel's name of it, {@code ext4}, {@code nfs4}
 * @param readOnly whether it is mounted so
 * @param usableBytes what can still be written, as far as the system says
 */
record Volume(String type, boolean readOnly, long usableBytes) {
  /**
   * Where memory mapped by two machines, or by a machine and its guest, is not one memory, or where locks are not seen
   * by all.
   */
  private static final Set<String> REMOTE =
      Set.of(
          "9p", "acfs", "afpfs", "afs", "auristorfs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs", "gfs2",
          "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "orangefs", "panfs", "prl_fs",
          "pvfs2", "sshfs", "vboxsf", "virtiofs", "vmhgfs", "webdav");

  private static final String SMB = "smb";
  private static final String FUSE = "fuse";

  /** A local disk, though its driver is a process. */
  private static final String FUSE_BLOCK = "fuseblk";

  /** The file system of an existing file or directory. */
  static Volume of(Path existing) throws IOException {
    FileStore store = Files.getFileStore(existing);
    return new Volume(store.type(), store.isReadOnly(), store.getUsableSpace());
  }

  /** Whether several machines may be behind it, or a process whose pages are not the kernel's. */
  boolean isRemote() {
    String name = type.toLowerCase(Locale.ROOT);
    return REMOTE.contains(name)
        || name.startsWith(SMB)
        || (name.startsWith(FUSE) && !name.equals(FUSE_BLOCK));
  }
}
