package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.larder.allocator.DamagedRegionException;
import io.larder.engine.StoreOptions;
import io.larder.mmap.DyingProcess.Death;
import io.larder.mmap.DyingProcess.Late;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process dies before each store of making, joining and giving up a file, and some of the last ones come too late:
 * the next one finds all that was there, or a file that was never complete and is made anew. Proof ATT-2.
 */
class AttachCrashTest {
  private static final long BYTES = 1 << 20;
  private static final int KEYS = 40;
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final long BOOT = 1;

  /** More stores than any of the operations has. */
  private static final long STORES_MAX = 10_000;

  /** The last stores of making a file, when it is complete already. */
  private static final long TWIN_STORES = 5;

  private static final int TWIN_ROUNDS = 40;

  /** It warns of each that dies while it gives the file up. */
  private static final Logger LOGGER = Logger.getLogger("io.larder.mmap");

  @TempDir private Path folder;
  private Path before;
  private Path now;
  private Path file;
  private SplittableRandom random;

  /** Whether there were entries before. */
  private boolean filled;

  /** What a process does until it dies. */
  @FunctionalInterface
  private interface Doing {
    void run(DyingProcess process) throws IOException;
  }

  @BeforeAll
  static void beSilent() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void speakAgain() {
    LOGGER.setLevel(null);
  }

  @BeforeEach
  void prepare() throws IOException {
    before = folder.resolve("before");
    now = Files.createDirectory(folder.resolve("now"));
    file = now.resolve("region");
    Long given = Long.getLong("larder.test.seed");
    long seed = given != null ? given : new SplittableRandom().nextLong();
    System.out.println("AttachCrashTest -Dlarder.test.seed=" + seed);
    random = new SplittableRandom(seed);
  }

  private SharedRegion open(TestHost host) throws IOException {
    StoreOptions options = Worker.options(BYTES).withHashSeed(7);
    return SharedRegion.open(file, BYTES, options, WAIT, host);
  }

  private SharedRegion open(DyingProcess process) throws IOException {
    TestHost host = TestHost.booted(BOOT);
    host.sight = process::see;
    return open(host);
  }

  /** Opens the file and gives it up; a process that dies at that has nothing open any more. */
  private void openAndClose(DyingProcess process) throws IOException {
    SharedRegion region = open(process);
    try {
      region.close();
    } catch (Death death) {
      region.close();
      throw death;
    }
  }

  private static void fill(SharedRegion region) {
    for (int key = 0; key < KEYS; key++) {
      assertThat(Values.put(region.store(), "key-" + key, Values.counted("key-" + key, 1))).isPositive();
    }
  }

  // ---- the state before

  private static void copy(Path from, Path to) throws IOException {
    delete(to);
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> paths = Files.walk(directory)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private void beforeIsClosed() throws IOException {
    try (SharedRegion region = open(TestHost.booted(BOOT))) {
      fill(region);
    }
    filled = true;
    copy(now, before);
  }

  /** Killed in the midst of a put, with its partition's lock. */
  private void beforeIsKilled() throws IOException {
    beforeIsClosed();
    long opening = countStores(this::openAndClose);
    copy(before, now);
    DyingProcess process = new DyingProcess(opening + 6, Late.NONE, true, random);
    assertThatThrownBy(() -> {
      try (SharedRegion region = open(process)) {
        for (int i = 0; i < 10; i++) {
          Values.put(region.store(), "more-" + i, Values.counted("more-" + i, 1));
        }
      }
    }).isInstanceOf(Death.class);
    copy(now, before);
  }

  private long countStores(Doing doing) throws IOException {
    DyingProcess process = DyingProcess.living();
    doing.run(process);
    return process.stores();
  }

  // ---- dying, and what comes after it

  /** Lets processes die in all ways; how often the file was made anew by the next one. */
  private int dieAtEveryStore(Doing doing) throws IOException {
    return dieAtEveryStore(doing, 1, true);
  }

  private int dieAtEveryStore(Doing doing, long firstStore, boolean fences) throws IOException {
    int madeAnew = 0;
    boolean died = true;
    for (long store = firstStore; died && store < STORES_MAX; store++) {
      for (Late late : Late.values()) {
        for (long boot = BOOT; boot <= BOOT + 1; boot++) {
          copy(before, now);
          DyingProcess process = new DyingProcess(store, late, fences, random);
          died = dies(doing, process);
          madeAnew += survives(boot, "store %d, late %s, boot %d".formatted(store, late, boot)) ? 1 : 0;
        }
      }
    }
    assertThat(died).isFalse();
    return madeAnew;
  }

  private static boolean dies(Doing doing, DyingProcess process) throws IOException {
    try {
      doing.run(process);
      return false;
    } catch (Death death) {
      return true;
    }
  }

  private long epoch() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return Header.read(file, channel).epoch(0);
    }
  }

  /** The next process goes on; whether it has made the file anew. */
  private boolean survives(long boot, String where) throws IOException {
    long epoch = Files.exists(file) ? epoch() : 0;
    boolean created;
    try (SharedRegion region = open(TestHost.booted(boot))) {
      created = region.created();
      region.store().assertValid();
      List<Long> counts = Stream.iterate(0, key -> key + 1)
          .limit(KEYS)
          .map(key -> Values.count(region.store(), "key-" + key))
          .distinct()
          .toList();
      assertThat(counts).as(where).containsExactly(filled && !created ? 1L : Values.ABSENT);
      assertThat(created || epoch() > epoch).as("%s: a new epoch", where).isTrue();
      fill(region);
      Values.put(region.store(), "last", Values.counted("last", 3));
      region.store().assertValid();
    }
    try (SharedRegion region = open(TestHost.booted(boot + 1))) {
      assertThat(region.created()).as("%s: closed in order", where).isFalse();
      assertThat(Values.count(region.store(), "last")).as(where).isEqualTo(3);
    }
    return created;
  }

  @Test
  void joiningAndLeavingWhatWasClosed() throws IOException {
    beforeIsClosed();
    // On the same boot nothing is lost; on another only what was not clean any more.
    assertThat(dieAtEveryStore(this::openAndClose)).isPositive();
  }

  @Test
  void joiningAndLeavingWhatWasKilled() throws IOException {
    beforeIsKilled();
    assertThat(dieAtEveryStore(this::openAndClose)).isPositive();
  }

  @Test
  void makingAndLeaving() throws IOException {
    copy(now, before);
    assertThat(dieAtEveryStore(this::openAndClose)).isPositive();
  }

  /** A process whose stores come in any order, whatever stands between them, must be seen to do damage. */
  @Test
  void theTwinWithoutFencesDoesDamage() throws IOException {
    copy(now, before);
    long stores = countStores(this::openAndClose);
    assertThatThrownBy(() -> {
      for (int round = 0; round < TWIN_ROUNDS; round++) {
        dieAtEveryStore(this::openAndClose, stores - TWIN_STORES, false);
      }
    }).isInstanceOfAny(AssertionError.class, RegionFileException.class, DamagedRegionException.class);
  }
}
