package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.larder.Cache;
import io.larder.Codec;
import io.larder.Larder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run of {@code demo shared}, with real processes. */
class DemoSharedTest {
  private static final long BYTES = 16L << 20;

  private static JdkImage image;

  @TempDir private Path folder;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @BeforeAll
  static void open() throws IOException {
    image = JdkImage.open();
  }

  private boolean run(Path file) throws IOException, InterruptedException {
    Terminal terminal = new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, Map.of());
    try (ScratchFiles files = ScratchFiles.of("demo", file, BYTES);
        DemoShared demo = new DemoShared(image, files, BYTES, 1, terminal)) {
      return demo.run(2, 2, 1);
    }
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void survivesKillsWithoutAWrongValue() throws IOException, InterruptedException {
    assertThat(run(folder.resolve("shared.larder"))).as(printed()).isTrue();

    assertThat(printed())
        .containsPattern(" A +B \\(killed\\) +kills +wrong")
        .containsPattern("(?m)^ +[2-9] s .* 0$")
        .containsPattern("[1-9]\\d* kills, \\d+ repairs; the longest that a survivor waited")
        .containsPattern("2 private copies would take 32.0 MiB")
        .containsPattern("ok: [1-9][0-9,]* values read, wrong values 0");
    assertThat(printed().lines()).allMatch(line -> line.length() <= 120);
  }

  @Test
  void refusesAFileInUseForOtherThings() throws IOException {
    Path file = folder.resolve("users.larder");
    try (Cache<String, String> cache = Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file, BYTES).build()) {
      cache.put("a", "1");
      assertThatIllegalArgumentException().isThrownBy(() -> run(file)).withMessageContaining("1 entries");
      assertThat(cache.get("a")).isEqualTo("1");
    }
  }

  @Test
  void seesAnImageThatIsNotTheSources() throws IOException, InterruptedException {
    Path index = folder.resolve("image");
    image.save(index);
    JdkImage same = JdkImage.open(index);
    assertThat(List.of(same.count(), same.totalBytes(), same.name(7), same.size(7)))
        .isEqualTo(List.of(image.count(), image.totalBytes(), image.name(7), image.size(7)));
    byte[] object = same.load(7);
    assertThat(same.matches(7, object, object.length)).isTrue();
    object[0] ^= 1;
    assertThat(same.matches(7, object, object.length)).isFalse();
  }
}
