package io.larder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.larder.engine.StoreOptions;
import io.larder.mmap.TierRegion;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * JVMs with a cache in memory and a file below it are killed again and again, at any moment. What the next one finds in
 * the file is never older than what was acknowledged, or had been read, and never anything that nobody has written.
 *
 * <p>Each thread has keys of its own that it alone writes, with numbers that grow, and a log outside: what it is about
 * to do, what has returned, and what it has read of the keys of all.
 */
class TierCrashIpcTest {
  private static final int KILLS = 5;
  private static final int CLOSINGS = 2;
  private static final int THREADS = 3;
  private static final int KEYS = 60;

  /** What stays in the memory. */
  private static final int ENTRIES = 20;

  private static final int FILLERS = 4_000;
  private static final int FILLER_BYTES_MAX = 600;

  /** Not enough for all fillers, and enough for all that there is. */
  private static final long FILE_BYTES = 1 << 20;
  private static final long FILE_BYTES_FOR_ALL = 16 << 20;

  private static final int LARGE_EVERY = 50;
  private static final int LARGE_BYTES = 20_000;

  /** The numbers of each process begin behind all those of the ones before. */
  private static final int NUMBERS = 10_000_000;

  /** After so many acknowledged writes a process says that it is at work. */
  private static final int WRITES_PER_LINE = 200;

  private static final int LINES_MAX = 30;
  private static final long WAIT_SECONDS = 120;

  @TempDir private Path folder;

  /** What a line of a log says. */
  private enum What {
    /** A value is about to be put. */
    PUTTING(1),
    /** A key is about to be removed. */
    REMOVING(2),
    /** What was about to be done has been done. */
    DONE(3),
    /** A value has been read. */
    READ(4),
    /** A value is there at the end. */
    LEFT(5);

    private final int code;

    What(int code) {
      this.code = code;
    }

    static What of(int code) {
      return Arrays.stream(values()).filter(what -> what.code == code).findAny().orElseThrow();
    }
  }

  // ---- the parent

  @Test
  void findsNothingOlderThanWhatWasAcknowledged() throws IOException, InterruptedException {
    SplittableRandom random = TestSeed.random("TierCrashIpcTest");
    Ledger ledger = new Ledger();
    for (int process = 0; process < KILLS; process++) {
      run(process, "", random);
      assertThat(ledger.read(folder, process)).isNull();
    }
    System.out.println("found after kills: " + ledger.found + ", writes: " + ledger.writes);
    assertThat(ledger.found).as("values found after a kill").isPositive();
    assertThat(ledger.writes).isGreaterThan(KILLS * WRITES_PER_LINE / 2);
    StoreOptions options = StoreOptions.ofExisting(FILE_BYTES);
    try (TierRegion region = TierRegion.open(file(folder), FILE_BYTES, options, Duration.ofSeconds(WAIT_SECONDS))) {
      assertThat(region.created()).isFalse();
      region.store().assertValid();
    }
  }

  @Test
  void aTierThatDiscardsNothingIsFoundOut() throws IOException, InterruptedException {
    SplittableRandom random = TestSeed.random("TierCrashIpcTest, twin");
    Ledger ledger = new Ledger();
    String fault = null;
    for (int process = 0; process < 4 * KILLS && fault == null; process++) {
      run(process, BrokenTier.NO_DISCARD.name(), random);
      fault = ledger.read(folder, process);
    }
    System.out.println(fault);
    assertThat(fault).isNotNull();
  }

