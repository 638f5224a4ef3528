package io.larder.mmap;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether the kernel still has a lock that this process has taken. Other code in it drops the lock by closing a channel
 * of its own on the lock file, and {@link java.nio.channels.FileLock#isValid()} goes on saying yes; but Linux lists the
 * locks of each open file. Any thread.
 */
final class LockWatch {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final Path DESCRIPTIONS = Path.of("/proc/self/fdinfo");
  private static final String LOCK = "lock:";
  private static final long UNKNOWN = -1;

  /** Null when locks cannot be seen here. */
  private final @Nullable Path description;

  private LockWatch(@Nullable Path description) {
    this.description = description;
  }

  /** Begins to watch the lock on a lock file that this process has open by one channel, and locked. */
  static LockWatch of(Path lockFile) {
    // No stream: a process that has just been started takes long to run its first.
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path descriptor : descriptors) {
        Path found = DESCRIPTIONS.resolve(descriptor.getFileName());
        if (isSameFile(descriptor, lockFile) && locks(found) > 0) {
          return new LockWatch(found);
        }
      }
    } catch (IOException | DirectoryIteratorException noSuchList) {
      return new LockWatch(null);
    }
    return new LockWatch(null);
  }

  private static boolean isSameFile(Path descriptor, Path lockFile) {
    try {
      return Files.isSameFile(descriptor, lockFile);
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  /** How many locks an open file has; {@link #UNKNOWN} when it cannot be told. */
  private static long locks(Path description) {
    try {
      String text = Files.readString(description);
      long locks = text.startsWith(LOCK) ? 1 : 0;
      for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
        locks += text.startsWith(LOCK, end + 1) ? 1 : 0;
      }
      return locks;
    } catch (IOException notTold) {
      return UNKNOWN;
    }
  }

  /** Whether the lock is gone for certain, though nobody has given it up. Three system calls. */
  boolean isDropped() {
    return description != null && locks(description) == 0;
  }
}
