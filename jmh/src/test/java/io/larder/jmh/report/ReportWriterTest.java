package io.larder.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportWriterTest {
  @TempDir private Path folder = Path.of("unset");

  private static String jmhCase(String implementation, double first, double second) {
    double mean = (first + second) / 2;
    return """
        {"benchmark": "io.larder.jmh.GetBenchmark.get", "threads": 1,
       "params": {"entries": "1000", "implementation": "%s"},
       "primaryMetric": {"score": %s, "scoreError": "NaN", "rawData": [[%s, %s], [%s]]}}"""
        .formatted(implementation, mean, first - 1, first + 1, second);
  }

  private void store(String day, String table) throws IOException {
    String json =
        """
      {"bench": "get", "quick": true, "command": "./larder bench get --quick",
       "provenance": {"time": "2026-11-27T01:02:03.4Z", "commit": "c0ffee",
                      "machine": {"cpu": "A & B", "processors": 2, "memory": "1 kB", "system": "Linux"}, "jvm": "VM"},
       "goals": [{"line": "get/1000 larder÷chm 2.00 goal <= 1.50 short"},
                 {"line": "get/1000 larder÷ohc - goal <= 0.50 not measured"}],
       "failures": ["get mapdb: <no> time left"],
       "text": ["a table of %s"],
       "jmh": [%s, %s]}"""
            .formatted(table, jmhCase("larder", 20, 40), jmhCase("chm", 10, 20));
    Files.writeString(new ResultFolder(folder).file("get", LocalDate.parse(day)), json);
  }

  private void write() throws IOException {
    List<Chapter> chapters = List.of(new Chapter("get", "a get"), new Chapter("remote", "a get from elsewhere"));
    List<Peer> peers = List.of(new Peer("chm", "25", "a map", "without bound"));
    new ReportWriter(folder, chapters, peers).write();
  }

  private String markdown() throws IOException {
    return Files.readString(folder.resolve("report.md"));
  }

  private String html() throws IOException {
    return Files.readString(folder.resolve("report.html"));
  }

  @Test
  void showsWhatTheResultsHave() throws IOException {
    store("2026-11-27", "times");
    write();
    assertThat(markdown())
        .contains("| `ConcurrentHashMap` + copy | 2.00 (2.00 to 2.00) | - | - | - |")
        .contains("- get, get, 1,000 entries, 1 thread: chm takes 15.0 ns, larder 30.0")
        .contains("- get/1000 larder÷chm 2.00 goal <= 1.50 short")
        .contains("## What was not measured\n\n- get/1000 larder÷ohc - goal <= 0.50 not measured\n")
        .contains("- get: get mapdb: <no> time left\n", "- remote: a get from elsewhere\n")
        .contains("- 2026-11-27 01:02 UTC, commit c0ffee, quick\n", "- ./larder bench get --quick\n")
        .contains("| chm | 25 | a map | without bound |", "a table of times", "](plots/get-1000-1.png)");
    assertThat(html())
        .contains("A &amp; B", "<span class=\"short\">get/1000 larder÷chm", "data:image/png;base64,")
        .contains("&lt;no&gt; time left")
        .doesNotContain("<no>", "src=\"plots");
    assertThat(folder.resolve("plots/get-1000-1.png")).isNotEmptyFile();
  }

  @Test
  void takesTheNewestOfEachAndForgetsOldPictures() throws IOException {
    store("2026-11-27", "new");
    store("2026-11-09", "old");
    Files.createDirectories(folder.resolve("plots"));
    Files.writeString(folder.resolve("plots/gone.png"), "");
    write();
    assertThat(markdown()).contains("a table of new").doesNotContain("a table of old");
    assertThat(folder.resolve("plots/gone.png")).doesNotExist();
  }

  @Test
  void withoutResultsAllIsMissing() throws IOException {
    write();
    assertThat(markdown()).contains("- get: a get\n", "- remote: a get from elsewhere\n", "Nothing.");
  }

  @Test
  void saysWhichFileIsNoResult() throws IOException {
    Files.writeString(new ResultFolder(folder).file("get", LocalDate.EPOCH), "{");
    assertThatThrownBy(this::write).isInstanceOf(IOException.class).hasMessageContaining("get-1970-01-01.json");
  }
}
