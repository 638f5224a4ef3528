package io.larder;

import java.util.function.BooleanSupplier;

/**
 * A store of bytes below the memory of a cache: larger, and slower. It holds copies of entries that the memory has
 * evicted, or may evict. {@link CacheBuilder#file} is the usual one; {@link CacheBuilder#tier} takes any other.
 *
 * <p><b>Threads.</b> All methods but {@link #close()} and {@link #maintain()} may be called by any thread at any time;
 * those two by one thread of the cache. A key is a range of an array, and is copied.
 *
 * <p><b>Order.</b> {@link #put} and {@link #discard} of one key take turns. The guard of a put is asked within its
 * turn, before the value can be got; a discard that is called when the guard of a put has been asked before waits for
 * the end of that put, and removes what it has put. On this rests that a key never goes back in time.
 *
 * <p><b>Failures.</b> A tier that has lost its memory or its disk finds nothing and takes nothing, and says so by
 * {@link #isLost()}; no method throws because of it. An entry may go at any moment, one that has expired is not got,
 * and one that is damaged is not there.
 */
public interface Tier extends AutoCloseable {

  /** Copies the value of a key to {@code target}, and counts as an access; says whether there is one. */
  boolean get(byte[] key, int keyOffset, int keyLength, TierValue target);

  /** Counts as an access to a key, without its value; says whether there is one. */
  boolean touch(byte[] key, int keyOffset, int keyLength);

  /** Whether there is a value; no access. */
  boolean contains(byte[] key, int keyOffset, int keyLength);

  /**
   * Puts the value, whatever the key had before, if the guard holds.
   *
   * @param guard only looks, and does not call the tier
   * @return whether it has been put; not if the guard did not hold, there is no room for it, or the tier is lost
   */
  boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard);

  /** Removes the key, if it is there; says whether it was. Quick where it is not. */
  boolean discard(byte[] key, int keyOffset, int keyLength);

  /** Removes all keys that are there when it is called. */
  void clear();

  /** All entries; those that come or go meanwhile may be among them or not. It is no access. */
  Cursor cursor();

  /** The longest value that it takes, in bytes. */
  int valueBytesMax();

  /** How many entries there are, about. */
  long estimatedSize();

  /** The bytes that it occupies where it is, about. */
  long usedBytes();

  /** How many entries it has evicted by itself since it was opened, about. */
  long evictions();

  /** Whether it has lost its memory or its disk, for the time being or for ever. */
  boolean isLost();

  /**
   * Some bounded background work, some milliseconds at most; returns how much was done. Called at least each second.
   */
  int maintain();

  /** Hears about once a second what the cache counts about it, for those who look at it from outside. */
  default void tell(TierStats stats) {}

  /** Gives it up; what it holds stays where that outlives a process. No method is called any more. */
  @Override
  void close();

  /** A walk over the entries of a tier; for one thread. */
  interface Cursor {
    /** Goes to the next entry; says whether there is one. */
    boolean next();

    /** The key of the entry, a new array. */
    byte[] key();

    /** Copies the value of the entry. */
    void value(TierValue target);
  }
}
