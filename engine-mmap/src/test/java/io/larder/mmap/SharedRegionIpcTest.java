package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.larder.allocator.RegionGeometry;
import io.larder.engine.PartitionBusyException;
import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.mmap.Child.Opened;
import io.larder.mmap.RegionFileException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several JVMs on one file, some of which are killed. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedRegionIpcTest {
  private static final long BYTES = 64 << 20;
  /** How many writers are killed one after the other; more with {@code -Dlarder.test.kills=…}. */
  private static final int KILLS = Integer.getInteger("larder.test.kills", 6);

  private static final int ACKS_PER_LIFE = 1500;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void name() throws IOException {
    file = directory.toRealPath().resolve("region.larder");
  }

  private SharedRegion open() throws IOException {
    return open(Host.THIS);
  }

  private SharedRegion open(Host host) throws IOException {
    return SharedRegion.open(file, BYTES, Worker.options(BYTES), Worker.WAIT, host);
  }

  // ---- two at once

  @Test
  void twoProcessesHaveOneStore() throws IOException {
    try (SharedRegion region = open();
        Child child = Child.start("serve", file, 0)) {
      Opened opened = child.opened();
      assertThat(opened.created()).isFalse();
      assertThat(opened.slot()).isEqualTo(1);
      assertThat(child.ask("put from-child 1")).isEqualTo("stored");
      assertThat(Values.get(region.store(), "from-child")).isEqualTo("1");
      assertThat(Values.put(region.store(), "from-parent", "2")).isPositive();
      assertThat(child.ask("get from-parent")).isEqualTo("2");
      assertThat(Values.put(region.store(), "from-child", "3")).isPositive();
      assertThat(child.ask("get from-child")).isEqualTo("3");
      assertThat(region.store().estimatedSize()).isEqualTo(2);

      assertThat(child.ask("dead " + region.owners().token())).isEqualTo("false");
      assertThat(region.owners().isDead(opened.token())).isFalse();
      assertThat(child.ask("close")).isEqualTo("closed");
      assertThat(region.owners().isDead(opened.token())).isTrue();
      region.store().assertValid();
    }
  }

  @Test
  void oneOfManyMakesTheFile() throws IOException {
    List<Child> children = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        children.add(Child.start("serve", file, BYTES));
      }
      int created = 0;
      BitSet slots = new BitSet();
      for (Child child : children) {
        Opened opened = child.opened();
        created += opened.created() ? 1 : 0;
        slots.set(opened.slot());
      }
      assertThat(created).isEqualTo(1);
      assertThat(slots.cardinality()).isEqualTo(children.size());
      assertThat(children.get(0).ask("put key value")).isEqualTo("stored");
      for (Child child : children) {
        assertThat(child.ask("get key")).isEqualTo("value");
      }
    } finally {
      children.forEach(Child::close);
    }
  }

  @Test
  void whoComesAgainFindsItWarm() throws IOException {
    try (Child child = Child.start("serve", file, BYTES)) {
      assertThat(child.opened().created()).isTrue();
      assertThat(child.ask("put key value")).isEqualTo("stored");
      assertThat(child.ask("close")).isEqualTo("closed");
    }
    try (SharedRegion region = open()) {
      assertThat(region.created()).isFalse();
      assertThat(Values.get(region.store(), "key")).isEqualTo("value");
    }
  }

  // ---- who is alive

  /** Closing a channel drops the locks that its process has on that file; the data file has none. */
  @Test
  void otherChannelsOfTheFileAreHarmless() throws IOException {
    try (SharedRegion region = open();
        Child child = Child.start("serve", file, 0)) {
      child.opened();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        assertThat(lock.isValid()).isTrue();
      }
      Files.readAllBytes(file);
      open().close();
      assertThat(child.ask("dead " + region.owners().token())).isEqualTo("false");
      try (Child third = Child.start("serve", file, 0)) {
        assertThat(third.opened().slot()).isEqualTo(2);
      }
    }
  }

  /**
   * What cannot be prevented: whoever opens and closes a lock file drops its process' lock on it, and the process seems
   * dead. It must not damage, when it leaves, the record of the one that came into its place.
   */
  @Test
  void whoDropsItsOwnLockSeemsDeadAndLeavesNothingBehind() throws IOException {
    Path lockFile = file.resolveSibling("region.larder.locks").resolve("attachment-0");
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fdinfo")));
    SharedRegion region = open();
    try (Child child = Child.start("serve", file, 0)) {
      assertThat(child.opened().slot()).isEqualTo(1);
      assertThat(child.ask("dead " + region.owners().token())).isEqualTo("false");
      Files.readAllBytes(lockFile);
      assertThat(child.ask("dead " + region.owners().token())).isEqualTo("true");
      region.close();
      assertThat(state(0)).as("as if it had been killed").isEqualTo(AttachmentLayout.ATTACHED);
      assertThat(child.ask("close")).isEqualTo("closed");
    }
    assertThat(isClean()).isTrue();

    region = open();
    try (Child child = Child.start("serve", file, 0)) {
      child.opened();
      Files.readAllBytes(lockFile);
      try (Child newcomer = Child.start("serve", file, 0)) {
        Opened opened = newcomer.opened();
        assertThat(opened.slot()).as("the slot of the seeming dead").isZero();
        assertThat(child.ask("close")).isEqualTo("closed");
        region.close();
        assertThat(state(0)).isEqualTo(AttachmentLayout.ATTACHED);
        assertThat(isClean()).as("while somebody is attached").isFalse();
        assertThat(newcomer.ask("put key value")).isEqualTo("stored");
        assertThat(newcomer.ask("close")).isEqualTo("closed");
      }
    }
    assertThat(isClean()).isTrue();
    try (SharedRegion again = open()) {
      assertThat(Values.get(again.store(), "key")).isEqualTo("value");
    }
  }

  private int state(int slot) throws IOException {
    return word(FileLayout.attachmentOffset(slot) + AttachmentLayout.STATE_OFFSET);
  }

  private boolean isClean() throws IOException {
    return word(FileLayout.CLEAN_OFFSET) == FileLayout.CLEAN;
  }

  private int word(long offset) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.read(word, offset);
    }
    return word.getInt(0);
  }

  @Test
  void slotsOfTheDeadAreTakenAgain() throws IOException {
    try (SharedRegion region = open()) {
      long epoch = 0;
      for (int life = 0; life < 3; life++) {
        try (Child child = Child.start("serve", file, 0)) {
          Opened opened = child.opened();
          assertThat(opened.slot()).isEqualTo(1);
          assertThat(opened.epoch()).isEqualTo(epoch + 1);
          epoch = opened.epoch();
          assertThat(region.owners().isDead(opened.token())).isFalse();
          assertThat(settledEpoch(1)).as("up to which former owners are cleared up after").isEqualTo(epoch - 1);
          child.kill();
          assertThat(region.owners().isDead(opened.token())).isTrue();
        }
      }
      assertThat(region.owners().isDead(Liveness.token(1, 1))).isTrue();
    }
  }

  private long settledEpoch(int slot) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.read(word, FileLayout.attachmentOffset(slot) + AttachmentLayout.SETTLED_EPOCH_OFFSET);
    }
    return word.getLong(0);
  }

  @Test
  void whoIsStoppedIsAlive() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/kill")) || Files.isExecutable(Path.of("/usr/bin/kill")));
    try (SharedRegion region = open();
        Child child = Child.start("serve", file, 0)) {
      Opened opened = child.opened();
      child.signal("STOP");
      assertThat(region.owners().isDead(opened.token())).isFalse();
      child.signal("CONT");
      assertThat(child.ask("put key value")).isEqualTo("stored");
    }
  }

  // ---- kills

  /** What was acknowledged is readable, what is readable is whole, and nobody waits for the dead. */
  @Test
  void killedWritersLoseNothingAndHoldUpNobody() throws IOException {
    Map<String, Long> acknowledged = new HashMap<>();
    try (SharedRegion region = open()) {
      for (int life = 0; life < KILLS; life++) {
        killWriter(acknowledged, 1);
        writeToEveryPartition(region.store(), "life-" + life);
        assertAllReadable(region.store(), acknowledged);
        region.store().assertValid();
      }
      System.out.println("kills=" + KILLS + " repairs=" + region.store().repairs());
    }
  }

  @Test
  void lockOfTheDeadIsTakenOverByWhoWaitsForIt() throws IOException {
    try (SharedRegion region = open()) {
      for (int life = 1; life <= 3; life++) {
        dieUnderALock("key", region.attachment() + 1);
        assertThat(region.store().repairs()).isEqualTo(life - 1);
        writeToEveryPartition(region.store(), "life-" + life);
        assertThat(region.store().repairs()).isEqualTo(life);
        assertThat(Values.get(region.store(), "key")).isIn("1", "2");
        region.store().assertValid();
      }
    }
  }

  @Test
  void nextOwnerOfASlotClearsUpAfterTheDead() throws IOException {
    try (SharedRegion region = open()) {
      assertThat(region.created()).isTrue();
    }
    dieUnderALock("key", 0);
    assertThat(settledEpoch(0)).isEqualTo(1);
    try (SharedRegion region = open()) {
      assertThat(region.attachment()).isZero();
      assertThat(settledEpoch(0)).isEqualTo(2);
      assertThat(region.store().repairs()).isEqualTo(1);
      assertThat(Values.get(region.store(), "key")).isIn("1", "2");
      writeToEveryPartition(region.store(), "after");
      assertThat(region.store().repairs()).isEqualTo(1);
      region.store().assertValid();
    }
    assertThat(settledEpoch(0)).isEqualTo(3);
  }

  /** Nobody has to write to the partition, nor to take the slot. */
  @Test
  void whoLooksClearsUpAfterTheDead() throws IOException {
    try (SharedRegion region = open()) {
      region.look();
      dieUnderALock("key", 1);
      assertThat(region.store().repairs()).isZero();
      region.look();
      assertThat(region.store().repairs()).isEqualTo(1);
      region.look();
      assertThat(region.store().repairs()).isEqualTo(1);
      assertThat(Values.get(region.store(), "key")).isIn("1", "2");
      region.store().assertValid();
    }
  }

  private void dieUnderALock(String key, int slot) throws IOException {
    try (Child child = Child.start("mortal", file, 0)) {
      assertThat(child.opened().slot()).isEqualTo(slot);
      child.tell("put " + key + " 1");
      child.tell("put " + key + " 2");
      assertThat(child.awaitEnd()).isSubsetOf("stored");
    }
  }

  /** It lives, so nothing is taken from it, and when it goes on it finds all as it was. */
  @Test
  void nobodyWaitsForEverForOneThatIsStoppedUnderALock() throws IOException {
    StoreOptions impatient = Worker.options(BYTES).withLockWait(Duration.ofMillis(100));
    try (SharedRegion region = SharedRegion.open(file, BYTES, impatient, Worker.WAIT);
        Child child = Child.start("stuck", file, 0)) {
      Store store = region.store();
      long token = child.opened().token();
      assertThat(child.ask("put key 1")).isEqualTo("stored");
      assertThat(child.ask("put key 2")).isEqualTo("locked");
      child.signal("STOP");
      assertThat(region.owners().isDead(token)).isFalse();
      assertThatThrownBy(() -> Values.put(store, "key", "3")).isInstanceOf(PartitionBusyException.class);
      assertThat(Values.get(store, "key")).as("who reads does not notice").isEqualTo("2");
      store.maintain(100);
      child.signal("CONT");
      assertThat(child.ask("go on")).isEqualTo("stored");
      assertThat(Values.put(store, "key", "3")).isPositive();
      assertThat(child.ask("get key")).isEqualTo("3");
      assertThat(store.repairs()).isZero();
      store.assertValid();
    }
  }

  /** Two writers at once, of whom the one meets what the other has left. */
  @Test
  void survivorGoesOnWhileOthersAreKilled() throws IOException {
    Map<String, Long> acknowledged = new HashMap<>();
    try (Child survivor = Child.start("write", file, BYTES)) {
      assertThat(survivor.opened().created()).isTrue();
      for (int life = 0; life < KILLS / 2; life++) {
        killWriter(acknowledged, 1);
        for (int i = 0; i < ACKS_PER_LIFE; i++) {
          note(acknowledged, survivor.next());
        }
      }
      survivor.kill().forEach(line -> note(acknowledged, line));
    }
    try (SharedRegion region = open()) {
      assertThat(region.created()).isFalse();
      assertThat(region.attachment()).isZero();
      writeToEveryPartition(region.store(), "after");
      assertAllReadable(region.store(), acknowledged);
      region.store().assertValid();
    }
  }

  @Test
  void whenAllAreDeadTheNextOneFindsEverything() throws IOException {
    Map<String, Long> acknowledged = new HashMap<>();
    killWriter(acknowledged, 0);
    killWriter(acknowledged, 0);
    try (SharedRegion region = open()) {
      assertThat(region.created()).isFalse();
      writeToEveryPartition(region.store(), "after");
      assertAllReadable(region.store(), acknowledged);
      region.store().assertValid();
    }
  }

  private void killWriter(Map<String, Long> acknowledged, int slot) throws IOException {
    try (Child writer = Child.start("write", file, BYTES)) {
      assertThat(writer.opened().slot()).isEqualTo(slot);
      for (int i = 0; i < ACKS_PER_LIFE; i++) {
        note(acknowledged, writer.next());
      }
      writer.kill().forEach(line -> note(acknowledged, line));
    }
  }

  /** The last line of the killed may lack its end: then its number is shorter than the one that was meant. */
  private static void note(Map<String, Long> acknowledged, String line) {
    String[] words = line.split(" ", -1);
    if (words.length == 2 && words[1].matches("\\d+")) {
      acknowledged.merge(words[0], Long.parseLong(words[1]), Math::max);
    }
  }

  private static void writeToEveryPartition(Store store, String name) {
    BitSet partitions = new BitSet();
    for (int i = 0; i < 50 * Worker.PARTITIONS; i++) {
      String key = name + "-" + i;
      assertThat(Values.put(store, key, Values.counted(key, i))).isPositive();
      assertThat(Values.count(store, key)).isEqualTo(i);
      partitions.set(Values.partition(store, key));
    }
    assertThat(partitions.cardinality()).isEqualTo(store.geometry().partitionCount());
  }

  private static void assertAllReadable(Store store, Map<String, Long> acknowledged) {
    assertThat(acknowledged).isNotEmpty();
    assertThat(store.stats().evictions()).as("evictions, which would excuse losses").isZero();
    acknowledged.forEach(
        (key, count) -> assertThat(Values.count(store, key)).as("count of %s", key).isGreaterThanOrEqualTo(count));
  }

  @Test
  void makerThatWasKilledIsFollowedByAnother() throws IOException {
    try (Child child = Child.start("halt", file, BYTES)) {
      assertThat(child.awaitEnd()).isEmpty();
    }
    assertThat(file).hasSize(BYTES);
    try (SharedRegion region = open()) {
      assertThat(region.created()).isTrue();
      writeToEveryPartition(region.store(), "key");
      region.store().assertValid();
    }
  }

  // ---- refusals

  @Test
  void anotherKernelIsRefusedWhileSomebodyIsAttached() throws IOException {
    try (Child child = Child.start("serve", file, BYTES)) {
      child.opened();
      assertThat(child.ask("put key value")).isEqualTo("stored");
      assertThatExceptionOfType(RegionFileException.class)
          .isThrownBy(() -> open(TestHost.booted(1)))
          .withMessageContainingAll(file.toString(), new BootId(1, 1).toString())
          .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.FOREIGN_ATTACHMENT));
      assertThat(child.ask("get key")).isEqualTo("value");
      child.kill();
    }
    try (SharedRegion region = open(TestHost.booted(1))) {
      assertThat(region.created()).as("another boot, and not closed").isTrue();
    }
  }

  @Test
  void otherLockFilesAreRefusedWhileSomebodyIsAttached() throws IOException {
    Path locks = file.resolveSibling("region.larder.locks");
    try (Child child = Child.start("serve", file, BYTES)) {
      child.opened();
      Files.move(locks, locks.resolveSibling("aside"));
      assertThatExceptionOfType(RegionFileException.class)
          .isThrownBy(this::open)
          .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.LOCKS));
    }
  }

  @Test
  void waitsForWhoIsAtItButNotForEver() throws IOException {
    try (Child child = Child.start("serve", file, BYTES)) {
      child.opened();
      child.ask("close");
    }
    try (SharedRegion region = open();
        FileChannel channel =
            FileChannel.open(
                file.resolveSibling("region.larder.locks").resolve("open"),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock();
        Child child = Child.start(shortWait())) {
      assertThat(lock.isValid()).isTrue();
      assertThat(region.created()).isFalse();
      assertThat(child.next()).startsWith("refused BUSY " + file);
    }
  }

  private List<String> shortWait() {
    List<String> command = new ArrayList<>(Child.command("serve", file, 0));
    command.add(Duration.ofMillis(50).toString());
    return command;
  }

  /** A limit of the process on the size of its files stands for a disk that is full. */
  @Test
  void spaceThatEndsOnTheWayLeavesNothing() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")));
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -f 4096 && exec \"$0\" \"$@\""));
    command.addAll(Child.command("serve", file, BYTES));
    try (Child child = Child.start(command)) {
      assertThat(child.next())
          .startsWith("refused NO_SPACE " + file)
          .contains("needed " + (BYTES - RegionGeometry.PAGE_BYTES), "usable ");
    }
    assertThat(file).doesNotExist();
    open().close();
  }
}
