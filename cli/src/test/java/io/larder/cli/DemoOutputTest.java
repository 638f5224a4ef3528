package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoOutputTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Terminal terminal(boolean isTerminal, Map<String, String> environment) {
    return new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), isTerminal, environment);
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void updatesALineInPlaceOnATerminal() {
    Terminal terminal = terminal(true, Map.of("TERM", "xterm"));
    terminal.update("10 %");
    terminal.update("20 %");
    terminal.line(terminal.bold("done"));

    assertThat(printed()).isEqualTo("\r\u001b[K10 %\r\u001b[K20 %\r\u001b[K\u001b[1mdone\u001b[0m\n");
  }

  @Test
  void updatesLinesInPlaceOnATerminal() {
    Terminal terminal = terminal(true, Map.of("TERM", "xterm"));
    terminal.update(List.of("a 1", "b 1", "c 1"));
    terminal.update(List.of("a 2", "b 2"));
    terminal.line("done");
    terminal.line("end");

    String up = "\u001b[A\r\u001b[K";
    assertThat(printed())
        .isEqualTo("\r\u001b[Ka 1\nb 1\nc 1\r\u001b[K" + up + up + "a 2\nb 2\r\u001b[K" + up + "done\nend\n");
  }

  @Test
  void usesNoColourWhereItIsNotWanted() {
    Terminal terminal = terminal(true, Map.of("TERM", "xterm", "NO_COLOR", "1"));
    terminal.line(terminal.bad("failed") + terminal.good("ok") + terminal.bold("title"));

    assertThat(printed()).isEqualTo("failedoktitle\n");
  }

  @Test
  void printsPlainLinesIntoAPipe() {
    Terminal terminal = terminal(false, Map.of("TERM", "xterm"));
    DemoProgress progress = new DemoProgress(terminal, "larder");
    for (int i = 1; i <= 100; i++) {
      progress.progress(i / 100.0, 1_000L * i, 900L * i, 0);
    }
    progress.end();

    assertThat(printed().lines()).hasSize(5).allMatch(line -> line.contains("hit ratio 90.0 %"));
    assertThat(printed()).doesNotContain("\u001b", "\r");
  }

  @Test
  void tableFits100Columns() {
    assertThat(new DemoTable(List.of("Larder", "Caffeine"), List.of(column(0), column(0))).lines())
        .allMatch(line -> line.length() <= 100)
        .anyMatch(line -> line.startsWith("hit ratio"));
  }

  @Test
  void failsWhenAValueWasWrong() {
    Terminal terminal = terminal(false, Map.of());

    assertThat(DemoCommand.report(terminal, List.of("Larder"), List.of(column(0)))).isZero();
    assertThat(printed()).contains("ok: 987,654,321,000 values read");
    assertThat(DemoCommand.report(terminal, List.of("Larder", "Caffeine"), List.of(column(1), column(0)))).isEqualTo(1);
    assertThat(printed()).contains("FAILED: 1 of");
  }

  private static Map<Measure, Double> column(double wrong) {
    Map<Measure, Double> column = new EnumMap<>(Measure.class);
    for (Measure measure : Measure.values()) {
      column.put(measure, 987_654_321_000.0);
    }
    column.put(Measure.WRONG, wrong);
    return column;
  }
}
