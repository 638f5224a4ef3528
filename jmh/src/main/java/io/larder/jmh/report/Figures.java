package io.larder.jmh.report;

import io.larder.jmh.report.Charts.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** The pictures of a result; what has no picture has none. */
final class Figures {
  private static final double NANOS_PER_MICRO = 1e3;

  private Figures() {}

  static List<Figure> of(Result result) {
    return switch (result.bench()) {
      case "get", "put", "mixed", "batch" -> bars(result);
      case "scaling" -> throughput(result);
      case "gc" -> serviceTimes(result);
      case "growth" -> growth(result);
      case "hitratio" -> hitRatios(result);
      default -> List.of();
    };
  }

  private static List<Figure> bars(Result result) {
    Map<String, List<Measured>> groups = new LinkedHashMap<>();
    Measured.of(result).forEach(each -> groups.computeIfAbsent(each.group(), group -> new ArrayList<>()).add(each));
    List<Figure> figures = new ArrayList<>();
    groups.forEach(
        (group, cases) -> {
          Measured any = cases.getFirst();
          figures.add(
              new Figure(
                  "%s-%d-%d".formatted(result.bench(), any.entries(), any.threads()),
                  group + "; the lines are 99.9 % intervals of the mean",
                  Charts.bars(result.bench() + ", " + group, cases)));
        });
    return figures;
  }

  private static List<Figure> throughput(Result result) {
    Map<String, Map<String, List<Point>>> charts = new TreeMap<>();
    for (Measured each : Measured.of(result)) {
      charts
          .computeIfAbsent("%s-%d".formatted(each.method(), each.entries()), chart -> new LinkedHashMap<>())
          .computeIfAbsent(each.implementation(), name -> new ArrayList<>())
          .add(new Point(each.threads(), each.throughput()));
    }
    List<Figure> figures = new ArrayList<>();
    charts.forEach(
        (name, curves) -> {
          curves.values().forEach(points -> points.sort(Comparator.comparingDouble(Point::x)));
          figures.add(
              new Figure(
                  "scaling-" + name,
                  name + ": operations of all threads together",
                  Charts.curves(name, "threads", "million operations a second", false, curves)));
        });
    return figures;
  }

  /** The gc benchmark: medians of the rounds, a picture for each collector. */
  private static List<Figure> serviceTimes(Result result) {
    List<String> percentiles = List.of("p50", "p99", "p99.9", "p99.99", "max");
    List<Figure> figures = new ArrayList<>();
    for (JsonNode size : result.at("results")) {
      Map<String, Map<String, List<Double>>> charts = new LinkedHashMap<>();
      for (String label : size.path("rounds").path(0).propertyNames()) {
        String collector = label.substring(0, label.indexOf('/'));
        String system = label.substring(label.indexOf('/') + 1);
        List<Double> values =
            percentiles.stream()
                .map(each -> median(size.path("rounds"), label, each + ".us") / NANOS_PER_MICRO)
                .toList();
        if (values.stream().allMatch(value -> value > 0)) {
          charts.computeIfAbsent(collector, chart -> new LinkedHashMap<>()).put(system, values);
        }
      }
      charts.forEach(
          (collector, values) ->
              figures.add(
                  new Figure(
                      "gc-%s-%s".formatted(collector, size.path("entries").asString("")),
                      collector + ": time of a request from the moment at which it was due, medians of the rounds",
                      Charts.percentiles("gc, " + collector, "milliseconds", percentiles, values))));
    }
    return figures;
  }

