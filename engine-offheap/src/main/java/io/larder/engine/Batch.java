package io.larder.engine;

import java.util.Objects;

/**
 * Keys to look up together, and room for their values. The cache misses of a batch overlap, which is why it
 * is faster than one lookup after the other when the entries are spread over more memory than the caches
 * hold.
 *
 * <p>Reusable, for one thread; allocates only when it is made. The keys' arrays are referred to until {@link
 * #clear()}.
 */
public final class Batch {
  final byte[][] keys;
  final int[] keyOffsets;
  final int[] keyLengths;
  final int[] lengths;
  final long[] hashes;
  final long[] places;
  final byte[] values;
  private final int valueBytesMax;
  private int count;

  /** What the touches read; kept so that the JIT compiler does not leave them out. */
  int touched;

  /**
   * Makes an empty batch.
   *
   * @param keysMax how many keys it holds at most, 1 or more
   * @param valueBytesMax the room for each value in bytes
   * @throws IllegalArgumentException when either is out of range, or both together make more than an array
   *     can be
   */
  public Batch(int keysMax, int valueBytesMax) {
    if (keysMax < 1 || valueBytesMax < 0 || (long) keysMax * valueBytesMax > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          "keysMax=" + keysMax + " and valueBytesMax=" + valueBytesMax
              + " are not a batch of 1 key or more in less than 2 GiB");
    }
    keys = new byte[keysMax][];
    keyOffsets = new int[keysMax];
    keyLengths = new int[keysMax];
    lengths = new int[keysMax];
    hashes = new long[keysMax];
    places = new long[keysMax];
    values = new byte[keysMax * valueBytesMax];
    this.valueBytesMax = valueBytesMax;
  }

  /** Forgets all keys. */
  public void clear() {
    count = 0;
  }

  /** Adds a key: all bytes of an array. */
  public Batch add(byte[] key) {
    return add(key, 0, key.length);
  }

  /**
   * Adds a key: {@code length} bytes of an array from {@code offset} on.
   *
   * @throws IllegalStateException when the batch is full
   */
  public Batch add(byte[] key, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, key.length);
    if (count == keys.length) {
      throw new IllegalStateException("the batch is full: keysMax=" + keys.length);
    }
    keys[count] = key;
    keyOffsets[count] = offset;
    keyLengths[count] = length;
    lengths[count++] = Store.ABSENT;
    return this;
  }

  /** How many keys there are. */
  public int count() {
    return count;
  }

  /**
   * The length of a value, or {@link Store#ABSENT}. A value longer than {@link #valueBytesMax()} was not
   * copied.
   *
   * @param index which key, in the order of {@link #add}
   */
  public int length(int index) {
    return lengths[Objects.checkIndex(index, count)];
  }

  /** The array in which a key is. */
  public byte[] key(int index) {
    return keys[Objects.checkIndex(index, count)];
  }

  /** Where in its array a key begins. */
  public int keyOffset(int index) {
    return keyOffsets[Objects.checkIndex(index, count)];
  }

  /** The bytes of a key. */
  public int keyLength(int index) {
    return keyLengths[Objects.checkIndex(index, count)];
  }

  /** Says that a value of that length has been found elsewhere, and copied if there is room for it. */
  public void setLength(int index, int length) {
    lengths[Objects.checkIndex(index, count)] = length;
  }

  /** The array in which all values are. */
  public byte[] values() {
    return values;
  }

  /** Where in {@link #values()} the value of a key begins. */
  public int offset(int index) {
    return index * valueBytesMax;
  }

  /** The room for each value in bytes. */
  public int valueBytesMax() {
    return valueBytesMax;
  }
}
