package io.larder.jmh.report;

import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws. */
final class Charts {
  private static final int WIDTH = 860;
  private static final int HEIGHT = 420;

  static {
    System.setProperty("java.awt.headless", "true");
  }

  /**
   * A point of a curve.
   *
   * @param x where
   * @param y how much
   */
  record Point(double x, double y) {}

  private Charts() {}

  /** A bar for each case with its error: the time of an operation. */
  static byte[] bars(String title, List<Measured> cases) {
    CategoryChart chart =
        new CategoryChartBuilder().width(WIDTH).height(HEIGHT).title(title).yAxisTitle("ns per operation").build();
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setLegendVisible(false);
    boolean severalMethods = cases.stream().map(Measured::method).distinct().count() > 1;
    chart.addSeries(
        "time",
        cases.stream().map(each -> each.implementation() + (severalMethods ? " " + each.method() : "")).toList(),
        cases.stream().map(Measured::nanos).toList(),
        cases.stream().map(each -> Double.isNaN(each.error()) ? 0 : each.error()).toList());
    return png(chart);
  }

  /** A line for each name; both axes begin where the points do. */
  static byte[] curves(
      String title, String xTitle, String yTitle, boolean logarithmicX, Map<String, List<Point>> curves) {
    XYChart chart =
        new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title).xAxisTitle(xTitle).yAxisTitle(yTitle).build();
    chart
        .getStyler()
        .setXAxisLogarithmic(logarithmicX)
        .setLegendPosition(LegendPosition.OutsideE);
    curves.forEach(
        (name, points) ->
            chart.addSeries(
                name,
                points.stream().mapToDouble(Point::x).toArray(),
                points.stream().mapToDouble(Point::y).toArray()));
    return png(chart);
  }

  /** A line for each name, a point of it for each category; logarithmic. */
  static byte[] percentiles(String title, String yTitle, List<String> categories, Map<String, List<Double>> values) {
    CategoryChart chart =
        new CategoryChartBuilder().width(WIDTH).height(HEIGHT).title(title).yAxisTitle(yTitle).build();
    chart.getStyler().setYAxisLogarithmic(true).setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setOverlapped(true);
    chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
    values.forEach((name, each) -> chart.addSeries(name, categories, new ArrayList<>(each)));
    return png(chart);
  }

  private static byte[] png(Chart<?, ?> chart) {
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ChartEncoder.saveChart(chart, bytes, "png");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return bytes.toByteArray();
  }
}