  private static double median(JsonNode rounds, String label, String name) {
    double[] sorted =
        Result.children(rounds).stream()
            .map(round -> round.path(label).path(name))
            .filter(JsonNode::isNumber)
            .mapToDouble(JsonNode::asDouble)
            .sorted()
            .toArray();
    return sorted.length == 0 ? Double.NaN : (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private static List<Figure> growth(Result result) {
    List<String> percentiles = List.of("p50", "p99", "p99.9", "p99.99", "p99.999", "max");
    Map<Integer, Map<String, List<Double>>> charts = new TreeMap<>();
    for (JsonNode each : result.at("results")) {
      List<Double> values =
          percentiles.stream()
              .map(name -> each.path("values").path(name).asDouble(Double.NaN) / NANOS_PER_MICRO)
              .toList();
      if (values.stream().allMatch(value -> value > 0)) {
        charts
            .computeIfAbsent(each.path("entries").asInt(), chart -> new LinkedHashMap<>())
            .put(each.path("implementation").asString(""), values);
      }
    }
    List<Figure> figures = new ArrayList<>();
    charts.forEach(
        (entries, values) ->
            figures.add(
                new Figure(
                    "growth-" + entries,
                    "a put, while the cache grows from nothing to %,d entries".formatted(entries),
                    Charts.percentiles("growth to %,d".formatted(entries), "microseconds", percentiles, values))));
    return figures;
  }

  /** The mean over the traces by capacity, and the traces in which Larder is furthest above and below Caffeine. */
  private static List<Figure> hitRatios(Result result) {
    Map<String, Map<String, List<Point>>> traces = new LinkedHashMap<>();
    Map<String, Map<Double, List<Double>>> means = new LinkedHashMap<>();
    for (JsonNode each : result.at("entries")) {
      double percent = each.path("percent").asDouble();
      for (Map.Entry<String, JsonNode> runs : each.path("runs").properties()) {
        double ratio =
            Result.children(runs.getValue()).stream()
                .mapToDouble(run -> run.path("hitPercent").asDouble())
                .average()
                .orElse(Double.NaN);
        traces
            .computeIfAbsent(each.path("trace").asString(""), trace -> new LinkedHashMap<>())
            .computeIfAbsent(runs.getKey(), contender -> new ArrayList<>())
            .add(new Point(percent, ratio));
        means
            .computeIfAbsent(runs.getKey(), contender -> new TreeMap<>())
            .computeIfAbsent(percent, capacity -> new ArrayList<>())
            .add(ratio);
      }
    }
    List<Figure> figures = new ArrayList<>();
    if (traces.isEmpty()) {
      return figures;
    }
    Map<String, List<Point>> mean = new LinkedHashMap<>();
    means.forEach((contender, capacities) -> mean.put(contender, meanOf(capacities)));
    figures.add(hitRatio("hitratio-mean", "the mean of %d traces".formatted(traces.size()), mean));
    Comparator<Map.Entry<String, Map<String, List<Point>>>> byLead =
        Comparator.comparingDouble(trace -> lead(trace.getValue()));
    traces.entrySet().stream()
        .max(byLead)
        .ifPresent(best -> figures.add(ofTrace(best, "where Larder is furthest above Caffeine")));
    traces.entrySet().stream()
        .min(byLead)
        .ifPresent(worst -> figures.add(ofTrace(worst, "where it is furthest below, or least above")));
    return figures;
  }

  private static List<Point> meanOf(Map<Double, List<Double>> capacities) {
    List<Point> points = new ArrayList<>();
    capacities.forEach(
        (percent, ratios) ->
            points.add(
                new Point(percent, ratios.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN))));
    return points;
  }

  private static Figure ofTrace(Map.Entry<String, Map<String, List<Point>>> trace, String which) {
    return hitRatio("hitratio-" + trace.getKey(), trace.getKey() + ", the trace " + which, trace.getValue());
  }

  private static Figure hitRatio(String name, String caption, Map<String, List<Point>> curves) {
    return new Figure(
        name,
        "requests that hit, by capacity; " + caption + ". The optimum knows the future",
        Charts.curves(caption, "capacity in % of a trace's keys", "hit ratio in %", true, curves));
  }

  /** Larder's ratio less Caffeine's, where they differ most. */
  private static double lead(Map<String, List<Point>> curves) {
    List<Point> larder = curves.getOrDefault("larder", List.of());
    List<Point> caffeine = curves.getOrDefault("caffeine", List.of());
    double lead = 0;
    for (int i = 0; i < Math.min(larder.size(), caffeine.size()); i++) {
      double difference = larder.get(i).y() - caffeine.get(i).y();
      lead = Math.abs(difference) > Math.abs(lead) ? difference : lead;
    }
    return lead;
  }
}
