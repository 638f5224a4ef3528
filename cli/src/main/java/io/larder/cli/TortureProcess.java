package io.larder.cli;

import io.larder.cli.TortureHistory.Pause;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The supervisor's hold on one {@link TortureWorker}. */
final class TortureProcess {
  private static final long REAP_SECONDS = 30;

  private final Process process;
  private final int writer;
  private final Path logFile;
  private final Path outputFile;
  private final List<TortureOperation> operations = new ArrayList<>();
  private final List<Pause> pauses = new ArrayList<>();
  private TortureLog.@Nullable Reader log;
  private long workingSince;
  private long pendingSince;
  private long stoppedAt;

  /** Starts a worker whose log and output go to a directory, with more flags for its JVM. */
  TortureProcess(TorturePlan plan, int writer, long seed, Path directory, String... flags) throws IOException {
    this.writer = writer;
    this.logFile = directory.resolve(TortureValue.writerName(writer) + ".log");
    this.outputFile = directory.resolve(TortureValue.writerName(writer) + ".out");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Short lives: quick to start, and nothing left behind in the temporary directory.
    command.addAll(
        List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xlog:disable"));
    if (plan.hasTiers()) {
      // Reads of a tier bring its pages in by the system.
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), TortureWorker.class.getName()));
    command.addAll(plan.arguments());
    command.addAll(List.of(logFile.toString(), Integer.toString(writer), Long.toString(seed)));
    this.process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(outputFile.toFile()).start();
  }

  int worker() {
    return TortureValue.worker(writer);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  int exitCode() {
    return process.exitValue();
  }

  /** Reads on in the worker's log. */
  void poll() throws IOException {
    TortureLog.Reader reader = reader();
    if (reader != null) {
      pendingSince = reader.read(operations);
      if (workingSince == 0 && (pendingSince != 0 || !operations.isEmpty())) {
        workingSince = System.nanoTime();
      }
    }
  }

  private TortureLog.@Nullable Reader reader() throws IOException {
    if (log == null && Files.exists(logFile)) {
      log = new TortureLog.Reader(logFile, writer);
    }
    return log;
  }

  /** How many operations are known of. */
  int operations() {
    return operations.size();
  }

  /** For how long it has been working, as far as has been seen; 0 when it has not come to that yet. */
  long workingNanos() {
    return workingSince == 0 ? 0 : System.nanoTime() - workingSince;
  }

  boolean isStopped() {
    return stoppedAt != 0;
  }

  long stoppedAt() {
    return stoppedAt;
  }

  /** For how long it has been running in its present operation, as of the last poll; 0 when it is in none. */
  long pendingNanos() {
    if (pendingSince == 0 || isStopped()) {
      return 0;
    }
    return TortureHistory.runningNanos(pendingSince, System.nanoTime(), pauses);
  }

  /** Stops it ({@code SIGSTOP}); does nothing where that is not to be had. */
  boolean stop() throws InterruptedException {
    long now = System.nanoTime();
    if (!signal("STOP")) {
      return false;
    }
    stoppedAt = now;
    return true;
  }

  /** Lets it go on after {@link #stop}. */
  void resume() throws InterruptedException {
    signal("CONT");
    pauses.add(new Pause(stoppedAt, System.nanoTime()));
    stoppedAt = 0;
  }

  /**
   * Only to a child that was alive a moment ago, and that this thread has not killed. If it ends by itself just then
   * the signal finds nobody, as systems give numbers out again late.
   */
  private boolean signal(String name) throws InterruptedException {
    if (!process.isAlive()) {
      return false;
    }
    try {
      return new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + process.pid())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException noShell) {
      return false;
    }
  }

  /** Asks it to end. */
  void end() throws IOException {
    process.getOutputStream().close();
  }

  /** Waits for its end; false when it did not come in time. */
  boolean await(long millis) throws InterruptedException {
    return process.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  /** Kills it ({@code SIGKILL}) and waits until it is gone. */
  void kill() throws IOException, InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(REAP_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("process " + process.pid() + " does not end by SIGKILL");
    }
  }

  /** Kills it and waits for nothing. */
  void killNow() {
    process.destroyForcibly();
  }

  /** What it did, once it is dead. Its files are deleted. */
  TortureHistory history() throws IOException {
    long ended = System.nanoTime();
    if (isStopped()) {
      pauses.add(new Pause(stoppedAt, ended));
    }
    TortureLog.Reader reader = reader();
    if (reader != null) {
      reader.readRest(operations);
      reader.close();
      Files.delete(logFile);
    }
    return new TortureHistory(writer, operations, ended, pauses);
  }

  /** What it said; its file is deleted. */
  List<String> output() throws IOException {
    List<String> lines = new String(Files.readAllBytes(outputFile), StandardCharsets.UTF_8).lines().toList();
    Files.delete(outputFile);
    return lines;
  }

  @Override
  public String toString() {
    return "worker " + TortureValue.writerName(writer);
  }
}
