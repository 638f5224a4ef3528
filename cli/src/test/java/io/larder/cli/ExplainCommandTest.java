package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.Cache;
import io.larder.Codec;
import io.larder.Entry;
import io.larder.Larder;
import io.larder.engine.Fate;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ExplainCommandTest {
  private static final long BYTES = 4L << 20;

  @TempDir private Path folder;

  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();

  private int execute(String... args) {
    out = new StringWriter();
    err = new StringWriter();
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  private Path file() {
    return folder.resolve("shared.larder");
  }

  private String explain(String key) {
    assertThat(execute("explain", file().toString(), key)).as(err.toString()).isZero();
    return out.toString();
  }

  private Cache<String, String> open() {
    return Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file(), BYTES).build();
  }

  @Test
  void explainsKeysOfAFileInUseAndOfOneThatIsClosed() throws IOException {
    try (Cache<String, String> cache = open()) {
      cache.put("there", "1");
      cache.put("timed", "1", Entry.ttl(Duration.ofHours(30)));
      cache.put("grün", "1");
      cache.remove("grün");
      assertThat(explain("there")).matches("PRESENT, version \\d+\\RIt is there\\.\\R");
      assertThat(explain("timed")).matches("PRESENT, version \\d+, for another 1 d 5 h\\RIt is there\\.\\R");
      assertThat(explain("grün")).matches("REMOVED \\d+\\.\\d s ago\\RSomeone removed it\\.\\R");
    }
    byte[] before = Files.readAllBytes(file());
    assertThat(explain("grün")).startsWith("REMOVED ");
    assertThat(explain("never there")).startsWith("UNKNOWN" + System.lineSeparator());
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @Test
  void takesKeysInHexadecimal() {
    try (Cache<Long, String> cache =
        Larder.builder(Codec.int64(), Codec.utf8()).sharedFile(file(), BYTES).build()) {
      cache.put(0x01020304_05060708L, "1");
    }
    int found = 0;
    for (String key : new String[] {"0102030405060708", "0807060504030201"}) {
      assertThat(execute("explain", "--hex", file().toString(), key)).as(err.toString()).isZero();
      found += out.toString().startsWith("PRESENT") ? 1 : 0;
    }
    assertThat(found).as("in one of the orders of bytes").isOne();
    try (Cache<String, String> cache = open()) {
      cache.put("text", "1");
    }
    String text = HexFormat.of().formatHex("text".getBytes(StandardCharsets.UTF_8));
    assertThat(execute("explain", "--hex", file().toString(), text)).isZero();
    assertThat(out.toString()).startsWith("PRESENT");
  }

  @Test
  void refusesWhatCannotBe() throws IOException {
    assertThat(execute("explain", file().toString(), "a")).isEqualTo(2);
    assertThat(err.toString()).contains("shared.larder", "ABSENT");
    open().close();
    assertThat(execute("explain", file().toString(), "x".repeat(10_000))).isEqualTo(2);
    assertThat(err.toString()).contains("KEY is 10000 bytes, must be up to 2004");
    Files.writeString(file(), "somebody else's notes");
    assertThat(execute("explain", file().toString(), "a")).isEqualTo(2);
    assertThat(err.toString()).contains("NOT_A_REGION");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.0 s",
    "3_250, 3.3 s",
    "59_949, 59.9 s",
    "60_000, 1 min 0 s",
    "3_599_999, 59 min 59 s",
    "3_660_000, 1 h 1 min",
    "90_000_000, 1 d 1 h",
  })
  void timesAreShort(String millis, String text) {
    assertThat(ExplainCommand.time(Long.parseLong(millis.replace("_", "")))).isEqualTo(text);
  }

  @Test
  void everyFateHasItsMeaning() {
    Set<String> meanings = new HashSet<>();
    for (Fate fate : Fate.values()) {
      assertThat(ExplainCommand.meaning(fate)).endsWith(".").hasSizeLessThan(80);
      assertThat(meanings.add(ExplainCommand.meaning(fate))).as("%s", fate).isTrue();
    }
  }
}
