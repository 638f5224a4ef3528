package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.cli.TortureOperation.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Histories made by hand, times in nanoseconds; and random ones, beside an oracle that tries all orders. */
class TortureLinearizerTest {
  private static final int KEY = 3;
  private static final long PRESENT = -2;
  private static final long MISMATCH = -3;

  private final List<TortureOperation> history = new ArrayList<>();

  private void add(Kind kind, long begin, long end, long id, long expected, long outcome, long found) {
    history.add(new TortureOperation(kind, KEY, 0, begin, end, id, expected, outcome, found, false));
  }

  private void put(long begin, long end, long id, long version) {
    add(Kind.PUT, begin, end, id, 0, version, 0);
  }

  private void putIfAbsent(long begin, long end, long id, long outcome) {
    add(Kind.PUT_IF_ABSENT, begin, end, id, 0, outcome, 0);
  }

  private void replace(long begin, long end, long id, long expected, long outcome) {
    add(Kind.REPLACE_IF_VERSION, begin, end, id, expected, outcome, 0);
  }

  private void remove(long begin, long end, long outcome) {
    add(Kind.REMOVE, begin, end, 0, 0, outcome, 0);
  }

  private void read(long begin, long end, long id, long version) {
    add(Kind.READ, begin, end, 0, 0, version, id);
  }

  private void get(long begin, long end, long id) {
    add(Kind.GET, begin, end, 0, 0, TortureOperation.FOUND, id);
  }

  private void absent(long begin, long end) {
    add(Kind.GET, begin, end, 0, 0, TortureOperation.ABSENT, 0);
  }

  private void killed(Kind kind, long begin, long id, long expected) {
    add(kind, begin, TortureOperation.NEVER, id, expected, 0, 0);
  }

  private @Nullable TortureOperation culprit(boolean evicts) {
    return new TortureLinearizer(null, 0, evicts).decide(history);
  }

  private void expectLinearizable() {
    assertThat(culprit(false)).isNull();
  }

  private void expectViolation() {
    assertThat(culprit(false)).isNotNull();
  }

  // ---- histories that are sound

  @Test
  void acceptsOperationsOneAfterTheOther() {
    absent(1, 2);
    putIfAbsent(3, 4, 101, 5);
    read(5, 6, 101, 5);
    putIfAbsent(7, 8, 102, PRESENT);
    replace(9, 10, 103, 5, 9);
    replace(11, 12, 104, 5, MISMATCH);
    get(13, 14, 103);
    remove(15, 16, 9);
    remove(17, 18, TortureOperation.ABSENT);
    replace(19, 20, 105, 9, TortureOperation.ABSENT);
    putIfAbsent(21, 22, 106, 10);
    expectLinearizable();
  }

  @Test
  void acceptsReadersOfTheOldAndTheNewDuringAWrite() {
    put(1, 2, 101, 5);
    put(3, 20, 102, 6);
    read(4, 6, 101, 5);
    read(7, 9, 102, 6);
    read(8, 10, 101, 5);
    expectLinearizable();
  }

  @Test
  void acceptsAbsencesBetweenTheVersionsOfOverlappingWrites() {
    put(1, 20, 101, 5);
    remove(1, 20, 5);
    put(1, 20, 102, 6);
    read(2, 5, 101, 5);
    absent(6, 8);
    read(10, 12, 102, 6);
    expectLinearizable();
  }

  @Test
  void acceptsAKilledWriteThatIsReadAndOneThatIsNot() {
    put(1, 2, 101, 5);
    killed(Kind.PUT, 3, 102, 0);
    killed(Kind.PUT, 4, 103, 0);
    read(5, 6, 101, 5);
    read(7, 8, 102, 7);
    put(9, 10, 104, 8);
    expectLinearizable();
  }

  @Test
  void acceptsTheRemovalOfAKilledWriteThatNobodyRead() {
    killed(Kind.PUT, 1, 101, 0);
    remove(3, 4, 5);
    absent(5, 6);
    expectLinearizable();
  }

  @Test
  void acceptsAKilledWriteThatIsSeenWithoutItsVersion() {
    put(1, 2, 101, 5);
    killed(Kind.PUT, 3, 102, 0);
    get(5, 6, 102);
    replace(7, 8, 103, 5, MISMATCH);
    put(9, 10, 104, 7);
    expectLinearizable();
  }

  @Test
  void acceptsAnAbsenceAfterAKilledRemoval() {
    put(1, 2, 101, 5);
    killed(Kind.REMOVE, 3, 0, 0);
    read(4, 5, 101, 5);
    absent(6, 7);
    expectLinearizable();
  }

