package io.larder.jmh;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server of our own, as it is by default but for that it saves nothing, on a free port that only this machine
 * reaches. Puts are sent in batches; expiry is entirely the server's.
 */
final class RedisExpiry implements ExpirySubject {
  private static final String PROGRAM = "redis-server";
  private static final int BATCH = 256;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int REPLY_MILLIS_MAX = 60_000;
  private static final long START_SECONDS = 10;
  private static final long END_SECONDS = 30;
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Process process;
  private final Socket socket;
  private final OutputStream out;
  private final InputStream in;
  private int unanswered;
  private long entries;

  private RedisExpiry(Process process, Socket socket) throws IOException {
    this.process = process;
    this.socket = socket;
    this.out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
    this.in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(REPLY_MILLIS_MAX);
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

  /** Starts the server and waits until it answers. */
  static RedisExpiry start(Path program) throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    int port = freePort(here);
    Process process =
        new ProcessBuilder(
                List.of(
                    program.toString(), "--bind", here.getHostAddress(), "--port", Integer.toString(port),
                    "--save", "", "--appendonly", "no", "--daemonize", "no"))
            .redirectErrorStream(true)
            .redirectOutput(Redirect.DISCARD)
            .start();
    try {
      return new RedisExpiry(process, connect(process, here, port));
    } catch (IOException | RuntimeException e) {
      end(process);
      throw e;
    }
  }

  private static int freePort(InetAddress here) throws IOException {
    try (ServerSocket any = new ServerSocket(0, 1, here)) {
      return any.getLocalPort();
    }
  }

  private static Socket connect(Process process, InetAddress here, int port) throws IOException {
    long begin = System.nanoTime();
    while (true) {
      try {
        return new Socket(here, port);
      } catch (IOException notYet) {
        boolean late = System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(START_SECONDS);
        if (late || !process.isAlive()) {
          throw notYet;
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  @Override
  public void put(byte[] key, byte[] value, int valueBytes, long ttlMillis) throws IOException {
    byte[] ttl = ascii(Long.toString(ttlMillis));
    out.write(ascii("*5\r\n$3\r\nSET\r\n"));
    writeBulk(key, key.length);
    writeBulk(value, valueBytes);
    out.write(ascii("$2\r\nPX\r\n"));
    writeBulk(ttl, ttl.length);
    if (++unanswered == BATCH) {
      flush();
    }
  }

  private void writeBulk(byte[] bytes, int length) throws IOException {
    out.write(ascii("$" + length + "\r\n"));
    out.write(bytes, 0, length);
    out.write('\r');
    out.write('\n');
  }

  @Override
  public void flush() throws IOException {
    out.flush();
    for (; unanswered > 0; unanswered--) {
      String reply = line(in);
      if (!reply.equals("+OK")) {
        throw new IOException(PROGRAM + " answered " + reply);
      }
    }
  }

  @Override
  public void look() throws IOException {
    String reply = ask("*1\r\n$6\r\nDBSIZE\r\n");
    if (!reply.startsWith(":")) {
      throw new IOException(PROGRAM + " answered " + reply);
    }
    entries = Long.parseLong(reply.substring(1));
  }

  @Override
  public long entries() {
    return entries;
  }

  @Override
  public long payloadBytes() {
    return UNKNOWN;
  }

  @Override
  public long usedBytes() throws IOException {
    String length = ask("*2\r\n$4\r\nINFO\r\n$6\r\nmemory\r\n");
    if (!length.startsWith("$")) {
      throw new IOException(PROGRAM + " answered " + length);
    }
    return usedMemory(new String(in.readNBytes(Integer.parseInt(length.substring(1)) + 2), StandardCharsets.US_ASCII));
  }

  /** What the server's own account of its memory says is in use. */
  static long usedMemory(String info) throws IOException {
    String field = "used_memory:";
    return info.lines()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.substring(field.length()).strip()))
        .findFirst()
        .orElseThrow(() -> new IOException(PROGRAM + " does not say its " + field));
  }

  private String ask(String request) throws IOException {
    out.write(ascii(request));
    out.flush();
    return line(in);
  }

  /** A line that ends with CR and LF, without these. */
  static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException(PROGRAM + " has ended");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public long cpuNanos() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  @Override
  public Waiting waiting() {
    return Waiting.ofProcess(process.pid());
  }

  @Override
  public void close() throws IOException {
    try {
      socket.close();
    } finally {
      end(process);
    }
  }

  private static void end(Process process) throws IOException {
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
