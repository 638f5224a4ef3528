package io.larder.cli;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** The rounds of a run, on one file or the other, each judged when it has ended. */
final class TortureRun {
  private static final long TERMINAL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long PLAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Below this, starting workers fast costs more than it gains. */
  private static final int TRAINED_SECONDS_MIN = 15;

  private final ScratchFiles files;
  private final long bytes;
  private final TortureCrew crew;
  private final SplittableRandom random;
  private final Terminal terminal;
  private final TortureTally tally = new TortureTally();
  private long begin;
  private long shown;

  TortureRun(ScratchFiles files, long bytes, TortureCrew crew, SplittableRandom random, Terminal terminal) {
    this.files = files;
    this.bytes = bytes;
    this.crew = crew;
    this.random = random;
    this.terminal = terminal;
  }

  /**
   * Runs for so many seconds, the checks not counted.
   *
   * @param named whether the user has named the file: it is looked into before it is used
   */
  TortureTally run(int processes, int seconds, boolean named) throws IOException, InterruptedException {
    TorturePlan roomyPlan = TorturePlan.roomy(files.roomy(), bytes, processes);
    TorturePlan tightPlan = TorturePlan.tight(files.tight(), bytes, processes);
    TortureInspector roomy = new TortureInspector(roomyPlan, tally);
    TortureInspector tight = new TortureInspector(tightPlan, tally);
    if (named) {
      roomy.take();
    }
    if (seconds >= TRAINED_SECONDS_MIN) {
      terminal.update("preparing the workers' start ...");
      crew.train();
    }
    begin = System.nanoTime();
    shown = begin;
    for (int round = 0; round < TortureCommand.rounds(seconds); round++) {
      boolean isTight = TortureCommand.isTight(round);
      TorturePlan plan = isTight ? tightPlan : roomyPlan;
      TortureInspector inspector = isTight ? tight : roomy;
      TortureRound run = new TortureRound(plan, crew, tally, random, inspector.repairs(), () -> progress(false));
      inspector.judge(run.run(processes, TortureCommand.roundMillis(seconds)));
      tally.repairs = roomy.repairs().plus(tight.repairs());
      tally.news().forEach(finding -> terminal.line(terminal.bad(finding)));
      if (tally.failures > 0) {
        break;
      }
    }
    progress(true);
    return tally;
  }

  private void progress(boolean last) {
    long now = System.nanoTime();
    long pause = terminal.updatesInPlace() ? TERMINAL_NANOS : PLAIN_NANOS;
    if (last || now - shown >= pause) {
      shown = now;
      String state =
          "%d s: %d kills, %d stops, %,d operations checked; torn %d, lost %d, stale %d, stuck %d"
              .formatted(
                  TimeUnit.NANOSECONDS.toSeconds(now - begin), tally.kills, tally.stops, tally.operations, tally.torn,
                  tally.lost, tally.stale, tally.stuck);
      if (last) {
        terminal.line(state);
      } else {
        terminal.update(state);
      }
    }
  }
}
