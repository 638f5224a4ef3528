package io.larder.jmh;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A Redis server of our own. Puts are sent in batches; expiry is entirely the server's. */
final class RedisExpiry implements ExpirySubject {
  private static final int BATCH = 256;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int REPLY_MILLIS_MAX = 60_000;

  private final RedisServer server;
  private final Socket socket;
  private final OutputStream out;
  private final InputStream in;
  private int unanswered;
  private long entries;

  private RedisExpiry(RedisServer server, Socket socket) throws IOException {
    this.server = server;
    this.socket = socket;
    this.out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
    this.in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(REPLY_MILLIS_MAX);
  }

  /** Starts the server and waits until it answers. */
  static RedisExpiry start(Path program) throws IOException {
    RedisServer server = RedisServer.start(program, null);
    try {
      return new RedisExpiry(server, server.connect());
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
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
        throw new IOException(RedisServer.PROGRAM + " answered " + reply);
      }
    }
  }

  @Override
  public void look() throws IOException {
    String reply = ask("*1\r\n$6\r\nDBSIZE\r\n");
    if (!reply.startsWith(":")) {
      throw new IOException(RedisServer.PROGRAM + " answered " + reply);
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
      throw new IOException(RedisServer.PROGRAM + " answered " + length);
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
        .orElseThrow(() -> new IOException(RedisServer.PROGRAM + " does not say its " + field));
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
        throw new EOFException(RedisServer.PROGRAM + " has ended");
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
    return server.cpuNanos();
  }

  @Override
  public Waiting waiting() {
    return server.waiting();
  }

  @Override
  public void close() throws IOException {
    try {
      socket.close();
    } finally {
      server.close();
    }
  }
}
