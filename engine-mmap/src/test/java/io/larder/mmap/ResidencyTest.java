package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.larder.allocator.Memory;
import io.larder.allocator.MemoryFault;
import io.larder.allocator.SegmentMemory;
import io.larder.nativeaccess.NativeAccess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Memory whose pages are brought in first. Runs in a JVM in which native access is denied, and in one in which it is
 * enabled.
 */
class ResidencyTest {
  private static final int PAGE_BYTES = MemoryAccesses.PAGE_BYTES;
  private static final int BYTES = 100 * PAGE_BYTES;
  private static final int ACCESSES = 20_000;
  private static final int FORGET_EVERY = 40;

  /** More than the compilers need. */
  private static final int ALLOCATION_ROUNDS = 2_000;

  private static final Set<String> NO_ACCESSES = Set.of("bytes", "isOpen", "close", "releaseFence");

  @TempDir private Path directory;
  private Path file;
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void name() {
    file = directory.resolve("file");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  static Stream<NativeAccess> systems() {
    return Stream.of(NativeAccess.available(), NativeAccess.none());
  }

  static Stream<String> kinds() {
    return MemoryAccesses.KINDS.keySet().stream();
  }

  private static String kindOf(SplittableRandom random) {
    List<String> kinds = kinds().toList();
    return kinds.get(random.nextInt(kinds.size()));
  }

  /** A mapped file, and what is seen of it. */
  private ResidentMemory map(NativeAccess system) {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (channel.size() == 0) {
        Files.write(file, new byte[BYTES]);
      }
      SegmentMemory mapped = Superblock.map(channel, BYTES);
      PageReader reader = new PageReader(file);
      open.add(reader);
      return new ResidentMemory(mapped, Residency.of(BYTES, new MappedPages(mapped.segment(), system, reader)));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static SegmentMemory allocate() {
    return SegmentMemory.allocate(BYTES);
  }

  private static Method overridden(Method method) throws NoSuchMethodException {
    return ResidentMemory.class.getMethod(method.getName(), method.getParameterTypes());
  }

  // ---- what it does

  @Test
  void hasEveryMethodOfMemory() throws NoSuchMethodException {
    for (Method method : Memory.class.getMethods()) {
      assertThat(overridden(method).getDeclaringClass()).as("%s", method).isEqualTo(ResidentMemory.class);
      assertThat(NO_ACCESSES.contains(method.getName()) || kinds().toList().contains(MemoryAccesses.nameOf(method)))
          .as("%s is tested", method)
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("systems")
  void doesWhatTheMemoryBelowDoes(NativeAccess system) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    try (SegmentMemory expected = allocate();
        ResidentMemory memory = map(system)) {
      assertThat(memory.bytes()).isEqualTo(BYTES);
      for (int i = 0; i < ACCESSES; i++) {
        String kind = kindOf(random);
        long each = random.nextLong();
        assertThat(MemoryAccesses.make(kind, memory, BYTES, each))
            .as("%s, seed %d, access %d", kind, seed, i)
            .isEqualTo(MemoryAccesses.make(kind, expected, BYTES, each));
        if (random.nextInt(FORGET_EVERY) == 0) {
          memory.residency().forget();
        }
      }
      byte[] all = new byte[BYTES];
      memory.copyOut(0, all, 0, BYTES);
      assertThat(expected.matches(0, all, 0, BYTES)).as("the content, seed %d", seed).isTrue();
      assertThat(file).hasBinaryContent(all);
    }
  }

  @ParameterizedTest
  @MethodSource("systems")
  void bringsBackWhatTheSystemHasDropped(NativeAccess system) throws IOException {
    long seed = System.nanoTime();
    byte[] content = new byte[BYTES];
    new SplittableRandom(seed).nextBytes(content);
    Files.write(file, content);
    try (RandomAccessFile written = new RandomAccessFile(file.toFile(), "rw")) {
      written.getFD().sync();
    }
    Object key = Objects.requireNonNull(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    NativeAccess.available().dropCached(file, key);
    try (ResidentMemory memory = map(system)) {
      for (int page = 0; page < BYTES / PAGE_BYTES; page += 2) {
        assertThat(memory.getByte((long) page * PAGE_BYTES))
            .as("page %d, seed %d", page, seed)
            .isEqualTo(Byte.toUnsignedInt(content[page * PAGE_BYTES]));
      }
      assertThat(memory.matches(0, content, 0, BYTES)).as("seed %d", seed).isTrue();
    }
  }

  // ---- before the access

  private static List<String> violations(Memory memory, WatchedPages pages, Residency residency, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < ACCESSES; i++) {
      MemoryAccesses.make(kindOf(random), memory, BYTES, random.nextLong());
      if (random.nextInt(FORGET_EVERY) == 0) {
        pages.drop();
        residency.forget();
      }
    }
    return pages.violations();
  }

  @Test
  void reachesNoPageBeforeItIsBroughtIn() {
    long seed = System.nanoTime();
    WatchedPages pages = new WatchedPages();
    Residency residency = Residency.of(BYTES, pages::bringIn);
    try (SegmentMemory below = allocate()) {
      Memory memory = new ResidentMemory(pages.see(below), residency);
      assertThat(violations(memory, pages, residency, seed)).as("seed %d", seed).isEmpty();
    }
  }

  /** A twin that forgets to bring pages in for one kind of access is found, whichever it is. */
  @ParameterizedTest
  @MethodSource("kinds")
  void twinThatForgetsOneKindIsFound(String kind) {
    long seed = System.nanoTime();
    WatchedPages pages = new WatchedPages();
    Residency residency = Residency.of(BYTES, pages::bringIn);
    try (SegmentMemory below = allocate()) {
      Memory watched = pages.see(below);
      Memory resident = new ResidentMemory(watched, residency);
      Memory twin =
          (Memory)
              Proxy.newProxyInstance(
                  Memory.class.getClassLoader(),
                  new Class<?>[] {Memory.class},
                  (proxy, method, arguments) ->
                      WatchedPages.call(
                          MemoryAccesses.nameOf(method).equals(kind) ? watched : resident, method, arguments));
      // What is got for reading is no access itself.
      String access = kind.equals("forReading") ? "getByte" : kind.split(" ", -1)[0];
      assertThat(violations(twin, pages, residency, seed))
          .as("seed %d", seed)
          .isNotEmpty()
          .allMatch(violation -> violation.startsWith(access + " at"));
    }
  }

  @Test
  void pageIsBroughtInOnceUntilItIsForgotten() {
    List<String> calls = new ArrayList<>();
    Residency residency =
        Residency.of(BYTES, (offset, bytes, forWriting) -> calls.add(offset + " " + bytes + " " + forWriting));
    try (SegmentMemory below = allocate()) {
      Memory memory = new ResidentMemory(below, residency);
      for (int i = 0; i < 2; i++) {
        memory.getLong(5 * PAGE_BYTES);
        memory.getByte(6 * PAGE_BYTES - 1);
        memory.copyOut(5 * PAGE_BYTES, new byte[PAGE_BYTES], 0, PAGE_BYTES);
      }
      assertThat(calls).containsExactly("20480 8 false");
      calls.clear();
      for (int i = 0; i < 2; i++) {
        memory.putLong(5 * PAGE_BYTES, 1);
        memory.compareAndSetLong(5 * PAGE_BYTES + 8, 0, 1);
        memory.getLong(5 * PAGE_BYTES);
      }
      assertThat(calls).containsExactly("20480 8 true");
      calls.clear();
      for (int i = 0; i < 2; i++) {
        memory.setByteOpaque(7 * PAGE_BYTES, 1);
        memory.getInt(7 * PAGE_BYTES + 1);
        memory.zero(0, 0);
      }
      assertThat(calls).containsExactly("28672 1 true");
      calls.clear();
      residency.forget();
      memory.getLong(8 * PAGE_BYTES - 4);
      memory.putInt(5 * PAGE_BYTES, 1);
      assertThat(calls).containsExactly("32764 8 false", "20480 4 true");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void isNotReachedWherePagesCannotBeBroughtIn(String kind) {
    WatchedPages pages = new WatchedPages();
    Residency residency =
        Residency.of(
            BYTES,
            (offset, bytes, forWriting) -> {
              throw MemoryFault.refused("for a test");
            });
    try (SegmentMemory below = allocate()) {
      Memory memory = new ResidentMemory(pages.see(below), residency);
      assertThatExceptionOfType(InternalError.class)
          .isThrownBy(() -> MemoryAccesses.named(kind).at(memory, 8000, 1000, new SplittableRandom(1)))
          .matches(MemoryFault::is);
      assertThat(pages.violations()).isEmpty();
    }
  }

  // ---- what is not there

  /** No signal is raised: not in the interpreter, which does not survive all of them, either. */
  @ParameterizedTest
  @MethodSource("systems")
  void fileThatWasCutIsAFault(NativeAccess system) throws IOException {
    try (ResidentMemory memory = map(system)) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(PAGE_BYTES);
      }
      assertThat(memory.getLong(0)).isZero();
      kinds()
          .forEach(
              kind ->
                  assertThatExceptionOfType(InternalError.class)
                      .as(kind)
                      .isThrownBy(() -> MemoryAccesses.make(kind, memory, BYTES, kind.hashCode()))
                      .matches(MemoryFault::is)
                      .withMessageContaining("the file was cut"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesWhatIsOutside(String kind) {
    ResidentMemory memory = map(NativeAccess.available());
    try (memory) {
      memory.zero(0, BYTES);
      for (boolean known : new boolean[] {true, false}) {
        for (long offset :
            new long[] {-8, -8000, BYTES, BYTES + 4096, 1L << 19, 1L << 40, 1L << 50, Long.MAX_VALUE & -8,
              Long.MIN_VALUE}) {
          assertThatExceptionOfType(IndexOutOfBoundsException.class)
              .as("%s at %d, known: %s", kind, offset, known)
              .isThrownBy(() -> MemoryAccesses.named(kind).at(memory, offset, 8, new SplittableRandom(1)));
        }
        memory.residency().forget();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesWhatIsClosed(boolean known) {
    for (NativeAccess system : systems().toList()) {
      ResidentMemory memory = map(system);
      if (known) {
        memory.zero(0, BYTES);
      }
      assertThat(memory.isOpen()).isTrue();
      memory.close();
      assertThat(memory.isOpen()).isFalse();
      kinds()
          .forEach(
              kind ->
                  assertThatIllegalStateException()
                      .as(kind)
                      .isThrownBy(() -> MemoryAccesses.named(kind).at(memory, 8000, 8, new SplittableRandom(1))));
    }
  }

  // ---- what it costs

  @ParameterizedTest
  @MethodSource("systems")
  void allocatesNothing(NativeAccess system) {
    byte[] buffer = new byte[3 * PAGE_BYTES];
    try (ResidentMemory memory = map(system)) {
      long warm = leastAllocated(() -> access(memory, buffer));
      long cold =
          leastAllocated(
              () -> {
                memory.residency().forget();
                access(memory, buffer);
              });
      assertThat(warm).as("bytes for each round of accesses to pages that are known").isZero();
      assertThat(cold).as("bytes for each round of accesses to pages that are not known").isZero();
    }
  }

  private static void access(ResidentMemory memory, byte[] buffer) {
    memory.putLong(memory.getLong(PAGE_BYTES - 1) & 0xFF, 1);
    memory.copyOut(100, buffer, 0, buffer.length);
    memory.copyIn(PAGE_BYTES * 7 + 5, buffer, 0, 1000);
    memory.compareAndSetLong(PAGE_BYTES * 9, 0, 1);
  }

  private static long leastAllocated(Runnable round) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < ALLOCATION_ROUNDS && least > 0; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int j = 0; j < 200; j++) {
        round.run();
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
