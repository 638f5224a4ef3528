package io.larder;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.IdleStrategy;

/**
 * The thread that demotes, and looks after the second tier. It is not the one that maintains the memory, as it may wait
 * for a disk.
 *
 * <p>It ends with the cache: what waits is written then, and all that the memory has, if that is wanted.
 */
final class TierAgent implements Agent, IdleStrategy {
  /** How many entries it demotes before it looks after the tier. */
  private static final int PER_ROUND = 256;

  private static final long SHORT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONG_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(32);

  /** How often the tier hears what is counted about it. */
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How often the tier is looked after while there is much to demote. */
  private static final long MAINTAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Then it would be interrupted, which a file does not take well. */
  private static final int CLOSE_PATIENCE_MILLIS = 3_600_000;

  private static final Logger LOG = System.getLogger(TierAgent.class.getPackageName());

  private final Core core;
  private final Tiers tiers;
  private final AgentRunner runner;
  private long pauseNanos = SHORT_PAUSE_NANOS;
  private long maintained = System.nanoTime();
  private long told = System.nanoTime() - TELL_NANOS;
  private long failures;

  TierAgent(Core core, Tiers tiers) {
    this.core = core;
    this.tiers = tiers;
    this.runner = new AgentRunner(this, this::logFailure, null, this);
  }

  void start() {
    AgentRunner.startOnThread(
        runner,
        task -> {
          Thread thread = new Thread(task);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Waits until the thread has ended, which it does when the cache is closing. */
  void stop() {
    runner.close(
        CLOSE_PATIENCE_MILLIS, same -> LOG.log(Level.INFO, "{0}: still writing what is in memory", roleName()));
  }

  @Override
  public String roleName() {
    return "larder-" + core.settings().name() + "-tier";
  }

  @Override
  public int doWork() {
    if (core.isClosing()) {
      throw new AgentTerminationException("closed");
    }
    int work = tiers.demote(PER_ROUND);
    long now = System.nanoTime();
    if (work < PER_ROUND || now - maintained >= MAINTAIN_NANOS) {
      maintained = now;
      work += tiers.below().maintain();
    }
    if (now - told >= TELL_NANOS) {
      told = now;
      tiers.below().tell(tiers.stats());
    }
    return work;
  }

  @Override
  public void onClose() {
    try {
      tiers.demoteAll();
      core.flushToTier();
    } finally {
      tiers.closeBelow();
    }
  }

  @Override
  public void idle(int workCount) {
    if (workCount > 0) {
      reset();
    } else {
      idle();
    }
  }

  @Override
  public void idle() {
    tiers.buffer().sleep(pauseNanos);
    pauseNanos = Math.min(pauseNanos * 2, LONG_PAUSE_NANOS);
  }

  @Override
  public void reset() {
    pauseNanos = SHORT_PAUSE_NANOS;
  }

  /** The first failure, and then ever fewer: the rounds go on, and the log must not fill. */
  private void logFailure(Throwable failure) {
    if (!(failure instanceof AgentTerminationException) && Long.bitCount(++failures) == 1) {
      LOG.log(Level.ERROR, roleName() + ": demotion failed, " + failures + " times so far", failure);
    }
  }
}
