package io.larder.jmh;

import static io.larder.jmh.Contender.CAFFEINE;
import static io.larder.jmh.Contender.LARDER;

import io.larder.jmh.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/** The tables of hit ratios: one for each trace and kind of capacity. */
final class RatioTables {
  private RatioTables() {}

  /** All contenders at the same numbers of entries. */
  static List<String> byEntries(Trace trace, List<RatioCase> cases) {
    List<String> heads = new ArrayList<>(List.of("of keys", "entries"));
    for (Contender contender : Contender.values()) {
      heads.add(contender.label());
    }
    heads.addAll(List.of("larder−caffeine", "larder−best", ""));
    Table table = new Table(heads.toArray(String[]::new));
    for (RatioCase played : cases) {
      table.row(row(played));
    }
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        "%s: %,d requests for %,d keys; hit ratio in %%, differences in points"
            .formatted(trace.name(), trace.requestCount(), trace.keyCount()));
    lines.addAll(table.lines());
    return lines;
  }

  private static String[] row(RatioCase played) {
    List<String> cells = new ArrayList<>();
    cells.add(Capacity.percent(played.percent()) + " %");
    cells.add("%,d".formatted(played.capacity()));
    for (Contender contender : Contender.values()) {
      cells.add("%.2f".formatted(played.hitPercent(contender)));
    }
    boolean fair = !played.exceeded();
    cells.add(fair ? "%+.2f".formatted(played.overCaffeine()) : "-");
    cells.add(fair ? "%+.2f".formatted(-played.distance(LARDER)) : "-");
    cells.add(fair ? "" : "larder holds %,.0f entries".formatted(played.entries(LARDER)));
    return cells.toArray(String[]::new);
  }

  /** Larder and Caffeine at the same bytes. */
  static List<String> byBytes(Trace trace, List<RatioCase> cases, List<String> tooSmall) {
    Table table =
        new Table(
            "of bytes", "KiB", "larder", "caffeine", "difference", "bytes: larder", "caffeine", "difference",
            "entries: larder", "caffeine", "");
    for (RatioCase played : cases) {
      table.row(
          Capacity.percent(played.percent()) + " %",
          "%,d".formatted(played.capacity() >> 10),
          "%.2f".formatted(played.hitPercent(LARDER)),
          "%.2f".formatted(played.hitPercent(CAFFEINE)),
          "%+.2f".formatted(played.overCaffeine()),
          "%.2f".formatted(played.bytePercent(LARDER)),
          "%.2f".formatted(played.bytePercent(CAFFEINE)),
          "%+.2f".formatted(played.bytePercent(LARDER) - played.bytePercent(CAFFEINE)),
          "%,.0f".formatted(played.entries(LARDER)),
          "%,.0f".formatted(played.entries(CAFFEINE)),
          "");
    }
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        "%s by bytes, %,d KiB in all: share of requests, and of bytes, that hit, in %%"
            .formatted(trace.name(), trace.footprintBytes() >> 10));
    lines.addAll(table.lines());
    if (!tooSmall.isEmpty()) {
      lines.add("left out, since no Larder is smaller than 1 MiB: " + String.join(", ", tooSmall));
    }
    return lines;
  }
}
