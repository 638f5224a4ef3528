package io.larder.cli;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import io.larder.cli.DemoTiersLog.Pause;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws what {@code demo tiers} has shown over time: charts one below the other, as SVG. */
final class DemoTiersPlot {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 280;
  private static final double MILLIS_PER_SECOND = 1_000;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double BYTES_PER_MEBIBYTE = 1 << 20;

  private final DemoTiersLog log;
  private final List<TierSample> samples;
  private final double[] seconds;

  private DemoTiersPlot(DemoTiersLog log) {
    this.log = log;
    this.samples = log.samples();
    this.seconds = of(TierSample::at, MILLIS_PER_SECOND);
  }

  /** Draws a run, which has samples. */
  static void write(DemoTiersLog log, Path file) throws IOException {
    System.setProperty("java.awt.headless", "true");
    List<XYChart> charts = new DemoTiersPlot(log).charts();
    VectorGraphics2D graphics = new VectorGraphics2D();
    for (XYChart chart : charts) {
      chart.paint(graphics, WIDTH, HEIGHT);
      graphics.translate(0, HEIGHT);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      PageSize page = new PageSize(WIDTH, (double) HEIGHT * charts.size());
      new SVGProcessor().getDocument(graphics.getCommands(), page).writeTo(out);
    }
  }

  private List<XYChart> charts() {
    return List.of(bytes(), entries(), reads(), pauses());
  }

  private XYChart bytes() {
    XYChart chart = chart("In use", "MiB");
    addLine(chart, "memory", of(sample -> sample.get(TierGauge.MEMORY_USED), BYTES_PER_MEBIBYTE));
    addLine(chart, "file", of(sample -> sample.get(TierGauge.FILE_USED), BYTES_PER_MEBIBYTE));
    return chart;
  }

  private XYChart entries() {
    XYChart chart = chart("Entries", "entries");
    addLine(chart, "memory", of(sample -> sample.get(TierGauge.MEMORY_ENTRIES), 1));
    addLine(chart, "file", of(sample -> sample.get(TierGauge.FILE_ENTRIES), 1));
    return chart;
  }

  private XYChart reads() {
    XYChart chart = chart("Reads", "per second");
    for (Place place : Place.values()) {
      double[] rates = new double[samples.size()];
      for (int i = 0; i < rates.length; i++) {
        TierSample before = i == 0 ? TierSample.NONE : samples.get(i - 1);
        rates[i] = samples.get(i).readsPerSecond(place, before);
      }
      addLine(chart, place.label(), rates);
    }
    return chart;
  }

  private XYChart pauses() {
    XYChart chart = chart("Garbage collection", "ms");
    List<Pause> pauses = log.pauses();
    if (pauses.isEmpty()) {
      addLine(chart, "no pause", new double[seconds.length]);
      return chart;
    }
    double[] at = pauses.stream().mapToDouble(pause -> pause.atMillis() / MILLIS_PER_SECOND).toArray();
    double[] millis = pauses.stream().mapToDouble(pause -> pause.nanos() / NANOS_PER_MILLI).toArray();
    chart.addSeries("pause", at, millis).setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    return chart;
  }

  private XYChart chart(String title, String unit) {
    XYChart chart =
        new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title).xAxisTitle("seconds").yAxisTitle(unit).build();
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(seconds[seconds.length - 1]).setYAxisMin(0.0);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    return chart;
  }

  private void addLine(XYChart chart, String name, double[] values) {
    chart.addSeries(name, seconds, values).setMarker(SeriesMarkers.NONE);
  }

  private double[] of(ToDoubleFunction<TierSample> value, double unit) {
    return samples.stream().mapToDouble(sample -> value.applyAsDouble(sample) / unit).toArray();
  }
}
