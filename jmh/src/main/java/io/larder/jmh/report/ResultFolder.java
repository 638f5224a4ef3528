package io.larder.jmh.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the raw results lie: {@code results/NAME-YYYY-MM-DD.json} below the folder of a report. */
public final class ResultFolder {
  private static final String SUFFIX = "-[0-9]{4}-[0-9]{2}-[0-9]{2}\\.json";

  private final Path folder;

  public ResultFolder(Path report) {
    this.folder = report.resolve("results");
  }

  /**
   * Where the results of a run of that day are put; another run of the same day takes its place.
   *
   * @throws IOException when the folder cannot be made
   */
  public Path file(String bench, LocalDate day) throws IOException {
    Files.createDirectories(folder);
    return folder.resolve(bench + "-" + day + ".json");
  }

  /** The results of the last day, if there are any. */
  Optional<Result> newest(String bench) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> ofBench =
          files.filter(file -> file.getFileName().toString().matches(bench + SUFFIX))
              .sorted(Comparator.comparing(Path::toString))
              .toList();
      return ofBench.isEmpty() ? Optional.empty() : Optional.of(Result.read(ofBench.getLast()));
    }
  }
}
