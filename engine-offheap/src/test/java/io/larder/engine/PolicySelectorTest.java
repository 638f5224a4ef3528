package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.allocator.RegionGeometry;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the shadows hold and remember, read from their memory. */
class PolicySelectorTest {
  private static final long BYTES = 8 << 20;
  private static final int RESIDENTS = 8_192;
  private static final int CAPACITY = 128;

  private final SplittableRandom random = TestSeed.random("PolicySelectorTest");
  private final RegionGeometry geometry = RegionGeometry.of(BYTES, PartitionLayout.BYTES);
  private final ArrayMemory memory = new ArrayMemory(BYTES);
  private final HitSampler sampler = new HitSampler(0);
  private final PolicySelector selector = new PolicySelector(memory, geometry, sampler);

  /** Requests of twice as many keys as would leave ghosts for all records, each asked for a few times. */
  private void requestMany() {
    for (int i = 0; i < 40 * CAPACITY; i++) {
      long hash = random.nextLong();
      selector.access(hash);
      selector.access(hash);
    }
  }

  private int state(int record) {
    long at = geometry.selectorOffset() + PolicySelector.HEADER_BYTES + (long) record * PolicySelector.RECORD_BYTES;
    return ShadowState.aged(memory.getInt(at + PolicySelector.STATE), selector.epoch());
  }

  /** The keys that a shadow remembers and does not hold. */
  private int ghosts(int shadow) {
    int ghosts = 0;
    for (int record = 0; record < CAPACITY * PolicySelector.RECORDS_PER_ENTRY; record++) {
      boolean absent = ShadowState.residency(state(record), shadow) == 0;
      ghosts += absent && ShadowState.frequency(state(record), shadow) > 0 ? 1 : 0;
    }
    return ghosts;
  }

  @Test
  void aShadowRemembersNoLargerPartThanTheCache() {
    selector.fit(RESIDENTS, RESIDENTS / 4);
    requestMany();
    for (int shadow = 0; shadow < PolicyMode.count(); shadow++) {
      assertThat(ghosts(shadow)).as("of shadow %d", shadow).isBetween(CAPACITY / 8, CAPACITY / 4);
    }
  }

  @Test
  void aShadowRemembersAsMuchAsItHasRecordsWhereTheCacheRemembersMore() {
    selector.fit(RESIDENTS, 10 * RESIDENTS);
    requestMany();
    for (int shadow = 0; shadow < PolicyMode.count(); shadow++) {
      assertThat(ghosts(shadow)).as("of shadow %d", shadow).isGreaterThan(4 * CAPACITY);
    }
  }

  @Test
  void aShadowOfACacheWithFewGhostsRemembersOne() {
    selector.fit(RESIDENTS, 1);
    requestMany();
    for (int shadow = 0; shadow < PolicyMode.count(); shadow++) {
      assertThat(ghosts(shadow)).as("of shadow %d", shadow).isLessThanOrEqualTo(1);
    }
  }

  private int inWindow(int shadow) {
    long at = geometry.selectorOffset() + PolicySelector.SHADOWS + (long) shadow * PolicySelector.SHADOW_BYTES;
    return memory.getInt(at + PolicySelector.QUEUE_COUNT);
  }

  @Test
  void aShadowHasNoWindowWhileItIsNotFull() {
    selector.fit(RESIDENTS, RESIDENTS);
    for (int i = 0; i < CAPACITY; i++) {
      selector.access(i);
      for (int shadow = 0; shadow < PolicyMode.count(); shadow++) {
        assertThat(inWindow(shadow)).as("of shadow %d, with %d keys", shadow, i + 1).isZero();
      }
    }
    selector.access(CAPACITY);
    for (int shadow = 0; shadow < PolicyMode.count(); shadow++) {
      assertThat(inWindow(shadow)).as("of shadow %d, full", shadow).isOne();
    }
  }

  @Test
  void runsOfHitsWithoutAWriteAreHandedOver() {
    // Of so few residents every key is in the sample.
    selector.fit(CAPACITY, CAPACITY);
    for (int i = 0; i < 2 * CAPACITY; i++) {
      sampler.hit(random.nextLong());
    }
    sampler.take(selector);
    assertThat(accesses()).isEqualTo(2 * CAPACITY);
    sampler.take(selector);
    assertThat(accesses()).as("each once").isEqualTo(2 * CAPACITY);
  }

  @Test
  void hitsThatNobodyTakesAreLostAtLast() {
    selector.fit(CAPACITY, CAPACITY);
    for (int i = 0; i < 100 * CAPACITY; i++) {
      sampler.hit(random.nextLong());
    }
    sampler.take(selector);
    assertThat(accesses()).isBetween(CAPACITY, 10 * CAPACITY);
  }

  private int accesses() {
    return memory.getInt(geometry.selectorOffset() + PolicySelector.ACCESSES);
  }

  @Test
  void frequenciesAreHalvedSoonerWhileCostsDiffer() {
    selector.fit(RESIDENTS, RESIDENTS);
    int equal = accessesUntilNextEpoch();
    selector.setCostsDiffer(true);
    int different = accessesUntilNextEpoch();
    selector.setCostsDiffer(false);
    assertThat(equal).isEqualTo(20 * CAPACITY);
    assertThat(different).isEqualTo(8 * CAPACITY);
    assertThat(accessesUntilNextEpoch()).as("the epoch that has begun").isEqualTo(different);
    assertThat(accessesUntilNextEpoch()).as("when costs are equal again").isEqualTo(equal);
  }

  @Test
  void whatIsLeftOfALongEpochIsCutWhenCostsBeginToDiffer() {
    selector.fit(RESIDENTS, RESIDENTS);
    selector.access(0);
    selector.setCostsDiffer(true);
    assertThat(accessesUntilNextEpoch()).isEqualTo(8 * CAPACITY);
  }

  private int accessesUntilNextEpoch() {
    int before = selector.epoch();
    int accesses = 0;
    while (selector.epoch() == before) {
      selector.access(accesses++ % CAPACITY);
    }
    return accesses;
  }
}