  @Test
  void findsAllThatTheMemoryHadWhenItWasClosed() throws IOException, InterruptedException {
    SplittableRandom random = TestSeed.random("TierCrashIpcTest, closed");
    Ledger ledger = new Ledger();
    for (int process = 0; process < CLOSINGS; process++) {
      Process child = start(process, "", FILE_BYTES_FOR_ALL);
      awaitLines(child, 1 + random.nextInt(LINES_MAX));
      // The end of its input tells it to close the cache.
      child.getOutputStream().close();
      assertThat(child.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isZero();
      assertThat(ledger.read(folder, process)).isNull();
    }
    assertThat(ledger.left).isNotEmpty();
  }

  /** Runs a process until it is killed. */
  private void run(int number, String twin, SplittableRandom random) throws IOException, InterruptedException {
    Process child = start(number, twin, FILE_BYTES);
    awaitLines(child, 1 + random.nextInt(LINES_MAX));
    TimeUnit.MICROSECONDS.sleep(random.nextInt(5_000));
    child.destroyForcibly();
    assertThat(child.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  private Process start(int number, String twin, long fileBytes) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "--illegal-native-access=deny",
                "--sun-misc-unsafe-memory-access=deny",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                folder.toString(),
                Integer.toString(number),
                twin,
                Long.toString(fileBytes)));
    if (number % 2 == 0) {
      command.add(1, "-XX:TieredStopAtLevel=1");
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(folder.resolve("errors.txt").toFile());
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    return builder.start();
  }

  private void awaitLines(Process child, int count) throws IOException {
    BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8));
    for (int i = 0; i < count; i++) {
      if (out.readLine() == null) {
        throw new AssertionError("it has ended: " + Files.readString(folder.resolve("errors.txt")));
      }
    }
  }

  /** What all processes so far have written and read. */
  private static final class Ledger {
    /** Of each key the last number that was acknowledged or read: nothing older may be found. */
    private final int[] floors = new int[KEYS];

    /** Whether that was a removal, so that its own number is not to be found either. */
    private final boolean[] removed = new boolean[KEYS];

    private final Set<Long> written = new HashSet<>();
    private Set<Long> left = new HashSet<>();
    long writes;
    long found;

    /** Takes the logs of a process; says what is wrong, or null. */
    @Nullable String read(Path folder, int process) throws IOException {
      Set<Long> seen = new HashSet<>();
      String fault = null;
      for (Line line : Line.all(log(folder, process, Child.FIRST_LOOK))) {
        found++;
        seen.add(line.id());
        fault = fault == null ? check(line) : fault;
      }
      for (long id : left) {
        if (fault == null && !seen.contains(id)) {
          fault = "number " + (int) id + " of key " + (id >>> 32) + " was there when the cache was closed, and is gone";
        }
      }
      left = new HashSet<>();
      for (int thread = 0; thread < THREADS; thread++) {
        take(Line.all(log(folder, process, thread)));
      }
      // What other threads have seen counts as much as what has returned.
      for (int thread = 0; thread < THREADS; thread++) {
        for (Line line : Line.all(log(folder, process, thread))) {
          if (line.what == What.READ && line.number > floors[line.key]) {
            floors[line.key] = line.number;
            removed[line.key] = false;
          }
        }
      }
      for (Line line : Line.all(log(folder, process, Child.LAST_LOOK))) {
        left.add(line.id());
      }
      return fault;
    }

    private @Nullable String check(Line line) {
      if (!written.contains(line.id())) {
        return line + " was never written";
      }
      int floor = floors[line.key];
      boolean older = line.number < floor || (line.number == floor && removed[line.key]);
      return older ? line + " is older than number " + floor + (removed[line.key] ? ", a removal" : "") : null;
    }

    /** The log of the only one who writes to its keys. */
    private void take(List<Line> log) {
      for (int i = 0; i < log.size(); i++) {
        Line line = log.get(i);
        switch (line.what) {
          case PUTTING -> written.add(line.id());
          case DONE -> {
            floors[line.key] = line.number;
            removed[line.key] = log.get(lastIntent(log, i)).what == What.REMOVING;
            writes++;
          }
          case REMOVING, READ, LEFT -> {}
        }
      }
    }

    private static int lastIntent(List<Line> log, int before) {
      int at = before - 1;
      while (log.get(at).what != What.PUTTING && log.get(at).what != What.REMOVING) {
        at--;
      }
      return at;
    }
  }

  private static Path file(Path folder) {
    return folder.resolve("below.larder");
  }

  private static Path log(Path folder, int process, int part) {
    return folder.resolve("log-" + process + "-" + part);
  }

  /** A line of a log. */
  private record Line(What what, int key, int number) {
    private static final int BYTES = 3 * Integer.BYTES;

    long id() {
      return (long) key << 32 | number;
    }

    byte[] bytes() {
      return ByteBuffer.allocate(BYTES).putInt(what.code).putInt(key).putInt(number).array();
    }

    /** All that were written whole. */
    static List<Line> all(Path log) throws IOException {
      List<Line> lines = new ArrayList<>();
      if (Files.exists(log)) {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(log));
        while (bytes.remaining() >= BYTES) {
          lines.add(new Line(What.of(bytes.getInt()), bytes.getInt(), bytes.getInt()));
        }
      }
      return lines;
    }
  }

  // ---- the child

  /** A JVM with a cache. */
  static final class Child {
    static final int FIRST_LOOK = THREADS;
    static final int LAST_LOOK = THREADS + 1;

    private final Path folder;
    private final int process;
    private final Cache<Long, byte[]> cache;
    private volatile boolean closing;

    private Child(Path folder, int process, String twin, long fileBytes) {
      this.folder = folder;
      this.process = process;
      TierFactory file = TierFactory.file(file(folder), fileBytes);
      this.cache =
          Larder.builder(Codec.int64(), Codec.bytes())
              .memory("1MiB")
              .maximumEntries(ENTRIES)
              .compress(Compression.lz4().above(200))
              .flushOnClose()
              .tier(
                  clock -> {
                    Tier tier = file.open(clock);
                    return twin.isEmpty() ? tier : BrokenTier.valueOf(twin).over(tier);
                  })
              .build();
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
      Child child =
          new Child(
              Path.of(arguments[0]), Integer.parseInt(arguments[1]), arguments[2], Long.parseLong(arguments[3]));
      child.look(What.READ, FIRST_LOOK);
      List<Thread> threads = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int number = thread;
        threads.add(Thread.ofPlatform().start(() -> child.work(number)));
      }
      while (System.in.read() >= 0) {
        // Whatever it is.
      }
      child.closing = true;
      for (Thread thread : threads) {
        thread.join();
      }
      child.look(What.LEFT, LAST_LOOK);
      child.cache.close();
    }

    /** Writes down which values there are. */
    private void look(What what, int part) throws IOException {
      try (FileOutputStream log = new FileOutputStream(log(folder, process, part).toFile())) {
        for (int key = 0; key < KEYS; key++) {
          int number = read(key);
          if (number != 0) {
            log.write(new Line(what, key, number).bytes());
          }
        }
      }
    }

    /** The number of the value of a key; 0 for none. */
    private int read(int key) {
      byte[] value = cache.get((long) key);
      if (value == null) {
        return 0;
      }
      int number = ByteBuffer.wrap(value).getInt(Integer.BYTES);
      assertThat(value).isEqualTo(value(key, number));
      return number;
    }

    private static byte[] value(int key, int number) {
      int length = number % LARGE_EVERY == 0 ? LARGE_BYTES : 2 * Integer.BYTES + number * 31 % 500;
      byte[] value = new byte[length];
      Arrays.fill(value, (byte) number);
      if (number % 2 == 0) {
        new SplittableRandom(number).nextBytes(value);
      }
      ByteBuffer.wrap(value).putInt(key).putInt(number);
      return value;
    }

    private void work(int thread) {
      try (FileOutputStream log = new FileOutputStream(log(folder, process, thread).toFile())) {
        SplittableRandom random = new SplittableRandom();
        int number = (process + 1) * NUMBERS;
        for (int writes = 1; !closing; writes++) {
          for (int i = random.nextInt(4); i > 0; i--) {
            byte[] filler = new byte[random.nextInt(FILLER_BYTES_MAX)];
            random.nextBytes(filler);
            cache.put(KEYS + (long) random.nextInt(FILLERS), filler);
          }
          int key = random.nextInt(KEYS / THREADS) * THREADS + thread;
          write(log, random, key, ++number);
          for (int i = random.nextInt(4); i > 0; i--) {
            int other = random.nextInt(KEYS);
            int seen = read(other);
            if (seen != 0) {
              log.write(new Line(What.READ, other, seen).bytes());
            }
          }
          if (writes % WRITES_PER_LINE == 0) {
            System.out.println("at work");
          }
        }
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      } catch (Throwable failure) {
        failure.printStackTrace();
        Runtime.getRuntime().halt(1);
      }
    }

    private void write(FileOutputStream log, SplittableRandom random, int key, int number) throws IOException {
      boolean removes = random.nextInt(5) == 0;
      log.write(new Line(removes ? What.REMOVING : What.PUTTING, key, number).bytes());
      if (removes) {
        cache.remove((long) key);
      } else {
        cache.put((long) key, value(key, number));
      }
      log.write(new Line(What.DONE, key, number).bytes());
    }
  }
}
