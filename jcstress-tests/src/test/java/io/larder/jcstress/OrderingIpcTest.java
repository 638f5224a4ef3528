package io.larder.jcstress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.larder.engine.Stage;
import io.larder.jcstress.OrderingProcess.Role;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two JVMs on one mapped file: what one writes the other sees whole, in order, and as soon as it can know of it. A
 * litmus test on the store itself: publication and stamps, each play with the first and with the second JIT compiler,
 * and broken twins that must be found out.
 *
 * <p>It does not show what this machine's order of accesses hides, nor what a kill leaves.
 */
class OrderingIpcTest {
  private static final String LOOKS = "100000";

  /** A twin is found out much earlier, and then the reader ends. */
  private static final String LOOKS_OF_TWINS = "20000000";

  private static final long LIMIT_SECONDS = 300;
  private static final String FIRST_COMPILER = "-XX:TieredStopAtLevel=1";
  private static final String SECOND_COMPILER = "-XX:-TieredCompilation";
  private static final Pattern VERDICT =
      Pattern.compile("looks=(\\d+) changes=(\\d+) torn=(\\d+) backward=(\\d+) lost=(\\d+)");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "PUBLICATION, " + FIRST_COMPILER,
    "PUBLICATION, " + SECOND_COMPILER,
    "OVERWRITE, " + FIRST_COMPILER,
    "OVERWRITE, " + SECOND_COMPILER,
    "CHAIN, " + FIRST_COMPILER,
    "CHAIN, " + SECOND_COMPILER,
    "BUCKET, " + FIRST_COMPILER,
    "BUCKET, " + SECOND_COMPILER,
    "GROWTH, " + FIRST_COMPILER,
    "GROWTH, " + SECOND_COMPILER,
  })
  void holdsBetweenProcesses(Play play, String compiler) throws IOException {
    Verdict verdict = play(play, Role.WRITER, Role.READER, compiler, LOOKS);

    assertThat(verdict.forbidden()).as("%s", verdict).isZero();
    assertThat(verdict.changes)
        .as("%s, the reader has met the writer", verdict)
        .isGreaterThanOrEqualTo(Sighting.CHANGES_MIN);
  }

  @ParameterizedTest
  @CsvSource({
    "PUBLICATION, LATE_WRITER, READER",
    "BUCKET, LATE_WRITER, READER",
    "OVERWRITE, HASTY_WRITER, READER",
    "OVERWRITE, WRITER, BLIND_READER",
    "CHAIN, WRITER, BLIND_READER",
    "BUCKET, WRITER, BLIND_READER",
    "GROWTH, WRITER, BLIND_READER",
  })
  void findsBrokenTwinsOut(Play play, Role writer, Role reader) throws IOException {
    Verdict verdict = play(play, writer, reader, SECOND_COMPILER, LOOKS_OF_TWINS);

    assertThat(verdict.forbidden()).as("%s", verdict).isPositive();
  }

  private record Verdict(long looks, long changes, long torn, long backward, long lost) {
    long forbidden() {
      return torn + backward + lost;
    }
  }

  private Verdict play(Play play, Role writer, Role reader, String compiler, String looks) throws IOException {
    Path file = folder.resolve("region");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(Stage.REGION_BYTES + Board.BYTES));
    }
    Process writing = start(compiler, writer.name(), play.name(), file.toString());
    try {
      awaitLine(writing, Pattern.compile("ready"));
      Process reading = start(compiler, reader.name(), play.name(), file.toString(), looks);
      try {
        Matcher words = awaitLine(reading, VERDICT);
        return new Verdict(
            number(words, 1), number(words, 2), number(words, 3), number(words, 4), number(words, 5));
      } finally {
        end(reading);
      }
    } finally {
      end(writing);
    }
  }

  private static long number(Matcher words, int group) {
    return Long.parseLong(words.group(group));
  }

  private static Process start(String compiler, String... arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-ea",
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            compiler,
            "-cp",
            System.getProperty("java.class.path"),
            OrderingProcess.class.getName());
    builder.command().addAll(List.of(arguments));
    // The JVM announces options taken from these variables.
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    Process process = builder.redirectErrorStream(true).start();
    CompletableFuture.delayedExecutor(LIMIT_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
    return process;
  }

  /** The line of a process that has a form; its end without one fails the test with all that it has said. */
  private static Matcher awaitLine(Process process, Pattern form) throws IOException {
    StringBuilder said = new StringBuilder();
    BufferedReader lines = process.inputReader(UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher matcher = form.matcher(line);
      if (matcher.matches()) {
        return matcher;
      }
      said.append('\n').append(line);
    }
    throw new AssertionError("ended without " + form + ":" + said);
  }

  private static void end(Process process) {
    process.destroyForcibly();
    try {
      process.waitFor();
      process.getInputStream().close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
  }
}
