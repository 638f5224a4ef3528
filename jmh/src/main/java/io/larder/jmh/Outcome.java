package io.larder.jmh;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What became of a case: the results of its rounds so far, or why there are none. Mutable, one thread. */
final class Outcome {
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  private final List<Double> roundScores = new ArrayList<>();
  private final List<BenchmarkResult> forks = new ArrayList<>();
  private @Nullable RunResult total;
  private @Nullable String failure;

  void add(RunResult round) {
    roundScores.add(round.getPrimaryResult().getScore());
    forks.addAll(round.getBenchmarkResults());
    total = new RunResult(round.getParams(), forks);
  }

  void fail(String why) {
    failure = why;
  }

  /** Why the case could not be run, or null. */
  @Nullable String failure() {
    return failure;
  }

  boolean measured() {
    return total != null;
  }

  /** All rounds as one result for JMH's own formats, or null if there is none. */
  @Nullable RunResult total() {
    return total;
  }

  /** The mean in nanoseconds per operation. */
  double score() {
    return primary().getScore();
  }

  /** Half the width of the 99.9 % interval of the mean. */
  double error() {
    return primary().getScoreError();
  }

  /** Bytes allocated per operation, or NaN. */
  double allocated() {
    Result<?> result = requireTotal().getSecondaryResults().get(ALLOCATION);
    return result == null ? Double.NaN : result.getScore();
  }

  /** The mean of this divided by that of another; NaN if one of them was not measured. */
  double over(Outcome other) {
    return measured() && other.measured() ? score() / other.score() : Double.NaN;
  }

  /**
   * The ratio of this to another, each round with the other's same round: interleaved rounds share the machine's
   * mood.
   */
  double[] ratios(Outcome other) {
    int rounds = Math.min(roundScores.size(), other.roundScores.size());
    double[] ratios = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      ratios[i] = roundScores.get(i) / other.roundScores.get(i);
    }
    return ratios;
  }

  private Result<?> primary() {
    return requireTotal().getPrimaryResult();
  }

  private RunResult requireTotal() {
    if (total == null) {
      throw new IllegalStateException("not measured");
    }
    return total;
  }
}
