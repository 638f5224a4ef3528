package io.larder.nativeaccess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.larder.nativeaccess.NativeResult.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in two JVMs: one in which native access is denied, and one in which it is enabled. */
class NativeAccessTest {
  private static final long SEGMENT_BYTES = 8L << 20;
  private static final int ROUNDS = 100;
  private static final int CALLS = 10_000;

  private final NativeAccess access = NativeAccess.available();
  private Arena arena = Arena.ofShared();
  private MemorySegment segment = MemorySegment.NULL;

  @BeforeEach
  void allocate() {
    arena = Arena.ofShared();
    segment = arena.allocate(SEGMENT_BYTES, 4096);
  }

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void isAvailableExactlyWhenItIsEnabled() {
    assertThat(access.isAvailable()).as("%s", access).isEqualTo(ThisMachine.isNativeAccessExpected());
    assertThat(NativeAccess.available()).isSameAs(access);
  }

  @Test
  void pageSizesArePowersOfTwo() {
    assertThat(Long.bitCount(access.pageBytes())).isEqualTo(1);
    assertThat(Long.bitCount(access.hugePageBytes())).isLessThanOrEqualTo(1);
  }

  @Test
  void theTwinRefusesEverythingPolitely() {
    assumeFalse(access.isAvailable());

    for (NativeAccess twin : new NativeAccess[] {access, NativeAccess.none()}) {
      assertThat(
              new NativeResult[] {
                twin.adviseHugePages(segment),
                twin.collapse(segment),
                twin.lock(segment),
                twin.unlock(segment),
                twin.populateRead(segment),
                twin.adviseRandom(segment)
              })
          .allSatisfy(
              result -> {
                assertThat(result.outcome()).isEqualTo(Outcome.UNAVAILABLE);
                assertThat(result.isDone()).isFalse();
                assertThat(result.bytes()).isZero();
                assertThat(result.detail()).isNotEmpty();
              });
      assertThat(twin.populate(segment, 0, SEGMENT_BYTES, true)).isEqualTo(Population.UNAVAILABLE);
      assertThat(twin.dropCached(Path.of("any"), "key").outcome()).isEqualTo(Outcome.UNAVAILABLE);
      assertThat(twin.residentBytes(segment)).isEqualTo(NativeAccess.UNKNOWN_BYTES);
      assertThat(twin.reserve(Path.of("any"), "key", 0, 1).outcome()).isEqualTo(Outcome.UNAVAILABLE);
      assertThat(twin.giveBack(Path.of("any"), "key", 0, 1).outcome()).isEqualTo(Outcome.UNAVAILABLE);
      assertThat(twin.fileSystem(Path.of("any")).outcome()).isEqualTo(Outcome.UNAVAILABLE);
      assertThat(twin.hugePageBytes()).isZero();
      assertThat(twin.toString()).contains("no native access");
    }
  }