  @Test
  void savesAKilledRemovalForTheAbsenceThatNeedsIt() {
    killed(Kind.REMOVE, 1, 0, 0);
    put(2, 3, 101, 5);
    remove(4, 20, 5);
    absent(5, 6);
    put(7, 8, 102, 6);
    absent(9, 10);
    expectLinearizable();
  }

  @Test
  void acceptsAnAbsenceWhereEntriesAreEvicted() {
    put(1, 2, 101, 5);
    absent(3, 4);
    assertThat(culprit(true)).isNull();
    expectViolation();
  }

  @Test
  void acceptsAnEntryThatExpires() {
    long millis = TimeUnit.MILLISECONDS.toNanos(1);
    add(Kind.PUT_TTL, 1, 2, 101, 400, 5, 0);
    read(3, 4, 101, 5);
    absent(400 * millis, 401 * millis);
    putIfAbsent(500 * millis, 501 * millis, 102, 6);
    expectLinearizable();
  }

  @Test
  void beginsWithWhatWasThere() {
    TortureOperation there =
        new TortureOperation(Kind.THERE, KEY, -1, 1, 2, 0, 0, 5, 101, false);
    read(3, 4, 101, 5);
    replace(5, 6, 102, 5, 6);
    assertThat(new TortureLinearizer(there, 5, false).decide(history)).isNull();
    assertThat(new TortureLinearizer(null, 5, false).decide(history)).isNotNull();
  }

  // ---- histories that are not

  @Test
  void rejectsAStaleRead() {
    put(1, 2, 101, 5);
    put(3, 4, 102, 6);
    read(5, 6, 101, 5);
    expectViolation();
  }

  @Test
  void rejectsAStaleReadThatShowsNoVersion() {
    put(1, 2, 101, 5);
    put(3, 4, 102, 6);
    get(5, 6, 101);
    expectViolation();
  }

  @Test
  void rejectsALostUpdate() {
    put(1, 2, 101, 5);
    replace(3, 8, 102, 5, 6);
    replace(4, 9, 103, 5, 7);
    expectViolation();
  }

  @Test
  void rejectsAReadFromTheFuture() {
    read(1, 2, 101, 5);
    put(3, 4, 101, 5);
    expectViolation();
  }

  @Test
  void rejectsTwoThatWerePutIfAbsent() {
    putIfAbsent(1, 8, 101, 5);
    putIfAbsent(2, 9, 102, 6);
    expectViolation();
  }

  @Test
  void rejectsReadersWhoDisagree() {
    put(1, 2, 101, 5);
    put(3, 20, 102, 6);
    read(4, 6, 102, 6);
    read(7, 9, 101, 5);
    expectViolation();
  }

  @Test
  void rejectsReadersWhoDisagreeAboutAKilledWrite() {
    put(1, 2, 101, 5);
    killed(Kind.PUT, 3, 102, 0);
    get(4, 6, 102);
    get(7, 9, 101);
    expectViolation();
  }

  @Test
  void rejectsAKilledWriteThatTookEffectTwice() {
    killed(Kind.PUT, 1, 101, 0);
    get(2, 3, 101);
    remove(4, 5, 7);
    get(6, 7, 101);
    expectViolation();
  }

  @Test
  void rejectsAKilledRemovalThatTookEffectTwice() {
    killed(Kind.REMOVE, 1, 0, 0);
    put(2, 3, 101, 5);
    absent(4, 5);
    put(6, 7, 102, 6);
    absent(8, 9);
    expectViolation();
  }

  @Test
  void rejectsAnAbsenceBetweenTwoVersionsOfAConditionalWrite() {
    put(1, 2, 101, 5);
    killed(Kind.REMOVE, 3, 0, 0);
    absent(4, 5);
    replace(6, 7, 102, 5, 6);
    expectViolation();
  }

  @Test
  void rejectsALostEntry() {
    put(1, 2, 101, 5);
    absent(3, 4);
    read(5, 6, 101, 5);
    expectViolation();
  }

  @Test
  void rejectsAMismatchWithTheVersionThatIsThere() {
    put(1, 2, 101, 5);
    replace(3, 4, 102, 5, MISMATCH);
    expectViolation();
  }

  @Test
  void rejectsAPresenceWhereNothingIs() {
    putIfAbsent(1, 2, 101, PRESENT);
    put(3, 4, 102, 5);
    expectViolation();
  }

  @Test
  void rejectsVersionsThatFall() {
    put(1, 2, 101, 5);
    put(3, 4, 102, 4);
    expectViolation();
  }

