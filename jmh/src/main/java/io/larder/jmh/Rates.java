package io.larder.jmh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.util.ListStatistics;

/** The throughputs of a case, in operations per second: windows of rounds. Mutable, one thread. */
final class Rates {
  private final List<double[]> rounds = new ArrayList<>();
  private @Nullable String failure;

  void add(double[] windows) {
    rounds.add(windows.clone());
  }

  void fail(String why) {
    failure = why;
  }

  /** Why the case could not be run, or null. */
  @Nullable String failure() {
    return failure;
  }

  boolean measured() {
    return !rounds.isEmpty();
  }

  /** The mean of all windows; NaN without any. */
  double mean() {
    return measured() ? statistics().getMean() : Double.NaN;
  }

  /** Half the width of the 99.9 % interval of the mean. */
  double error() {
    return statistics().getMeanErrorAt(0.999);
  }

  private ListStatistics statistics() {
    return new ListStatistics(rounds.stream().flatMapToDouble(Arrays::stream).toArray());
  }

  /** The ratio of this to another, each round with the other's same round. */
  double[] ratios(Rates other) {
    double[] ratios = new double[Math.min(rounds.size(), other.rounds.size())];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = mean(rounds.get(i)) / mean(other.rounds.get(i));
    }
    return ratios;
  }

  private static double mean(double[] windows) {
    return Arrays.stream(windows).average().orElse(Double.NaN);
  }

  /** For the raw results: the windows of each round. */
  List<List<Double>> toJson() {
    return rounds.stream().map(Rates::boxed).toList();
  }

  private static List<Double> boxed(double[] windows) {
    return Arrays.stream(windows).boxed().toList();
  }
}
