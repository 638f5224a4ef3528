package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A shared file is cut while JVMs read and write in it: they live, and find nothing any more. */
class TruncationIpcTest {
  private static final String SIZE = "4MiB";
  private static final long BYTES = 4 << 20;
  private static final int KEYS = 2_000;
  private static final int LARGE_EVERY = 41;
  private static final int WAIT_SECONDS = 120;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "-Xint, 2",
    "-Xint, 0",
    "-XX:TieredStopAtLevel=1, 2",
    "-XX:TieredStopAtLevel=4, 2",
    "-XX:+UseSerialGC, 0"
  })
  void twoProcessesSurviveACut(String mode, int fraction) throws IOException, InterruptedException {
    Path file = folder.resolve("shared.larder");
    try (Worker one = new Worker(folder, file, mode);
        Worker other = new Worker(folder, file, mode)) {
      one.awaitLine("working");
      other.awaitLine("working");
      cut(file, fraction == 0 ? 0 : BYTES / fraction);
      one.assertSurvived();
      other.assertSurvived();
    }
    try (DirectoryStream<Path> crashes = Files.newDirectoryStream(folder, "hs_err*")) {
      assertThat(crashes).isEmpty();
    }
  }

  private static void cut(Path file, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
    }
  }

  /** In this JVM nobody touches a page that is gone: the look once a second finds the cut first. */
  @Test
  void anIdleCacheNoticesACut() throws IOException, InterruptedException {
    Path file = folder.resolve("idle.larder");
    try (Cache<byte[], byte[]> cache = open(file)) {
      cache.put(key(1), value(key(1), 1));
      assertThat(cache.stats().degraded()).isFalse();
      cut(file, BYTES / 2);
      for (int wait = 0; wait < WAIT_SECONDS * 100 && !cache.stats().degraded(); wait++) {
        Thread.sleep(10);
      }
      assertThat(cache.stats().degraded()).isTrue();
      assertThat(findsNothing(cache)).isTrue();
      long rejections = cache.stats().rejections();
      cache.put(key(1), value(key(1), 1));
      assertThat(cache.stats().rejections()).isGreaterThan(rejections);
    }
    Files.delete(file);
    try (Cache<byte[], byte[]> cache = open(file)) {
      cache.put(key(1), value(key(1), 1));
      assertThat(cache.get(key(1))).isEqualTo(value(key(1), 1));
    }
  }

  /** Somebody copies another file over it, which nobody meets by a page that is gone. */
  @Test
  void aCacheNoticesThatItsFileIsOverwritten() throws IOException, InterruptedException {
    Path file = folder.resolve("overwritten.larder");
    try (Cache<byte[], byte[]> cache = open(file)) {
      Files.write(file, new byte[1024], StandardOpenOption.WRITE);
      for (int wait = 0; wait < WAIT_SECONDS * 100 && !cache.stats().degraded(); wait++) {
        Thread.sleep(10);
      }
      assertThat(findsNothing(cache)).isTrue();
    }
  }

  @Test
  void aDeletedFileGoesOnServing() throws IOException, InterruptedException {
    Path file = folder.resolve("deleted.larder");
    try (Cache<byte[], byte[]> cache = open(file)) {
      cache.put(key(1), value(key(1), 1));
      Files.delete(file);
      Thread.sleep(1_500);
      cache.put(key(2), value(key(2), 2));
      assertThat(cache.get(key(1))).isEqualTo(value(key(1), 1));
      assertThat(cache.get(key(2))).isEqualTo(value(key(2), 2));
      assertThat(cache.stats().degraded()).isFalse();
    }
  }

  private static Cache<byte[], byte[]> open(Path file) {
    return Larder.builder(Codec.bytes(), Codec.bytes()).sharedFile(file, SIZE).build();
  }

  private static byte[] key(int number) {
    byte[] key = new byte[8 + number % 30];
    new SplittableRandom(number).nextBytes(key);
    return key;
  }

  /** The value of a key for a count: it can be told from each other's and from one that is not whole. */
  private static byte[] value(byte[] key, int count) {
    int number = Arrays.hashCode(key) & Integer.MAX_VALUE;
    byte[] value = new byte[number % LARGE_EVERY == 0 ? 60_000 : 8 + number % 400];
    new SplittableRandom(number * 31L + count).nextBytes(value);
    value[0] = (byte) count;
    return value;
  }

  private static boolean isWhole(byte[] key, byte[] value) {
    return Arrays.equals(value, value(key, value[0]));
  }

  /** Whether a cache that has lost its file does all that it promises then. */
  private static boolean findsNothing(Cache<byte[], byte[]> cache) {
    byte[] key = key(1);
    boolean nothing = true;
    for (int number = 0; number < KEYS; number++) {
      nothing &= cache.get(key(number)) == null && !cache.containsKey(key(number));
    }
    cache.put(key, value(key, 1));
    cache.bytes().putIfAbsent(key, key, Entry.plain());
    nothing &= !cache.replace(key, key) && !cache.remove(key) && !cache.replaceIfVersion(key, 7, key);
    nothing &= cache.bytes().read(key, view -> view.length()) == null;
    nothing &= cache.getAll(List.of(key, key(2))).isEmpty();
    nothing &= Arrays.equals(cache.get(key, any -> key), key);
    nothing &= Arrays.equals(cache.compute(key, (same, present) -> present == null ? same : null), key);
    nothing &= !cache.iterator().hasNext() && cache.estimatedSize() == 0;
    cache.clear();
    cache.cleanUp();
    return nothing && cache.get(key) == null && cache.stats().degraded();
  }

  /** Another JVM, at work on the file. */
  private static final class Worker implements AutoCloseable {
    private static final String END = "(end of output)";
    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> said = new ArrayList<>();

    Worker(Path folder, Path file, String mode) throws IOException {
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  mode,
                  "-Xmx128m",
                  "-XX:-CreateCoredumpOnCrash",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Child.class.getName(),
                  file.toString())
              .directory(folder.toFile())
              .redirectErrorStream(true);
      builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
      process = builder.start();
      Thread.ofPlatform().daemon().start(this::listen);
    }

    private void listen() {
      try (BufferedReader out =
          new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          lines.add(line);
        }
      } catch (IOException closed) {
        lines.add(closed.toString());
      }
      lines.add(END);
    }

    void awaitLine(String wanted) throws InterruptedException {
      String line = "";
      while (!line.equals(wanted) && !line.equals(END)) {
        String next = lines.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("said before: %s", said).isNotNull();
        line = String.valueOf(next);
        said.add(line);
      }
      assertThat(said).last().isEqualTo(wanted);
    }

    void assertSurvived() throws InterruptedException {
      awaitLine("lives and misses");
      assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as("said: %s", said).isZero();
      assertThat(said).filteredOn(line -> line.contains("given up by this process")).hasSize(1);
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /** What it runs. */
  static final class Child {
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static final AtomicReference<@Nullable Throwable> FAILURE = new AtomicReference<>();
    private static final int THREADS = 4;
    private static final int OPERATIONS_BEFORE = 2_000;

    private Child() {}

    public static void main(String[] arguments) throws InterruptedException {
      Cache<byte[], byte[]> cache = open(Path.of(arguments[0]));
      AtomicLong operations = new AtomicLong();
      List<Thread> threads = new ArrayList<>();
      for (int number = 0; number < THREADS; number++) {
        boolean writer = number % 2 == 0;
        threads.add(Thread.ofPlatform().start(() -> work(cache, operations, writer)));
      }
      while (operations.get() < OPERATIONS_BEFORE) {
        Thread.sleep(10);
      }
      OUT.println("working");
      for (Thread thread : threads) {
        thread.join();
      }
      Throwable failure = FAILURE.get();
      if (failure != null) {
        failure.printStackTrace(OUT);
      } else if (findsNothing(cache)) {
        OUT.println("lives and misses");
      }
      cache.close();
    }

    private static void work(Cache<byte[], byte[]> cache, AtomicLong operations, boolean writer) {
      try {
        SplittableRandom random = new SplittableRandom();
        while (!cache.stats().degraded() && FAILURE.get() == null) {
          for (int some = 0; some < 100; some++) {
            byte[] key = key(random.nextInt(KEYS));
            if (writer) {
              write(cache, key, random);
            } else {
              read(cache, key, random);
            }
            operations.incrementAndGet();
          }
        }
      } catch (Throwable failure) {
        FAILURE.compareAndSet(null, failure);
      }
    }

    private static void write(Cache<byte[], byte[]> cache, byte[] key, SplittableRandom random) {
      switch (random.nextInt(10)) {
        case 0 -> cache.remove(key);
        case 1 -> cache.putIfAbsent(key, value(key, random.nextInt(100)));
        default -> cache.put(key, value(key, random.nextInt(100)));
      }
    }

    private static void read(Cache<byte[], byte[]> cache, byte[] key, SplittableRandom random) {
      byte @Nullable [] value =
          switch (random.nextInt(4)) {
            case 0 -> cache.bytes().read(key, view -> view.toArray());
            case 1 -> readInto(cache, key);
            default -> cache.get(key);
          };
      if (value != null && (value.length == 0 || !isWhole(key, value))) {
        throw new IllegalStateException("garbage of " + value.length + " bytes");
      }
    }

    private static byte @Nullable [] readInto(Cache<byte[], byte[]> cache, byte[] key) {
      byte[] target = new byte[60_000];
      int length = cache.bytes().get(key, target);
      return length < 0 ? null : Arrays.copyOf(target, length);
    }
  }
}
