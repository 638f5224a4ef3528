package io.larder;

/**
 * Keys to look up together with {@link ByteCache#getAll}, and room for their values. The processor's cache misses
 * of a batch overlap, which makes it faster than one lookup after the other where there are more entries than its
 * caches hold.
 *
 * <p>Reusable, for one thread; allocates only when it is made.
 */
public final class Batch {
  private final io.larder.engine.Batch batch;
  private int longestKey;

  /**
   * An empty batch.
   *
   * @param keysMax how many keys it holds at most, 1 or more
   * @param valueBytesMax the room for each value in bytes, 0 or more; both together make less than 2 GiB
   * @throws IllegalArgumentException when either is out of range
   */
  public Batch(int keysMax, int valueBytesMax) {
    batch = new io.larder.engine.Batch(keysMax, valueBytesMax);
  }

  /** Forgets all keys. */
  public void clear() {
    batch.clear();
    longestKey = 0;
  }

  /** Adds a key; as {@link #add(byte[], int, int)} with the whole array. */
  public Batch add(byte[] key) {
    return add(key, 0, Arguments.notNull(key, "key").length);
  }

  /**
   * Adds a key. The array is referred to, not copied, until {@link #clear()}.
   *
   * @throws IllegalArgumentException when the range is not within the array
   * @throws IllegalStateException when the batch is full
   */
  public Batch add(byte[] key, int keyOffset, int keyLength) {
    Arguments.range("key", keyOffset, keyLength, Arguments.notNull(key, "key").length);
    batch.add(key, keyOffset, keyLength);
    longestKey = Math.max(longestKey, keyLength);
    return this;
  }

  /** How many keys there are. */
  public int count() {
    return batch.count();
  }

  /**
   * The length of a value, or {@link ByteCache#ABSENT}; when it is more than {@link #valueBytesMax()} the value was
   * not copied.
   *
   * @param index which key, 0 and up in the order of adding
   */
  public int length(int index) {
    return batch.length(index);
  }

  /** The array in which all values are. */
  public byte[] values() {
    return batch.values();
  }

  /** Where in {@link #values()} the value of a key begins. */
  public int offset(int index) {
    return batch.offset(index);
  }

  /** The room for each value in bytes. */
  public int valueBytesMax() {
    return batch.valueBytesMax();
  }

  int longestKey() {
    return longestKey;
  }

  io.larder.engine.Batch inner() {
    return batch;
  }
}
