package io.larder;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cache of bytes: what lies below the typed one, and allocates nothing.
 *
 * <p><b>Keys and values</b> are whole arrays, ranges of arrays, whole {@link MemorySegment}s, or the remaining
 * bytes of {@link ByteBuffer}s, on the heap or not. They are copied: the cache keeps no reference. They must not
 * change during the call. A key has up to {@link #keyBytesMax()} bytes, a value up to {@link #valueBytesMax()};
 * both may be empty.
 *
 * <p><b>Allocation.</b> No method allocates, but for those that return a fresh array, {@link #explain}, {@link
 * #stats()}, and values over 256 KiB in a buffer that is off the heap or read-only, which cost a small object.
 *
 * <p><b>Threads.</b> Any thread may call any method. Reads take no lock, but for a moment now and then where there
 * is a time to idle, and never wait for writers for long; a key is seen as before or as after a write, never in
 * between.
 *
 * <p><b>Errors.</b> Null throws {@link NullPointerException}; a range outside its array, or a key or value over its
 * limit, {@link IllegalArgumentException}; a closed cache {@link IllegalStateException}. After any of them the
 * cache is as it was.
 */
public interface ByteCache extends AutoCloseable {
  /** There is no such key, or it has expired. */
  int ABSENT = -1;

  /** There is such a key already. */
  int PRESENT = -2;

  /** The key has another version. */
  int MISMATCH = -3;

  /**
   * There was no room for the value, whatever was evicted for it. It counts as stored and evicted at once: what the
   * key had before is gone.
   */
  int REJECTED = -4;

  // ---- reads

  /**
   * Copies the value to the start of {@code target}.
   *
   * @return the length of the value, or {@link #ABSENT}; when it is more than the target has room for, nothing was
   *     copied
   */
  int get(byte[] key, byte[] target);

  /**
   * Copies the value to {@code target}, from {@code targetOffset} on.
   *
   * @return the length of the value, or {@link #ABSENT}; when it is more than the target has room for, nothing was
   *     copied
   */
  int get(byte[] key, int keyOffset, int keyLength, byte[] target, int targetOffset);

  /** As {@link #get(byte[], byte[])}. */
  int get(byte[] key, MemorySegment target);

  /** As {@link #get(byte[], byte[])}, to the target's position, which goes on by what was copied. */
  int get(byte[] key, ByteBuffer target);

  /** As {@link #get(byte[], byte[])}. */
  int get(MemorySegment key, MemorySegment target);

  /** As {@link #get(byte[], ByteBuffer)}; the key's position stays. */
  int get(ByteBuffer key, ByteBuffer target);

  /** A fresh array with the value, or null when there is none. */
  byte @Nullable [] get(byte[] key);

  /**
   * Reads out of the value where it lies.
   *
   * <p>The function must obey the rules of {@link ViewReader}: no side effects, and it ends on any bytes.
   *
   * @return what the reader returns; null when there is no such key
   */
  <R> @Nullable R read(byte[] key, Function<? super ValueView, ? extends @Nullable R> reader);

  /** As {@link #read(byte[], Function)}, with something handed through, so that the reader need not capture it. */
  <C extends @Nullable Object, R extends @Nullable Object> @Nullable R read(
      byte[] key, C context, ViewReader<C, R> reader);

  /** As {@link #read(byte[], Object, ViewReader)}, with a range of an array as the key. */
  <C extends @Nullable Object, R extends @Nullable Object> @Nullable R read(
      byte[] key, int keyOffset, int keyLength, C context, ViewReader<C, R> reader);

  /** Looks all keys of the batch up, so that their cache misses overlap; the batch then has their values. */
  void getAll(Batch batch);

  /** Whether there is such a key. */
  boolean containsKey(byte[] key);

  /** Whether there is such a key. */
  boolean containsKey(byte[] key, int keyOffset, int keyLength);

  /** As {@link Cache#explain}; allocates. */
  Explanation explain(byte[] key);

  /** The version of the key's entry, 1 or more, or {@link #ABSENT}. No two writes to a key have the same one. */
  long version(byte[] key);

  // ---- writes

  /**
   * Puts the value, whatever the key had before.
   *
   * @return the new version, 1 or more, or {@link #REJECTED}
   */
  long put(byte[] key, byte[] value);

  /** As {@link #put(byte[], byte[])}. */
  long put(byte[] key, byte[] value, Entry entry);

  /** As {@link #put(byte[], byte[])}. */
  long put(byte[] key, int keyOffset, int keyLength, byte[] value, int valueOffset, int valueLength, Entry entry);

  /** As {@link #put(byte[], byte[])}. */
  long put(byte[] key, MemorySegment value, Entry entry);

  /** As {@link #put(byte[], byte[])}; the value's position stays. */
  long put(byte[] key, ByteBuffer value, Entry entry);

  /** As {@link #put(byte[], byte[])}. */
  long put(MemorySegment key, MemorySegment value, Entry entry);

  /** As {@link #put(byte[], byte[])}; the positions stay. */
  long put(ByteBuffer key, ByteBuffer value, Entry entry);

  /**
   * Puts the value if there is no such key.
   *
   * @return the new version, {@link #PRESENT}, or {@link #REJECTED}
   */
  long putIfAbsent(byte[] key, byte[] value, Entry entry);

  /**
   * Puts the value if there is such a key.
   *
   * @return the new version, {@link #ABSENT}, or {@link #REJECTED}
   */
  long replace(byte[] key, byte[] value, Entry entry);

  /**
   * Puts the value if the key has that version.
   *
   * @return the new version, {@link #ABSENT}, {@link #MISMATCH}, or {@link #REJECTED}
   * @throws IllegalArgumentException when the version is not positive
   */
  long replaceIfVersion(byte[] key, long expectedVersion, byte[] value, Entry entry);

  /**
   * Removes the key.
   *
   * @return the version that was removed, or {@link #ABSENT}
   */
  long remove(byte[] key);

  /** As {@link #remove(byte[])}. */
  long remove(byte[] key, int keyOffset, int keyLength);

  /** As {@link #remove(byte[])}. */
  long remove(MemorySegment key);

  /** As {@link #remove(byte[])}; the key's position stays. */
  long remove(ByteBuffer key);

  /**
   * Removes the key if it has that version.
   *
   * @return the version that was removed, {@link #ABSENT}, or {@link #MISMATCH}
   * @throws IllegalArgumentException when the version is not positive
   */
  long removeIfVersion(byte[] key, long expectedVersion);

  /** Removes all keys that are there when it begins. */
  void clear();

  // ---- the rest

  /** As {@link Cache#resize(long)}. */
  long resize(long bytes);

  /** The longest key in bytes: 8,148, or 2,004 in a cache of less than 16 MiB. */
  int keyBytesMax();

  /** The largest value in bytes: half of the cache's memory, or what an array can hold. */
  int valueBytesMax();

  /**
   * How many entries there are, about: those are counted too whose time is over and whose space is not yet taken
   * back.
   */
  long estimatedSize();

  /** What was counted so far. */
  CacheStats stats();

  /** Closes the cache, the typed one too. */
  @Override
  void close();
}
