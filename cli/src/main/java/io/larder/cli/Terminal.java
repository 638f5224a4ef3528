package io.larder.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Where output goes: lines that are updated in place and a little emphasis on a terminal, plain lines elsewhere. One
 * thread.
 */
final class Terminal {
  private static final String CLEAR_LINE = "\r\u001b[K";
  private static final String LINE_UP = "\u001b[A";
  private static final String BOLD = "\u001b[1m";
  private static final String RED = "\u001b[31m";
  private static final String GREEN = "\u001b[32m";
  private static final String PLAIN = "\u001b[0m";

  private final PrintStream out;
  private final boolean inPlace;
  private final boolean emphasis;
  private boolean lineOpen;

  /** Lines above the open one that are replaced with it. */
  private int linesAbove;

  Terminal(PrintStream out, boolean isTerminal, Map<String, String> environment) {
    boolean dumb = environment.getOrDefault("TERM", "dumb").equals("dumb");
    this.out = out;
    this.inPlace = isTerminal && !dumb;
    this.emphasis = inPlace && environment.getOrDefault("NO_COLOR", "").isEmpty();
  }

  /** Standard output. In UTF-8 whatever the locale, as the table has other characters than ASCII's. */
  static Terminal standard() {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    return new Terminal(out, onTerminal(), System.getenv());
  }

  /** JDK 22 to 24 return a console that is no terminal, JDK 25 returns null again; the check knows only the former. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Whether {@link #update} replaces the line before. */
  boolean updatesInPlace() {
    return inPlace;
  }

  /** Shows a line that the next one replaces. On anything but a terminal it stays. */
  void update(String line) {
    update(List.of(line));
  }

  /** Shows lines, each shorter than the terminal is wide, that the next ones replace. As {@link #update(String)}. */
  void update(List<String> lines) {
    if (inPlace) {
      out.print(cleared() + String.join("\n", lines));
      out.flush();
      lineOpen = true;
      linesAbove = lines.size() - 1;
    } else {
      lines.forEach(out::println);
    }
  }

  /** Prints a line that stays. */
  void line(String line) {
    if (lineOpen) {
      out.print(cleared());
      lineOpen = false;
      linesAbove = 0;
    }
    out.println(line);
  }

  /** What takes the lines away that are open. */
  private String cleared() {
    return CLEAR_LINE + (LINE_UP + CLEAR_LINE).repeat(linesAbove);
  }

  String bold(String text) {
    return emphasis ? BOLD + text + PLAIN : text;
  }

  String good(String text) {
    return emphasis ? GREEN + text + PLAIN : text;
  }

  String bad(String text) {
    return emphasis ? RED + text + PLAIN : text;
  }
}
