package io.larder.jmh.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The table that the README has: Larder's time over that of each peer, of a get and of a put. */
public final class Summary {
  private static final String LARDER = "larder";
  private static final List<String> BENCHES = List.of("get", "put");
  private static final List<Integer> SIZES = List.of(1_000, 2_000_000);

  /** The peers in the table, as they are called in results and in the table. */
  private static final List<Map.Entry<String, String>> PEERS =
      List.of(
          Map.entry("chm", "`ConcurrentHashMap` + copy"),
          Map.entry("caffeine", "Caffeine + copy"),
          Map.entry("ohc", "OHC"),
          Map.entry("chronicle", "Chronicle Map"),
          Map.entry("ehcache", "Ehcache off-heap"));

  private static final String UNKNOWN = "-";

  private Summary() {}

  /** Heads and rows, made from the newest results in the folder of a report. */
  static List<List<String>> rows(List<Result> results) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("larder ÷", "get, 1,000 entries", "get, 2 M", "put, 1,000", "put, 2 M"));
    for (Map.Entry<String, String> peer : PEERS) {
      List<String> row = new ArrayList<>(List.of(peer.getValue()));
      for (String bench : BENCHES) {
        for (int entries : SIZES) {
          row.add(ratio(results, bench, entries, peer.getKey()));
        }
      }
      rows.add(List.copyOf(row));
    }
    return List.copyOf(rows);
  }

  private static String ratio(List<Result> results, String bench, int entries, String peer) {
    List<Measured> cases =
        results.stream()
            .filter(result -> result.bench().equals(bench))
            .flatMap(result -> Measured.of(result).stream())
            .filter(each -> each.method().equals(bench) && each.entries() == entries && each.threads() == 1)
            .toList();
    Optional<Measured> larder = of(cases, LARDER);
    Optional<Measured> other = of(cases, peer);
    if (larder.isEmpty() || other.isEmpty()) {
      return UNKNOWN;
    }
    List<Double> rounds = larder.get().ratios(other.get());
    return String.format(
        Locale.ROOT,
        "%.2f (%.2f to %.2f)",
        larder.get().nanos() / other.get().nanos(),
        Collections.min(rounds),
        Collections.max(rounds));
  }

  private static Optional<Measured> of(List<Measured> cases, String implementation) {
    return cases.stream().filter(each -> each.implementation().equals(implementation)).findFirst();
  }

  /** As lines of Markdown: the first column flush left, the others flush right. */
  static List<String> markdown(List<List<String>> rows) {
    List<String> lines = new ArrayList<>();
    lines.add(line(rows.getFirst()));
    lines.add("|---|" + "--:|".repeat(rows.getFirst().size() - 1));
    rows.subList(1, rows.size()).forEach(row -> lines.add(line(row)));
    return lines;
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }
}
