package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** L0-1: what a sighting says without a lookup is what a lookup would say. */
class SightingTest {
  private static final int MEMORY_BYTES = 1 << 20;
  private static final int KEYS = 6_000;
  private static final int STEPS = 300_000;
  private static final int PHASE_STEPS = 20_000;
  private static final int TTL_MILLIS_MAX = 500;
  private static final int VALUE_BYTES_MAX = 200;

  private final TestClock clock = new TestClock();
  private final EntryInfo info = new EntryInfo();
  private final PutSpec spec = new PutSpec();

  private static final class Seen extends Sighting {
    Seen(EntryInfo info) {
      super(info);
    }
  }

  private Store open() {
    return Store.open(StoreOptions.ofMemory(MEMORY_BYTES).withPartitions(1).withClock(clock));
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  private static long hash(Store store, byte[] key) {
    return store.hash(key, 0, key.length);
  }

  private void put(Store store, int number, int bytes) {
    byte[] key = key(number);
    store.put(hash(store, key), key, 0, key.length, new byte[bytes], 0, bytes, spec);
  }

  private static void remove(Store store, int number) {
    byte[] key = key(number);
    store.remove(hash(store, key), key, 0, key.length, 0);
  }

  private boolean find(Store store, int number) {
    byte[] key = key(number);
    return store.find(hash(store, key), key, 0, key.length, info);
  }

  private Sighting sight(Store store, int number) {
    assertThat(find(store, number)).isTrue();
    return new Seen(info);
  }

  // ---- what ends one

  @Test
  void lastsUntilTheEntryIsOverwritten() {
    try (Store store = open()) {
      put(store, 1, 10);
      Sighting sighting = sight(store, 1);
      assertThat(sighting.version()).isEqualTo(info.version());
      assertThat(store.isUnchanged(sighting)).isTrue();
      find(store, 1);
      assertThat(store.isUnchanged(sighting)).isTrue();
      put(store, 1, 10);
      assertThat(store.isUnchanged(sighting)).isFalse();
      assertThat(store.isUnchanged(sight(store, 1))).isTrue();
    }
  }

  @Test
  void lastsUntilTheEntryIsRemoved() {
    try (Store store = open()) {
      put(store, 1, 10);
      Sighting sighting = sight(store, 1);
      remove(store, 1);
      assertThat(store.isUnchanged(sighting)).isFalse();
      put(store, 1, 10);
      assertThat(store.isUnchanged(sighting)).isFalse();
    }
  }

  @Test
  void lastsUntilTheStoreIsCleared() {
    try (Store store = open()) {
      put(store, 1, 10);
      Sighting sighting = sight(store, 1);
      store.clear();
      assertThat(store.isUnchanged(sighting)).isFalse();
      put(store, 1, 10);
      assertThat(store.isUnchanged(sighting)).isFalse();
    }
  }

  @Test
  void lastsUntilTheEntryExpires() {
    try (Store store = open()) {
      spec.expiryMillis(clock.millis() + 10);
      put(store, 1, 10);
      Sighting sighting = sight(store, 1);
      clock.advance(9);
      assertThat(store.isUnchanged(sighting)).isTrue();
      clock.advance(1);
      assertThat(store.isUnchanged(sighting)).isFalse();
    }
  }

  @Test
  void lastsUntilTheEntryIsEvicted() {
    try (Store store = open()) {
      put(store, 0, 10);
      Sighting sighting = sight(store, 0);
      for (int i = 1; i <= 100_000; i++) {
        put(store, i, 100);
        find(store, i);
        find(store, i - 100);
      }
      assertThat(find(store, 0)).isFalse();
      assertThat(store.isUnchanged(sighting)).isFalse();
    }
  }

  @Test
  void thereIsNoneOfAnEntryWhoseExpiryMoves() {
    try (Store store = open()) {
      spec.timeToIdle(1_000, clock.millis());
      put(store, 1, 10);
      assertThat(find(store, 1)).isTrue();
      assertThat(info.isSteady()).isFalse();
      assertThatIllegalArgumentException().isThrownBy(() -> new Seen(info)).withMessageContaining("not steady");
      assertThat(new EntryInfo().isSteady()).isFalse();
    }
  }

  // ---- what it does

  @Test
  void countsAsHitAndNowAndThenAsAccess() {
    try (Store store = open()) {
      put(store, 1, 10);
      Sighting sighting = sight(store, 1);
      assertThat(info.wasHit()).isFalse();
      for (int i = 0; i < 64; i++) {
        assertThat(store.isUnchanged(sighting)).isTrue();
      }
      assertThat(store.hits()).isEqualTo(64);
      assertThat(store.hitsWithoutLookup()).isEqualTo(64);
      assertThat(store.misses()).isZero();
      find(store, 1);
      assertThat(PolicyBits.frequency(info.policyBits)).isBetween(3, 5);
      remove(store, 1);
      assertThat(store.isUnchanged(sighting)).isFalse();
      assertThat(store.hits()).isEqualTo(64);
      assertThat(store.misses()).isZero();
    }
  }

  @Test
  void isOfNoUseWhenTheStoreIsGone() {
    Store store = open();
    put(store, 1, 10);
    Sighting sighting = sight(store, 1);
    store.close();
    assertThatIllegalStateException().isThrownBy(() -> store.isUnchanged(sighting));
    Store lost = open();
    put(lost, 1, 10);
    Sighting ofLost = sight(lost, 1);
    assertThat(lost.isUnchanged(ofLost)).isTrue();
    lost.giveUp("for a test");
    assertThat(lost.isUnchanged(ofLost)).isFalse();
  }

  // ---- against lookups

  /** Who says whether an entry is unchanged. */
  private interface Judge {
    boolean isUnchanged(Store store, Sighting sighting);
  }

  /**
   * Random writes, with growth, shrinking, eviction, expiry and clearing; sightings of any age are asked in between.
   *
   * @param hasty whether sightings are made of entries that are about to be moved, too
   * @return how often the judge said yes, and in the second place how often it was wrong then
   */
  private int[] judge(Judge judge, boolean hasty) {
    SplittableRandom random = TestSeed.random("SightingTest");
    @Nullable Sighting[] sightings = new Sighting[KEYS];
    int[] verdicts = new int[2];
    try (Store store = open()) {
      for (int step = 0; step < STEPS; step++) {
        write(store, random, step / PHASE_STEPS % 2 == 0, random.nextInt(KEYS));
        int number = random.nextInt(KEYS);
        Sighting sighting = sightings[number];
        if (sighting != null && judge.isUnchanged(store, sighting)) {
          verdicts[0]++;
          boolean right = find(store, number) && info.version() == sighting.version();
          verdicts[1] += right ? 0 : 1;
        }
        if (random.nextInt(4) == 0 && find(store, number)) {
          info.oldHome = hasty ? StoreReader.NO_OLD_HOME : info.oldHome;
          sightings[number] = info.isSteady() ? new Seen(info) : sightings[number];
        }
      }
      store.assertValid();
    }
    return verdicts;
  }

  private void write(Store store, SplittableRandom random, boolean growing, int number) {
    int what = random.nextInt(100_000);
    spec.reset();
    if (what < 2) {
      store.clear();
    } else if (what < 20) {
      put(store, number, 50_000);
    } else if (what < 10_000) {
      clock.advance(1);
      store.maintain(4);
    } else if (what < 12_000) {
      spec.expiryMillis(clock.millis() + 1 + random.nextInt(TTL_MILLIS_MAX));
      put(store, number, random.nextInt(VALUE_BYTES_MAX));
    } else if (what < 50_000 && growing) {
      put(store, number, random.nextInt(VALUE_BYTES_MAX));
    } else if (what < 50_000) {
      remove(store, number);
    } else {
      find(store, number);
    }
  }

  @Test
  void saysWhatALookupSays() {
    int[] verdicts = judge(Store::isUnchanged, false);
    assertThat(verdicts[0]).isGreaterThan(STEPS / 100);
    assertThat(verdicts[1]).isZero();
  }

  /** A stamp says nothing where the table is another one. */
  @Test
  void wouldBeWrongWithoutTheShape() {
    int[] verdicts =
        judge(
            (store, sighting) ->
                (sighting.expiryMillis == 0 || sighting.expiryMillis > clock.millis())
                    && store.memory().getLong(sighting.bucket + BucketLayout.STAMP_OFFSET) == sighting.stamp,
            false);
    assertThat(verdicts[1]).isPositive();
  }

  /** What a home bucket leads to is elsewhere once it has moved, and its stamp is as before. */
  @Test
  void wouldBeWrongInATableThatIsBeingMoved() {
    List<int[]> tries = new ArrayList<>();
    do {
      tries.add(judge(Store::isUnchanged, true));
    } while (tries.getLast()[1] == 0 && tries.size() < 5);
    assertThat(tries.getLast()[1]).isPositive();
  }
}
