package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.cli.TortureHistory.Pause;
import io.larder.cli.TortureOperation.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken histories are seen, and sound ones pass. The logs are made by hand, times are in nanoseconds from 1. */
class TortureCheckerTest {
  private static final int KEY = 7;
  private static final int FIRST = TortureValue.writer(0, 1);
  private static final int SECOND = TortureValue.writer(1, 2);
  private static final long KILLED = 1_000;

  @TempDir private Path folder;

  private final TortureTally tally = new TortureTally();
  private final TortureState state = new TortureState();
  private Log first;
  private Log second;

  @BeforeEach
  void makeLogs() throws IOException {
    first = new Log(FIRST);
    second = new Log(SECOND);
  }

  /** One worker's log, written as workers write it. */
  private final class Log {
    private final int writer;
    private final Path file;
    private final TortureLog.Writer log;

    Log(int writer) throws IOException {
      this.writer = writer;
      this.file = folder.resolve(TortureValue.writerName(writer));
      this.log = new TortureLog.Writer(file);
    }

    void write(Kind kind, long begin, long end, long id, long expected, long outcome) {
      log.doneAt(end, log.intendAt(begin, kind, KEY, id, expected), outcome, 0);
    }

    void put(long begin, long end, long id, long version) {
      write(Kind.PUT, begin, end, id, 0, version);
    }

    void read(long begin, long end, long version, long found) {
      log.doneAt(end, log.intendAt(begin, Kind.READ, KEY, 0, 0), version, found);
    }

    void absent(long begin, long end) {
      write(Kind.READ, begin, end, 0, 0, TortureOperation.ABSENT);
    }

    void pending(Kind kind, long begin, long id) {
      log.intendAt(begin, kind, KEY, id, 0);
    }

    TortureHistory history(long ended, List<Pause> pauses) throws IOException {
      log.close();
      List<TortureOperation> operations = new ArrayList<>();
      try (TortureLog.Reader reader = new TortureLog.Reader(file, writer)) {
        reader.read(operations);
        reader.readRest(operations);
      }
      return new TortureHistory(writer, operations, ended, pauses);
    }
  }

  private void check(boolean evicts) throws IOException {
    List<TortureHistory> histories = List.of(first.history(KILLED, List.of()), second.history(KILLED, List.of()));
    new TortureChecker(tally, evicts).check(histories, state);
  }

  private void expect(long torn, long lost, long stale, long stuck) {
    assertThat(List.of(tally.torn, tally.lost, tally.stale, tally.stuck))
        .as("torn, lost, stale, stuck: %s", tally.news())
        .containsExactly(torn, lost, stale, stuck);
    assertThat(tally.isClean()).isEqualTo(torn + lost + stale + stuck == 0);
  }

  private static long id(int writer, int number) {
    return TortureValue.id(writer, number);
  }

