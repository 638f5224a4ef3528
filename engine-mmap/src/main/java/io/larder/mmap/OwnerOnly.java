package io.larder.mmap;

import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** The permissions of what is made here: the owner's alone, where the file system knows of owners. */
final class OwnerOnly {
  private static final String POSIX = "posix";
  private static final FileAttribute<?>[] NONE = {};

  private OwnerOnly() {}

  /** For a file that is made at a path. */
  static FileAttribute<?>[] file(Path path) {
    return of(path, "rw-------");
  }

  /** For a directory that is made at a path. */
  static FileAttribute<?>[] directory(Path path) {
    return of(path, "rwx------");
  }

  private static FileAttribute<?>[] of(Path path, String permissions) {
    return path.getFileSystem().supportedFileAttributeViews().contains(POSIX)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
        : NONE;
  }
}
