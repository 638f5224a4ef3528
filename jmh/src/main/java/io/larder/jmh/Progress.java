package io.larder.jmh;

import java.io.Console;
import java.io.PrintStream;

/** Says on standard error what is running: one line updated in place on a terminal, a line per case elsewhere. */
final class Progress {
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean inPlace;
  private String current = "";

  Progress(PrintStream out) {
    this.out = out;
    this.inPlace = onTerminal();
  }

  /** JDK 22 to 24 return a console that is no terminal, JDK 25 returns null again; the check knows only the former. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  void begin(String what) {
    current = what;
    if (inPlace) {
      out.print(CLEAR_LINE + what + " ...");
      out.flush();
    }
  }

  void end(String result) {
    if (inPlace) {
      out.print(CLEAR_LINE);
      out.flush();
    } else {
      out.println(current + ": " + result);
    }
  }
}
