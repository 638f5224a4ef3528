package io.larder.jmh;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server of our own, as it is by default but for that it saves nothing, on a free port that only this machine
 * reaches. It ends with this process, also when that is interrupted.
 */
final class RedisServer implements AutoCloseable {
  static final String PROGRAM = "redis-server";

  private static final long START_SECONDS = 10;
  private static final long END_SECONDS = 30;
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Process process;
  private final int port;
  private final Thread hook;

  private RedisServer(Process process, int port) {
    this.process = process;
    this.port = port;
    this.hook = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The program, or null if there is none on the path. */
  static @Nullable Path program() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param unixSocket where it listens besides, or null
   */
  static RedisServer start(Path program, @Nullable Path unixSocket) throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    int port = freePort(here);
    List<String> command = new ArrayList<>();
    command.addAll(List.of(program.toString(), "--bind", here.getHostAddress(), "--port", Integer.toString(port)));
    command.addAll(List.of("--save", "", "--appendonly", "no", "--daemonize", "no"));
    if (unixSocket != null) {
      command.addAll(List.of("--unixsocket", unixSocket.toString()));
    }
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.DISCARD).start();
    RedisServer server = new RedisServer(process, port);
    try {
      server.awaitAnswer();
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static int freePort(InetAddress here) throws IOException {
    try (ServerSocket any = new ServerSocket(0, 1, here)) {
      return any.getLocalPort();
    }
  }

  private void awaitAnswer() throws IOException {
    long begin = System.nanoTime();
    while (true) {
      try {
        connect().close();
        return;
      } catch (IOException notYet) {
        boolean late = System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(START_SECONDS);
        if (late || !process.isAlive()) {
          throw notYet;
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  /** A connection to it. */
  Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  int port() {
    return port;
  }

  /** Its processor time so far, in nanoseconds. */
  long cpuNanos() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  /** How long it was ready to run and had no processor. */
  Waiting waiting() {
    return Waiting.ofProcess(process.pid());
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() throws IOException {
    Runtime.getRuntime().removeShutdownHook(hook);
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException interrupt) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      InterruptedIOException failure = new InterruptedIOException("interrupted");
      failure.initCause(interrupt);
      throw failure;
    }
  }
}
