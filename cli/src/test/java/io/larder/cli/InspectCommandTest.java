package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.Cache;
import io.larder.Codec;
import io.larder.Entry;
import io.larder.Larder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class InspectCommandTest {
  private static final long BYTES = 4L << 20;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int execute(String... args) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  private Path file() {
    return folder.resolve("shared.larder");
  }

  private Cache<String, byte[]> fill() {
    Cache<String, byte[]> cache = Larder.builder(Codec.utf8(), Codec.bytes()).sharedFile(file(), BYTES).build();
    for (int i = 0; i < 1_000; i++) {
      cache.put("key-" + i, new byte[100 + i % 7], i % 10 == 0 ? Entry.ttl(Duration.ofMinutes(30)) : Entry.plain());
    }
    cache.put("large", new byte[100_000]);
    return cache;
  }

  private long number(String pattern) {
    Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(out.toString());
    assertThat(matcher.find()).as("%s in%n%s", pattern, out).isTrue();
    return Long.parseLong(matcher.group(1).replace(",", ""));
  }

  @Test
  void showsAFileInUse() {
    try (Cache<String, byte[]> cache = fill()) {
      assertThat(execute("inspect", file().toString())).as(err.toString()).isZero();
      assertThat(out.toString())
          .contains("shared.larder", "4,194,304 bytes", "closed        no", "Attachments: 1", "alive")
          .contains("pid " + ProcessHandle.current().pid());
      assertThat(number("^  never +([\\d,]+)$")).isEqualTo(901);
      assertThat(number("^  in 10 min to 1 h +([\\d,]+)$")).isEqualTo(100);
      assertThat(number("^  expired +([\\d,]+)$")).isZero();
      assertThat(number("^  all +([\\d,]+) ")).isEqualTo(BYTES);
      assertThat(number("^  +0 +([\\d,]+) +0 +[\\d.]+ KiB ")).isEqualTo(1_001);
      assertThat(cache.get("large")).hasSize(100_000);
    }
  }

  @Test
  void showsAClosedFileAndLeavesItAsItIs() throws IOException {
    fill().close();
    byte[] before = Files.readAllBytes(file());
    assertThat(execute("inspect", "--json", file().toString())).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("\"clean\": true", "\"attachments\": []", "\"regionBytes\": 4194304", "\"within\": \"never\"")
        .doesNotContain("seed", "Seed");
    long sum = 0;
    Matcher bytes = Pattern.compile("\"bytes\": \\{([^}]*)\\}").matcher(out.toString());
    assertThat(bytes.find()).isTrue();
    for (Matcher each = Pattern.compile(": (\\d+)").matcher(bytes.group(1)); each.find(); ) {
      sum += Long.parseLong(each.group(1));
    }
    assertThat(sum).isEqualTo(BYTES);
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @Test
  void refusesWhatIsNoRegion() throws IOException {
    assertThat(execute("inspect", file().toString())).isEqualTo(2);
    assertThat(err.toString()).contains("shared.larder", "ABSENT");
    Files.writeString(file(), "somebody else's notes");
    assertThat(execute("inspect", file().toString())).isEqualTo(2);
    assertThat(err.toString()).contains("NOT_A_REGION");
    assertThat(execute("inspect")).isEqualTo(2);
    assertThat(file()).hasContent("somebody else's notes");
  }
}
