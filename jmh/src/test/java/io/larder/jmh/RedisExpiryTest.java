package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RedisExpiryTest {
  @Test
  void readsLineByLine() throws IOException {
    ByteArrayInputStream replies = new ByteArrayInputStream("+OK\r\n:17\r\n".getBytes(StandardCharsets.US_ASCII));

    assertThat(RedisExpiry.line(replies)).isEqualTo("+OK");
    assertThat(RedisExpiry.line(replies)).isEqualTo(":17");
    assertThatThrownBy(() -> RedisExpiry.line(replies)).isInstanceOf(EOFException.class);
  }

  @Test
  void findsTheMemoryInUse() throws IOException {
    assertThat(RedisExpiry.usedMemory("# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\n"))
        .isEqualTo(1_048_576);
    assertThatThrownBy(() -> RedisExpiry.usedMemory("# Memory\r\n")).isInstanceOf(IOException.class);
  }
}
