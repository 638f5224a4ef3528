package io.larder;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.IdleStrategy;
import org.jspecify.annotations.Nullable;

/**
 * The one background thread of a cache: ticks its clock, has the store expire and tidy up in bounded rounds, and
 * tells of removals.
 *
 * <p>It ends the cache too: whoever closes it, the last round and the release of the memory are done here, after
 * all else that this thread does.
 */
final class Maintenance implements Agent, IdleStrategy {
  /** While something may expire, and as long as there was work lately. */
  private static final long SHORT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** After so many rounds without work it is asked whether anybody reads; while nobody does there is no tick. */
  private static final int QUIET_ROUNDS = 64;

  /** The pause doubles up to this while nothing happens. */
  private static final long LONG_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(32);

  /** Others learn so often what this process counts. */
  private static final long PUBLISH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int CLOSE_PATIENCE_MILLIS = 5_000;

  private final Core core;
  private final @Nullable TickingClock clock;
  private final @Nullable Removals<?, ?> removals;
  private final AgentRunner runner;

  private boolean ticking;
  private long pauseNanos = SHORT_PAUSE_NANOS;
  private int quietRounds;
  private long readsSeen;
  private long failures;
  private long publishedNanos = System.nanoTime() - PUBLISH_NANOS;

  /** Apart, so that it is this thread that waits for the loggers to start, and not the one that builds the cache. */
  private static final class Log {
    static final Logger LOG = System.getLogger(Maintenance.class.getPackageName());
  }

  Maintenance(Core core, @Nullable TickingClock clock, @Nullable Removals<?, ?> removals) {
    this.core = core;
    this.clock = clock;
    this.removals = removals;
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

  /** Ends the thread after the round that it is in, and waits until it has ended, unless that is the calling thread. */
  void stop() {
    Thread thread = runner.thread();
    if (!Thread.currentThread().equals(thread)) {
      LockSupport.unpark(thread);
      runner.close(
          CLOSE_PATIENCE_MILLIS,
          same -> Log.LOG.log(Level.WARNING, "{0}: still waiting for the removal listener to return", roleName()));
    }
  }

  @Override
  public void onStart() {
    if (core.settings().sharedFile() != null) {
      Log.LOG.log(Level.DEBUG, "{0}", core.settings());
    }
  }

  @Override
  public String roleName() {
    return "larder-" + core.settings().name();
  }

  @Override
  public int doWork() {
    if (core.isClosed()) {
      throw new AgentTerminationException("closed");
    }
    if (clock != null) {
      ticking = clock.tick();
    }
    if (System.nanoTime() - publishedNanos >= PUBLISH_NANOS) {
      publishedNanos = System.nanoTime();
      core.publishCounts();
    }
    int work = core.maintain();
    if (removals != null && removals.isAnyWaiting()) {
      if (clock != null) {
        clock.pause();
      }
      removals.dispatch();
      work++;
    }
    return work;
  }

  @Override
  public void onClose() {
    if (clock != null) {
      clock.pause();
    }
    if (removals != null) {
      removals.tellTheRest();
    }
    core.releaseMemory();
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
    if (ticking && clock != null && isQuiet()) {
      // Whoever reads now asks the system for the time.
      clock.pause();
      ticking = false;
    }
    LockSupport.parkNanos(ticking ? SHORT_PAUSE_NANOS : pauseNanos);
    pauseNanos = Math.min(pauseNanos * 2, LONG_PAUSE_NANOS);
  }

  /** Whether there has been no work for some time, and nobody has read since this was asked first. */
  private boolean isQuiet() {
    if (++quietRounds < QUIET_ROUNDS) {
      return false;
    }
    long reads = core.reads();
    if (reads != readsSeen) {
      readsSeen = reads;
      reset();
      return false;
    }
    return true;
  }

  @Override
  public void reset() {
    pauseNanos = SHORT_PAUSE_NANOS;
    quietRounds = 0;
  }

  /** The first failure, and then ever fewer: the rounds go on, and the log must not fill. */
  private void logFailure(Throwable failure) {
    if (!(failure instanceof AgentTerminationException) && Long.bitCount(++failures) == 1) {
      Log.LOG.log(Level.ERROR, roleName() + ": maintenance failed, " + failures + " times so far", failure);
    }
  }
}
