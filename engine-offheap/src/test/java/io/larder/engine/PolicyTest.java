package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToLongFunction;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the policy keeps, by what is hit: a request to an absent key puts it. The bars find LRU out, beside it. */
class PolicyTest {
  private static final int CAPACITY = 1_000;
  private static final int KEYS = 20 * CAPACITY;
  private static final int WARM = 60 * CAPACITY;

  /** So long that what it costs LRU is far from what chance makes of the ratio. */
  private static final int SCAN = 20 * CAPACITY;

  /** Of a miss ratio that is known from 128 entries' worth of the keys: whether a popular one is among them matters. */
  private static final double TOLERANCE = 0.12;

  private final SplittableRandom random = TestSeed.random("PolicyTest");
  private final ArrayMemory memory = new ArrayMemory(2 << 20);
  private final Store store = Store.open(memory, options());
  private final byte[] target = new byte[64];
  private final double[] zipf = zipf(0.9);

  private static StoreOptions options() {
    return StoreOptions.ofMemory(2 << 20).withHashSeed(7).withMaximumEntries(CAPACITY);
  }

  @AfterEach
  void close() {
    store.assertValid();
    store.close();
  }

  private static double[] zipf(double exponent) {
    double[] sums = new double[KEYS];
    double sum = 0;
    for (int rank = 0; rank < KEYS; rank++) {
      sum += Math.pow(rank + 1, -exponent);
      sums[rank] = sum;
    }
    return sums;
  }

  private int popular() {
    double at = random.nextDouble() * zipf[KEYS - 1];
    int found = Arrays.binarySearch(zipf, at);
    return found < 0 ? -found - 1 : found;
  }

  private boolean request(long number, PutSpec spec) {
    byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    long hash = store.hash(key, 0, key.length);
    if (store.get(hash, key, 0, key.length, target, 0, target.length) >= 0) {
      return true;
    }
    assertThat(store.put(hash, key, 0, key.length, target, 0, 40, spec)).isPositive();
    assertThat(store.stats().entries()).isLessThanOrEqualTo(CAPACITY);
    return false;
  }

  private boolean request(long number) {
    return request(number, new PutSpec());
  }

  /** LRU of the same capacity; of another below. */
  private static LongPredicate lru() {
    return lru(CAPACITY);
  }

  private static LongPredicate lru(int capacity) {
    Map<Long, Boolean> order = new LinkedHashMap<>(capacity, 0.75f, true);
    return number -> {
      boolean hit = order.put(number, true) != null;
      if (order.size() > capacity) {
        Iterator<Long> oldest = order.keySet().iterator();
        oldest.next();
        oldest.remove();
      }
      return hit;
    };
  }

  private static double ratio(LongPredicate cache, int requests, IntToLongFunction number) {
    int hits = 0;
    for (int i = 0; i < requests; i++) {
      hits += cache.test(number.applyAsLong(i)) ? 1 : 0;
    }
    return hits / (double) requests;
  }

  /** By how much a scan, a request of it after each other, lowers the ratio of the others. */
  private double costOfScan(LongPredicate cache) {
    ratio(cache, WARM, i -> popular());
    double before = ratio(cache, WARM, i -> popular());
    int hits = 0;
    for (int i = 0; i < WARM; i++) {
      boolean scanned = i < SCAN && cache.test(KEYS + i);
      assertThat(scanned).isFalse();
      hits += cache.test(popular()) ? 1 : 0;
    }
    return before - hits / (double) WARM;
  }

  @Test
  void aScanCostsLessThanAPoint() {
    assertThat(costOfScan(this::request)).isLessThan(0.01);
    assertThat(costOfScan(lru())).as("of LRU").isGreaterThan(0.01);
  }

  @Test
  void aLoopThatIsALittleLargerKeepsHitting() {
    int loop = CAPACITY + CAPACITY / 10;
    assertThat(ratio(this::request, 40 * loop, i -> i % loop)).isGreaterThan(0.8);
    assertThat(ratio(lru(), 40 * loop, i -> i % loop)).as("of LRU").isZero();
  }

  @Test
  void findsItsWayIntoANewWorkingSet() {
    int set = CAPACITY / 2;
    ratio(this::request, WARM, i -> random.nextInt(set));
    ratio(this::request, 2 * CAPACITY, i -> KEYS + random.nextInt(set));
    assertThat(ratio(this::request, CAPACITY, i -> KEYS + random.nextInt(set))).isGreaterThan(0.95);
  }

