package io.larder.mmap;

import io.larder.nativeaccess.NativeAccess;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The file system that a region is on.
 *
 * @param type the name of its type, {@code ext4}, {@code nfs}, {@code fuse.sshfs}; {@code unknown} where nobody tells
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
  private static final String VIRTIOFS = "virtiofs";

  /** A local disk, though its driver is a process. */
  private static final String FUSE_BLOCK = "fuseblk";

  /** Whose overwritten pages go to a place that is not theirs yet. */
  private static final Set<String> COPYING = Set.of("bcachefs", "btrfs", "nilfs2", "zfs");

  private static final String UNKNOWN = "unknown";

  /** Apart, because loggers take long to start, and every first opening comes through here. */
  private static final class Log {
    static final Logger LOG = System.getLogger("io.larder.mmap");
  }

  /**
   * The file system of an existing file or directory.
   *
   * <p>For a place where a file is to be made its type is asked of the kernel, if it may be: the table of mounts may be
   * hidden, or name what was mounted over. For a file, which somebody has been able to make there, the table is enough,
   * unless it is hidden: calls of the system take a fresh JVM long to prepare. The table also counts where it knows
   * more: for a file system that is a process, whose kind the kernel does not know.
   */
  static Volume of(Path existing, Supplier<NativeAccess> system) throws IOException {
    String mounted = UNKNOWN;
    long usableBytes;
    boolean readOnly = refusesWrites(existing);
    try {
      FileStore store = Files.getFileStore(existing);
      mounted = store.type();
      usableBytes = store.getUsableSpace();
      readOnly |= store.isReadOnly();
    } catch (NoSuchFileException absent) {
      throw absent;
    } catch (IOException notInTheTable) {
      Log.LOG.log(Level.DEBUG, existing + " is in no mount that can be seen", notInTheTable);
      usableBytes = existing.toFile().getUsableSpace();
    }
    boolean suffices = !mounted.equals(UNKNOWN) && !Files.isDirectory(existing);
    String type = suffices ? mounted : type(system.get().fileSystem(existing).name(), mounted);
    return new Volume(type, readOnly, usableBytes);
  }

  /** The name of a type, of that by the kernel, which may be empty, and that by the table of mounts. */
  static String type(String byKernel, String mounted) {
    boolean mountedSaysMore = byKernel.isEmpty() || (byKernel.equals(FUSE) && isOfAProcess(mounted));
    return mountedSaysMore ? mounted : byKernel;
  }

  private static boolean isOfAProcess(String mounted) {
    return mounted.startsWith(FUSE) || mounted.equals(VIRTIOFS);
  }

  /** The table of mounts does not tell a read-only view of a directory from the rest of its file system. */
  private static boolean refusesWrites(Path existing) {
    try {
      existing.getFileSystem().provider().checkAccess(existing, AccessMode.WRITE);
      return false;
    } catch (AccessDeniedException | NoSuchFileException aboutTheFile) {
      return false;
    } catch (IOException aboutTheFileSystem) {
      return true;
    }
  }

  /** Whether several machines may be behind it, or a process whose pages are not the kernel's. */
  boolean isRemote() {
    String name = type.toLowerCase(Locale.ROOT);
    return REMOTE.contains(name)
        || name.startsWith(SMB)
        || (name.startsWith(FUSE) && !name.equals(FUSE_BLOCK));
  }

  /**
   * Whether each change of a page is written to a new place: then space is needed whenever a page is rewritten,
   * whatever was reserved.
   */
  boolean copiesOnWrite() {
    return COPYING.contains(type.toLowerCase(Locale.ROOT));
  }
}
