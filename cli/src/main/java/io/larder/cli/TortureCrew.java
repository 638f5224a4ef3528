package io.larder.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;

/** The workers of a run: starts them, and leaves none behind. Any thread may close it. */
final class TortureCrew implements AutoCloseable {
  private static final long CLOSE_MILLIS = 5_000;
  private static final long TRAINING_MILLIS = 1_000;
  private static final long TRAINING_MILLIS_MAX = 30_000;

  private final Path directory;
  private final SplittableRandom random;
  private final List<TortureProcess> living = new ArrayList<>();
  private final List<String> moreFlags;
  private volatile String[] flags = {};
  private int starts;
  private boolean closed;

  /** A crew whose logs go to a directory. */
  TortureCrew(Path directory, SplittableRandom random) {
    this(directory, random, List.of());
  }

  /** A crew whose JVMs get more flags: tests break its workers by {@link TortureTwin#PROPERTY}. */
  TortureCrew(Path directory, SplittableRandom random, List<String> moreFlags) {
    this.moreFlags = moreFlags;
    this.directory = directory;
    this.random = random;
  }

  /**
   * Starts a worker.
   *
   * @throws CancellationException when the crew has been closed
   */
  synchronized TortureProcess start(TorturePlan plan, int worker) throws IOException {
    if (closed) {
      throw new CancellationException("the run is over");
    }
    living.removeIf(process -> !process.isAlive());
    int writer = TortureValue.writer(worker, ++starts);
    TortureProcess process = new TortureProcess(plan, writer, random.nextLong(), directory, allFlags());
    living.add(process);
    return process;
  }

  /**
   * Has a worker record the classes that it loads, so that all others start in less than half of the time. Where that
   * is not to be had, as with classes that are in no jar, they start as usual.
   */
  void train(boolean tiers) throws IOException, InterruptedException {
    Path file = directory.resolve("training.larder");
    Path cache = directory.resolve("classes.aot");
    flags = new String[] {"-XX:AOTCacheOutput=" + cache};
    TortureProcess worker =
        start(tiers ? TorturePlan.tightTiers(file, 1) : TorturePlan.tight(file, TorturePlan.BYTES_MIN, 1), 0);
    flags = new String[0];
    Thread.sleep(TRAINING_MILLIS);
    worker.end();
    if (worker.await(TRAINING_MILLIS_MAX) && worker.exitCode() == 0 && Files.exists(cache)) {
      flags = new String[] {"-XX:AOTCache=" + cache};
    } else {
      worker.kill();
    }
    worker.history();
    worker.output();
  }

  private String[] allFlags() {
    List<String> all = new ArrayList<>(moreFlags);
    all.addAll(List.of(flags));
    return all.toArray(String[]::new);
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Kills all that live. */
  @Override
  public synchronized void close() {
    closed = true;
    living.forEach(TortureProcess::killNow);
    try {
      for (TortureProcess process : living) {
        process.await(CLOSE_MILLIS);
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    living.clear();
  }
}
