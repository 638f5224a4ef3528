package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.cli.TortureOperation.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What may be read from a memory and a file of one's own, and what may not. */
class TortureTierCheckerTest {
  private static final int KEY = 7;
  private static final int FIRST = TortureValue.writer(0, 1);
  private static final int SECOND = TortureValue.writer(0, 2);
  private static final int THIRD = TortureValue.writer(0, 3);
  private static final long A = TortureValue.id(FIRST, 1);
  private static final long B = TortureValue.id(FIRST, 2);
  private static final long C = TortureValue.id(SECOND, 1);

  private final TortureTally tally = new TortureTally();
  private final TortureTierChecker checker = new TortureTierChecker(tally);
  private long now = 1;

  private TortureOperation operation(Kind kind, int writer, long id, long expected, long outcome, long found) {
    long begin = now++;
    return new TortureOperation(kind, KEY, writer, begin, now++, id, expected, outcome, found, false);
  }

  private TortureOperation put(int writer, long id) {
    return operation(Kind.PUT, writer, id, 0, 1, 0);
  }

  private TortureOperation read(int writer, long found) {
    return operation(Kind.READ, writer, 0, 0, found == 0 ? TortureOperation.ABSENT : 1, found);
  }

  private TortureOperation remove(int writer) {
    return operation(Kind.REMOVE, writer, 0, 0, TortureOperation.ABSENT, 0);
  }

  private void check(TortureOperation... operations) {
    List<TortureHistory> histories = new ArrayList<>();
    for (int writer : new int[] {FIRST, SECOND, THIRD}) {
      List<TortureOperation> own = Arrays.stream(operations).filter(o -> o.writer() == writer).toList();
      histories.add(new TortureHistory(writer, own, now, List.of()));
    }
    checker.check(histories);
  }

  private void assertStale(String why) {
    assertThat(tally.stale).isEqualTo(1);
    assertThat(tally.news().getFirst()).contains(why);
  }

  @Test
  void whatWasWrittenLastMayBeReadOrNot() {
    check(put(FIRST, A), read(FIRST, A), read(FIRST, 0), read(SECOND, A), put(SECOND, C), read(THIRD, C));
    assertThat(tally.isClean()).isTrue();
    assertThat(tally.survivors).isEqualTo(2);
  }

  @Test
  void whatWasOverwrittenMayNot() {
    check(put(FIRST, A), put(FIRST, B), read(SECOND, A));
    assertStale("before that was");
  }

  @Test
  void whatWasRemovedMayNot() {
    check(put(FIRST, A), remove(FIRST), read(SECOND, A));
    assertStale("before that was");
  }

  @Test
  void whatNobodyHasWrittenMayNot() {
    check(put(FIRST, A), read(SECOND, C));
    assertStale("nobody has written");
  }

  @Test
  void whatWasRefusedMayNot() {
    check(put(FIRST, A), operation(Kind.PUT_IF_ABSENT, FIRST, B, 0, -2, 0), read(SECOND, A), read(SECOND, B));
    assertStale("before that was");
  }

  @Test
  void aRemovalOfAnotherVersionRemovesNothing() {
    check(put(FIRST, A), operation(Kind.REMOVE_IF_VERSION, FIRST, 0, 9, -3, 0), read(SECOND, A));
    assertThat(tally.isClean()).isTrue();
  }

  @Test
  void aWriteThatWasKilledMayHaveTakenEffectOrNot() {
    check(put(FIRST, A), put(FIRST, B).unacknowledged(), read(SECOND, A), read(SECOND, A), read(SECOND, B));
    assertThat(tally.isClean()).isTrue();
  }

  @Test
  void whatWasBeforeAKilledWriteMayNotBeReadBehindIt() {
    check(put(FIRST, A), put(FIRST, B).unacknowledged(), read(SECOND, B), read(THIRD, A));
    assertStale("before that was");
  }

  @Test
  void aKilledWriteMayNotTakeEffectBehindAnother() {
    check(put(FIRST, B).unacknowledged(), put(SECOND, C), read(THIRD, B));
    assertStale("before that was");
  }

  @Test
  void whatHasExpiredMayNot() {
    TortureOperation put = operation(Kind.PUT_TTL, FIRST, A, 500, 1, 0);
    now += TimeUnit.MILLISECONDS.toNanos(600);
    TortureOperation read = read(SECOND, A);
    now += TimeUnit.SECONDS.toNanos(1);
    check(put, read, read(THIRD, A));
    assertStale("expired");
  }

  @Test
  void whatIsTornIsCounted() {
    check(new TortureOperation(Kind.READ, KEY, FIRST, 1, 2, 0, 0, 0, 0, true));
    assertThat(tally.torn).isEqualTo(1);
  }
}
