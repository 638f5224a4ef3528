package io.larder.mmap;

import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directory {@code <file>.locks} beside a region's file: a lock file for each attachment, and one, {@code open},
 * whose lock is held while the file is made, attached or given up.
 *
 * <p>The file {@code open} holds a number that the superblock holds, too. It shows that these lock files are those of
 * the attachments that there are: with others, after the directory has been deleted or the file moved, everyone would
 * seem to be dead. For the same reason a lock file that is missing is not made anew while anyone may be attached.
 */
final class LockFiles {
  private static final String SUFFIX = ".locks";
  private static final String OPEN = "open";
  private static final int RADIX = 16;

  /** No slot. */
  static final int NONE = -1;

  private final Path file;
  private final Path directory;

  private LockFiles(Path file, Path directory) {
    this.file = file;
    this.directory = directory;
  }

  /** The lock files of the region at a real path; makes their directory if there is none. */
  static LockFiles of(Path file) throws IOException {
    Path directory = file.resolveSibling(file.getFileName() + SUFFIX);
    try {
      Files.createDirectory(directory, OwnerOnly.directory(directory));
    } catch (FileAlreadyExistsException there) {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        throw new RegionFileException(
            Reason.LOCKS, file, "lock files belong into " + directory + ", which is not a directory", there);
      }
    }
    return new LockFiles(file, directory);
  }

  /** The lock files of the region at a real path, for who makes none. */
  static LockFiles existing(Path file) {
    return new LockFiles(file, file.resolveSibling(file.getFileName() + SUFFIX));
  }

  /** Whether there is a directory for them. */
  boolean exist() {
    return Files.isDirectory(directory);
  }

  /**
   * Whether any process has the lock of an attachment, found out by one who may only read. It takes a shared lock for a
   * moment, which for those who try for the lock then is as if the owner lived: the race of ATT-1. Never to be called
   * for an attachment of this process.
   */
  boolean isHeldReadOnly(int slot) throws IOException {
    try (FileChannel channel = FileChannel.open(attachmentFile(slot), StandardOpenOption.READ);
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return lock == null;
    }
  }

  /** What the process of an attachment has told of its counts. Never to be called for an attachment of this process. */
  AttachmentReport.Counts counts(int slot, long epoch) throws IOException {
    try (FileChannel channel = FileChannel.open(attachmentFile(slot), StandardOpenOption.READ)) {
      return ProcessCounters.read(channel, epoch);
    }
  }

  /** What all paths to this directory have in common, those through other mounts included. */
  Object key() throws IOException {
    Object key = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
    return key == null ? directory : key;
  }

  /** Takes the lock that opening and closing need, as soon as it is free. */
  HeldLock awaitOpen(Deadline deadline) throws IOException {
    Path path = directory.resolve(OPEN);
    while (true) {
      HeldLock held =
          HeldLock.tryTake(
              FileChannel.open(
                  path,
                  Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                  OwnerOnly.file(path)));
      if (held != null) {
        return held;
      }
      if (deadline.isOver()) {
        throw new RegionFileException(
            Reason.BUSY,
            file,
            "another process has been making, attaching or closing it for " + deadline.length() + ", by the lock on "
                + path + "; wait longer, or find out who is stopped");
      }
      deadline.pause();
    }
  }

  /**
   * Takes the lock of an attachment: null when another process has it. Never to be called for an attachment of this
   * process, see {@link HeldLock}.
   *
   * @throws NoSuchFileException when there is no such lock file
   */
  @Nullable HeldLock tryAttachment(int slot) throws IOException {
    return HeldLock.tryTake(
        FileChannel.open(attachmentFile(slot), StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  /** Whether any process has the lock of an attachment; to be called under the {@code open} lock. */
  boolean isAnyHeld() throws IOException {
    return firstHeld() != NONE;
  }

  /** The first slot whose lock any process has, or {@link #NONE}; to be called under the {@code open} lock. */
  int firstHeld() throws IOException {
    for (int slot = 0; slot < FileLayout.ATTACHMENTS_MAX; slot++) {
      if (isHeld(slot)) {
        return slot;
      }
    }
    return NONE;
  }

  /** Whether another process has the lock of an attachment; to be called under the {@code open} lock. */
  boolean isHeld(int slot) throws IOException {
    try (HeldLock taken = tryAttachment(slot)) {
      return taken == null;
    } catch (NoSuchFileException neverMade) {
      return false;
    }
  }

  /** Makes these the lock files of a region, under the {@code open} lock and while nobody is attached. */
  void adopt(HeldLock open, long id) throws IOException {
    for (int slot = 0; slot < FileLayout.ATTACHMENTS_MAX; slot++) {
      Path path = attachmentFile(slot);
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.createFile(path, OwnerOnly.file(path));
      }
    }
    byte[] text = Long.toHexString(id).getBytes(StandardCharsets.US_ASCII);
    open.channel().truncate(0);
    open.channel().write(ByteBuffer.wrap(text), 0);
  }

  /** Whether these are the lock files of the region with a number; under the {@code open} lock. */
  boolean belongTo(HeldLock open, long id) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(Long.BYTES * 2 + 1);
    int bytes = Math.max(0, open.channel().read(text, 0));
    try {
      return Long.parseUnsignedLong(new String(text.array(), 0, bytes, StandardCharsets.US_ASCII), RADIX) == id;
    } catch (NumberFormatException none) {
      return false;
    }
  }

  /** The refusal of a region whose lock files are not these. */
  RegionFileException notTheirs(@Nullable IOException cause) {
    return new RegionFileException(
        Reason.LOCKS,
        file,
        "processes may be attached to it whose lock files are not in " + directory
            + "; if it was moved, move its lock files as well; otherwise stop all its users and delete it",
        cause);
  }

  /** The lock file of an attachment. */
  Path attachmentFile(int slot) {
    return directory.resolve("attachment-" + slot);
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
