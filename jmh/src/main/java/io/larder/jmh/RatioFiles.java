package io.larder.jmh;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The files that hit ratios are written to: every number as CSV and JSON, and a picture for each trace. */
final class RatioFiles {
  private static final String CSV_HEADS =
      "capacity_in,trace,percent,capacity,contender,run,hit_percent,byte_percent,entries";
  private static final int WIDTH = 900;
  private static final int HEIGHT = 560;

  private RatioFiles() {}

  static void writeCsv(Path file, List<RatioCase> byEntries, List<RatioCase> byBytes) throws IOException {
    List<String> lines = new ArrayList<>(List.of(CSV_HEADS));
    byEntries.forEach(played -> addCsv("entries", played, lines));
    byBytes.forEach(played -> addCsv("bytes", played, lines));
    Files.write(file, lines);
  }

  private static void addCsv(String unit, RatioCase played, List<String> lines) {
    played.tallies().forEach((contender, runs) -> {
      for (int run = 0; run < runs.size(); run++) {
        Tally tally = runs.get(run);
        lines.add(
            String.join(
                ",",
                unit,
                played.trace(),
                Capacity.percent(played.percent()),
                Long.toString(played.capacity()),
                contender.label(),
                Integer.toString(run + 1),
                Double.toString(tally.hitPercent()),
                Double.toString(tally.bytePercent()),
                tally.entries() == Replay.UNKNOWN ? "" : Long.toString(tally.entries())));
      }
    });
  }

  static List<Object> toJson(List<RatioCase> cases) {
    List<Object> json = new ArrayList<>();
    for (RatioCase played : cases) {
      Map<String, Object> runs = Json.map();
      played.tallies().forEach((contender, tallies) ->
          runs.put(contender.label(), tallies.stream().map(RatioFiles::toJson).toList()));
      json.add(
          Json.map("trace", played.trace(), "percent", played.percent(), "capacity", played.capacity(), "runs", runs));
    }
    return json;
  }

  private static Map<String, Object> toJson(Tally tally) {
    return Json.map(
        "hitPercent", tally.hitPercent(), "bytePercent", tally.bytePercent(), "entries", tally.entries());
  }

  /** Draws {@code TRACE.svg} for each trace: hit ratio by capacity, a line for each contender. */
  static void plot(Path directory, List<RatioCase> cases) throws IOException {
    System.setProperty("java.awt.headless", "true");
    Map<String, List<RatioCase>> byTrace =
        cases.stream().collect(Collectors.groupingBy(RatioCase::trace, LinkedHashMap::new, Collectors.toList()));
    for (Map.Entry<String, List<RatioCase>> trace : byTrace.entrySet()) {
      try (OutputStream file = Files.newOutputStream(directory.resolve(trace.getKey() + ".svg"))) {
        ChartEncoder.saveChart(chart(trace.getKey(), trace.getValue()), file, "svg");
      }
    }
  }

  private static XYChart chart(String trace, List<RatioCase> cases) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(trace)
            .xAxisTitle("entries")
            .yAxisTitle("hit ratio in %")
            .build();
    chart.getStyler().setXAxisLogarithmic(true).setLegendPosition(LegendPosition.OutsideE);
    double[] capacities = cases.stream().mapToDouble(RatioCase::capacity).toArray();
    for (Contender contender : Contender.values()) {
      double[] ratios = cases.stream().mapToDouble(played -> played.hitPercent(contender)).toArray();
      chart.addSeries(contender.label(), capacities, ratios);
    }
    return chart;
  }
}
