package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.Cache;
import io.larder.Codec;
import io.larder.Larder;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The size of files that are in use, changed from outside. */
class ResizeCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int execute(String... args) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  @Test
  void changesTheSizeOfAFileInUse() {
    String file = folder.resolve("shared.larder").toString();
    try (Cache<String, String> cache =
        Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(Path.of(file), "8MiB", "32MiB").build()) {
      cache.put("key", "value");
      assertThat(execute("resize", file, "32MiB")).as(err.toString()).isZero();
      assertThat(out.toString()).startsWith("size 33,554,432 bytes, was 8,");
      assertThat(cache.stats().memoryBytes()).isEqualTo(32L << 20);
      assertThat(cache.get("key")).isEqualTo("value");
      assertThat(execute("inspect", file)).isZero();
      assertThat(out.toString()).contains("33,554,432 bytes (32.0 MiB), limit 33,554,432");
      assertThat(execute("resize", file, "33MiB")).isEqualTo(2);
      assertThat(err.toString()).contains("size=34603008 bytes is outside");
      assertThat(execute("resize", file, "large")).isEqualTo(2);
    }
    assertThat(execute("resize", file, "10MiB")).as("of a file that nobody uses").isZero();
    assertThat(execute("inspect", file)).isZero();
    assertThat(out.toString()).contains("(10.0 MiB), limit 33,554,432", "slabs without space");
    assertThat(execute("resize", folder.resolve("none").toString(), "10MiB")).isEqualTo(2);
  }
}
