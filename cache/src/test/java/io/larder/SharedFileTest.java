package io.larder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache in a file that several JVMs share. */
class SharedFileTest {
  private static final String SIZE = "8MiB";
  private static final int ACKNOWLEDGED = 20_000;

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("shared.larder");
  }

  private static Cache<String, String> open(Path file) {
    return Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file, SIZE).build();
  }

  @Test
  void staysWarm() {
    long version;
    try (Cache<String, String> cache = open(file())) {
      cache.put("a", "1");
      cache.put("expires", "soon", Entry.ttl(Duration.ofMillis(1)));
      version = cache.bytes().version("a".getBytes(StandardCharsets.UTF_8));
    }
    try (Cache<String, String> cache = open(file())) {
      assertThat(cache.get("a")).isEqualTo("1");
      assertThat(cache.bytes().version("a".getBytes(StandardCharsets.UTF_8))).isEqualTo(version);
      cache.put("a", "2");
      assertThat(cache.bytes().version("a".getBytes(StandardCharsets.UTF_8))).isGreaterThan(version);
      assertThat(cache.stats().memoryBytes()).isEqualTo(8 << 20);
    }
  }

  @Test
  void cachesOfOneJvmShareTheirEntries() {
    try (Cache<String, String> other = open(file())) {
      try (Cache<String, String> one = open(file())) {
        one.put("a", "1");
        assertThat(other.get("a")).isEqualTo("1");
        assertThat(other.remove("a")).isTrue();
        assertThat(one.get("a")).isNull();
      }
      other.put("b", "2");
      assertThat(other.get("b")).isEqualTo("2");
    }
  }

  /** What another JVM has written is there after it was killed, in the midst of writing. */
  @Test
  void survivesTheKillOfAnotherJvm() throws IOException, InterruptedException {
    try (Cache<String, String> cache = open(file())) {
      for (int kill = 1; kill <= 3; kill++) {
        Process writer = new ProcessBuilder(command(file(), kill)).redirectErrorStream(true).start();
        String said = "";
        try (BufferedReader out =
            new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
          said = out.readLine();
          writer.destroyForcibly();
        }
        assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(said).isEqualTo("acknowledged " + ACKNOWLEDGED);
        for (int i = 0; i < ACKNOWLEDGED; i++) {
          assertThat(cache.get("key-" + i)).matches("value-" + i + " of [" + kill + "]");
        }
        for (int i = 0; i < ACKNOWLEDGED; i++) {
          cache.put("key-" + i, "mine-" + i);
          assertThat(cache.get("key-" + i)).isEqualTo("mine-" + i);
        }
      }
    }
  }

  private static List<String> command(Path file, int number) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        Writer.class.getName(),
        file.toString(),
        Integer.toString(number));
  }

  /** Another JVM: writes all keys, says so, and goes on writing the same values until it is killed. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      try (Cache<String, String> cache = open(Path.of(args[0]))) {
        for (long round = 0; ; round++) {
          for (int i = 0; i < ACKNOWLEDGED; i++) {
            cache.put("key-" + i, "value-" + i + " of " + args[1]);
          }
          if (round == 0) {
            System.out.println("acknowledged " + ACKNOWLEDGED);
          }
        }
      }
    }
  }

  @Test
  void refusesAFileThatIsNotOurs() throws IOException {
    Files.writeString(file(), "somebody else's notes");
    assertThatExceptionOfType(CacheException.class)
        .isThrownBy(() -> open(file()))
        .withMessageContaining("shared.larder")
        .satisfies(refused -> assertThat(refused.code()).isEqualTo(CacheException.Code.FILE_UNAVAILABLE));
    assertThat(file()).hasContent("somebody else's notes");
  }

  @Test
  void refusesAnotherSize() {
    open(file()).close();
    assertThatExceptionOfType(CacheException.class)
        .isThrownBy(() -> Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file(), "16MiB").build())
        .withMessageContaining("8388608")
        .withMessageContaining("16777216");
  }

  @Test
  void hasOnePlace() {
    assertThatIllegalStateException()
        .isThrownBy(() -> Larder.builder(Codec.utf8(), Codec.utf8()).memory(SIZE).sharedFile(file(), SIZE))
        .withMessageContaining("both given");
    assertThatIllegalStateException()
        .isThrownBy(() -> Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file(), SIZE).memory(SIZE))
        .withMessageContaining("both given");
    assertThatIllegalStateException()
        .isThrownBy(() -> Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file(), SIZE).sharedFile(file(), SIZE))
        .withMessageContaining("given twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file(), 7))
        .withMessageStartingWith("sharedFile=7 bytes");
  }

  // ---- another size

  private static final int MANY = 12_000;

  private static void putMany(Cache<String, String> cache) {
    for (int i = 0; i < MANY; i++) {
      cache.put("key-" + i, "x".repeat(1_000));
    }
  }

  @Test
  void becomesLargerAndSmallerForAll() {
    try (Cache<String, String> cache =
            Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file(), "4MiB", "16MiB").build();
        Cache<String, String> same =
            Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file(), "8MiB", "16MiB").build()) {
      putMany(cache);
      long small = cache.estimatedSize();
      assertThat(small).isLessThan(MANY / 2);
      assertThat(same.resize("16MiB")).isEqualTo(16L << 20);
      assertThat(cache.stats().memoryBytes()).isEqualTo(16L << 20);
      putMany(cache);
      assertThat(cache.estimatedSize()).isEqualTo(MANY);
      assertThat(cache.bytes().resize(4L << 20)).isLessThanOrEqualTo(4L << 20);
      assertThat(same.estimatedSize()).isBetween(small / 2, 2 * small);
      assertThatIllegalArgumentException().isThrownBy(() -> cache.resize("17MiB"));
      assertThatIllegalArgumentException().isThrownBy(() -> cache.resize("large"));
      assertThatIllegalArgumentException().isThrownBy(() -> cache.resize(0));
    }
  }

  /** The listener hears of what gives way, and does not hold it all at once. */
  @Test
  void tellsOfWhatGivesWay() {
    AtomicLong evicted = new AtomicLong();
    try (Cache<String, String> cache =
        Larder.builder(Codec.utf8(), Codec.utf8())
            .sharedFile(file(), "16MiB")
            .removalListener((key, value, cause) -> evicted.addAndGet(cause == RemovalCause.EVICTED ? 1 : 0))
            .build()) {
      putMany(cache);
      cache.resize("4MiB");
      assertThat(cache.estimatedSize() + cache.stats().evictions()).isEqualTo(MANY);
    }
    assertThat(evicted.get()).isGreaterThan(MANY / 2);
  }

  @Test
  void sizesThatCannotBeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file(), "16MiB", "8MiB"))
        .withMessageContaining("sharedFile=16777216 bytes is outside");
    try (Cache<String, String> memory = Larder.builder(Codec.utf8(), Codec.utf8()).memory("4MiB").build()) {
      assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> memory.resize("2MiB"));
    }
  }
}