  @Test
  void passesASoundHistory() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    second.read(1, 3, 10, id(FIRST, 1));
    second.absent(1, 4);
    second.write(Kind.REPLACE_IF_VERSION, 5, 8, id(SECOND, 1), 10, 12);
    first.read(6, 7, 10, id(FIRST, 1));
    first.write(Kind.GET, 9, 10, 0, 0, TortureOperation.ABSENT);
    second.write(Kind.REMOVE, 8, 11, 0, 0, 12);
    first.write(Kind.PUT_TTL, 12, 13, id(FIRST, 2), 0, 15);
    first.absent(14, 15);
    first.pending(Kind.PUT, 16, id(FIRST, 3));
    second.read(17, 18, 20, id(FIRST, 3));
    second.write(Kind.PUT_IF_ABSENT, 19, 20, id(SECOND, 2), 0, -2);
    check(false);
    expect(0, 0, 0, 0);
    assertThat(state.pending).hasSize(1);
    assertThat(state.floors).containsEntry(KEY, 40L);
  }

  @Test
  void seesATornValue() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    second.log.tornAt(4, second.log.intendAt(3, Kind.READ, KEY, 0, 0));
    check(false);
    expect(1, 0, 0, 0);
  }

  @Test
  void seesWhatIsLost() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    second.absent(3, 4);
    second.absent(5, 6);
    check(false);
    expect(0, 1, 0, 0);
  }

  @Test
  void seesThatAnOlderRemovalIsNoReason() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    first.write(Kind.REMOVE, 3, 4, 0, 0, 10);
    first.write(Kind.PUT_TTL, 5, 6, id(FIRST, 2), 0, 11);
    first.put(7, 8, id(FIRST, 3), 12);
    second.write(Kind.PUT_IF_ABSENT, 9, 10, id(SECOND, 1), 0, 13);
    check(false);
    expect(0, 1, 0, 0);
  }

  @Test
  void asksForNoReasonWhereEntriesAreEvicted() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    second.absent(3, 4);
    check(true);
    expect(0, 0, 0, 0);
  }

  @Test
  void takesARemovalThatWasKilledAsAReason() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    first.pending(Kind.REMOVE, 3, 0);
    second.absent(9, 10);
    check(false);
    expect(0, 0, 0, 0);
  }

  @Test
  void doesNotTakeAPutThatWasKilledAsAReason() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    first.pending(Kind.PUT, 3, id(FIRST, 2));
    second.absent(9, 10);
    check(false);
    expect(0, 1, 0, 0);
  }

  @Test
  void seesAVersionThatGoesBackInOneWorker() throws IOException {
    first.pending(Kind.PUT, 1, id(FIRST, 1));
    second.write(Kind.PUT, 1, 9, id(SECOND, 1), 0, 11);
    second.read(10, 11, 11, id(SECOND, 1));
    second.read(12, 13, 10, id(FIRST, 1));
    check(false);
    expect(0, 0, 1, 0);
  }

  @Test
  void seesAReadBehindAnAcknowledgedWriteOfAnotherWorker() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    first.put(3, 4, id(FIRST, 2), 11);
    second.read(5, 6, 10, id(FIRST, 1));
    check(true);
    expect(0, 0, 1, 0);
  }

  @Test
  void seesAReadOfWhatWasRemoved() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    first.write(Kind.REMOVE, 3, 4, 0, 0, 10);
    second.write(Kind.GET, 5, 6, 0, 0, TortureOperation.ABSENT);
    second.read(7, 8, 10, id(FIRST, 1));
    check(false);
    expect(0, 0, 1, 0);
  }

  @Test
  void seesAnotherValueUnderAVersion() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    first.pending(Kind.PUT, 3, id(FIRST, 2));
    second.read(5, 6, 10, id(FIRST, 2));
    check(false);
    expect(0, 0, 1, 0);
  }

  @Test
  void seesAValueThatNobodyWroteOrThatWasRefused() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    first.write(Kind.PUT_IF_ABSENT, 3, 4, id(FIRST, 2), 0, -2);
    second.read(5, 6, 11, id(SECOND, 99));
    second.read(7, 8, 11, id(FIRST, 2));
    check(false);
    expect(0, 0, 2, 0);
  }

  @Test
  void seesALostUpdate() throws IOException {
    first.put(1, 2, id(FIRST, 1), 10);
    first.write(Kind.REPLACE_IF_VERSION, 3, 8, id(FIRST, 2), 10, 11);
    second.write(Kind.REPLACE_IF_VERSION, 4, 7, id(SECOND, 1), 10, 12);
    check(false);
    expect(0, 0, 1, 0);
  }

  @Test
  void seesAVersionGivenTwice() throws IOException {
    first.put(1, 8, id(FIRST, 1), 10);
    second.put(2, 7, id(SECOND, 1), 10);
    check(false);
    expect(0, 0, 1, 0);
  }

  @Test
  void remembersTheRoundBefore() throws IOException {
    state.floors.put(KEY, 24L);
    first.put(1, 2, id(FIRST, 1), 11);
    check(false);
    expect(0, 0, 1, 0);
  }

  @Test
  void seesAnOperationThatIsStuck() throws IOException {
    long long11 = TimeUnit.SECONDS.toNanos(11);
    first.put(1, 1 + long11, id(FIRST, 1), 10);
    second.pending(Kind.REMOVE, 1, 0);
    List<TortureHistory> histories =
        List.of(first.history(2 + long11, List.of()), second.history(2 + long11, List.of()));
    new TortureChecker(tally, false).check(histories, state);
    expect(0, 0, 0, 2);
  }

  @Test
  void doesNotCountTheTimeInWhichAWorkerWasStopped() throws IOException {
    long long11 = TimeUnit.SECONDS.toNanos(11);
    first.put(1, 1 + long11, id(FIRST, 1), 10);
    List<Pause> pauses = List.of(new Pause(5, 5 + TimeUnit.SECONDS.toNanos(2)));
    new TortureChecker(tally, false).check(List.of(first.history(2 + long11, pauses)), state);
    second.log.close();
    expect(0, 0, 0, 0);
  }
}
