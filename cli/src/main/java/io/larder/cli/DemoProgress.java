package io.larder.cli;

/** Shows how a run of the demo goes: a bar that moves on a terminal, a line at each fifth of the run elsewhere. */
final class DemoProgress implements DemoRun.Listener {
  private static final int BAR_WIDTH = 24;
  private static final int PLAIN_STEPS = 5;

  private final Terminal terminal;
  private final String cache;
  private int stepsShown;
  private String last = "";

  DemoProgress(Terminal terminal, String cache) {
    this.terminal = terminal;
    this.cache = cache;
    if (terminal.updatesInPlace()) {
      terminal.update(line(0, "reading the JDK's image"));
    }
  }

  @Override
  public void progress(double done, long reads, long hits, long wrong) {
    String state =
        "%,d reads, hit ratio %.1f %%, %,d wrong".formatted(reads, 100.0 * hits / Math.max(1, reads), wrong);
    last = line(done, state);
    int steps = (int) (done * PLAIN_STEPS);
    if (terminal.updatesInPlace()) {
      terminal.update(last);
    } else if (steps > stepsShown) {
      stepsShown = steps;
      terminal.line(last);
    }
  }

  @Override
  public void wrong(String what) {
    terminal.line(terminal.bad(cache + " gave a wrong value: " + what));
  }

  /** Leaves the last state on the screen. */
  void end() {
    if (terminal.updatesInPlace()) {
      terminal.line(last);
    }
  }

  private String line(double done, String state) {
    int filled = (int) Math.round(done * BAR_WIDTH);
    return "%-9s %s%s %3.0f %%  %s"
        .formatted(cache, "━".repeat(filled), "╌".repeat(BAR_WIDTH - filled), 100 * done, state);
  }
}
