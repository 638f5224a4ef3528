package io.larder.jmh;

import java.util.Map;

/**
 * One system under test, opened for a {@link Shape} and configured as its users would at its best.
 *
 * <p>A subject chooses the type of its keys. The benchmarks make the keys of their requests beforehand by
 * {@link #newKey}, apart from those that were stored: equal, never identical, as the keys of real requests are.
 *
 * @param <K> the type of key that the system is fastest with
 */
interface Subject<K> extends AutoCloseable {
  /** A new key object for an entry. */
  K newKey(int number);

  /** A handle for one thread, with the buffers that this thread reuses. */
  Client<K> newClient();

  /**
   * The bytes the system itself accounts for, by name, as far as it tells. Larder's ledger is here; a system that
   * tells nothing returns no entries.
   */
  Map<String, Long> ledger();

  @Override
  void close();

  /**
   * One thread's access to the subject.
   *
   * @param <K> the type of key
   */
  interface Client<K> {
    /** The answer of {@link #get} when there is no such entry. */
    int ABSENT = -1;

    /**
     * Copies the value into a buffer that this client reuses, in the cheapest way the system offers.
     *
     * @return its length, or {@link #ABSENT}
     */
    int get(K key);

    /** The buffer that the last {@link #get} filled. */
    byte[] buffer();

    /**
     * Stores a value. The caller goes on using the array, so a system that keeps references has to copy it.
     */
    void put(K key, byte[] value);

    /**
     * Gets several keys, in one call if the system has one that helps.
     *
     * @param keys the keys of all entries, each a K: one array serves subjects with keys of any type
     * @param numbers which of them, by position
     * @param from the first position in {@code numbers}
     * @param count how many
     * @return the sum of the lengths
     */
    @SuppressWarnings("unchecked")
    default int getAll(Object[] keys, int[] numbers, int from, int count) {
      int sum = 0;
      for (int i = from; i < from + count; i++) {
        sum += get((K) keys[numbers[i]]);
      }
      return sum;
    }
  }
}
