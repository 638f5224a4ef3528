package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.Cache;
import io.larder.Codec;
import io.larder.Larder;
import io.larder.mmap.AttachmentReport;
import io.larder.mmap.ReadOnlyRegion;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatRunTest {
  private static final long BYTES = 4L << 20;

  @TempDir private Path folder;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private Path file() {
    return folder.resolve("shared.larder");
  }

  private static Cache<String, String> open(Path file) {
    return Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file, BYTES).build();
  }

  private Terminal terminal() {
    return new Terminal(new PrintStream(printed, true, StandardCharsets.UTF_8), false, Map.of());
  }

  private ReadOnlyRegion look() throws IOException {
    return ReadOnlyRegion.open(file(), System::currentTimeMillis, Duration.ofSeconds(10));
  }

  @Test
  void printsALineForEachInterval() throws IOException, InterruptedException {
    try (Cache<String, String> cache = open(file());
        ReadOnlyRegion region = look()) {
      cache.put("a", "1");
      new StatRun(region, terminal()).run(Duration.ofMillis(20), 3);
    }
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.getFirst()).isEqualTo(StatRun.HEADING);
    assertThat(lines).allMatch(line -> line.length() == StatRun.HEADING.length());
    assertThat(lines.get(3)).matches(" +1 +2 B +0 +0 +0 +0 +\\d+ +\\d+ +0 +0 +1");
  }

  @Test
  void printsWhatMovesBetweenTheTiers() throws IOException, InterruptedException {
    Path below = folder.resolve("below.larder");
    try (Cache<String, String> cache =
            Larder.builder(Codec.utf8(), Codec.utf8()).memory("1MiB").file(below, "4MiB").build();
        ReadOnlyRegion region = ReadOnlyRegion.inspect(below, System::currentTimeMillis, Duration.ofSeconds(10))) {
      for (int i = 0; i < Reader.ENTRIES; i++) {
        cache.put("key " + i, "value ".repeat(10) + i);
      }
      cache.cleanUp();
      while (region.attachments().getFirst().counts().misses() == 0) {
        cache.get("absent");
        Thread.sleep(20);
      }
      new StatRun(region, terminal()).run(Duration.ofMillis(20), 1);
    }
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).contains(StatRun.TIER_HEADING);
    assertThat(lines.getLast()).hasSameSizeAs(StatRun.TIER_HEADING);
  }

  /** The hits of another JVM, by its own word; they are gone with it. */
  @Test
  void knowsWhatAnotherJvmReads() throws IOException, InterruptedException {
    Process other = new ProcessBuilder(command(file())).redirectErrorStream(true).start();
    try {
      BufferedReader said = new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8));
      assertThat(said.readLine()).isEqualTo("read");
      try (ReadOnlyRegion region = look()) {
        AttachmentReport one = region.attachments().getFirst();
        while (one.counts().hits() < Reader.HITS || one.counts().misses() < 1) {
          Thread.sleep(20);
          one = region.attachments().getFirst();
        }
        assertThat(one.life()).isEqualTo(AttachmentReport.Life.ALIVE);
        assertThat(one.counts()).isEqualTo(new AttachmentReport.Counts(Reader.HITS, 1, 0, 0, 0, 0, 0));
        other.destroyForcibly();
        other.waitFor();
        assertThat(region.attachments().getFirst().life()).isEqualTo(AttachmentReport.Life.DEAD);
        try (Cache<String, String> next = open(file())) {
          assertThat(next.get("a")).isEqualTo("1");
          assertThat(region.attachments()).hasSize(1).allMatch(mine -> mine.counts().hits() < Reader.HITS);
        }
      }
    } finally {
      other.destroyForcibly();
      other.waitFor();
    }
  }

  private static List<String> command(Path file) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        Reader.class.getName(),
        file.toString());
  }

  /** Another JVM: reads, says so, and waits to be killed. */
  static final class Reader {
    static final int HITS = 1_000;
    static final int ENTRIES = 20_000;

    private Reader() {}

    public static void main(String[] args) throws IOException {
      try (Cache<String, String> cache = open(Path.of(args[0]))) {
        cache.put("a", "1");
        for (int i = 0; i < HITS; i++) {
          cache.get("a");
        }
        cache.get("b");
        System.out.println("read");
        System.in.read();
      }
    }
  }
}
