package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a lock that was dropped by other code in this process is missed. */
class LockWatchTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void make() throws IOException {
    file = Files.createFile(directory.resolve("lock"));
  }

  private FileChannel channel() throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  @Test
  void seesWhatFileLockDoesNot() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fdinfo")), "locks of open files are not listed here");
    HeldLock held = HeldLock.tryTake(channel());
    assertThat(held).isNotNull();
    if (held != null) {
      LockWatch watch = LockWatch.of(file);
      assertThat(watch.isDropped()).isFalse();
      try (FileChannel other = channel()) {
        assertThat(other.size()).isZero();
        assertThat(watch.isDropped()).as("while the other is open").isFalse();
      }
      assertThat(held.lock().isValid()).as("what the lock says itself").isTrue();
      assertThat(watch.isDropped()).isTrue();
      held.close();
    }
  }

  @Test
  void otherFilesAreHarmless() throws IOException {
    HeldLock held = HeldLock.tryTake(channel());
    LockWatch watch = LockWatch.of(file);
    Files.readAllBytes(Files.createFile(directory.resolve("other")));
    Files.createLink(directory.resolve("name"), directory.resolve("other"));
    assertThat(watch.isDropped()).isFalse();
    if (held != null) {
      held.close();
    }
  }

  /** Where locks cannot be seen nothing is said to be dropped. */
  @Test
  void saysNothingWhenItHasSeenNoLock() throws IOException {
    assertThat(LockWatch.of(file).isDropped()).isFalse();
    try (FileChannel unlocked = channel()) {
      assertThat(LockWatch.of(file).isDropped()).isFalse();
      assertThat(unlocked.isOpen()).isTrue();
    }
    assertThat(LockWatch.of(directory.resolve("absent")).isDropped()).isFalse();
  }
}
