package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two JVMs want to load the same key into the file that they share. */
class SharedLoadingTest {
  private static final String KEY = "key";

  @TempDir private Path folder;

  private static Cache<String, String> open(Path file) {
    return Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file, "8MiB").build();
  }

  /** Another JVM: begins to load, says so, and goes on when it is told what the value is. */
  static final class Loads {
    private Loads() {}

    public static void main(String[] args) throws IOException {
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      try (Cache<String, String> cache = open(Path.of(args[0]))) {
        String value =
            cache.get(
                KEY,
                key -> {
                  System.out.println("loading");
                  return in.readLine();
                });
        System.out.println(value);
        // The file is left by dying: the value must be there without that.
        in.readLine();
      }
    }
  }

  private static Process start(Path file) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Loads.class.getName(),
                file.toString()))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void oneLoadsAndTheOtherWaits() throws IOException, InterruptedException {
    Path file = folder.resolve("shared.larder");
    AtomicInteger loads = new AtomicInteger();
    try (Cache<String, String> cache = open(file)) {
      Process other = start(file);
      try (BufferedReader out = reader(other);
          PrintStream in = new PrintStream(other.getOutputStream(), true, StandardCharsets.UTF_8)) {
        assertThat(out.readLine()).isEqualTo("loading");
        CompletableFuture<String> value = CompletableFuture.supplyAsync(() -> load(cache, loads));
        in.println("theirs");
        assertThat(out.readLine()).isEqualTo("theirs");
        assertThat(value.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo("theirs");
        assertThat(loads).hasValue(0);
      } finally {
        end(other);
      }
    }
  }

  @Test
  void whoLoadsInsteadOfTheDeadDoesNotWait() throws IOException, InterruptedException {
    Path file = folder.resolve("shared.larder");
    AtomicInteger loads = new AtomicInteger();
    try (Cache<String, String> cache = open(file)) {
      Process other = start(file);
      try (BufferedReader out = reader(other)) {
        assertThat(out.readLine()).isEqualTo("loading");
        CompletableFuture<String> value = CompletableFuture.supplyAsync(() -> load(cache, loads));
        end(other);
        assertThat(value.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo("ours");
        assertThat(loads).hasValue(1);
        assertThat(cache.get(KEY)).isEqualTo("ours");
      } finally {
        end(other);
      }
    }
  }

  /** What was removed while another loaded is not brought back. */
  @Test
  void aRemovalBeatsALoadInAnotherJvm() throws IOException, InterruptedException {
    Path file = folder.resolve("shared.larder");
    try (Cache<String, String> cache = open(file)) {
      Process other = start(file);
      try (BufferedReader out = reader(other);
          PrintStream in = new PrintStream(other.getOutputStream(), true, StandardCharsets.UTF_8)) {
        assertThat(out.readLine()).isEqualTo("loading");
        cache.remove(KEY);
        in.println("old");
        assertThat(out.readLine()).isEqualTo("old");
        assertThat(cache.get(KEY)).isNull();
      } finally {
        end(other);
      }
    }
  }

  private static String load(Cache<String, String> cache, AtomicInteger loads) {
    return String.valueOf(
        cache.get(
            KEY,
            key -> {
              loads.incrementAndGet();
              return "ours";
            }));
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private static void end(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }
}