  @Test
  void knowsWhatOtherSizesWouldMiss() {
    assertThat(store.missRatios(1)[0]).as("before anything was asked for").isNaN();
    ratio(this::request, 2 * WARM, i -> popular());
    double[] factors = {0.25, 0.5, 1, 2, 4};
    double[] ratios = store.missRatios(factors);
    for (int i = 0; i < factors.length; i++) {
      double expected = missesOfLru((int) (factors[i] * CAPACITY));
      assertThat(ratios[i])
          .as("of %.2f times the size", factors[i])
          .isBetween(expected - TOLERANCE, expected + TOLERANCE);
    }
  }

  private double missesOfLru(int capacity) {
    LongPredicate cache = lru(capacity);
    ratio(cache, WARM, i -> popular());
    return 1 - ratio(cache, WARM, i -> popular());
  }

  @Test
  void keepsWhatIsDearWhenCostsDiffer() {
    PutSpec cheap = new PutSpec().cost(1);
    PutSpec dear = new PutSpec().cost(100);
    int keys = 2 * CAPACITY;
    LongPredicate lru = lru();
    int hitsOfDear = 0;
    int hitsOfDearOfLru = 0;
    int hitsOfCheap = 0;
    for (int i = 0; i < WARM; i++) {
      int number = random.nextInt(keys);
      boolean isDear = number % 4 == 0;
      boolean hit = request(number, isDear ? dear : cheap);
      boolean hitOfLru = lru.test(number);
      hitsOfDear += isDear && hit && i > WARM / 2 ? 1 : 0;
      hitsOfDearOfLru += isDear && hitOfLru && i > WARM / 2 ? 1 : 0;
      hitsOfCheap += !isDear && hit && i > WARM / 2 ? 1 : 0;
    }
    assertThat(hitsOfDear / (WARM / 8.0)).as("hit ratio of the dear").isGreaterThan(0.9);
    assertThat(hitsOfDearOfLru / (WARM / 8.0)).as("of LRU").isLessThan(0.6);
    assertThat(hitsOfCheap / (3 * WARM / 8.0)).as("hit ratio of the cheap").isBetween(0.1, 0.45);
  }

  @Test
  void frequenciesAreHalvedSoonerWhileCostsDiffer() {
    PolicySelector selector = new PolicySelector(memory, store.geometry(), new HitSampler(0));
    PutSpec some = new PutSpec().cost(3);
    PutSpec others = new PutSpec().cost(4);
    ratio(number -> request(number, some), 2 * WARM, i -> popular());
    int withEqualCosts = selector.epoch();
    ratio(number -> request(number, number % 2 == 0 ? some : others), 2 * WARM, i -> popular());
    assertThat(withEqualCosts).isPositive();
    assertThat(selector.epoch() - withEqualCosts).isGreaterThan(withEqualCosts + withEqualCosts / 2);
  }

  @Test
  void nothingBadComesOfGarbageInItsMemory() {
    ratio(this::request, WARM, i -> popular());
    for (int round = 0; round < 20; round++) {
      long from = store.geometry().policyOffset(0);
      for (long at = from; at < store.geometry().slabsOffset(); at += Long.BYTES) {
        memory.putLong(at, random.nextLong());
      }
      long record = store.geometry().partitionOffset(0);
      for (long field = PartitionLayout.QUEUE_HEAD_OFFSET; field < PartitionLayout.BYTES; field += Long.BYTES) {
        memory.putLong(record + field, random.nextLong());
      }
      ratio(this::request, 2 * CAPACITY, i -> popular());
      store.assertValid();
    }
    memory.zero(store.geometry().policyOffset(0), store.geometry().slabsOffset() - store.geometry().policyOffset(0));
    for (long field = PartitionLayout.QUEUE_HEAD_OFFSET; field < PartitionLayout.BYTES; field += Long.BYTES) {
      memory.putLong(store.geometry().partitionOffset(0) + field, 0);
    }
    ratio(this::request, WARM, i -> popular());
    double again = ratio(this::request, WARM, i -> popular());
    assertThat(again).as("once the garbage has gone").isGreaterThan(ratio(lru(), WARM, i -> popular()));
  }
}
