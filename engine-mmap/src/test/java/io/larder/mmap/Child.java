package io.larder.mmap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link Worker} as its parent sees it. All waits end, with a failure of the test if need be. */
final class Child implements AutoCloseable {
  private static final long WAIT_SECONDS = 120;
  private static final String END = "(end of output)";

  private final Process process;
  private final PrintStream in;
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

  private Child(Process process) {
    this.process = process;
    this.in = new PrintStream(process.getOutputStream(), true, UTF_8);
    Thread.ofPlatform().daemon().start(this::listen);
  }

  static Child start(String what, Path file, long bytes) throws IOException {
    return start(command(what, file, bytes));
  }

  static Child start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // The JVM announces options taken from these variables.
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    return new Child(builder.start());
  }

  static List<String> command(String what, Path file, long bytes) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-ea",
        "-Xmx128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "--illegal-native-access=deny",
        "--sun-misc-unsafe-memory-access=deny",
        "-cp",
        System.getProperty("java.class.path"),
        Worker.class.getName(),
        what,
        file.toString(),
        Long.toString(bytes));
  }

  private void listen() {
    try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        said.add(line);
      }
    } catch (IOException closed) {
      said.add(closed.toString());
    }
    said.add(END);
  }

  /** The next line that it says. */
  String next() {
    try {
      String line = said.poll(WAIT_SECONDS, TimeUnit.SECONDS);
      assertThat(line).as("nothing said within %d s", WAIT_SECONDS).isNotNull();
      return String.valueOf(line);
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
  }

  /** What it answers to a line. */
  String ask(String line) {
    tell(line);
    return next();
  }

  /** Says a line to it that it may not answer. */
  void tell(String line) {
    in.println(line);
  }

  /** The words of its first line, when it could open the file: slot, token, created. */
  Opened opened() {
    String line = next();
    assertThat(line).startsWith("open ");
    String[] words = line.split(" ", -1);
    return new Opened(Integer.parseInt(words[1]), Long.parseLong(words[2]), Boolean.parseBoolean(words[3]));
  }

  record Opened(int slot, long token, boolean created) {
    long epoch() {
      return token >>> 16;
    }
  }

  /** Kills it at once, as {@code kill -9}; returns what it said last and nobody has asked for. */
  List<String> kill() {
    process.destroyForcibly();
    List<String> rest = awaitEnd();
    assertThat(process.exitValue()).isNotZero();
    return rest;
  }

  /** Kills the process that it runs, and waits until it has seen that, too. */
  void killWithin() {
    assertThat(process.descendants().filter(ProcessHandle::destroyForcibly)).as("killed").isNotEmpty();
    awaitEnd();
    assertThat(process.exitValue()).isNotZero();
  }

  /** Waits for its end; returns what it said last and nobody has asked for. */
  List<String> awaitEnd() {
    try {
      assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).as("has ended").isTrue();
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
    List<String> rest = new ArrayList<>();
    for (String line = next(); !line.equals(END); line = next()) {
      rest.add(line);
    }
    return rest;
  }

  /** Sends it a signal. */
  void signal(String name) throws IOException {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
      assertThat(kill.waitFor()).isZero();
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
      in.close();
      process.getErrorStream().close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    }
  }
}
