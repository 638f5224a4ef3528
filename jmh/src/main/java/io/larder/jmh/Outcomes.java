package io.larder.jmh;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/**
 * What became of all cases of a run.
 *
 * @param byCase in the order in which they ran
 */
record Outcomes(Map<Case, Outcome> byCase) {

  /** The outcome of a case, or one that is not measured when it did not run. */
  Outcome of(Case each) {
    return byCase.getOrDefault(each, new Outcome());
  }

  /** Time per operation of one case divided by that of another; NaN if one of them was not measured. */
  double ratio(Case dividend, Case divisor) {
    return of(dividend).over(of(divisor));
  }

  /** The cases that are compared with each other, by what they have in common. */
  Map<String, List<Case>> groups() {
    Map<String, List<Case>> groups = new LinkedHashMap<>();
    byCase.keySet().forEach(each -> groups.computeIfAbsent(each.group(), group -> new ArrayList<>()).add(each));
    return groups;
  }

  /** What could not be run, and why. */
  List<String> failures() {
    List<String> failures = new ArrayList<>();
    byCase.forEach(
        (each, outcome) -> {
          if (outcome.failure() != null) {
            failures.add(each.label() + ": " + outcome.failure());
          }
        });
    return failures;
  }

  /** A report of this; the raw results are in JMH's own form. */
  Report report(List<String> text, List<Goal> goals) {
    int most = byCase.keySet().stream().mapToInt(Case::entries).max().orElse(0);
    return new Report(text, goals, failures(), Json.map("jvmFlags", JvmFlags.forLatency(most), "jmh", rawJson()));
  }

  private Json.Raw rawJson() {
    List<RunResult> results =
        byCase.values().stream().map(Outcome::total).filter(Objects::nonNull).collect(Collectors.toList());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(results);
    out.flush();
    return new Json.Raw(bytes.toString(StandardCharsets.UTF_8));
  }
}
