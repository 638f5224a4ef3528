package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pages in {@code docs/benchmarks} are those of the results beside them, and the README has their table: {@code
 * ./larder bench report --report docs/benchmarks} makes them.
 */
class ReportDocumentTest {
  @TempDir private Path folder = Path.of("unset");

  private static Path root() {
    Path place = Path.of("").toAbsolutePath();
    while (!Files.exists(place.resolve("docs/benchmarks"))) {
      place = Objects.requireNonNull(place.getParent());
    }
    return place;
  }

  private List<String> made() throws IOException {
    Path results = Files.createDirectories(folder.resolve("results"));
    try (Stream<Path> files = Files.list(root().resolve("docs/benchmarks/results"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".json")).toList()) {
        Files.copy(file, results.resolve(file.getFileName()));
      }
    }
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    new AllBench(Arguments.parse("report", "--report", folder.toString()), new Progress(nowhere), nowhere).writePages();
    return Files.readAllLines(folder.resolve("report.md"));
  }

  @Test
  void thePagesAreThoseOfTheResults() throws IOException {
    assertThat(Files.readAllLines(root().resolve("docs/benchmarks/report.md"))).isEqualTo(made());
  }

  @Test
  void theReadmeHasTheirTable() throws IOException {
    List<String> table = made().stream().filter(line -> line.matches("\\| (larder ÷|`Con|Caf|OHC|Chr|Ehc).*")).toList();
    assertThat(table).hasSize(6);
    assertThat(Files.readAllLines(root().resolve("README.md"))).containsSubsequence(table);
  }
}
