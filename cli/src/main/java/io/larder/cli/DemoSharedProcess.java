package io.larder.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One of the places of {@code demo shared}: a process, and when it is killed the next one. One thread. */
final class DemoSharedProcess implements AutoCloseable {
  private static final int HEAP_MEBIBYTES = 192;
  private static final long END_SECONDS = 30;

  private final List<String> arguments;
  private Process process;
  private Lines lines;
  private State before = State.NONE;
  private int kills;

  /**
   * What was counted.
   *
   * @param longestNanos the longest operation
   */
  record State(long reads, long hits, long wrong, long longestNanos) {
    static final State NONE = new State(0, 0, 0, 0);

    State plus(State other) {
      return new State(
          reads + other.reads, hits + other.hits, wrong + other.wrong, Math.max(longestNanos, other.longestNanos));
    }
  }

  /** Reads what the process says, to its end. */
  private static final class Lines implements Runnable {
    private final Process process;
    private volatile State state = State.NONE;
    private volatile @Nullable String firstWrong;

    Lines(Process process) {
      this.process = process;
    }

    @Override
    public void run() {
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          take(line);
        }
      } catch (IOException killed) {
        // It was in the middle of a line.
      }
    }

    private void take(String line) {
      String[] words = line.split(" ", -1);
      if (words[0].equals(DemoSharedWorker.STATE) && words.length == 5) {
        state =
            new State(
                Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]), Long.parseLong(words[4]));
      } else if (words[0].equals(DemoSharedWorker.WRONG)) {
        firstWrong = line.substring(words[0].length() + 1);
      }
    }
  }

  /** Starts the first process, with the arguments of its {@link DemoSharedWorker} but for its own seed. */
  DemoSharedProcess(List<String> arguments, long seed) throws IOException {
    this.arguments = arguments;
    this.process = start(seed);
    this.lines = listen(process);
  }

  private Process start(long seed) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx" + HEAP_MEBIBYTES + "m", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), DemoSharedWorker.class.getName()));
    command.addAll(arguments);
    command.add(Long.toString(seed));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static Lines listen(Process process) {
    Lines lines = new Lines(process);
    Thread.ofPlatform().daemon().name("demo-lines").start(lines);
    return lines;
  }

  /** Kills the process ({@code SIGKILL}) and starts another in its place. */
  void replace(long seed) throws IOException, InterruptedException {
    process.destroyForcibly();
    process.waitFor();
    kills++;
    before = state();
    process = start(seed);
    lines = listen(process);
  }

  /** What all processes in this place have counted, as they said last. */
  State state() {
    return before.plus(lines.state);
  }

  /** Whether the present process has begun to work. */
  boolean isWorking() {
    return lines.state.reads > 0;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  int kills() {
    return kills;
  }

  /** What the present process has found to be wrong first. */
  @Nullable String firstWrong() {
    return lines.firstWrong;
  }

  /** Has the process end in order. */
  void end() throws IOException {
    process.getOutputStream().close();
  }

  /** Waits for its end; false when it ended with an error, or not in time. */
  boolean awaitEnd() throws InterruptedException {
    return process.waitFor(END_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  /** Kills it and waits for nothing. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
