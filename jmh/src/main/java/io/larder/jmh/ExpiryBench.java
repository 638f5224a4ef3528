package io.larder.jmh;

import static io.larder.jmh.Implementation.LARDER;

import io.larder.jmh.Probe.Finding;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs {@link ExpiryBenchmark} for Larder and, where there is one, for Redis, and sets the lags beside each other. */
final class ExpiryBench {
  private static final int FULL_ENTRIES = 10_000_000;
  private static final int QUICK_ENTRIES = 1_000_000;
  private static final Duration LIMIT = Duration.ofMinutes(15);
  private static final double LAG_GOAL_SECONDS = 1;
  private static final double IDLE_GOAL = 0.02;
  private static final double MILLIS_PER_SECOND = 1000;
  private static final double MEBIBYTE = 1 << 20;

  private final Arguments arguments;
  private final Progress progress;
  private final List<String> text = new ArrayList<>();
  private final List<Goal> goals = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final List<Object> raw = new ArrayList<>();

  ExpiryBench(Arguments arguments, Progress progress) {
    this.arguments = arguments;
    this.progress = progress;
  }

  Report run() {
    double idle = Double.NaN;
    for (int entries : arguments.entriesOr(arguments.quick() ? QUICK_ENTRIES : FULL_ENTRIES)) {
      Map<String, Finding> findings = measure(entries);
      add(entries, findings);
      Finding larder = findings.get(LARDER.label());
      if (larder != null) {
        goals.add(Goal.atMost(
            "expiry/%d/lag-p99".formatted(entries), "second", LAG_GOAL_SECONDS,
            larder.value("marked.p99") / MILLIS_PER_SECOND));
        double share = larder.value("idle.cpu");
        idle = Double.isNaN(idle) ? share : Math.max(idle, share);
      }
    }
    if (arguments.only().contains(LARDER)) {
      goals.add(Goal.atMost("expiry/idle-cpu", "core", IDLE_GOAL, idle));
    }
    return new Report(text, goals, failures, Json.map("jvmFlags", JvmFlags.forExpiry(), "results", raw));
  }

  /** Redis is none of the implementations: it runs when these are not restricted. */
  private Map<String, Finding> measure(int entries) {
    Map<String, Finding> findings = new LinkedHashMap<>();
    String count = Integer.toString(entries);
    if (arguments.only().contains(LARDER)) {
      findings.put(LARDER.label(), probe(LARDER.label(), count));
    }
    Path program = RedisServer.program();
    if (program != null && arguments.isUnrestricted()) {
      findings.put(ExpiryBenchmark.REDIS, probe(ExpiryBenchmark.REDIS, count, program.toString()));
    }
    return findings;
  }

  private Finding probe(String... args) {
    progress.begin("expiry %s, %s entries".formatted(args[0], args[1]));
    Finding finding = Probe.run(ExpiryBenchmark.class, JvmFlags.forExpiry(), LIMIT, args);
    progress.end(finding.failed() ? "failed" : "mean lag %.1f ms".formatted(finding.value("all.mean")));
    return finding;
  }

  private void add(int entries, Map<String, Finding> findings) {
    Table lags = new Table("", "of", "mean", "p50", "p99", "max", "looks at most apart", "");
    Table costs =
        new Table(
            "", "idle", "only waking", "expiring", "waiting", "seconds of load", "MiB in use", "MiB after", "");
    findings.forEach((name, finding) -> {
      raw.add(Json.map("system", name, "entries", entries, "values", finding.values()));
      if (finding.failed()) {
        failures.add("expiry " + name + ": " + finding.failure());
        lags.row(name, "-", "-", "-", "-", "-", "-", "failed, see below");
        return;
      }
      addLags(lags, name, finding, "all", remark(entries, finding));
      if (finding.values().containsKey("marked.mean")) {
        addLags(lags, name, finding, "marked", "");
      }
      costs.row(
          name,
          percent(finding.value("idle.cpu")),
          percent(finding.value("waking.cpu")),
          percent(finding.value("expiring.cpu")),
          percent(finding.value("expiring.waiting")),
          "%.1f".formatted(finding.value("load.seconds")),
          "%,.0f".formatted(finding.value("used.bytes") / MEBIBYTE),
          "%,.0f".formatted(finding.value("used.bytes.after") / MEBIBYTE),
          "");
    });
    text.add("");
    text.add("expiry: %,d entries of 24 + 8 to 89 bytes, due at random within %d s, milliseconds from then until gone"
        .formatted(entries, ExpiryLoad.WINDOW_MILLIS / 1000));
    text.addAll(lags.lines());
    text.add("");
    text.add("processor time, in percent of a core: of the maintenance thread, or of the server");
    text.addAll(costs.lines());
    text.add("only waking: a thread that wakes up each millisecond and does nothing");
    text.add("waiting: for a processor, while expiring: how busy the machine was with other things");
    text.add("");
    text.add("all: the n-th to go is taken for the n-th that was due: quantiles and max are lower bounds");
    text.add("marked: %,d entries, %d at a time due at one moment: exact; the goal's"
        .formatted(new ExpiryLoad(entries).marks(), ExpiryLoad.GROUP));
    if (RedisServer.program() == null) {
      text.add("redis: not measured, there is no redis-server on the path");
    }
  }

  private static void addLags(Table table, String name, Finding finding, String which, String remark) {
    table.row(
        name,
        which,
        millis(finding, which + ".mean"),
        millis(finding, which + ".p50"),
        millis(finding, which + ".p99"),
        millis(finding, which + ".max"),
        millis(finding, "look.max"),
        remark);
  }

  private static String remark(int entries, Finding finding) {
    double stayed = entries - finding.value("gone");
    return stayed > 0 ? "%,.0f have not gone".formatted(stayed) : "";
  }

  private static String millis(Finding finding, String name) {
    return "%,.1f".formatted(finding.value(name));
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "-" : "%.2f".formatted(share * 100);
  }
}
