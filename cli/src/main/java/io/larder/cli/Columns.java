package io.larder.cli;

import java.util.ArrayList;
import java.util.List;

/** A table in text: a label at the left of each row, and right-aligned columns under their names. */
final class Columns {
  private static final int LABEL_WIDTH = 40;
  private static final int COLUMN_WIDTH = 14;

  private final List<String> lines = new ArrayList<>();

  /** With a heading and a rule. */
  Columns(List<String> names) {
    row("", names);
    lines.add("─".repeat(LABEL_WIDTH + COLUMN_WIDTH * names.size()));
  }

  void row(String label, List<String> cells) {
    StringBuilder line = new StringBuilder(label).append(" ".repeat(LABEL_WIDTH - label.length()));
    cells.forEach(cell -> line.append(" ".repeat(Math.max(1, COLUMN_WIDTH - cell.length()))).append(cell));
    lines.add(line.toString());
  }

  /** An empty line. */
  void gap() {
    lines.add("");
  }

  List<String> lines() {
    return List.copyOf(lines);
  }
}
