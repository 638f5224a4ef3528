package io.larder.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Columns of text that line up: the first and the last flush left, those between flush right. */
final class Table {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  Table(String... heads) {
    row(heads);
  }

  /** Adds a row of as many cells as there are heads. */
  void row(String... cells) {
    rows.add(List.of(cells));
  }

  /** The lines, heads first. */
  List<String> lines() {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).collect(Collectors.toList());
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = row.get(i);
      boolean left = i == 0 || i == widths.length - 1;
      String padding = " ".repeat(widths[i] - cell.length());
      line.append(i == 0 ? "" : GAP).append(left ? cell + padding : padding + cell);
    }
    return line.toString().stripTrailing();
  }
}
