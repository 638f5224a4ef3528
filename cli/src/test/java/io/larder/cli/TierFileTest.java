package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.engine.PutSpec;
import io.larder.engine.Store;
import io.larder.engine.StoreOptions;
import io.larder.mmap.TierRegion;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What looks into a file works on that of a tier, beside its user and behind him. */
class TierFileTest {
  private static final long BYTES = 4L << 20;
  private static final int ENTRIES = 1_000;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int execute(String... args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  private String file() {
    return folder.resolve("tier.larder").toString();
  }

  private TierRegion open() throws IOException {
    return TierRegion.open(Path.of(file()), BYTES, StoreOptions.ofExisting(BYTES), Duration.ofSeconds(10));
  }

  private static void fill(Store store) {
    byte[] value = new byte[100];
    for (int i = 0; i < ENTRIES; i++) {
      byte[] key = ("key-" + i).getBytes(StandardCharsets.UTF_8);
      long fingerprint = store.hash(key, 0, key.length);
      assertThat(store.put(fingerprint, key, 0, key.length, value, 0, value.length, new PutSpec())).isPositive();
    }
  }

  private void lookIntoIt() {
    assertThat(execute("inspect", file())).as(err.toString()).isZero();
    assertThat(out.toString()).contains("checksums yes; the tier of one cache");
    assertThat(execute("inspect", "--json", file())).as(err.toString()).isZero();
    assertThat(out.toString()).contains("\"tier\": true");
    assertThat(execute("verify", file())).as(err.toString()).isZero();
    assertThat(execute("stat", "--count", "1", "--interval", "10ms", file())).as(err.toString()).isZero();
    assertThat(execute("explain", file(), "key-1")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("PRESENT");
  }

  @Test
  void canBeLookedIntoInUseAndOutOfUse() throws IOException {
    try (TierRegion tier = open()) {
      fill(tier.store());
      lookIntoIt();
      assertThat(execute("inspect", file())).isZero();
      assertThat(out.toString()).contains("Attachments: 1", "alive");
      tier.store().assertValid();
    }
    byte[] before = Files.readAllBytes(Path.of(file()));
    lookIntoIt();
    assertThat(Path.of(file())).hasBinaryContent(before);
  }

  @Test
  void isNotResized() throws IOException {
    open().close();
    assertThat(execute("resize", file(), "2MiB")).isEqualTo(2);
    assertThat(err.toString()).contains("KIND");
  }
}
