package io.larder.jmh.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes {@code report.md}, {@code report.html} and {@code plots/} into a folder, of the newest results of each
 * benchmark that it has.
 */
public final class ReportWriter {
  private static final String NOT_MEASURED = " not measured";

  private final Path folder;
  private final List<Chapter> chapters;
  private final List<Peer> peers;

  /**
   * @param folder which has the results, see {@link ResultFolder}
   * @param chapters the benchmarks, in their order
   * @param peers who is measured
   */
  public ReportWriter(Path folder, List<Chapter> chapters, List<Peer> peers) {
    this.folder = folder;
    this.chapters = List.copyOf(chapters);
    this.peers = List.copyOf(peers);
  }

  /**
   * Writes them anew.
   *
   * @throws IOException when a result cannot be read, or a file not written
   */
  public void write() throws IOException {
    Page page = page();
    Path plots = Files.createDirectories(folder.resolve("plots"));
    deletePlots(plots);
    for (Section section : page.sections()) {
      for (Figure figure : section.figures()) {
        Files.write(plots.resolve(figure.file()), figure.png());
      }
    }
    Files.writeString(folder.resolve("report.md"), MarkdownPage.write(page));
    Files.writeString(folder.resolve("report.html"), HtmlPage.write(page));
  }

  private static void deletePlots(Path plots) throws IOException {
    List<Path> old;
    try (Stream<Path> files = Files.list(plots)) {
      old = files.filter(file -> file.toString().endsWith(".png")).toList();
    }
    for (Path file : old) {
      Files.delete(file);
    }
  }

  private Page page() throws IOException {
    ResultFolder results = new ResultFolder(folder);
    List<Result> present = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    List<Section> sections = new ArrayList<>();
    for (Chapter chapter : chapters) {
      Optional<Result> result = results.newest(chapter.bench());
      if (result.isPresent()) {
        present.add(result.get());
        absent.addAll(absent(result.get()));
        sections.add(section(chapter, result.get()));
      } else {
        absent.add(chapter.bench() + ": " + chapter.about());
      }
    }
    return new Page(
        present.stream().map(result -> result.machine() + "; " + result.jvm()).distinct().toList(),
        Summary.rows(present),
        Losses.of(present),
        absent,
        peers,
        sections);
  }

  private static List<String> absent(Result result) {
    return Stream.concat(
            result.goals().stream().filter(line -> line.endsWith(NOT_MEASURED)),
            result.failures().stream().map(failure -> result.bench() + ": " + failure))
        .toList();
  }

  private static Section section(Chapter chapter, Result result) {
    return new Section(
        chapter.bench(),
        chapter.about(),
        List.of(
            "%s UTC, commit %s%s".formatted(result.time(), result.commit(), result.isQuick() ? ", quick" : ""),
            result.machine(),
            result.command()),
        Figures.of(result),
        result.tables(),
        result.goals(),
        result.failures());
  }
}
