package io.larder.mmap;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that cannot be opened as a region. The message names the file, what was found, what was expected, and where
 * there is one the remedy.
 */
public final class RegionFileException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  /** What is in the way. The names stay the same from version to version. */
  public enum Reason {
    /** It does not exist, and no size was given to make it with. */
    ABSENT,
    /** A directory, a device, a pipe, a link that leads nowhere, or a file with a second name. */
    NOT_A_FILE,
    /** A file that Larder has not made, or whose superblock is damaged. */
    NOT_A_REGION,
    /** Made by a version with another format. */
    FORMAT_VERSION,
    /** Made with another byte order. */
    BYTE_ORDER,
    /** Made by a build whose structures differ. */
    LAYOUT,
    /** It has features that this version does not know. */
    FEATURES,
    /** The tier of one cache where a file to share is wanted, or the other way round. */
    KIND,
    /** Shorter than its superblock says. */
    TRUNCATED,
    /** Not closed by its last user, who ran under another kernel; told to those who only read. */
    NOT_CLOSED,
    /** It has another size than the one asked for. */
    SIZE,
    /** The file system is mounted read-only. */
    READ_ONLY,
    /** The file system is shared by several machines. */
    REMOTE,
    /** There is no space for it. */
    NO_SPACE,
    /** Its turn did not come in time. */
    BUSY,
    /** A cache has it of whose tier there may be one user only. */
    IN_USE,
    /** All attachments are taken. */
    FULL,
    /** The lock files do not belong to the file, or some are missing. */
    LOCKS,
    /** Another copy of Larder in this JVM, or a process of another kernel, is attached to it. */
    FOREIGN_ATTACHMENT,
    /** Since this JVM opened it another file has taken its place. */
    REPLACED
  }

  private final Reason reason;

  RegionFileException(Reason reason, Path file, String problem) {
    this(reason, file, problem, null);
  }

  RegionFileException(Reason reason, Path file, String problem, @Nullable Throwable cause) {
    super(file + ": " + problem, cause);
    this.reason = reason;
  }

  /** What is in the way. */
  public Reason reason() {
    return reason;
  }
}
