package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The arithmetic of times to idle, for all lengths and at all times. */
class IdleTimeTest {
  private static final int CASES = 200_000;
  private static final long ROUND_TICKS = 1L << 32;
  private static final long TIME_MAX = 1L << 60;

  /** What is not exact is longer by less than this part. */
  private static final double ROUNDING = 1.0 / (1 << 26);

  private interface Check {
    void at(long millis, int span, long now);
  }

  /** Short times, powers of two and their neighbours, and times of all orders of magnitude. */
  private static void forEach(Check check) {
    SplittableRandom random = TestSeed.random("IdleTimeTest");
    for (int i = 0; i < CASES; i++) {
      long millis =
          switch (i % 3) {
            case 0 -> 1 + i / 3 % 300;
            case 1 -> Math.clamp((1L << random.nextInt(43)) + random.nextInt(-1, 2), 1, IdleTime.MILLIS_MAX);
            default -> random.nextLong(IdleTime.MILLIS_MAX >>> random.nextInt(42)) + 1;
          };
      check.at(millis, IdleTime.span(millis), random.nextLong(1L << random.nextInt(1, 45)));
    }
  }

  private static long longest(long millis) {
    return millis + (millis >>> 3) + (long) Math.ceil(2 * millis * ROUNDING);
  }

  @Test
  void spansAreNotShorterThanWhatTheyStandFor() {
    forEach(
        (millis, span, now) -> {
          assertThat(span).isNotZero();
          assertThat(IdleTime.millis(span)).isBetween(millis, millis + (long) (millis * ROUNDING));
        });
    long exactMax = (1 << 27) - 1;
    assertThat(IdleTime.millis(IdleTime.span(exactMax))).isEqualTo(exactMax);
    assertThat(IdleTime.millis(IdleTime.span(IdleTime.MILLIS_MAX))).isEqualTo(IdleTime.MILLIS_MAX);
  }

  @Test
  void aDeadlineIsBetweenTheTimeAndAnEighthMore() {
    forEach(
        (millis, span, now) -> {
          long deadline = IdleTime.deadlineMillis(span, IdleTime.deadline(span, now), now);
          assertThat(deadline - now).as("T=%d, now=%d", millis, now).isBetween(millis, longest(millis));
          for (long later : new long[] {now + 1, now + millis / 2, deadline - 1, deadline, deadline + 1_000 * millis}) {
            long then = IdleTime.deadlineMillis(span, IdleTime.deadline(span, now), later);
            assertThat(then).as("T=%d, now=%d, later=%d", millis, now, later).isEqualTo(deadline);
          }
        });
  }

  @Test
  void anAccessIsDueWhenLessThanTheTimeIsLeft() {
    forEach(
        (millis, span, now) -> {
          long deadline = IdleTime.deadlineMillis(span, IdleTime.deadline(span, now), now);
          long exact = IdleTime.millis(span);
          assertThat(IdleTime.isDue(span, deadline, now)).as("T=%d, now=%d", millis, now).isFalse();
          assertThat(IdleTime.isDue(span, deadline, deadline - exact)).isFalse();
          assertThat(IdleTime.isDue(span, deadline, deadline - exact + 1)).isTrue();
        });
  }

  /** How many writes there are in a time to idle, at most. */
  @Test
  void accessesAreDueSeldom() {
    forEach(
        (millis, span, now) -> {
          long deadline = IdleTime.deadlineMillis(span, IdleTime.deadline(span, now), now);
          long due = deadline - IdleTime.millis(span) + 1;
          if (millis >= 64) {
            assertThat(due - now).as("T=%d", millis).isGreaterThan(millis / 8 - millis / 64 - 1);
          }
        });
  }

  @Test
  void aClockThatGoesBackLetsEntriesLiveAndTheNextAccessIsDue() {
    forEach(
        (millis, span, now) -> {
          int ticks = IdleTime.deadline(span, now);
          long back = Math.max(0, now - 10 * millis);
          long deadline = IdleTime.deadlineMillis(span, ticks, back);
          assertThat(deadline).isEqualTo(IdleTime.deadlineMillis(span, ticks, now)).isGreaterThan(back);
          if (now - back > millis) {
            assertThat(IdleTime.isDue(span, deadline, back)).isTrue();
          }
        });
  }

  @Test
  void whatHasExpiredStaysSoForLong() {
    forEach(
        (millis, span, now) -> {
          int ticks = IdleTime.deadline(span, now);
          long deadline = IdleTime.deadlineMillis(span, ticks, now);
          long tick = Math.max(1, Long.highestOneBit(IdleTime.millis(span)) >>> 6);
          long ticksMax = Math.min(ROUND_TICKS - IdleTime.AHEAD_MAX, TIME_MAX / tick);
          long last = deadline + ticksMax * tick - 1;
          for (long later : new long[] {deadline, (deadline + last) / 2, last}) {
            assertThat(IdleTime.deadlineMillis(span, ticks, later)).as("T=%d", millis).isBetween(1L, later);
          }
        });
  }

  @Test
  void whatHasExpiredIsLookedForSoonButSeldom() {
    forEach(
        (millis, span, now) -> {
          long deadline = IdleTime.deadlineMillis(span, IdleTime.deadline(span, now), now);
          long reclaim = IdleTime.reclaimMillis(span, deadline);
          long latest = deadline + Math.max(7, IdleTime.millis(span) / 8);
          assertThat(reclaim).as("T=%d", millis).isBetween(deadline, latest);
          long next = IdleTime.reclaimMillis(span, reclaim + 1);
          assertThat(next - reclaim).as("T=%d", millis).isGreaterThan(millis / 16);
        });
  }

  @Test
  void theEarlierOfTwoTimesIsNotTheOneThatNeverComes() {
    assertThat(IdleTime.earlier(0, 0)).isZero();
    assertThat(IdleTime.earlier(5, 0)).isEqualTo(5);
    assertThat(IdleTime.earlier(0, 5)).isEqualTo(5);
    assertThat(IdleTime.earlier(4, 5)).isEqualTo(4);
    assertThat(IdleTime.earlier(5, 4)).isEqualTo(4);
  }

  /** Whatever is found in a damaged entry. */
  @Test
  void anyWordHasADeadline() {
    SplittableRandom random = TestSeed.random("IdleTimeTest");
    for (int i = 0; i < CASES; i++) {
      long now = random.nextLong(1L << 45);
      int span = random.nextInt();
      long deadline = IdleTime.deadlineMillis(span, random.nextInt(), now);
      assertThat(deadline).isPositive();
      IdleTime.isDue(span, deadline, now);
      IdleTime.reclaimMillis(span, deadline);
    }
  }
}
