package io.larder.cli;

import io.larder.cli.DemoTiersLog.Pauses;
import java.util.ArrayList;
import java.util.List;

/**
 * Shows how a run of {@code demo tiers} goes: lines that are redrawn on a terminal, or one at each fifth of the run
 * elsewhere.
 */
final class DemoTiersView {
  private static final int BAR_WIDTH = 28;
  private static final int PLAIN_STEPS = 5;
  private static final String LABEL = "%-15s";

  /** Rates are of so much time, or they would flicker. */
  private static final long RECENT_MILLIS = 1_000;

  private final Terminal terminal;
  private final String name;
  private final DemoTiersPlan plan;
  private final boolean withFile;
  private int stepsShown;

  DemoTiersView(Terminal terminal, String name, DemoTiersPlan plan, boolean withFile) {
    this.terminal = terminal;
    this.name = name;
    this.plan = plan;
    this.withFile = withFile;
  }

  /** Shows what has been sampled last. */
  void show(DemoTiersLog log) {
    TierSample now = log.last();
    TierSample before = recent(log.samples());
    int steps = (int) (done(now) * PLAIN_STEPS);
    if (terminal.updatesInPlace()) {
      terminal.update(lines(log, now, before));
    } else if (steps > stepsShown) {
      stepsShown = steps;
      terminal.line(line(log, now, before));
    }
  }

  /** Leaves the last state on the screen. */
  void end(DemoTiersLog log) {
    if (terminal.updatesInPlace()) {
      lines(log, log.last(), recent(log.samples())).forEach(terminal::line);
    }
  }

  /** The latest sample that is as old as that. */
  private static TierSample recent(List<TierSample> samples) {
    TierSample found = TierSample.NONE;
    for (TierSample sample : samples) {
      if (sample.at() <= samples.getLast().at() - RECENT_MILLIS) {
        found = sample;
      }
    }
    return found;
  }

  private double done(TierSample now) {
    return Math.min(1, (double) now.at() / (plan.run().warmupMillis() + plan.run().measureMillis()));
  }

  /** All of it. */
  private List<String> lines(DemoTiersLog log, TierSample now, TierSample before) {
    List<String> lines = new ArrayList<>();
    double done = done(now);
    lines.add((LABEL + "%s %3.0f %%").formatted(name, bar(done), 100 * done));
    long memoryBytes = plan.run().budgetBytes();
    lines.add(full("memory full", now.get(TierGauge.MEMORY_USED), memoryBytes, now.get(TierGauge.MEMORY_ENTRIES)));
    if (withFile) {
      lines.add(full("file full", now.get(TierGauge.FILE_USED), plan.fileBytes(), now.get(TierGauge.FILE_ENTRIES)));
    }
    for (Place place : Place.values()) {
      if (withFile || place != Place.FILE) {
        lines.add(hits(place, now, before));
      }
    }
    if (withFile) {
      lines.add((LABEL + "%s").formatted("promotions", rate(TierGauge.PROMOTIONS, now, before)));
      lines.add(
          (LABEL + "%s written, %s there already, %s dropped")
              .formatted(
                  "demotions",
                  rate(TierGauge.DEMOTIONS, now, before),
                  rate(TierGauge.CLEAN_SKIPS, now, before),
                  rate(TierGauge.DROPPED, now, before)));
    }
    lines.add((LABEL + "%s").formatted("gets", gets(now)));
    lines.add((LABEL + "%s").formatted("GC", pauses(log)));
    return lines;
  }

  private static String full(String label, long used, long bytes, long entries) {
    double share = Math.min(1, (double) used / bytes);
    return (LABEL + "%s %3.0f %%  %10s  %,7d entries")
        .formatted(label, bar(share), 100 * share, ByteSize.format((double) used), entries);
  }

  private static String hits(Place place, TierSample now, TierSample before) {
    double share = share(place, now, before);
    double rate = now.readsPerSecond(place, before);
    return (LABEL + "%s %3.0f %%  %,8.0f/s").formatted(place.label(), bar(share), 100 * share, rate);
  }

  private static double share(Place place, TierSample now, TierSample before) {
    return (double) (now.reads(place) - before.reads(place)) / Math.max(1, now.reads() - before.reads());
  }

  private static String rate(TierGauge gauge, TierSample now, TierSample before) {
    return "%,.0f/s".formatted(now.perSecond(gauge, before));
  }

  private static String gets(TierSample now) {
    String p99 = DemoTable.time((double) now.get(TierGauge.GET_P99));
    return "p99 %s; %,d in all, %,d values wrong".formatted(p99, now.reads(), now.get(TierGauge.WRONG));
  }

  private static String pauses(DemoTiersLog log) {
    Pauses pauses = log.pausesFrom(0);
    return "%,d pauses, %s together, the longest %s"
        .formatted(
            pauses.count(),
            DemoTable.time((double) pauses.totalNanos()),
            DemoTable.time((double) pauses.longestNanos()));
  }

  /** The most important of it. */
  private String line(DemoTiersLog log, TierSample now, TierSample before) {
    StringBuilder line = new StringBuilder((LABEL + "%3.0f %%").formatted(name, 100 * done(now)));
    for (Place place : Place.values()) {
      if (withFile || place != Place.FILE) {
        line.append("  %s %.1f %%".formatted(place.label(), 100 * share(place, now, before)));
      }
    }
    if (withFile) {
      line.append("  full %.0f %%".formatted(100.0 * now.get(TierGauge.FILE_USED) / plan.fileBytes()));
    }
    String p99 = DemoTable.time((double) now.get(TierGauge.GET_P99));
    return line.append("  p99 %s  %d GC pauses".formatted(p99, log.pausesFrom(0).count())).toString();
  }

  private static String bar(double share) {
    int filled = (int) Math.round(share * BAR_WIDTH);
    return "━".repeat(filled) + "╌".repeat(BAR_WIDTH - filled);
  }
}
