package io.larder.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stretch of a run: workers on one file, killed and stopped at random instants and replaced at once; at its end all
 * are asked to end.
 *
 * <p>A worker that has been in one operation for long is not killed: whatever holds it up must come to an end, or be
 * seen.
 */
final class TortureRound {
  /** Hears how the round goes. */
  @FunctionalInterface
  interface Listener {
    void tick();
  }

  private static final long TICK_MILLIS = 10;
  private static final int KILL_MILLIS_MIN = 20;
  private static final int KILL_MILLIS_MAX = 300;
  private static final int STOP_MILLIS_MIN = 500;
  private static final int STOP_MILLIS_MAX = 2_500;
  private static final int STOPPED_MILLIS_MIN = 10;
  private static final int STOPPED_MILLIS_MAX = 400;
  private static final int ANY_OF = 8;
  private static final int VICTIM_MILLIS_MAX = 200;
  private static final long SPARED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long END_MILLIS = 30_000;
  private static final int FAILURES_MAX = 3;

  /** A round in which less was done is extended, and in the end fails: it would pass whatever the store does. */
  private static final long OPERATIONS_MIN = 2_000;

  private static final long EXTENSION_MILLIS = 60_000;

  private final TorturePlan plan;
  private final TortureCrew crew;
  private final TortureTally tally;
  private final SplittableRandom random;
  private final TortureRepairs repairs;
  private final Listener listener;
  private final List<TortureProcess> workers = new ArrayList<>();
  private final List<TortureHistory> histories = new ArrayList<>();
  private long nextKill;
  private long victimNanos;
  private long nextStop;
  private long resumeAt;
  private TortureRepairs.@Nullable Watch watch;

  TortureRound(
      TorturePlan plan,
      TortureCrew crew,
      TortureTally tally,
      SplittableRandom random,
      TortureRepairs repairs,
      Listener listener) {
    this.plan = plan;
    this.crew = crew;
    this.tally = tally;
    this.random = random;
    this.repairs = repairs;
    this.listener = listener;
  }

  /** Runs it; returns what the workers did. */
  List<TortureHistory> run(int processes, long millis) throws IOException, InterruptedException {
    for (int worker = 0; worker < processes; worker++) {
      workers.add(crew.start(plan, worker));
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    scheduleKill();
    nextStop = later(STOP_MILLIS_MIN, STOP_MILLIS_MAX);
    long failuresBefore = tally.failures;
    long latest = end + TimeUnit.MILLISECONDS.toNanos(EXTENSION_MILLIS);
    while ((System.nanoTime() < end || (operations() < OPERATIONS_MIN && System.nanoTime() < latest))
        && tally.failures - failuresBefore < FAILURES_MAX) {
      Thread.sleep(TICK_MILLIS);
      tick();
      listener.tick();
    }
    resumeAll();
    endWatch();
    endAll();
    if (operations() < OPERATIONS_MIN && tally.failures == failuresBefore) {
      tally.failure(
          "only " + operations() + " operations in a round, which shows nothing; the machine is too busy, or the file"
              + " too slow");
    }
    return histories;
  }

  private long operations() {
    long sum = 0;
    for (TortureHistory history : histories) {
      sum += history.operations().size();
    }
    for (TortureProcess worker : workers) {
      sum += worker.operations();
    }
    return sum;
  }

  private long later(int millisMin, int millisMax) {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(millisMin, millisMax));
  }

  private void tick() throws IOException, InterruptedException {
    for (int i = 0; i < workers.size(); i++) {
      TortureProcess worker = workers.get(i);
      worker.poll();
      if (!worker.isAlive()) {
        note(worker, worker.exitCode());
        workers.set(i, crew.start(plan, worker.worker()));
      }
    }
    if (watch == null && !plan.hasTiers() && workers.stream().anyMatch(worker -> worker.workingNanos() > 0)) {
      watch = new TortureRepairs.Watch(plan, repairs);
    }
    long now = System.nanoTime();
    if (now >= nextKill && kill()) {
      if (watch != null) {
        watch.look();
      }
      scheduleKill();
    }
    if (resumeAt != 0 && now >= resumeAt) {
      resumeAll();
      nextStop = later(STOP_MILLIS_MIN, STOP_MILLIS_MAX);
    } else if (resumeAt == 0 && now >= nextStop) {
      stopOne();
    }
  }

  private void scheduleKill() {
    nextKill = later(KILL_MILLIS_MIN, KILL_MILLIS_MAX);
    victimNanos = random.nextInt(ANY_OF) == 0 ? 0 : TimeUnit.MILLISECONDS.toNanos(random.nextInt(1, VICTIM_MILLIS_MAX));
  }

  /**
   * Kills one that has worked for a while, long or short, and now and then one that may still be starting; false when
   * there is none.
   */
  private boolean kill() throws IOException, InterruptedException {
    List<Integer> candidates = new ArrayList<>();
    for (int i = 0; i < workers.size(); i++) {
      TortureProcess worker = workers.get(i);
      if (worker.workingNanos() >= victimNanos && worker.pendingNanos() < SPARED_NANOS) {
        candidates.add(i);
      }
    }
    if (candidates.isEmpty()) {
      return false;
    }
    int chosen = candidates.get(random.nextInt(candidates.size()));
    TortureProcess worker = workers.get(chosen);
    worker.kill();
    tally.kills++;
    workers.set(chosen, crew.start(plan, worker.worker()));
    note(worker, 0);
    return true;
  }

  private void stopOne() throws InterruptedException {
    TortureProcess worker = workers.get(random.nextInt(workers.size()));
    if (worker.workingNanos() > 0 && worker.stop()) {
      tally.stops++;
      resumeAt = later(STOPPED_MILLIS_MIN, STOPPED_MILLIS_MAX);
    }
  }

  private void resumeAll() throws InterruptedException {
    for (TortureProcess worker : workers) {
      if (worker.isStopped()) {
        worker.resume();
      }
    }
    resumeAt = 0;
  }

  /** Before the workers end: one of them is to be the last on the file. */
  private void endWatch() {
    try {
      if (watch != null) {
        watch.close();
      }
    } catch (IOException unattached) {
      tally.failure("the supervisor cannot attach to " + plan.file() + ": " + unattached);
    }
  }

  private void endAll() throws IOException, InterruptedException {
    for (TortureProcess worker : workers) {
      worker.end();
    }
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(END_MILLIS);
    for (TortureProcess worker : workers) {
      int code = 0;
      if (worker.await(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())))) {
        code = worker.exitCode();
      } else {
        tally.stuck(worker + " did not end within " + END_MILLIS / 1000 + " s");
        worker.kill();
      }
      note(worker, code);
    }
    workers.clear();
  }

  /** Takes over what a dead worker did and said. A code of 0 is an end that was wanted. */
  private void note(TortureProcess worker, int code) throws IOException {
    histories.add(worker.history());
    List<String> output = worker.output();
    if (code != 0 && !crew.isClosed()) {
      tally.failure(worker + " ended by itself with exit code " + code + ": " + String.join("\n  ", output));
    } else {
      output.stream().filter(line -> !line.startsWith("Picked up ")).limit(3).forEach(tally::said);
    }
  }
}
