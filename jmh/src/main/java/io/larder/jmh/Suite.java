package io.larder.jmh;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs cases by JMH in rounds: every case once in a JVM of its own, then all again. A noisy minute then falls on all
 * systems alike, where JMH's own order, all forks of a case in a row, would charge it to one.
 */
final class Suite {
  private final Effort effort;
  private final Progress progress;

  Suite(Effort effort, Progress progress) {
    this.effort = effort;
    this.progress = progress;
  }

  /** Runs all cases, in the order given. Every case has an outcome; a case that fails once is not tried again. */
  Outcomes run(List<Case> cases) {
    Map<Case, Outcome> outcomes = new LinkedHashMap<>();
    cases.forEach(each -> outcomes.put(each, new Outcome()));
    Map<Case, Long> nanosOfCase = new HashMap<>();
    long begin = System.nanoTime();
    for (int round = 1; round <= effort.rounds(); round++) {
      for (Map.Entry<Case, Outcome> entry : outcomes.entrySet()) {
        Outcome outcome = entry.getValue();
        long expected = nanosOfCase.getOrDefault(entry.getKey(), 0L);
        boolean late = System.nanoTime() - begin + expected > effort.limit().toNanos();
        if (outcome.failure() != null) {
          continue;
        }
        if (late) {
          if (!outcome.measured()) {
            outcome.fail("no time left");
          }
          continue;
        }
        long start = System.nanoTime();
        progress.begin("round %d of %d: %s".formatted(round, effort.rounds(), entry.getKey().label()));
        runOnce(entry.getKey(), outcome);
        progress.end(outcome.failure() == null ? "%.1f ns".formatted(outcome.score()) : "failed");
        nanosOfCase.put(entry.getKey(), System.nanoTime() - start);
      }
    }
    return new Outcomes(outcomes);
  }

  private void runOnce(Case each, Outcome outcome) {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    try (PrintStream stream = new PrintStream(log, true, StandardCharsets.UTF_8)) {
      Runner runner = new Runner(options(each), OutputFormatFactory.createFormatInstance(stream, VerboseMode.NORMAL));
      Collection<RunResult> results = runner.run();
      if (results.isEmpty()) {
        outcome.fail(cause(log));
      }
      results.forEach(outcome::add);
    } catch (RunnerException e) {
      outcome.fail(e.getMessage() + "; " + cause(log));
    }
  }

  private Options options(Case each) {
    TimeValue time = TimeValue.milliseconds(effort.iterationTime().toMillis());
    ChainedOptionsBuilder options = new OptionsBuilder().include(each.include());
    each.params().forEach(options::param);
    return options
        .threads(each.threads())
        .forks(1)
        .warmupIterations(effort.warmups())
        .warmupTime(time)
        .measurementIterations(effort.iterations())
        .measurementTime(time)
        .addProfiler(GCProfiler.class)
        .jvmArgs(JvmFlags.forLatency(each.entries()).toArray(String[]::new))
        .shouldFailOnError(false)
        .build();
  }

  /** The line of a fork's log that says most about why it failed. */
  private static String cause(ByteArrayOutputStream log) {
    return log.toString(StandardCharsets.UTF_8)
        .lines()
        .map(String::strip)
        .filter(line -> line.contains("Exception") || line.contains("Error:") || line.contains("exit code"))
        .findFirst()
        .orElse("no result and no message");
  }
}
