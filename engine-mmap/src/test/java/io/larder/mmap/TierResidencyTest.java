package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.larder.allocator.SegmentMemory;
import io.larder.engine.Store;
import io.larder.mmap.RegionFileException.Reason;
import io.larder.nativeaccess.NativeAccess;
import io.larder.nativeaccess.Population;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The pages of a tier that is in use. Runs in a JVM in which native access is denied, and in one in which it is
 * enabled.
 */
class TierResidencyTest {
  private static final long BYTES = 8 << 20;
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final int KEYS = 2_000;
  private static final int MANY_KEYS = 20_000;
  private static final int OPERATIONS = 25_000;
  private static final int LOOK_EVERY = 500;
  private static final int READERS = 3;
  private static final int ROUNDS = 3_000;
  private static final String CLOSED = "closed";

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void name() throws IOException {
    file = directory.toRealPath().resolve("tier.larder");
  }

  static Stream<NativeAccess> systems() {
    return Stream.of(NativeAccess.available(), NativeAccess.none());
  }

  private static TestHost host(NativeAccess system) {
    TestHost host = new TestHost();
    host.system = system;
    return host;
  }

  private TierRegion open(Host host) throws IOException {
    return TierRegion.open(file, BYTES, false, Worker.options(BYTES), WAIT, host);
  }

  /** A machine whose system notes what it is asked to bring in, and what is accessed without. */
  private static TestHost watchingHost(List<String> violations) {
    Map<Long, WatchedPages> mappings = new HashMap<>();
    TestSystem system = new TestSystem();
    system.populating =
        (segment, offset, bytes, forWriting) -> {
          WatchedPages pages = mappings.get(segment.address());
          if (pages != null) {
            pages.bringIn(offset, bytes, forWriting);
          }
          return Population.DONE;
        };
    TestHost host = host(system);
    host.sight =
        memory -> {
          WatchedPages pages = new WatchedPages(violations);
          mappings.put(((SegmentMemory) memory).segment().address(), pages);
          return pages.see(memory);
        };
    return host;
  }

