package io.larder.mmap;

import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** The place where a region's file is or will be, and the refusal of places where none can be. Nothing is made here. */
final class Site {
  private static final String LINKS = "unix:nlink";

  private Site() {}

  /**
   * The real path of a file that is a region, or may become one of a size.
   *
   * @throws RegionFileException when the place or the file is not fit for that
   */
  static Path check(Path file, OpeningRequest request, Host host) throws IOException {
    Path path = real(file.toAbsolutePath());
    boolean exists = Files.exists(path);
    if (exists) {
      checkRegular(path);
    }
    checkVolume(path, host.volume(exists ? path : directory(path)));
    if (exists) {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        Header.read(path, channel).checkOurs();
      }
    } else {
      try {
        checkMakable(path, request.size(), 0, request.base(), host);
      } catch (RegionFileException refusal) {
        // Whoever is just making it has his share in the space that is missing.
        if (!Files.exists(path)) {
          throw refusal;
        }
      }
    }
    return path;
  }

  /** The real path of a file that may be read as a region, if there is one. */
  static Path checkReadable(Path file, Host host) throws IOException {
    Path path = real(file.toAbsolutePath());
    if (Files.exists(path)) {
      checkKind(path);
      checkLocal(path, host.volume(path));
    }
    return path;
  }

  private static Path real(Path path) throws IOException {
    if (Files.exists(path)) {
      return path.toRealPath();
    }
    if (Files.isSymbolicLink(path)) {
      throw new RegionFileException(Reason.NOT_A_FILE, path, "found a symbolic link that leads nowhere");
    }
    Path directory = directory(path);
    if (!Files.isDirectory(directory)) {
      throw new RegionFileException(Reason.ABSENT, path, "its directory " + directory + " does not exist");
    }
    return directory.toRealPath().resolve(path.getFileName());
  }

  private static Path directory(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }

  private static void checkRegular(Path path) throws IOException {
    checkKind(path);
    // Each name would have lock files of its own, so that those attached by one would seem dead to the others.
    int links = links(path);
    if (links > 1) {
      throw new RegionFileException(
          Reason.NOT_A_FILE, path, "found " + links + " hard links to it, expected 1; use a symbolic link instead");
    }
  }

  /** How many names a file has; 1 where that is not told. */
  private static int links(Path path) throws IOException {
    try {
      return Files.getAttribute(path, LINKS) instanceof Integer links ? links : 1;
    } catch (UnsupportedOperationException | IllegalArgumentException notTold) {
      return 1;
    }
  }

  private static void checkKind(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    if (!attributes.isRegularFile()) {
      throw new RegionFileException(
          Reason.NOT_A_FILE,
          path,
          "found a " + (attributes.isDirectory() ? "directory" : "special file") + ", expected a regular file");
    }
  }

  private static void checkVolume(Path path, Volume volume) throws RegionFileException {
    checkLocal(path, volume);
    if (volume.readOnly()) {
      throw new RegionFileException(
          Reason.READ_ONLY,
          path,
          "found a file system of type " + volume.type() + " that is mounted read-only, expected a writable one");
    }
  }

  private static void checkLocal(Path path, Volume volume) throws RegionFileException {
    if (volume.isRemote()) {
      throw new RegionFileException(
          Reason.REMOTE,
          path,
          "found a file system of type " + volume.type()
              + ", expected a local one: memory and locks must be seen alike by all processes; use /dev/shm or a disk");
    }
  }

  /**
   * Refuses to make a file of no size, of a size that no region has, or for which there is no space.
   *
   * @param size of the region
   * @param hasBytes what is there already
   * @param base how many partitions there will be
   */
  static void checkMakable(Path path, FileSize size, long hasBytes, StoreOptions base, Host host)
      throws IOException {
    if (size.bytes() == 0) {
      throw new RegionFileException(Reason.ABSENT, path, "found no region, and no size was given to make one with");
    }
    Store.Extent extent = Store.spaceOfNew(base.withMemoryBytes(size.limitBytes()), size.bytes());
    long needed = extent.headEnd() + size.limitBytes() - extent.tailStart() - hasBytes;
    Volume volume = host.volume(directory(path));
    if (needed > volume.usableBytes()) {
      throw new RegionFileException(
          Reason.NO_SPACE,
          path,
          "no space: needed " + needed + " bytes, usable " + volume.usableBytes() + " on this " + volume.type());
    }
  }
}
