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
  private final boolean tiers;
  private final TortureCrew crew;
  private final SplittableRandom random;
  private final Terminal terminal;
  private final TortureTally tally = new TortureTally();
  private long begin;
  private long shown;

  /**
   * A run on files of a size.
   *
   * @param tiers whether each worker has files of its own, as second tiers
   */
  TortureRun(
      ScratchFiles files, long bytes, boolean tiers, TortureCrew crew, SplittableRandom random, Terminal terminal) {
    this.files = files;
    this.bytes = bytes;
    this.tiers = tiers;
    this.crew = crew;
    this.random = random;
    this.terminal = terminal;
  }

  /**
   * Runs for so many seconds, the checks not counted.
   *
   * @param named whether the user has named the file: it is looked into before it is used, if it is a shared one
   */
  TortureTally run(int processes, int seconds, boolean named) throws IOException, InterruptedException {
    TortureJudge roomy;
    TortureJudge tight;
    if (tiers) {
      roomy = new TortureTierInspector(TorturePlan.roomyTiers(files.roomy(), bytes, processes), processes, tally);
      tight = new TortureTierInspector(TorturePlan.tightTiers(files.tight(), processes), processes, tally);
    } else {
      TortureInspector shared = new TortureInspector(TorturePlan.roomy(files.roomy(), bytes, processes), tally);
      if (named) {
        shared.take();
      }
      roomy = shared;
      tight = new TortureInspector(TorturePlan.tight(files.tight(), bytes, processes), tally);
    }
    return run(roomy, tight, processes, seconds);
  }

  private TortureTally run(TortureJudge roomy, TortureJudge tight, int processes, int seconds)
      throws IOException, InterruptedException {
    if (seconds >= TRAINED_SECONDS_MIN) {
      terminal.update("preparing the workers' start ...");
      crew.train(tiers);
    }
    begin = System.nanoTime();
    shown = begin;
    for (int round = 0; round < TortureCommand.rounds(seconds); round++) {
      TortureJudge judge = TortureCommand.isTight(round) ? tight : roomy;
      TortureRound run =
          new TortureRound(judge.plan(), crew, tally, random, judge.repairs(), () -> progress(false));
      judge.judge(run.run(processes, TortureCommand.roundMillis(seconds)));
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
