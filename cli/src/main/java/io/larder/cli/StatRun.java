package io.larder.cli;

import io.larder.engine.StoreStats;
import io.larder.mmap.AttachmentReport;
import io.larder.mmap.AttachmentReport.Counts;
import io.larder.mmap.AttachmentReport.Life;
import io.larder.mmap.ReadOnlyRegion;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Prints what goes on in a file, a line for each interval. */
final class StatRun {
  static final String HEADING =
      "   entries     payload    puts/s removals/s evicted/s expired/s    hits/s  misses/s   loads/s repairs alive";

  /** Of the tier of a cache, where puts are demotions. */
  static final String TIER_HEADING =
      "   entries     payload demoted/s discards/s evicted/s expired/s    hits/s  misses/s"
          + " promoted/s skipped/s dropped/s alive";

  private static final double NANOS_PER_SECOND = 1e9;

  private final ReadOnlyRegion region;
  private final Terminal terminal;
  private final boolean tier;

  StatRun(ReadOnlyRegion region, Terminal terminal) {
    this.region = region;
    this.terminal = terminal;
    this.tier = region.describe().tier();
  }

  /** What the counters are at a moment. */
  private record Sample(long nanos, StoreStats store, long repairs, Map<Long, Counts> told, long alive) {}

  /** Prints so many lines, 0 for without end. */
  void run(Duration interval, long count) throws InterruptedException {
    missRatios().ifPresent(terminal::line);
    terminal.line(terminal.bold(tier ? TIER_HEADING : HEADING));
    Sample before = sample();
    String last = "";
    for (long line = 0; count == 0 || line < count; line++) {
      Thread.sleep(interval);
      Sample now = sample();
      last = line(before, now);
      terminal.update(last);
      before = now;
    }
    if (terminal.updatesInPlace()) {
      terminal.line(last);
    }
  }

  /** What other sizes would miss, if that is known. */
  private Optional<String> missRatios() {
    double[] factors = {0.5, 1, 2, 4};
    double[] ratios = region.store().missRatios(factors);
    return Double.isNaN(ratios[0])
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "miss ratio, estimated for LRU: half the size %.1f %%, this %.1f %%, twice %.1f %%, four times %.1f %%",
                100 * ratios[0],
                100 * ratios[1],
                100 * ratios[2],
                100 * ratios[3]));
  }

  private Sample sample() {
    List<AttachmentReport> attachments = region.attachments();
    Map<Long, Counts> told = new HashMap<>();
    attachments.forEach(one -> told.put(one.token(), one.counts()));
    long alive = attachments.stream().filter(one -> one.life() == Life.ALIVE).count();
    return new Sample(System.nanoTime(), region.store().stats(), region.store().repairs(), told, alive);
  }

  private String line(Sample before, Sample now) {
    double seconds = Math.max(1, now.nanos - before.nanos) / NANOS_PER_SECOND;
    StoreStats a = before.store;
    StoreStats b = now.store;
    Counts told = Counts.NONE;
    for (Map.Entry<Long, Counts> one : now.told.entrySet()) {
      told = told.plus(one.getValue().since(before.told.getOrDefault(one.getKey(), Counts.NONE)));
    }
    String common =
        String.format(
            Locale.ROOT,
            "%,10d %11s %9.0f %10.0f %9.0f %9.0f %9.0f %9.0f",
            b.entries(),
            ByteSize.format((double) b.payloadBytes()),
            (b.puts() - a.puts()) / seconds,
            (b.removals() - a.removals()) / seconds,
            (b.evictions() - a.evictions()) / seconds,
            (b.expirations() - a.expirations()) / seconds,
            told.hits() / seconds,
            told.misses() / seconds);
    return tier
        ? String.format(
            Locale.ROOT,
            "%s %10.0f %9.0f %9.0f %5d",
            common,
            told.promotions() / seconds,
            told.cleanSkips() / seconds,
            told.dropped() / seconds,
            now.alive)
        : String.format(
            Locale.ROOT, "%s %9.0f %7d %5d", common, told.loads() / seconds, now.repairs, now.alive);
  }
}
