package io.larder.cli;

import io.larder.cli.DemoTiersLog.Pauses;
import io.larder.cli.TieredContender.Latency;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** The results of {@code demo tiers} side by side: a row for each figure, a column for each run. */
final class DemoTiersTable {
  private static final String NONE = "-";

  private final List<DemoTiersLog> columns;
  private final long warmupMillis;
  private final Columns lines;

  DemoTiersTable(List<String> names, List<DemoTiersLog> columns, long warmupMillis) {
    this.columns = columns;
    this.warmupMillis = warmupMillis;
    this.lines = new Columns(names);
  }

  /** The lines: a heading, a rule, and the rows. */
  List<String> lines() {
    addReads();
    lines.gap();
    add("get, all: p50", log -> time(log, Measure.GET_P50));
    add("    p99", log -> time(log, Measure.GET_P99));
    add("    p99.9", log -> time(log, Measure.GET_P999));
    add("put: p50", log -> time(log, Measure.PUT_P50));
    add("    p99", log -> time(log, Measure.PUT_P99));
    add("    p99.9", log -> time(log, Measure.PUT_P999));
    for (Place place : Place.values()) {
      add(place.label() + ": p50", log -> time(log, place, Latency::p50Nanos));
      add("    p99", log -> time(log, place, Latency::p99Nanos));
      add("    p99.9", log -> time(log, place, Latency::p999Nanos));
    }
    lines.gap();
    addMoves();
    lines.gap();
    add("GC pauses, together", this::pauses);
    add("    the longest", log -> DemoTable.time((double) log.pausesFrom(warmupMillis).longestNanos()));
    add("values checked", log -> "%,d".formatted(log.checked()));
    add("values wrong", log -> "%,d".formatted(log.wrong()));
    return lines.lines();
  }

  private void addReads() {
    add("reads per second", DemoTiersTable::readsPerSecond);
    add("hit ratio", log -> "%.1f %%".formatted(100 - percent(log, Place.NOWHERE)));
    for (Place place : Place.values()) {
      add("    " + place.label(), log -> count(log, place) == 0 ? NONE : "%.1f %%".formatted(percent(log, place)));
    }
    add("entries in memory", log -> "%,d".formatted(log.last().get(TierGauge.MEMORY_ENTRIES)));
    addOfFile("entries in the file", log -> "%,d".formatted(log.last().get(TierGauge.FILE_ENTRIES)));
    addOfFile("bytes in the file", log -> bytes(log, TierGauge.FILE_USED));
  }

  private void addMoves() {
    addOfFile("promoted, since the start", log -> "%,d".formatted(log.last().get(TierGauge.PROMOTIONS)));
    addOfFile("demoted: written to the file", log -> "%,d".formatted(log.last().get(TierGauge.DEMOTIONS)));
    addOfFile("    bytes, keys and values", log -> bytes(log, TierGauge.DEMOTED_BYTES));
    addOfFile("    bytes as they were written", log -> bytes(log, TierGauge.WRITTEN_BYTES));
    addOfFile("    write amplification", DemoTiersTable::amplification);
    addOfFile("evicted: there already, so not written", log -> "%,d".formatted(log.last().get(TierGauge.CLEAN_SKIPS)));
    addOfFile("    overwritten meanwhile", log -> "%,d".formatted(log.last().get(TierGauge.SUPERSEDED)));
    addOfFile("    dropped", log -> "%,d".formatted(log.last().get(TierGauge.DROPPED)));
  }

  private void add(String label, Function<DemoTiersLog, String> cell) {
    lines.row(label, columns.stream().map(cell).toList());
  }

  private void addOfFile(String label, Function<DemoTiersLog, String> cell) {
    add(label, log -> log.last().get(TierGauge.FILE_USED) == 0 ? NONE : cell.apply(log));
  }

  private static long count(DemoTiersLog log, Place place) {
    Latency latency = log.latency(place);
    return latency == null ? 0 : latency.count();
  }

  private static double percent(DemoTiersLog log, Place place) {
    long all = 0;
    for (Place each : Place.values()) {
      all += count(log, each);
    }
    return 100.0 * count(log, place) / Math.max(1, all);
  }

  private static String readsPerSecond(DemoTiersLog log) {
    double seconds = log.results().getOrDefault(Measure.SECONDS, Double.NaN);
    return "%,.0f".formatted(log.results().getOrDefault(Measure.READS, 0.0) / seconds);
  }

  private static String time(DemoTiersLog log, Measure measure) {
    return DemoTable.time(log.results().getOrDefault(measure, Double.NaN));
  }

  private static String time(DemoTiersLog log, Place place, ToLongFunction<Latency> nanos) {
    Latency latency = log.latency(place);
    return latency == null || latency.count() == 0 ? NONE : DemoTable.time((double) nanos.applyAsLong(latency));
  }

  private static String bytes(DemoTiersLog log, TierGauge gauge) {
    return ByteSize.format((double) log.last().get(gauge));
  }

  private static String amplification(DemoTiersLog log) {
    long demoted = log.last().get(TierGauge.DEMOTED_BYTES);
    return demoted == 0 ? NONE : "%.2f".formatted((double) log.last().get(TierGauge.WRITTEN_BYTES) / demoted);
  }

  private String pauses(DemoTiersLog log) {
    Pauses pauses = log.pausesFrom(warmupMillis);
    return "%,d, %s".formatted(pauses.count(), DemoTable.time((double) pauses.totalNanos()));
  }
}
