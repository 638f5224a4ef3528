package io.larder.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The demo's results side by side: a row per figure, a column per cache. */
final class DemoTable {
  private final List<String> names;
  private final List<Map<Measure, Double>> columns;

  DemoTable(List<String> names, List<Map<Measure, Double>> columns) {
    this.names = names;
    this.columns = columns;
  }

  /** The lines: a heading, a rule, and the rows. */
  List<String> lines() {
    Columns lines = new Columns(names);
    add(lines, "entries", column -> count(column.get(Measure.ENTRIES)));
    add(lines, "payload (keys and values)", column -> ByteSize.format(value(column, Measure.PAYLOAD)));
    add(lines, "accounted against the budget", column -> ByteSize.format(value(column, Measure.ACCOUNTED)));
    add(lines, "held in memory for the cache", column -> ByteSize.format(value(column, Measure.HELD)));
    add(lines, "overhead per entry (all but payload)", DemoTable::overhead);
    add(lines, "process: resident", column -> ByteSize.format(value(column, Measure.RESIDENT)));
    add(lines, "process: live heap after collection", column -> ByteSize.format(value(column, Measure.LIVE_HEAP)));
    add(lines, "process: heap limit (-Xmx)", column -> ByteSize.format(value(column, Measure.HEAP_LIMIT)));
    lines.gap();
    add(lines, "reads", column -> count(column.get(Measure.READS)));
    add(lines, "writes (loads after a miss, overwrites)", column -> count(column.get(Measure.WRITES)));
    add(lines, "hit ratio", DemoTable::hitRatio);
    add(lines, "get p50", column -> time(value(column, Measure.GET_P50)));
    add(lines, "    p99", column -> time(value(column, Measure.GET_P99)));
    add(lines, "    p99.9", column -> time(value(column, Measure.GET_P999)));
    add(lines, "put p50", column -> time(value(column, Measure.PUT_P50)));
    add(lines, "    p99", column -> time(value(column, Measure.PUT_P99)));
    add(lines, "    p99.9", column -> time(value(column, Measure.PUT_P999)));
    add(lines, "allocated per get", column -> allocated(value(column, Measure.GET_ALLOCATED)));
    add(lines, "allocated per put", column -> allocated(value(column, Measure.PUT_ALLOCATED)));
    add(lines, "garbage collections, time", DemoTable::collections);
    add(lines, "values checked", column -> count(column.get(Measure.CHECKED)));
    add(lines, "values wrong", column -> count(column.get(Measure.WRONG)));
    return lines.lines();
  }

  /** How a figure is written. */
  private interface Cell {
    String of(Map<Measure, Double> column);
  }

  private void add(Columns lines, String label, Cell cell) {
    lines.row(label, columns.stream().map(cell::of).toList());
  }

  private static double value(Map<Measure, Double> column, Measure measure) {
    return column.getOrDefault(measure, Double.NaN);
  }

  private static String count(@Nullable Double number) {
    return number == null ? "-" : "%,.0f".formatted(number);
  }

  private static String overhead(Map<Measure, Double> column) {
    double extra = value(column, Measure.HELD) - value(column, Measure.PAYLOAD);
    return "%,.0f B".formatted(extra / Math.max(1, value(column, Measure.ENTRIES)));
  }

  private static String hitRatio(Map<Measure, Double> column) {
    return "%.1f %%".formatted(100 * value(column, Measure.HITS) / Math.max(1, value(column, Measure.READS)));
  }

  private static String collections(Map<Measure, Double> column) {
    return "%.0f, %.0f ms".formatted(value(column, Measure.GC_COUNT), value(column, Measure.GC_MILLIS));
  }

  private static String allocated(double bytes) {
    return "%,.1f B".formatted(bytes);
  }

  static String time(double nanos) {
    if (nanos < 1_000) {
      return "%.0f ns".formatted(nanos);
    }
    return nanos < 1_000_000 ? "%.1f µs".formatted(nanos / 1_000) : "%.1f ms".formatted(nanos / 1_000_000);
  }
}
