package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionGeometry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is dead, of attachments that one process can play: its own former ones, those nobody holds, and damage. */
class LivenessTest {
  private static final int OWN = 5;
  private static final int OTHER = 9;

  @TempDir private Path directory;
  private LockFiles locks;
  private Superblock superblock;
  private Liveness liveness;

  @BeforeEach
  void open() throws IOException {
    Path file = directory.toRealPath().resolve("region");
    Files.write(file, new byte[RegionGeometry.PAGE_BYTES]);
    locks = LockFiles.of(file);
    try (HeldLock open = locks.awaitOpen(Deadline.in(Duration.ofSeconds(30)))) {
      locks.adopt(open, 77);
      assertThat(locks.belongTo(open, 77)).isTrue();
      assertThat(locks.belongTo(open, 78)).isFalse();
      locks.adopt(open, -1);
      assertThat(locks.belongTo(open, -1)).isTrue();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      superblock = Superblock.map(channel, new Views(file, RegionKind.SHARED, Host.THIS));
    }
    superblock.take(OWN);
    liveness = new Liveness(locks, superblock, OWN, superblock.take(OWN));
  }

  @AfterEach
  void close() {
    superblock.close();
  }

  @Test
  void tokenNamesSlotAndEpoch() {
    assertThat(liveness.token()).isEqualTo(2L << 16 | 6);
    assertThat(Liveness.token(0, 0)).as("the owner of a private region").isEqualTo(1);
  }

  @Test
  void ownSlotIsAliveInItsOwnEpochOnly() {
    assertThat(liveness.isDead(liveness.token())).isFalse();
    assertThat(liveness.isDead(Liveness.token(OWN, 1))).isTrue();
    assertThat(liveness.isDead(Liveness.token(OWN, 3))).isTrue();
  }

  @Test
  void otherEpochThanTheSlotsIsDead() throws IOException {
    superblock.take(OTHER);
    superblock.take(OTHER);
    assertThat(liveness.isDead(Liveness.token(OTHER, 1))).isTrue();
    assertThat(liveness.isDead(Liveness.token(OTHER, 3))).isTrue();
  }

  @Test
  void slotThatNobodyHoldsIsDead() {
    long epoch = superblock.take(OTHER);
    assertThat(liveness.isDead(Liveness.token(OTHER, epoch))).isTrue();
    assertThat(liveness.isDead(Liveness.token(OTHER, epoch))).isTrue();
  }

  @Test
  void damagedTokenIsDead() {
    assertThat(liveness.isDead(1L << 16)).as("no slot").isTrue();
    assertThat(liveness.isDead(Liveness.token(FileLayout.ATTACHMENTS_MAX, 1))).isTrue();
    assertThat(liveness.isDead(Liveness.token(OTHER, 0))).as("of a private region").isTrue();
    assertThat(liveness.isDead(-1)).isTrue();
  }

  /** Nothing can be said, so nothing is taken away from anybody. */
  @Test
  void slotWithoutItsLockFileIsNotDead() throws IOException {
    long epoch = superblock.take(OTHER);
    Files.delete(directory.resolve("region.locks").resolve("attachment-" + OTHER));
    assertThat(liveness.isDead(Liveness.token(OTHER, epoch))).isFalse();
  }

  @Test
  void interruptStaysPending() {
    long epoch = superblock.take(OTHER);
    Thread.currentThread().interrupt();
    try {
      assertThat(liveness.isDead(Liveness.token(OTHER, epoch))).isTrue();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
