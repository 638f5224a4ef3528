package io.larder.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hard budget: what is written beyond it pushes other entries out, whatever the sizes, and never fails. */
class BudgetTest {
  private static final int MIB = 1 << 20;
  private static final int KEY_BYTES = 24;
  private static final double SHARE_MIN = 0.80;

  private final SplittableRandom random = TestSeed.random("BudgetTest");
  private final byte[] key = new byte[KEY_BYTES];
  private final byte[] value = new byte[4 * MIB];
  private final PutSpec spec = new PutSpec();

  private Store open(int memoryMib, int partitions) {
    random.nextBytes(value);
    return Store.open(
        StoreOptions.ofMemory((long) memoryMib * MIB).withPartitions(partitions).withHashSeed(random.nextLong()));
  }

  private void put(Store store, long number, int valueLength) {
    ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).putLong(0, number);
    long hash = store.hash(key, 0, KEY_BYTES);
    long version = store.put(hash, key, 0, KEY_BYTES, value, 0, valueLength, spec);
    assertThat(version).as("version of entry %d of %d bytes", number, valueLength).isPositive();
  }

  private void get(Store store, long number) {
    ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).putLong(0, number);
    store.get(store.hash(key, 0, KEY_BYTES), key, 0, KEY_BYTES, value, 0, value.length);
  }

  private static void assertWithinBudget(Store store, long memoryBytes) {
    StoreStats stats = store.stats();
    assertThat(stats.usedBytes()).isLessThanOrEqualTo(memoryBytes);
    assertThat(stats.usedBytes() + stats.freeBytes()).isLessThanOrEqualTo(memoryBytes);
    assertThat(stats.rejections()).isZero();
  }

  private static double share(Store store) {
    StoreStats stats = store.stats();
    return (double) stats.payloadBytes() / stats.regionBytes();
  }

  private void tell(Store store, String what, String shares) {
    System.out.println(
        store.stats().regionBytes() / MIB + " MiB in " + store.geometry().partitionCount() + " partitions, " + what
            + ": payload share " + shares);
  }

  @ParameterizedTest
  @CsvSource({"9, 1", "16, 1", "64, 0", "64, 4", "96, 8"})
  void takesTenTimesItsBytesInSizesOfAllMagnitudes(int memoryMib, int partitions) {
    takesTenTimesItsBytes(memoryMib, partitions, true);
  }

  @ParameterizedTest
  @CsvSource({"9, 1", "64, 0", "64, 4"})
  void takesTenTimesItsBytesInLargeSizes(int memoryMib, int partitions) {
    takesTenTimesItsBytes(memoryMib, partitions, false);
  }

  private void takesTenTimesItsBytes(int memoryMib, int partitions, boolean allMagnitudes) {
    long budget = (long) memoryMib * MIB;
    try (Store store = open(memoryMib, partitions)) {
      long written = 0;
      for (long number = 0; written < 10 * budget; number++) {
        double most = 4.0 * MIB;
        int length = (int) (allMagnitudes ? Math.pow(most, random.nextDouble()) : random.nextDouble(1, most));
        // Every fifth is another value for a key that may still be there.
        put(store, random.nextInt(5) == 0 ? number / 2 : number, length);
        written += length;
        assertWithinBudget(store, budget);
      }
      store.assertValid();
      tell(store, "1 B to 4 MiB", String.format(Locale.ROOT, "%.3f", share(store)));
    }
  }

  @Test
  void getsAllBytesBackOfWhatIsOverwrittenAndRemoved() {
    try (Store store = open(32, 1)) {
      for (int length = 1; length <= 2 * MIB; length *= 3) {
        put(store, length, length);
        put(store, length, length / 2);
        put(store, length, length);
        assertThat(store.stats().blockBytes()).isGreaterThanOrEqualTo(length);
        assertThat(store.remove(store.hash(key, 0, KEY_BYTES), key, 0, KEY_BYTES, 0)).isPositive();
        assertThat(store.stats().blockBytes()).as("bytes that a value of %d bytes leaves behind", length).isZero();
      }
      store.assertValid();
    }
  }

  /**
   * Values of one size fill the store, then values of another. When as many bytes of those were written as the store
   * has, the payload's share of all bytes is good again.
   *
   * @param overwriting whether the same keys are written again and again, as many as fit
   */
  @ParameterizedTest
  @CsvSource({"32, 1, 0, false", "64, 4, 0, false", "64, 4, 3, false", "64, 4, 1, true"})
  void givesItsBytesToANewSizeWithinOneTurnover(int memoryMib, int partitions, int readsPerPut, boolean overwriting) {
    long budget = (long) memoryMib * MIB;
    try (Store store = open(memoryMib, partitions)) {
      StringBuilder shares = new StringBuilder();
      long number = 0;
      for (int length : new int[] {1 << 10, 4 << 10, 200, 1 << 10, 200}) {
        long keys = overwriting ? budget / (length + KEY_BYTES) : Long.MAX_VALUE;
        for (long written = 0; written < budget; written += length + KEY_BYTES) {
          put(store, number % keys, length);
          for (int read = 0; read < readsPerPut; read++) {
            // Young entries are read more often than old ones.
            long age = (long) (number * Math.pow(random.nextDouble(), 4));
            get(store, (number - age) % keys);
          }
          number++;
        }
        shares.append(String.format(Locale.ROOT, " %d B %.3f", length, share(store)));
        assertThat(share(store)).as("share of payload,%s", shares).isGreaterThan(SHARE_MIN);
        assertWithinBudget(store, budget);
      }
      store.assertValid();
      tell(store, readsPerPut + " reads per put" + (overwriting ? ", overwriting" : ""), shares.toString());
    }
  }
}
