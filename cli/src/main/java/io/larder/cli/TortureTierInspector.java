package io.larder.cli;

import io.larder.ByteCache;
import io.larder.engine.StoreOptions;
import io.larder.mmap.TierRegion;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;

/**
 * Looks at the files of workers who have one each, below a memory of their own, when they have ended: reads all keys
 * and checks the whole region.
 */
final class TortureTierInspector implements TortureJudge {
  private static final Duration WAIT = Duration.ofSeconds(30);

  private final TorturePlan plan;
  private final TortureTally tally;

  /** By worker. */
  private final List<TortureTierChecker> checkers = new ArrayList<>();

  private final List<TortureRepairs> repairs = new ArrayList<>();

  TortureTierInspector(TorturePlan plan, int processes, TortureTally tally) {
    this.plan = plan;
    this.tally = tally;
    for (int worker = 0; worker < processes; worker++) {
      checkers.add(new TortureTierChecker(tally));
      repairs.add(new TortureRepairs());
    }
  }

  @Override
  public TorturePlan plan() {
    return plan;
  }

  @Override
  public TortureRepairs repairs() {
    return repairs.stream().reduce(new TortureRepairs(), TortureRepairs::plus);
  }

  @Override
  public void judge(List<TortureHistory> histories) throws IOException {
    for (int worker = 0; worker < checkers.size(); worker++) {
      int number = worker;
      List<TortureHistory> starts =
          histories.stream()
              .filter(history -> TortureValue.worker(history.writer()) == number)
              .sorted(Comparator.comparingInt(TortureHistory::writer))
              .toList();
      starts.forEach(history -> tally.operations += history.operations().size());
      TortureHistory left = readAll(worker);
      checkers.get(worker).check(Stream.concat(starts.stream(), Stream.of(left)).toList());
      verify(worker);
    }
  }

  private TortureHistory readAll(int worker) {
    List<TortureOperation> read = new ArrayList<>();
    try (ByteCache cache = TortureWorker.open(plan, worker)) {
      for (int key = 0; key < plan.keys(); key++) {
        read.add(TortureInspector.read(cache, key, new HashMap<>()));
      }
    }
    return new TortureHistory(TortureOperation.SUPERVISOR, read, System.nanoTime(), List.of());
  }

  private void verify(int worker) throws IOException {
    StoreOptions options = StoreOptions.ofExisting(plan.bytes());
    try (TierRegion region = TierRegion.open(plan.fileOf(worker), plan.bytes(), options, WAIT)) {
      if (region.created()) {
        tally.invalid(plan.fileOf(worker).getFileName() + ": there was no such file, or nothing in it could be used");
      }
      region.store().assertValid();
      repairs.get(worker).look(region.store());
    } catch (AssertionError | RuntimeException invalid) {
      tally.invalid(plan.fileOf(worker).getFileName() + ": " + invalid);
    }
  }
}
