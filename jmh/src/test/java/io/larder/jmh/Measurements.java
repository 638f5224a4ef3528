package io.larder.jmh;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.results.AverageTimeResult;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ResultRole;
import org.openjdk.jmh.results.RunResult;

/** Outcomes that nobody has measured. */
final class Measurements {
  private final Map<Case, Outcome> outcomes = new LinkedHashMap<>();

  /** Adds a case with the time of an operation in each round. */
  Measurements add(Case each, long... nanosOfRounds) {
    Outcome outcome = new Outcome();
    for (long nanos : nanosOfRounds) {
      IterationResult iteration = new IterationResult(null, null, null);
      iteration.addResult(new AverageTimeResult(ResultRole.PRIMARY, each.method(), 1, nanos, TimeUnit.NANOSECONDS));
      outcome.add(new RunResult(null, List.of(new BenchmarkResult(null, List.of(iteration)))));
    }
    outcomes.put(each, outcome);
    return this;
  }

  Outcomes outcomes() {
    return new Outcomes(outcomes);
  }
}
