package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.Cache;
import io.larder.Codec;
import io.larder.Larder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Verifying files, whole ones and broken ones; what it finds in detail is a matter of the store's tests. */
class VerifyCommandTest {
  private static final long BYTES = 8L << 20;
  private static final String NEEDLE = "needle in a haystack";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int execute(String... args) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  private Path file() {
    return folder.resolve("shared.larder");
  }

  private static Cache<String, String> open(Path file) {
    return Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file, BYTES).verifyReads(true).build();
  }

  private void fill() {
    try (Cache<String, String> cache = open(file())) {
      for (int i = 0; i < 2_000; i++) {
        cache.put("key-" + i, "value " + i);
      }
      cache.put("large", "x".repeat(200_000));
      cache.put("needle", NEEDLE);
    }
  }

  @Test
  void findsNothingInAClosedFileAndLeavesItAsItIs() throws IOException {
    fill();
    byte[] before = Files.readAllBytes(file());
    assertThat(execute("verify", file().toString())).as(out + "\n" + err).isZero();
    assertThat(out.toString())
        .contains("entries=2002", "checksums=2002", "partitions=1 of 1", "verify=ok")
        .doesNotContain("wrong:", "not judged:");
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @Test
  void findsNothingWhileOtherJvmsWrite() throws IOException {
    fill();
    List<Process> writers = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        Process writer = new ProcessBuilder(command(file(), i)).redirectErrorStream(true).start();
        writers.add(writer);
        BufferedReader said =
            new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8));
        assertThat(said.readLine()).isEqualTo("writing");
      }
      for (int round = 0; round < 5; round++) {
        assertThat(execute("verify", file().toString())).as(out + "\n" + err).isZero();
      }
      assertThat(writers).allMatch(Process::isAlive);
    } finally {
      writers.forEach(Process::destroyForcibly);
      writers.forEach(VerifyCommandTest::await);
    }
    // Killed in the midst of it: a lock may be a dead one's, which is named and is nothing wrong.
    assertThat(execute("verify", file().toString())).as(out + "\n" + err).isZero();
    open(file()).close();
    assertThat(execute("verify", file().toString())).as(out + "\n" + err).isZero();
  }

  private static void await(Process process) {
    try {
      process.waitFor();
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
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

  /** Another JVM: writes and removes until it is killed. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      try (Cache<String, String> cache = open(Path.of(args[0]))) {
        System.out.println("writing");
        for (long i = 0; ; i++) {
          cache.put("key-" + i % 5_000, args[1] + " writes " + "y".repeat((int) (i * 31 % 900)));
          if (i % 7 == 0) {
            cache.remove("key-" + i * 13 % 5_000);
          }
          if (i % 1_000 == 0) {
            cache.put("large-" + args[1], "z".repeat(150_000));
          }
        }
      }
    }
  }

  @Test
  void findsAFlippedBitOfAValue() throws IOException {
    fill();
    byte[] bytes = Files.readAllBytes(file());
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(NEEDLE);
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {(byte) (bytes[at] ^ 1)}), at);
    }
    assertThat(execute("verify", file().toString())).isEqualTo(1);
    assertThat(out.toString()).contains("wrong: ", "whose checksum is wrong", "verify=failed");
  }

  @Test
  void refusesWhatCannotBeOpened() {
    assertThat(execute("verify", file().toString())).isEqualTo(2);
    assertThat(err.toString()).contains("ABSENT");
  }
}