  @Test
  void theTwinNamesTheFlagThatEnablesTheCalls() {
    assumeTrue(ThisMachine.hasNativeCalls() && !access.isAvailable());

    assertThat(access.lock(segment).detail()).contains("--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void allocatedMemoryIsResident() {
    assumeTrue(access.isAvailable());

    assertThat(access.residentBytes(segment)).isEqualTo(SEGMENT_BYTES);
  }

  @Test
  void residencyIsCountedToTheByteAtBothEnds() {
    assumeTrue(access.isAvailable());
    long pageBytes = access.pageBytes();

    assertThat(access.residentBytes(segment.asSlice(10, 100))).isEqualTo(100);
    assertThat(access.residentBytes(segment.asSlice(10, pageBytes))).isEqualTo(pageBytes);
    assertThat(access.residentBytes(segment.asSlice(pageBytes, 2 * pageBytes))).isEqualTo(2 * pageBytes);
    assertThat(access.residentBytes(segment.asSlice(pageBytes, 0))).isZero();
  }

  @Test
  void residencyGoesBeyondOneChunk() {
    assumeTrue(access.isAvailable());
    long bytes = (LinuxNativeAccess.RESIDENCY_PAGES_MAX + 3) * access.pageBytes() + 7;

    assertThat(access.residentBytes(arena.allocate(bytes))).isEqualTo(bytes);
  }

  @Test
  void populatingBringsInTheHolesOfAMappedFile(@TempDir Path directory) throws Exception {
    assumeTrue(access.isAvailable());
    try (var file = new RandomAccessFile(directory.resolve("file").toFile(), "rw");
        Arena mapping = Arena.ofShared()) {
      file.setLength(SEGMENT_BYTES);
      MemorySegment mapped = file.getChannel().map(MapMode.READ_WRITE, 0, SEGMENT_BYTES, mapping);
      assertThat(access.residentBytes(mapped)).isZero();

      assertThat(access.populateRead(mapped)).isEqualTo(NativeResult.done(SEGMENT_BYTES));
      assertThat(access.residentBytes(mapped)).isEqualTo(SEGMENT_BYTES);
    }
  }

  @Test
  void populatingAFileCutShortIsRefusedInsteadOfFatal(@TempDir Path directory) throws Exception {
    assumeTrue(access.isAvailable());
    try (var file = new RandomAccessFile(directory.resolve("file").toFile(), "rw");
        Arena mapping = Arena.ofShared()) {
      file.setLength(SEGMENT_BYTES);
      MemorySegment mapped = file.getChannel().map(MapMode.READ_WRITE, 0, SEGMENT_BYTES, mapping);
      file.setLength(0);

      NativeResult result = access.populateRead(mapped);

      assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
      assertThat(result.detail()).contains("EFAULT").contains("cut short");
    }
  }

  @Test
  void aPartOfAColdFileIsPopulatedAndNoMore(@TempDir Path directory) throws Exception {
    assumeTrue(access.isAvailable());
    Path path = directory.resolve("file");
    try (var file = new RandomAccessFile(path.toFile(), "rw");
        Arena mapping = Arena.ofShared()) {
      file.write(new byte[(int) SEGMENT_BYTES]);
      file.getChannel().force(true);
      Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      assertThat(access.dropCached(path, key)).isEqualTo(NativeResult.done(0));
      MemorySegment mapped = file.getChannel().map(MapMode.READ_WRITE, 0, SEGMENT_BYTES, mapping);
      assumeTrue(access.residentBytes(mapped) == 0, "this file system keeps what it was told to drop");
      assertThat(access.adviseRandom(mapped)).isEqualTo(NativeResult.done(SEGMENT_BYTES));

      long pageBytes = access.pageBytes();
      assertThat(access.populate(mapped, 10 * pageBytes + 1, 1, false)).isEqualTo(Population.DONE);
      assertThat(access.residentBytes(mapped)).isEqualTo(pageBytes);
      assertThat(access.residentBytes(mapped.asSlice(10 * pageBytes, pageBytes))).isEqualTo(pageBytes);
      assertThat(access.populate(mapped, 20 * pageBytes, 3 * pageBytes, true)).isEqualTo(Population.DONE);
      assertThat(access.residentBytes(mapped)).isEqualTo(4 * pageBytes);
      assertThat(mapped.get(ValueLayout.JAVA_BYTE, 20 * pageBytes)).isZero();
    }
  }

  @Test
  void aPartWithNothingBehindItIsSaidToBeOne(@TempDir Path directory) throws Exception {
    assumeTrue(access.isAvailable());
    try (var file = new RandomAccessFile(directory.resolve("file").toFile(), "rw");
        Arena mapping = Arena.ofShared()) {
      file.setLength(SEGMENT_BYTES);
      MemorySegment mapped = file.getChannel().map(MapMode.READ_WRITE, 0, SEGMENT_BYTES, mapping);
      file.setLength(access.pageBytes());

      for (boolean forWriting : new boolean[] {false, true}) {
        assertThat(access.populate(mapped, 0, 1, forWriting)).isEqualTo(Population.DONE);
        assertThat(access.populate(mapped, access.pageBytes(), 1, forWriting)).isEqualTo(Population.NOTHING_BEHIND);
        assertThat(access.populate(mapped, 0, SEGMENT_BYTES, forWriting)).isEqualTo(Population.NOTHING_BEHIND);
      }
    }
  }

  @Test
  void populatingAllocatesNothing() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && allocated > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        access.populate(segment, i % 2, 1 + i, i % 3 == 0);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(allocated).as("bytes in %d calls, once they are compiled", CALLS).isZero();
  }

