package io.larder.mmap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
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
    try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
      return new LockWatch(
          descriptors
              .filter(descriptor -> isSameFile(descriptor, lockFile))
              .map(descriptor -> DESCRIPTIONS.resolve(descriptor.getFileName()))
              .filter(found -> locks(found) > 0)
              .findFirst()
              .orElse(null));
    } catch (IOException | UncheckedIOException noSuchList) {
      return new LockWatch(null);
    }
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
    try (Stream<String> lines = Files.lines(description)) {
      return lines.filter(line -> line.startsWith(LOCK)).count();
    } catch (IOException | UncheckedIOException notTold) {
      return UNKNOWN;
    }
  }

  /** Whether the lock is gone for certain, though nobody has given it up. Three system calls. */
  boolean isDropped() {
    return description != null && locks(description) == 0;
  }
}
