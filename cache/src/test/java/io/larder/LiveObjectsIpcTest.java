package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * L0-1 among processes: another JVM writes to a shared file, and is killed in the midst of it, again and again. No live
 * object of this one is older than what the other has said to be written, or than what was read before.
 */
class LiveObjectsIpcTest {
  private static final String SIZE = "2MiB";
  private static final int KEYS = 64;
  private static final int KILLS = 3;
  private static final long NUMBERS_PER_KILL = 1L << 32;
  private static final long NANOS_PER_KILL = TimeUnit.MILLISECONDS.toNanos(1_500);
  private static final int WAIT_SECONDS = 120;

  private static final VarHandle NUMBER = ValueLayout.JAVA_LONG.varHandle();

  @TempDir private Path folder;

  /** By key, the number of the last write that has returned; a file that both have mapped. */
  private static MemorySegment acknowledged(Path folder, Arena arena) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve("acknowledged"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) KEYS * Long.BYTES, arena);
    }
  }

  private static CacheBuilder<Long, Long> builder(Path folder) {
    return Larder.builder(Codec.int64(), Codec.int64()).sharedFile(folder.resolve("shared"), SIZE);
  }

  @Test
  void noObjectIsOlderThanWhatAnotherJvmHasWritten() throws IOException, InterruptedException {
    long[] seen = new long[KEYS];
    SplittableRandom random = new SplittableRandom();
    try (Arena arena = Arena.ofConfined();
        Cache<Long, Long> cache = builder(folder).liveObjects(KEYS).build()) {
      MemorySegment written = acknowledged(folder, arena);
      for (int kill = 1; kill <= KILLS; kill++) {
        long first = kill * NUMBERS_PER_KILL;
        Process writer = new ProcessBuilder(command(folder, first)).inheritIO().start();
        try {
          awaitFirst(written, first);
          long end = System.nanoTime() + NANOS_PER_KILL;
          for (int i = 0; i % KEYS != 0 || System.nanoTime() < end; i++) {
            check(cache, written, seen, random.nextInt(KEYS));
          }
        } finally {
          writer.destroyForcibly();
        }
        assertThat(writer.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 10 * KEYS; i++) {
          check(cache, written, seen, i % KEYS);
        }
      }
      assertThat(cache.stats().liveHits()).isGreaterThan(1_000);
      assertThat(Arrays.stream(seen).max().orElse(0)).isGreaterThan(KILLS * NUMBERS_PER_KILL);
    }
  }

  private static void awaitFirst(MemorySegment written, long first) throws InterruptedException {
    for (int wait = 0; wait < WAIT_SECONDS * 100; wait++) {
      if ((long) NUMBER.getVolatile(written, 0L) >= first) {
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("the writer does not write");
  }

  private static void check(Cache<Long, Long> cache, MemorySegment written, long[] seen, int key) {
    long floor = Math.max(seen[key], (long) NUMBER.getVolatile(written, (long) key * Long.BYTES));
    Long value = cache.get((long) key);
    if (value != null) {
      assertThat(value).as("key %d", key).isGreaterThanOrEqualTo(floor);
      seen[key] = value;
    }
  }

  private static List<String> command(Path folder, long first) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        Writer.class.getName(),
        folder.toString(),
        Long.toString(first));
  }

  /** Another JVM: writes to all keys in turn, removing some, until it is killed. */
  static final class Writer {
    private static final int PAUSE_SPINS = 2_000;

    private Writer() {}

    public static void main(String[] args) throws IOException {
      Path folder = Path.of(args[0]);
      try (Arena arena = Arena.ofConfined();
          Cache<Long, Long> cache = builder(folder).build()) {
        MemorySegment written = acknowledged(folder, arena);
        for (long number = Long.parseLong(args[1]); ; number++) {
          long key = number % KEYS;
          if (number % 37 == 0) {
            cache.remove(key);
          } else {
            cache.put(key, number);
          }
          NUMBER.setVolatile(written, key * Long.BYTES, number);
          for (int spin = 0; spin < PAUSE_SPINS; spin++) {
            Thread.onSpinWait();
          }
        }
      }
    }
  }
}