  private static void work(Store store, Runnable look) {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < OPERATIONS; i++) {
      String key = "key-" + random.nextInt(MANY_KEYS);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> assertThat(Values.put(store, key, Values.counted(key, i))).isPositive();
        case 3 -> store.maintain(4);
        default -> assertThat(Values.count(store, key)).isNotEqualTo(Values.TORN);
      }
      if (i % LOOK_EVERY == 0) {
        look.run();
      }
    }
  }

  // ---- before the access

  @Test
  void noPageIsAccessedBeforeItIsBroughtIn() throws IOException {
    List<String> violations = new ArrayList<>();
    for (int life = 0; life < 2; life++) {
      try (TierRegion tier = open(watchingHost(violations))) {
        work(tier.store(), tier::look);
        assertThat(tier.store().stats().evictions()).isPositive();
        tier.publish(1, 1, 0);
        tier.store().assertValid();
      }
    }
    assertThat(violations).isEmpty();
  }

  @Test
  void twinWithoutItIsFound() throws IOException {
    List<String> violations = new ArrayList<>();
    try (SharedRegion region =
        SharedRegion.open(file, BYTES, Worker.options(BYTES), WAIT, watchingHost(violations))) {
      assertThat(Values.put(region.store(), "key", "value")).isPositive();
    }
    assertThat(violations).isNotEmpty();
  }

  @Test
  void lookingForgetsWhatIsInMemory() throws IOException {
    List<Long> calls = new ArrayList<>();
    TestSystem system = new TestSystem();
    system.populating =
        (segment, offset, bytes, forWriting) -> {
          calls.add(offset);
          return Population.DONE;
        };
    try (TierRegion tier = open(host(system))) {
      assertThat(Values.put(tier.store(), "key", "value")).isPositive();
      for (int i = 0; i < 3; i++) {
        tier.look();
        calls.clear();
        assertThat(Values.get(tier.store(), "key")).isEqualTo("value");
        assertThat(calls).isNotEmpty();
        calls.clear();
        assertThat(Values.get(tier.store(), "key")).isEqualTo("value");
        assertThat(calls).isEmpty();
      }
    }
  }

  // ---- cold

  private void dropAll() throws IOException {
    Object key = Objects.requireNonNull(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    NativeAccess.available().dropCached(file, key);
  }

  private void fill() throws IOException {
    try (TierRegion tier = open(Host.THIS)) {
      for (int i = 0; i < KEYS; i++) {
        assertThat(Values.put(tier.store(), "key-" + i, Values.counted("key-" + i, i))).isPositive();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("systems")
  void findsAllInAFileThatIsCold(NativeAccess system) throws IOException {
    fill();
    dropAll();
    int found = 0;
    try (TierRegion tier = open(host(system))) {
      for (int i = 0; i < KEYS; i++) {
        long count = Values.count(tier.store(), "key-" + i);
        assertThat(count).as("key-%d", i).isIn((long) i, Values.ABSENT);
        found += count == i ? 1 : 0;
      }
      tier.store().assertValid();
    }
    assertThat(found).isGreaterThan(KEYS / 2);
  }

  /** Whatever the disk is set to read ahead. */
  @Test
  void bringsInWhatIsAskedForAndLittleElse() throws IOException {
    NativeAccess system = NativeAccess.available();
    assumeTrue(system.isAvailable());
    fill();
    dropAll();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, BYTES, arena);
      assumeTrue(system.residentBytes(mapped) < BYTES / 8, "this file system keeps what it was told to drop");
      try (TierRegion tier = open(Host.THIS)) {
        assertThat(Values.count(tier.store(), "key-1999")).isEqualTo(1999);
        assertThat(system.residentBytes(mapped)).isLessThan(BYTES / 4);
      }
    }
  }

  /** A machine that notes accesses to pages that the kernel would have to read. */
  private static TestHost askingHost(List<String> violations) {
    NativeAccess system = NativeAccess.available();
    TestHost host = host(system);
    host.sight =
        memory -> {
          MemorySegment mapped = ((SegmentMemory) memory).segment();
          long pageBytes = MemoryAccesses.PAGE_BYTES;
          return new WatchedPages(
                  violations,
                  (page, forWriting) ->
                      system.residentBytes(mapped.asSlice(page * pageBytes, pageBytes)) == pageBytes)
              .see(memory);
        };
    return host;
  }

  @Test
  void noAccessMeetsAPageThatIsNotInMemory() throws Exception {
    assumeTrue(NativeAccess.available().isAvailable());
    fill();
    dropAll();
    List<String> violations = Collections.synchronizedList(new ArrayList<>());
    try (TierRegion tier = open(askingHost(violations))) {
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        int first = i;
        readers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int key = first; key < KEYS; key += READERS) {
                        if (Values.count(tier.store(), "key-" + key) == Values.TORN) {
                          violations.add("torn");
                        }
                      }
                    }));
      }
      for (Thread reader : readers) {
        reader.join();
      }
    }
    assertThat(violations).isEmpty();
  }

  @Test
  void twinThatMeetsThemIsFound() throws IOException {
    assumeTrue(NativeAccess.available().isAvailable());
    SharedRegion.open(file, BYTES, Worker.options(BYTES), WAIT).close();
    List<String> violations = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, BYTES, arena);
      dropAll();
      assumeTrue(NativeAccess.available().residentBytes(mapped) == 0, "it keeps what it was told to drop");
      try (SharedRegion region =
          SharedRegion.open(file, BYTES, Worker.options(BYTES), WAIT, askingHost(violations))) {
        assertThat(region.created()).isFalse();
      }
    }
    assertThat(violations).isNotEmpty();
  }

  // ---- several threads

  @ParameterizedTest
  @MethodSource("systems")
  void forgettingAndClosingDisturbNobody(NativeAccess system) throws Exception {
    List<String> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    TierRegion tier = open(host(system));
    AtomicInteger rounds = new AtomicInteger();
    for (int i = 0; i < READERS; i++) {
      String name = "thread-" + i + "-";
      threads.add(Thread.ofPlatform().start(() -> failures.add(workUntilItIsClosed(tier, name, rounds))));
    }
    while (rounds.get() < READERS * ROUNDS && failures.isEmpty()) {
      tier.look();
    }
    tier.close();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).hasSize(READERS).allMatch(CLOSED::equals);
    try (TierRegion again = open(host(system))) {
      again.store().assertValid();
    }
  }

  private static String workUntilItIsClosed(TierRegion tier, String name, AtomicInteger rounds) {
    try {
      for (int i = 0; ; i++) {
        String key = name + i % 100;
        if (Values.put(tier.store(), key, Values.counted(key, i)) <= 0 || Values.count(tier.store(), key) != i) {
          return "lost or torn: " + key;
        }
        rounds.incrementAndGet();
      }
    } catch (IllegalStateException closed) {
      return CLOSED;
    } catch (RuntimeException | Error failure) {
      return failure.toString();
    }
  }

  // ---- cut

  /** When it is accessed, or looked at. */
  @ParameterizedTest
  @CsvSource({"true, 4096, true", "true, 0, true", "false, 0, true", "true, 4096, false", "false, 0, false"})
  void fileThatIsCutIsGivenUp(boolean accessed, long bytes, boolean asked) throws IOException {
    NativeAccess system = asked ? NativeAccess.available() : NativeAccess.none();
    fill();
    try (TierRegion tier = open(host(system))) {
      tier.look();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(bytes);
      }
      if (accessed) {
        assertThat(Values.get(tier.store(), "key-1")).isNull();
      } else {
        tier.look();
      }
      assertThat(tier.store().isLost()).isTrue();
      assertThat(Values.put(tier.store(), "key-1", "value")).isNotPositive();
      tier.look();
      tier.publish(0, 0, 0);
      assertThatExceptionOfType(RegionFileException.class)
          .isThrownBy(() -> open(host(system)))
          .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.TRUNCATED));
    }
    Files.delete(file);
    try (TierRegion tier = open(host(system))) {
      assertThat(tier.created()).isTrue();
    }
  }
}
