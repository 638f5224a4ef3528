package io.larder.jmh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A JVM that a benchmark works together with, by lines: those that it is told, and its own, which begin with a known
 * word; others are the libraries'. It ends when its input does. For one thread.
 */
final class Partner implements AutoCloseable {
  private static final long END_SECONDS = 60;

  private final Process process;
  private final BufferedReader out;
  private final PrintStream in;
  private final List<String> others = new ArrayList<>();

  private Partner(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
    this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /** Starts it. After {@code limit} it is killed, and whoever waits for it hears of that. */
  static Partner start(Class<?> main, List<String> flags, Duration limit, String... args) throws IOException {
    Process process = new ProcessBuilder(Probe.command(main, flags, args)).redirectErrorStream(true).start();
    Executor afterLimit = CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS);
    afterLimit.execute(process::destroyForcibly);
    return new Partner(process);
  }

  /**
   * Waits for a line that begins with a word.
   *
   * @return the numbers behind the word
   * @throws IOException if it ends before, with what it said about that
   */
  long[] await(String word) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      String[] words = line.split(" ", -1);
      if (words[0].equals(word)) {
        long[] numbers = new long[words.length - 1];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = Long.parseLong(words[i + 1]);
        }
        return numbers;
      }
      others.add(line);
    }
    throw new IOException(Probe.cause(awaitEnd(), others));
  }

  void tell(String line) {
    in.println(line);
  }

  /** Ends it by SIGKILL. */
  void kill() throws IOException {
    process.destroyForcibly();
    awaitEnd();
  }

  private int awaitEnd() throws IOException {
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      return process.exitValue();
    } catch (InterruptedException interrupt) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      InterruptedIOException failure = new InterruptedIOException("interrupted");
      failure.initCause(interrupt);
      throw failure;
    }
  }

  /** Ends its input, and waits for it to close what it has open. */
  @Override
  public void close() throws IOException {
    in.close();
    awaitEnd();
    out.close();
  }
}
