package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.larder.jmh.Subject.Client;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Needs a {@code redis-server} on the path, and is skipped where there is none. */
class RedisServerTest {
  private static final int ENTRIES = 500;

  @TempDir Path folder;

  @BeforeEach
  void requireServer() {
    assumeThat(RedisServer.program()).as("redis-server on the path").isNotNull();
  }

  @Test
  void endsWhenItIsClosed() throws IOException {
    RedisServer server = start();
    try (server) {
      assertThat(server.isAlive()).isTrue();
      try (Socket socket = server.connect()) {
        socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(RedisExpiry.line(socket.getInputStream())).isEqualTo("+PONG");
      }
    }
    assertThat(server.isAlive()).isFalse();
    assertThatThrownBy(server::connect).isInstanceOf(IOException.class);
  }

  @Test
  void failsWhenTheProgramDoes() {
    assertThatThrownBy(() -> RedisServer.start(Path.of("/bin/false"), null)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @EnumSource(names = "LARDER", mode = EnumSource.Mode.EXCLUDE)
  void readsWhatIsThere(RemoteSystem system) throws IOException {
    assumeThat(system.isPossible()).as("sockets of %s on this system", system).isTrue();
    Shape shape = Shape.usual(ENTRIES);
    Values values = new Values(shape.valueBytes());
    try (RedisServer server = start()) {
      try (JedisSubject filler = new JedisSubject(shape, new RedisAddress(server.port(), socket(), false))) {
        filler.fill(values);
      }
      RedisAddress address = new RedisAddress(server.port(), socket(), system.byUnixSocket());
      try (Subject<byte[]> subject = system.open(shape, address)) {
        readAll(subject, values);
      }
    }
  }

  private static void readAll(Subject<byte[]> subject, Values values) {
    Client<byte[]> client = subject.newClient();
    Object[] keys = new Object[ENTRIES];
    int[] numbers = new int[ENTRIES];
    for (int i = 0; i < ENTRIES; i++) {
      keys[i] = subject.newKey(i);
      numbers[i] = i;
      assertThat(client.get(subject.newKey(i))).as("length of entry %d", i).isEqualTo(100);
      assertThat(client.buffer()).as("entry %d", i).isEqualTo(values.of(i));
    }
    for (int from = 0; from + 64 <= ENTRIES; from += 64) {
      assertThat(client.getAll(keys, numbers, from, 64)).isEqualTo(64 * 100);
      assertThat(client.buffer()).isEqualTo(values.of(from + 63));
    }
    byte[] value = {1, 2, 3};
    client.put(subject.newKey(5), value);
    assertThat(client.get(subject.newKey(5))).isEqualTo(3);
    assertThat(client.get(subject.newKey(ENTRIES))).isEqualTo(Client.ABSENT);
  }

  private RedisServer start() throws IOException {
    return RedisServer.start(Objects.requireNonNull(RedisServer.program()), socket());
  }

  private Path socket() {
    return folder.resolve("redis");
  }
}
