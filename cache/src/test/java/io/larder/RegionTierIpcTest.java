package io.larder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A cache goes on when the file of its second tier is cut under its threads, and on a disk that is full. In a JVM of
 * its own, since such a thing may end one that does not take care.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RegionTierIpcTest {
  private static final long FILE_BYTES = 4 << 20;
  private static final List<String> MOUNTS = List.of("unshare", "--user", "--map-root-user", "--mount");
  private static final int WAIT_SECONDS = 120;

  @TempDir private Path folder = Path.of("unset");
  private Path file = Path.of("unset");

  @BeforeEach
  void place() throws IOException {
    file = Files.createDirectory(folder.toRealPath().resolve("disk")).resolve("below.larder");
  }

  private static List<String> command(String mode, String what, Path file) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        mode,
        "-Xmx128m",
        "-XX:-CreateCoredumpOnCrash",
        "-cp",
        System.getProperty("java.class.path"),
        Child.class.getName(),
        what,
        file.toString());
  }

  private static List<String> run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    Process process = builder.start();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      List<String> said = out.lines().toList();
      assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as("said: %s", said).isZero();
      return said;
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"})
  void goesOnWhenTheFileIsCutUnderItsThreads(String mode) throws IOException, InterruptedException {
    List<String> said = run(command(mode, "cut", file));
    assertThat(said).endsWith("lives");
    assertThat(said).filteredOn(line -> line.contains("the second tier is lost")).hasSize(1);
    assertThat(said).filteredOn(line -> line.contains("made anew, and empty")).hasSize(1);
  }

  /**
   * The file's own space has been reserved; once it is lost there is no space for another until somebody frees some.
   */
  @Test
  void goesOnWhileTheDiskIsFull() throws IOException, InterruptedException {
    List<String> mounted = new ArrayList<>(MOUNTS);
    String mount = "mount -t tmpfs -o size=6m none '%s'; exec \"$@\"".formatted(file.getParent());
    mounted.addAll(List.of("/bin/sh", "-e", "-c", mount, "sh"));
    List<String> nothing = new ArrayList<>(mounted);
    nothing.add("true");
    assumePermitted(nothing);
    mounted.addAll(command("-XX:+UseSerialGC", "full", file));
    List<String> said = run(mounted);
    assertThat(said).endsWith("lives");
    assertThat(said).filteredOn(line -> line.contains("the second tier is lost")).hasSize(1);
    assertThat(said).filteredOn(line -> line.contains("cannot be made anew")).hasSize(1);
    assertThat(said).filteredOn(line -> line.contains("made anew, and empty")).hasSize(1);
  }

  private static void assumePermitted(List<String> command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      if (process.waitFor() != 0) {
        abort("namespaces are not permitted here");
      }
    } catch (IOException absent) {
      abort("no namespaces here: " + absent.getMessage());
    }
  }

  /** The cache in its JVM. */
  static final class Child {
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static final int KEYS = 30_000;
    private static final int THREADS = 3;
    private static final long REOPEN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final AtomicReference<@Nullable Throwable> FAILURE = new AtomicReference<>();

    private final Path file;
    private final Cache<String, String> cache;
    private final AtomicBoolean done = new AtomicBoolean();

    private Child(Path file) {
      this.file = file;
      this.cache =
          Larder.builder(Codec.utf8(), Codec.utf8())
              .memory("1MiB")
              .tier(clock -> RegionTier.open(file, FILE_BYTES, 0, clock::getAsLong, REOPEN_NANOS))
              .build();
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
      Child child = new Child(Path.of(arguments[1]));
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        SplittableRandom random = new SplittableRandom(i);
        threads.add(Thread.ofPlatform().start(() -> child.work(random)));
      }
      child.await(() -> child.tier().demotions() > KEYS && child.tier().hits() > 0);
      if (arguments[0].equals("cut")) {
        child.cut();
        child.await(() -> child.tier().degraded());
      } else {
        child.fillDisk();
      }
      child.await(() -> !child.tier().degraded() && child.tier().entries() > 0);
      child.done.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      child.cache.close();
      Throwable failure = FAILURE.get();
      if (failure != null) {
        failure.printStackTrace(OUT);
        System.exit(1);
      }
      OUT.println("lives");
    }

    private TierStats tier() {
      return Caches.there(cache.stats().tier());
    }

    private interface Condition {
      boolean holds();
    }

    private void await(Condition condition) throws InterruptedException {
      for (int i = 0; i < WAIT_SECONDS * 100 && !condition.holds() && FAILURE.get() == null; i++) {
        Thread.sleep(10);
      }
      if (!condition.holds()) {
        FAILURE.compareAndSet(null, new IllegalStateException("waited in vain: " + cache.stats()));
      }
    }

    private void cut() throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(FILE_BYTES / 2);
      }
    }

    /** The disk is full: nothing happens. Then the file goes: another takes its place when there is room. */
    private void fillDisk() throws IOException, InterruptedException {
      Path crowd = file.resolveSibling("crowd");
      crowd(crowd);
      long demotions = tier().demotions();
      await(() -> tier().demotions() > demotions + KEYS);
      if (tier().degraded()) {
        FAILURE.compareAndSet(null, new IllegalStateException("lost because the disk is full"));
      }
      Files.delete(file);
      await(() -> tier().degraded());
      // Its space is free once it is unmapped.
      for (int i = 0; i < 100; i++) {
        crowd(crowd.resolveSibling("crowd-" + i));
        Thread.sleep(10);
      }
      long misses = cache.stats().misses();
      await(() -> cache.stats().misses() > misses + KEYS);
      if (!tier().degraded()) {
        FAILURE.compareAndSet(null, new IllegalStateException("made anew on a full disk"));
      }
      for (int i = 0; i < 100; i++) {
        Files.delete(crowd.resolveSibling("crowd-" + i));
      }
      Files.delete(crowd);
    }

    private static void crowd(Path file) throws IOException {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
        ByteBuffer some = ByteBuffer.allocate(4_096);
        while (true) {
          channel.write(some.clear());
        }
      } catch (IOException full) {
        // As is wanted.
      }
    }

    private void work(SplittableRandom random) {
      try {
        while (!done.get() && FAILURE.get() == null) {
          int number = random.nextInt(KEYS);
          if (random.nextInt(3) == 0) {
            cache.put("key:" + number, number + ":" + "x".repeat(random.nextInt(200)));
          } else {
            String value = cache.get("key:" + number);
            if (value != null && !value.startsWith(number + ":")) {
              throw new IllegalStateException("garbage: " + value);
            }
          }
        }
      } catch (Throwable failure) {
        FAILURE.compareAndSet(null, failure);
      }
    }
  }
}
