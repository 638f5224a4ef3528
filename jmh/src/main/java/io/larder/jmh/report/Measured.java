package io.larder.jmh.report;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * One case that JMH has measured.
 *
 * @param method the benchmark's method
 * @param implementation the system
 * @param entries number of entries
 * @param threads number of threads
 * @param nanos the mean of an operation, in nanoseconds
 * @param error half the 99.9 % interval of the mean; not a number when there is none
 * @param rounds the mean of each round
 */
record Measured(
    String method, String implementation, int entries, int threads, double nanos, double error, List<Double> rounds) {

  /** All that a result has; none when JMH has not made it. */
  static List<Measured> of(Result result) {
    return Result.children(result.at("jmh")).stream().map(Measured::of).toList();
  }

  private static Measured of(JsonNode json) {
    JsonNode metric = json.path("primaryMetric");
    String benchmark = json.path("benchmark").asString("");
    List<Double> rounds = new ArrayList<>();
    for (JsonNode fork : metric.path("rawData")) {
      rounds.add(
          Result.children(fork).stream().mapToDouble(JsonNode::asDouble).average().orElse(Double.NaN));
    }
    return new Measured(
        benchmark.substring(benchmark.lastIndexOf('.') + 1),
        json.at("/params/implementation").asString(""),
        Integer.parseInt(json.at("/params/entries").asString("0")),
        json.path("threads").asInt(),
        metric.path("score").asDouble(),
        metric.path("scoreError").asDouble(Double.NaN),
        rounds);
  }

  /** What is compared with each other. */
  String group() {
    return "%,d entries, %d thread%s".formatted(entries, threads, threads == 1 ? "" : "s");
  }

  /** Operations a second of all threads together, in millions. */
  double throughput() {
    return threads * 1e3 / nanos;
  }

  /** This over another, round by round. */
  List<Double> ratios(Measured other) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(rounds.size(), other.rounds.size()); i++) {
      ratios.add(rounds.get(i) / other.rounds.get(i));
    }
    return ratios;
  }
}
