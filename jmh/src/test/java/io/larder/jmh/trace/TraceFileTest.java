package io.larder.jmh.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class TraceFileTest {
  private static final long[] KEYS = {70, -1, 70, 5};
  private static final int[] SIZES = {100, -1, 200, 3};

  @TempDir Path folder;

  @Test
  void readsRequestsInOrderAndNumbersKeysAsTheyCome() throws IOException {
    Trace trace = load("small.ltrc", content("LTRC", 1, 1, KEYS.length));

    assertThat(trace.name()).isEqualTo("small");
    assertThat(trace.numbers()).containsExactly(0, 1, 0, 2);
    assertThat(trace.requestCount()).isEqualTo(4);
    assertThat(trace.keyCount()).isEqualTo(3);
    assertThat(trace.key(0)).isEqualTo(Mixing.mix(70));
    assertThat(trace.sized()).isTrue();
    assertThat(trace.sizeBytes(2)).isEqualTo(200);
    assertThat(trace.largestBytes()).isEqualTo(0xFFFF_FFFFL);
    assertThat(trace.footprintBytes()).as("first sizes").isEqualTo(100 + 0xFFFF_FFFFL + 3);
  }

  @Test
  void readsWhatIsCompressed() throws IOException {
    Trace trace = load("small.ltrc.xz", compressed(content("LTRC", 1, 4, KEYS.length)));

    assertThat(trace.name()).isEqualTo("small");
    assertThat(trace.numbers()).containsExactly(0, 1, 0, 2);
    assertThat(trace.sized()).isFalse();
  }

  @Test
  void readsATraceWithoutRequests() throws IOException {
    byte[] header = Arrays.copyOf(content("LTRC", 1, 0, 0), TraceFile.HEADER_BYTES);

    assertThat(load("empty.ltrc", header).requestCount()).isZero();
  }

  @Test
  void namesFileFoundAndExpectedWhenSomethingIsWrong() throws IOException {
    byte[] good = content("LTRC", 1, 0, KEYS.length);

    refuses(content("LTTM", 1, 0, KEYS.length), "has magic=LTTM, expected LTRC");
    refuses(content("LTRC", 2, 0, KEYS.length), "has version=2, expected 1");
    refuses(content("LTRC", 1, 0, -1), "has count=18446744073709551615, expected at most");
    refuses(content("LTRC", 1, 0, 5), "has bytes of records=64, expected 80 for 5 requests");
    refuses(content("LTRC", 1, 0, 3), "has bytes behind the last record=16, expected 0");
    refuses(Arrays.copyOf(good, 10), "has bytes of header=10, expected 16");
    refuses(Arrays.copyOf(good, good.length - 1), "has bytes of records=63, expected 64 for 4 requests");
  }

  @Test
  void namesFileWhenTheCompressionIsDamaged() throws IOException {
    byte[] compressed = compressed(content("LTRC", 1, 0, KEYS.length));

    assertThatThrownBy(() -> load("cut.ltrc.xz", Arrays.copyOf(compressed, compressed.length / 2)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.resolve("cut.ltrc.xz") + " cannot be read, expected a whole xz file, found");
    assertThatThrownBy(() -> load("plain.ltrc.xz", content("LTRC", 1, 0, KEYS.length)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a whole xz file, found");
  }

  @Test
  void findsTheTracesOfADirectoryByName() throws IOException {
    for (String name : List.of("b.ltrc.xz", "a.ltrc", "a.time.xz", "README.md")) {
      Files.createFile(folder.resolve(name));
    }

    assertThat(TraceFile.in(folder)).extracting(TraceSource::name).containsExactly("a", "b");
  }

  @Test
  void refusesADirectoryWithoutTraces() {
    assertThatThrownBy(() -> TraceFile.in(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--traces=" + folder + " has no file NAME.ltrc or NAME.ltrc.xz");
  }

  private void refuses(byte[] content, String reason) {
    assertThatThrownBy(() -> load("wrong.ltrc", content))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("trace " + folder.resolve("wrong.ltrc") + " ")
        .hasMessageContaining(reason);
  }

  private Trace load(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, content);
    return new TraceFile(file).load();
  }

  private static byte[] content(String magic, int version, int flags, long count) {
    ByteBuffer content =
        ByteBuffer.allocate(TraceFile.HEADER_BYTES + KEYS.length * TraceFile.RECORD_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    content.put(magic.getBytes(StandardCharsets.ISO_8859_1));
    content.putShort((short) version).putShort((short) flags).putLong(count);
    for (int i = 0; i < KEYS.length; i++) {
      content.putLong(KEYS[i]).putInt(SIZES[i]).putInt(60);
    }
    return content.array();
  }

  private static byte[] compressed(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (XZOutputStream out = new XZOutputStream(bytes, new LZMA2Options(1))) {
      out.write(content);
    }
    return bytes.toByteArray();
  }
}
