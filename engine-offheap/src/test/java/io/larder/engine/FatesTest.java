package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionGeometry;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FatesTest {
  private static final int BYTES = 1 << 20;
  private static final int UNIT_MILLIS = 64;
  private static final long KEY = 0xABCDEF_0123456789L;

  private final TestClock clock = new TestClock();
  private final ArrayMemory memory = new ArrayMemory(BYTES);
  private final RegionGeometry geometry = RegionGeometry.of(BYTES, PartitionLayout.BYTES);
  private final Fates fates = new Fates(memory, geometry, 0, clock);
  private final int capacity = geometry.fatesBytes() / Fates.WORD_BYTES;
  private final long next = geometry.partitionOffset(0) + PartitionLayout.FATE_NEXT_OFFSET;

  private static long key(int number) {
    return (long) (number + 1) << 40 | number;
  }

  @ParameterizedTest
  @EnumSource(
      value = Fate.class,
      names = {"UNKNOWN", "PRESENT", "BEING_LOADED"},
      mode = EnumSource.Mode.EXCLUDE)
  void remembersEveryFateAndItsTime(Fate fate) {
    fates.add(fate == Fate.CLEARED ? 0 : KEY, fate);
    long word = fates.newest(KEY);
    assertThat(Fates.fate(word)).isEqualTo(fate);
    assertThat(Fates.millis(word)).isBetween(clock.millis() - UNIT_MILLIS + 1, clock.millis());
  }

  @Test
  void codesAreAllDifferentAndFitTheirBits() {
    Set<Fate> written = EnumSet.noneOf(Fate.class);
    for (int code = 1; code < 16; code++) {
      Fate fate = Fate.of(code);
      assertThat(fate == Fate.UNKNOWN || written.add(fate)).as("code %d", code).isTrue();
      assertThat(fate.code).isIn(0, code);
    }
    assertThat(written)
        .containsExactlyInAnyOrderElementsOf(
            EnumSet.complementOf(EnumSet.of(Fate.UNKNOWN, Fate.PRESENT, Fate.BEING_LOADED)));
  }

  @Test
  void theNewestCounts() {
    fates.add(KEY, Fate.EVICTED);
    fates.add(key(7), Fate.REMOVED);
    clock.advance(1_000);
    fates.add(KEY, Fate.EXPIRED);
    assertThat(Fates.fate(fates.newest(KEY))).isEqualTo(Fate.EXPIRED);
    assertThat(Fates.fate(fates.newest(key(7)))).isEqualTo(Fate.REMOVED);
    fates.addClearing();
    assertThat(Fates.fate(fates.newest(KEY))).isEqualTo(Fate.CLEARED);
    fates.add(KEY, Fate.NOT_ADMITTED);
    assertThat(Fates.fate(fates.newest(KEY))).isEqualTo(Fate.NOT_ADMITTED);
    assertThat(Fates.fate(fates.newest(key(7)))).isEqualTo(Fate.CLEARED);
  }

  @Test
  void forgetsTheOldestWhenTheRingIsFull() {
    for (int number = 0; number < 3 * capacity + 5; number++) {
      fates.add(key(number), Fate.EVICTED);
      assertThat(fates.newest(key(number))).isNotEqualTo(Fates.NONE);
      if (number >= capacity) {
        assertThat(fates.newest(key(number - capacity + 1))).as("the oldest").isNotEqualTo(Fates.NONE);
        assertThat(fates.newest(key(number - capacity))).as("the one before").isEqualTo(Fates.NONE);
      }
    }
  }

  @Test
  void staysInItsPlace() {
    for (int number = 0; number < 3 * capacity; number++) {
      fates.add(key(number), Fate.EVICTED);
    }
    for (long at = 0; at < memory.bytes(); at += Long.BYTES) {
      boolean ours = at >= geometry.fatesOffset(0) && at < geometry.fatesOffset(1);
      if (ours) {
        assertThat(memory.getLong(at)).isNotZero();
      } else if (at != next) {
        assertThat(memory.getLong(at)).as("at %d", at).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 128, 1 << 20, Long.MIN_VALUE, Long.MAX_VALUE})
  void aDamagedPlaceIsTheFirst(long garbage) {
    memory.putLong(next, garbage);
    assertThat(fates.newest(KEY)).isEqualTo(Fates.NONE);
    fates.add(KEY, Fate.REMOVED);
    assertThat(Fates.fate(fates.newest(KEY))).isEqualTo(Fate.REMOVED);
    assertThat(memory.getLong(next)).isOne();
  }

  @Test
  void nothingBadComesOfGarbage() {
    SplittableRandom random = TestSeed.random("FatesTest");
    for (int round = 0; round < 1_000; round++) {
      for (long at = geometry.fatesOffset(0); at < geometry.fatesOffset(1); at += Long.BYTES) {
        memory.putLong(at, random.nextLong());
      }
      long word = fates.newest(random.nextLong());
      assertThat(Fates.fate(word)).isNotNull();
      assertThat(Fates.millis(word)).isNotNegative();
    }
  }
}
