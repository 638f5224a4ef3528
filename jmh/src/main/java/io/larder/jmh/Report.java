package io.larder.jmh;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/**
 * What a benchmark found.
 *
 * @param text the tables and what else there is to say, line by line
 * @param goals the goals with what was measured
 * @param failures what could not be run, and why
 * @param raw the raw results, by name
 */
record Report(List<String> text, List<Goal> goals, List<String> failures, Map<String, Object> raw) {

  /** Prints tables, then what failed, then a line per goal: the goals end the output. */
  void print(PrintStream out) {
    text.forEach(out::println);
    out.println();
    failures.forEach(failure -> out.println("failed: " + failure));
    goals.forEach(goal -> out.println(goal.line()));
  }
}