  @Test
  void partsOutsideOfTheSegmentAreAMistake() {
    for (long[] part : new long[][] {{-1, 1}, {0, -1}, {SEGMENT_BYTES, 1}, {1, SEGMENT_BYTES}, {1, Long.MAX_VALUE}}) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> access.populate(segment, part[0], part[1], false));
    }
  }

  @Test
  void aLockedPageCanBeUnlocked() {
    assumeTrue(access.isAvailable());
    MemorySegment page = segment.asSlice(0, access.pageBytes());

    NativeResult locked = access.lock(page);

    assertThat(locked.outcome()).isIn(Outcome.DONE, Outcome.REFUSED);
    if (locked.isDone()) {
      assertThat(locked.bytes()).isEqualTo(access.pageBytes());
      assertThat(access.unlock(page)).isEqualTo(NativeResult.done(access.pageBytes()));
    } else {
      assertThat(locked.detail()).contains("ulimit -l");
    }
  }

  @Test
  void adviceTakesAllPagesWithinTheSegment() {
    assumeTrue(access.isAvailable());

    NativeResult advised = access.adviseHugePages(segment);

    assertThat(advised.outcome()).isIn(Outcome.DONE, Outcome.REFUSED);
    if (advised.isDone()) {
      assertThat(advised.bytes()).isEqualTo(SEGMENT_BYTES);
    } else {
      assertThat(advised.detail()).contains("madvise(MADV_HUGEPAGE)");
    }
  }

  @Test
  void collapsingKeepsTheContentAndSaysHowMuchIsHuge() {
    assumeTrue(access.isAvailable());
    for (long offset = 0; offset < SEGMENT_BYTES; offset += 8) {
      segment.set(ValueLayout.JAVA_LONG, offset, offset);
    }

    NativeResult collapsed = access.collapse(segment);

    assertThat(collapsed.bytes()).isBetween(0L, SEGMENT_BYTES);
    switch (collapsed.outcome()) {
      case DONE -> assertThat(collapsed.bytes()).isPositive().isEqualTo(wholeHugePageBytes());
      case PARTLY -> assertThat(collapsed.bytes()).isPositive().isLessThan(wholeHugePageBytes());
      case REFUSED, UNAVAILABLE -> assertThat(collapsed.bytes()).isZero();
    }
    assertThat(collapsed.detail().isEmpty()).isEqualTo(collapsed.isDone());
    for (long offset = 0; offset < SEGMENT_BYTES; offset += 8) {
      assertThat(segment.get(ValueLayout.JAVA_LONG, offset) == offset).isTrue();
    }
  }

  private long wholeHugePageBytes() {
    return PageRange.within(segment, access.hugePageBytes()).bytes();
  }

  @Test
  void aSegmentBelowAHugePageHasNothingToCollapse() {
    assumeTrue(access.isAvailable() && access.hugePageBytes() > 0);

    NativeResult result = access.collapse(segment.asSlice(0, access.pageBytes()));

    assertThat(result.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(result.detail()).contains("no whole aligned huge page");
  }

  @Test
  void spaceOfAFileIsReservedAndGivenBack(@TempDir Path directory) throws Exception {
    assumeTrue(access.isAvailable());
    Path file = Files.writeString(directory.resolve("ünïcödé 100%"), "content");
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();

    NativeResult reserved = access.reserve(file, key, 0, SEGMENT_BYTES);
    assumeTrue(reserved.outcome() != Outcome.UNAVAILABLE, reserved.detail());

    assertThat(reserved).isEqualTo(NativeResult.done(SEGMENT_BYTES));
    assertThat(diskBytes(file)).isGreaterThanOrEqualTo(SEGMENT_BYTES);
    byte[] content = Files.readAllBytes(file);
    assertThat(content).startsWith("content".getBytes(StandardCharsets.UTF_8)).endsWith(0, 0, 0).hasSize(8 << 20);

    NativeResult givenBack = access.giveBack(file, key, 0, SEGMENT_BYTES / 2);
    assumeTrue(givenBack.outcome() != Outcome.UNAVAILABLE, givenBack.detail());
    assertThat(givenBack).isEqualTo(NativeResult.done(SEGMENT_BYTES / 2));
    assertThat(diskBytes(file)).isBetween(SEGMENT_BYTES / 2, SEGMENT_BYTES - 1);
    assertThat(Files.readAllBytes(file)).isEqualTo(new byte[8 << 20]);
  }

  private static long diskBytes(Path file) throws IOException {
    Process du = new ProcessBuilder("du", "-k", file.toString()).start();
    String kibibytes = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return Long.parseLong(kibibytes.split("\\s", -1)[0]) << 10;
  }

  @Test
  void spaceOfAnotherFileIsNotGivenBack(@TempDir Path directory) throws Exception {
    assumeTrue(access.isAvailable());
    Path file = Files.writeString(directory.resolve("file"), "content");
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    Files.move(file, directory.resolve("aside"));
    Files.writeString(file, "another");

    assertThat(access.giveBack(file, key, 0, 7).outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(file).hasContent("another");
    assertThat(directory.resolve("aside")).hasContent("content");
  }

  @Test
  void fileSystemsAreThoseOfTheTableOfMounts(@TempDir Path directory) throws Exception {
    assumeTrue(access.isAvailable());
    for (Path path : new Path[] {directory, Path.of("/dev/shm"), Path.of("/proc")}) {
      assumeTrue(Files.exists(path));
      FileSystemType type = access.fileSystem(path);
      assertThat(type.outcome()).isEqualTo(Outcome.DONE);
      assertThat(type.magic()).isBetween(1L, 0xFFFF_FFFFL);
      if (!type.name().isEmpty() && !type.name().equals("fuse")) {
        assertThat(Files.getFileStore(path).type()).startsWith(type.name().substring(0, 3));
      }
    }
    FileSystemType absent = access.fileSystem(directory.resolve("absent"));
    assertThat(absent.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(absent.detail()).contains("ENOENT");
  }

  @Test
  void rangesThatNoFileHasAreAMistake() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> access.reserve(Path.of("any"), "key", -1, 1));
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> access.giveBack(Path.of("any"), "key", 0, -1));
  }

  @Test
  void heapSegmentsAreAMistake() {
    forEachRequest(
        MemorySegment.ofArray(new byte[100]),
        request -> assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(request::run));
  }

  @Test
  void segmentsOfAClosedArenaAreAMistake() {
    MemorySegment closed;
    try (Arena brief = Arena.ofShared()) {
      closed = brief.allocate(100);
    }
    forEachRequest(
        closed, request -> assertThatExceptionOfType(IllegalStateException.class).isThrownBy(request::run));
  }

  @Test
  void segmentsConfinedToAnotherThreadAreAMistake() throws InterruptedException {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment ours = confined.allocate(100);
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread other =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      forEachRequest(
                          ours,
                          request ->
                              assertThatExceptionOfType(IllegalStateException.class).isThrownBy(request::run));
                    } catch (Throwable thrown) {
                      failure.set(thrown);
                    }
                  });
      other.join();
      assertThat(failure.get()).isNull();
    }
  }

  private void forEachRequest(MemorySegment wrong, Consumer<Runnable> check) {
    check.accept(() -> access.adviseHugePages(wrong));
    check.accept(() -> access.collapse(wrong));
    check.accept(() -> access.lock(wrong));
    check.accept(() -> access.unlock(wrong));
    check.accept(() -> access.populateRead(wrong));
    check.accept(() -> access.populate(wrong, 0, 1, false));
    check.accept(() -> access.adviseRandom(wrong));
    check.accept(() -> access.residentBytes(wrong));
  }

  @Test
  void automaticArenasAreAccepted() {
    MemorySegment automatic = Arena.ofAuto().allocate(100);

    assertThat(access.residentBytes(automatic)).isEqualTo(access.isAvailable() ? 100 : NativeAccess.UNKNOWN_BYTES);
  }
}
