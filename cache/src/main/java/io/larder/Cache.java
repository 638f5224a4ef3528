package io.larder;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A cache whose entries live off the heap, within a fixed number of bytes.
 *
 * <p><b>By value.</b> Keys and values are stored as the bytes that their {@link Codec}s make of them. Each read
 * yields an object of its own; changing it does not change the cache. Keys are the same when their bytes are, and
 * so are values.
 *
 * <p><b>Threads.</b> Any thread, virtual ones too, may call any method at any time. Reads take no lock, but for a
 * moment now and then where there is a time to idle. No lock is held while code of the user runs: codecs, loaders,
 * functions and listeners may use the cache and may block.
 *
 * <p><b>Room.</b> When the memory is full, entries are evicted: a write does not fail for want of room. An entry
 * may go at any moment. A value for which there is no room even so counts as written and evicted at once.
 *
 * <p><b>Time.</b> A write without a time to live of its own has that of the cache, if there is one; reads do not
 * prolong it. An entry whose time is over is absent at once; its space is taken back, and the listener told, a
 * little later.
 *
 * <p><b>Errors.</b> Null throws {@link NullPointerException} where it is not allowed for; a key over
 * {@link ByteCache#keyBytesMax()} or a value over {@link ByteCache#valueBytesMax()} {@link IllegalArgumentException};
 * a closed cache {@link IllegalStateException}; what a codec throws when encoding is passed on. After any of them the
 * cache is as it was.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public interface Cache<K, V> extends AutoCloseable, Iterable<CacheEntry<K, V>> {

  // ---- reads

  /** The value, or null when there is none. A value that its codec cannot decode counts as none. */
  @Nullable V get(K key);

  /**
   * The value, or what the loader finds when there is none.
   *
   * <p><b>Single flight.</b> Of several threads that ask for a key that is not there, one calls its loader and the
   * others wait for the outcome: the value (for each of them decoded anew), or null, or what the loader threw, the
   * same object for all. Waiting does not mind interrupts.
   *
   * <p><b>Invalidation wins.</b> If the key is written to or removed, or the cache cleared, while the loader runs,
   * then its value goes to those who wait for it already and nowhere else: it is not stored, and who asks later
   * does not get it.
   *
   * <p>Neither null nor a failure is cached. If there is no room for the value it is returned all the same.
   *
   * @param loader called by this thread, with no lock held
   * @return null when the loader returned null
   * @throws IllegalStateException when a loader asks for the very key that it is loading, itself or by way of other
   *     loaders
   * @throws CacheException {@link CacheException.Code#LOAD_FAILED} when the loader throws a checked exception;
   *     others are passed on
   */
  @Nullable V get(K key, Loader<? super K, ? extends V> loader);

  /**
   * As {@link #get(Object)}, for who must not wait for a disk: what is in the memory is there at once, and what
   * has to be looked for in a second tier, {@link CacheBuilder#file}, a virtual thread gets.
   *
   * @return the value, or null when there is none
   */
  CompletableFuture<@Nullable V> getAsync(K key);

  /** The values of those keys that are there. */
  Map<K, V> getAll(Collection<? extends K> keys);

  /** The value and its version, or null when there is none. */
  @Nullable VersionedValue<V> getVersioned(K key);

  /** Whether there is a value. Counts as neither hit nor miss. */
  boolean containsKey(K key);

  /**
   * Why there is a value or there is none: what became of the key last. It is no access: it counts as neither hit nor
   * miss, and lets the entry stay no longer than it would. In a shared file it tells of what any process did, and after
   * a restart too.
   *
   * <p>What has become of keys is remembered in about a 2,048th of the memory, 8 bytes for each: of the last 128 at
   * least, and the more, the larger the cache. Another key is taken for this one with a probability of one in 2,048 at
   * most.
   */
  Explanation explain(K key);

  // ---- writes

  /** Puts the value, whatever the key had before. */
  void put(K key, V value);

  /** As {@link #put(Object, Object)}, with a time to live or a cost of its own. */
  void put(K key, V value, Entry entry);

  /** Puts the value if the key has none; says whether it did. */
  boolean putIfAbsent(K key, V value);

  /** As {@link #putIfAbsent(Object, Object)}, with a time to live or a cost of its own. */
  boolean putIfAbsent(K key, V value, Entry entry);

  /** Puts the value if the key has one; says whether it did. */
  boolean replace(K key, V value);

  /** Puts the value if the key has a value with the same bytes as {@code expected}; says whether it did. */
  boolean replace(K key, V expected, V value);

  /**
   * Puts the value if the key has that version, as {@link #getVersioned} told; says whether it did.
   *
   * @throws IllegalArgumentException when the version is not positive
   */
  boolean replaceIfVersion(K key, long expectedVersion, V value);

  /** Removes the key; says whether it was there. A load of the key that is under way will not be stored. */
  boolean remove(K key);

  /** Removes the key if it has a value with the same bytes as {@code expected}; says whether it did. */
  boolean remove(K key, V expected);

  /**
   * Removes the key if it has that version, as {@link #getVersioned} told; says whether it did.
   *
   * @throws IllegalArgumentException when the version is not positive
   */
  boolean removeIfVersion(K key, long expectedVersion);

  /**
   * Puts what the function makes of the present value, which is null when there is none, or removes the key when it
   * returns null.
   *
   * <p>It takes effect atomically. The function runs with no lock held; when another write comes in between, it
   * runs again with the new value, so it should have no side effects. What it throws is passed on and changes
   * nothing.
   *
   * @return what the function returned
   */
  @Nullable V compute(K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function);

  /** As {@link #compute}, but only where there is a value; returns null where there is none. */
  @Nullable V computeIfPresent(K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function);

  /**
   * Puts the value where there is none, and otherwise what the function makes of the present value and this one;
   * removes the key when the function returns null. Atomic as {@link #compute}.
   *
   * @return what the key has then, or null
   */
  @Nullable V merge(K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function);

  /** Removes all keys that are there when it begins. A load that is under way will not be stored. */
  void clear();

  // ---- the rest

  /**
   * Makes the shared file larger or smaller while all processes go on using it, for all of them. When it becomes
   * smaller entries are evicted as far as need be, and the space is given back to the file system where that can take
   * it; when it becomes larger the space is reserved first. If this process is killed meanwhile, another one brings it
   * to its end. It takes as long as reserving the space does, or sweeping the entries.
   *
   * @param bytes the size wanted, up to the limit that the file was made with
   * @return the size that was reached, in bytes: a little less than was wanted, as it goes by slabs; more, if so much
   *     cannot be evicted, as with values that are being written, or parts of the file that are locked all the time
   * @throws IllegalArgumentException when that is above the limit, or too small for the file's partitions
   * @throws CacheException {@link CacheException.Code#FILE_UNAVAILABLE} when there is no space for it: the file is as
   *     large as it could become then, and the cache goes on; {@link CacheException.Code#BUSY} when another process is
   *     changing the size all the time
   * @throws UnsupportedOperationException in private memory, and where the file is only read
   */
  long resize(long bytes);

  /** As {@link #resize(long)}, with a size as {@link CacheBuilder#memory(String)} has it. */
  default long resize(String size) {
    return resize(MemorySize.parse(Arguments.notNull(size, "size")));
  }

  /**
   * All entries, without a lock. An entry that is there from the beginning to the end is seen exactly once; one
   * that is written or removed meanwhile may be seen or not. Entries that cannot be decoded are left out. {@link
   * Iterator#remove} removes the key. The iterator itself is for one thread.
   */
  @Override
  Iterator<CacheEntry<K, V>> iterator();

  /**
   * The cache as a map: a view, in which changes show on either side. Its {@code size} is {@link #estimatedSize()};
   * its {@code computeIfAbsent} is {@link #get(Object, Loader)}; it compares values by their bytes where it
   * replaces and removes.
   */
  ConcurrentMap<K, V> asMap();

  /** The same entries as bytes. */
  ByteCache bytes();

  /**
   * How many entries there are, about: those are counted too whose time is over and whose space is not yet taken
   * back.
   */
  long estimatedSize();

  /** What was counted so far. */
  CacheStats stats();

  /**
   * Does now, in this thread, what the maintenance thread would do by and by: takes the space of expired entries
   * back, writes to the second tier what has been evicted, and tells the listener of all that has been removed. Seldom
   * needed but in tests.
   */
  void cleanUp();

  /**
   * Gives the memory back. Then all methods but this one throw {@link IllegalStateException}. Removals so far are
   * still told; those entries that remain are not. Waits until the listener has returned, unless it is the listener
   * who calls.
   */
  @Override
  void close();
}