  @Test
  void rejectsAVersionForWhichThereIsNoRoom() {
    put(1, 2, 101, 5);
    killed(Kind.PUT, 3, 102, 0);
    get(4, 5, 102);
    put(6, 7, 103, 6);
    expectViolation();
  }

  @Test
  void rejectsAnEntryThatExpiresEarly() {
    long millis = TimeUnit.MILLISECONDS.toNanos(1);
    add(Kind.PUT_TTL, 1, 2, 101, 400, 5, 0);
    absent(100 * millis, 101 * millis);
    expectViolation();
  }

  @Test
  void letsClocksDisagreeForAWhileAboutAnExpiry() {
    long millis = TimeUnit.MILLISECONDS.toNanos(1);
    add(Kind.PUT_TTL, 1, 2, 101, 400, 5, 0);
    absent(410 * millis, 411 * millis);
    read(412 * millis, 413 * millis, 101, 5);
    putIfAbsent(500 * millis, 501 * millis, 102, 6);
    expectLinearizable();
    read(502 * millis, 503 * millis, 101, 5);
    expectViolation();
  }

  @Test
  void doesNotLetThemDisagreeForEver() {
    long seconds = TimeUnit.SECONDS.toNanos(1);
    add(Kind.THERE_TTL, -2, -1, 0, 0, 5, 101);
    TortureOperation there = history.removeFirst();
    absent(1, 2);
    read(3, 4, 101, 5);
    TortureLinearizer linearizer = new TortureLinearizer(there, 5, false);
    assertThat(linearizer.decide(history)).isNull();
    read(4 * seconds, 4 * seconds + 1, 101, 5);
    assertThat(linearizer.decide(history)).isNotNull();
  }

  @Test
  void rejectsAnEntryThatOutlivesItsTime() {
    long seconds = TimeUnit.SECONDS.toNanos(1);
    add(Kind.PUT_TTL, 1, 2, 101, 400, 5, 0);
    read(4 * seconds, 4 * seconds + 1, 101, 5);
    expectViolation();
  }

  @Test
  void rejectsAKillsEffectAfterARefusal() {
    put(1, 2, 101, 5);
    add(Kind.PUT, 3, 4, 102, 0, TortureOperation.REJECTED, 0);
    read(5, 6, 101, 5);
    absent(7, 8);
    expectViolation();
  }

  @Test
  void acceptsThatARefusedPutHasRemovedWhatWasThere() {
    put(1, 2, 101, 5);
    add(Kind.PUT, 3, 4, 102, 0, TortureOperation.REJECTED, 0);
    absent(5, 6);
    expectLinearizable();
  }

  @Test
  void provesByFewOperations() {
    for (int i = 0; i < 200; i++) {
      put(10 * i + 1, 10 * i + 2, 1_000 + i, 5 + i);
      read(10 * i + 3, 10 * i + 4, 1_000 + i, 5 + i);
    }
    read(3_000, 3_001, 1_150, 155);
    TortureLinearizer linearizer = new TortureLinearizer(null, 0, false);
    TortureOperation culprit = Objects.requireNonNull(linearizer.decide(history));
    String proof = TortureProof.of(linearizer, history, culprit);
    assertThat(proof.lines().filter(line -> !line.isBlank()).count()).isLessThan(8);
    assertThat(proof).contains("> w0.0 key=3 READ w0.0#1150 -> v155", "PUT w0.0#1150 -> v155", "-> v204");
  }

  // ---- beside an oracle

  /**
   * Histories of a few operations, most of them of a register that is right, some with an outcome changed: the answer
   * is that of {@link TortureLinearizerOracle}, which tries every order.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void agreesWithTryingAllOrders(boolean evicts) {
    SplittableRandom random = new SplittableRandom(evicts ? 7 : 8);
    int linearizable = 0;
    int rounds = 0;
    for (int round = 0; round < 20_000; round++) {
      List<TortureOperation> operations = TortureLinearizerOracle.history(random, evicts);
      if (!TortureLinearizerOracle.asksForWhatWasSeen(operations)) {
        continue;
      }
      rounds++;
      boolean expected = TortureLinearizerOracle.isLinearizable(operations, evicts);
      Collections.shuffle(operations, new Random(round));
      boolean decided = new TortureLinearizer(null, 0, evicts).decide(operations) == null;
      assertThat(decided).as("round %d: %s", round, operations).isEqualTo(expected);
      linearizable += expected ? 1 : 0;
    }
    assertThat(List.of(linearizable, rounds - linearizable)).allMatch(count -> count > 300);
  }
}
