package io.larder;

import io.larder.engine.EntryInfo;
import io.larder.engine.PutSpec.Condition;
import io.larder.engine.Store;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@link Cache} over the core: encodes on the way down, decodes on the way up.
 *
 * <p>Values are copied out of the store before they are decoded, so that a codec never sees bytes that are being
 * overwritten. What depends on the present value reads it with its version, and writes on condition of the version,
 * until that succeeds: of the writers that meet, one always does.
 */
final class TypedCache<K, V> implements Cache<K, V> {
  private static final Executor COLD_READS = task -> Thread.ofVirtual().name("larder-cold-read").start(task);

  /** One of so many keys of a batch is looked up alone where there are live objects. */
  private static final int KEYS_PER_TURN = 16;

  private final Core core;
  private final Codec<K> keys;
  private final Codec<V> values;
  private final StoreBytes bytes;
  private final Loading<K, V> loading;
  private final @Nullable Packing packing;
  private final @Nullable Tiers tiers;
  private final @Nullable LiveObjects<K, V> live;

  TypedCache(Core core, Codec<K> keys, Codec<V> values) {
    this.core = core;
    this.keys = keys;
    this.values = values;
    this.bytes = new StoreBytes(core);
    this.loading = new Loading<>(core, this, values);
    this.packing = core.packing();
    this.tiers = core.tiers();
    int liveObjects = core.settings().liveObjects();
    this.live = liveObjects == 0 ? null : new LiveObjects<>(core.store(), liveObjects);
  }

  static <K, V> TypedCache<K, V> open(
      Settings settings,
      Codec<K> keys,
      Codec<V> values,
      @Nullable RemovalListener<? super K, ? super V> listener) {
    Removals<K, V> removals =
        listener == null ? null : new Removals<>(settings.name(), keys, values, listener, settings.executor());
    return new TypedCache<>(Core.open(settings, removals), keys, values);
  }

  // ---- reads

  @Override
  public @Nullable V get(K key) {
    Store store = core.store();
    V alive = live == null ? null : live.get(Arguments.notNull(key, "key"));
    if (alive != null) {
      return alive;
    }
    Scratch scratch = encodeKey(key);
    try {
      return read(store, key, scratch);
    } finally {
      scratch.release();
    }
  }

  @Override
  public CompletableFuture<@Nullable V> getAsync(K key) {
    return tiers == null || isInMemory(key)
        ? CompletableFuture.completedFuture(get(key))
        : CompletableFuture.supplyAsync(() -> get(key), COLD_READS);
  }

  private boolean isInMemory(K key) {
    Store store = core.store();
    Scratch scratch = encodeKey(key);
    try {
      byte[] encoded = scratch.key.array();
      int length = scratch.key.length();
      return store.find(store.hash(encoded, 0, length), encoded, 0, length, scratch.info);
    } finally {
      scratch.release();
    }
  }

  @Override
  public @Nullable V get(K key, Loader<? super K, ? extends V> loader) {
    Arguments.notNull(loader, "loader");
    Store store = core.store();
    V alive = live == null ? null : live.get(Arguments.notNull(key, "key"));
    if (alive != null) {
      return alive;
    }
    byte[] encoded;
    Scratch scratch = encodeKey(key);
    try {
      V value = read(store, key, scratch);
      if (value != null) {
        return value;
      }
      encoded = Arrays.copyOf(scratch.key.array(), scratch.key.length());
    } finally {
      scratch.release();
    }
    return loading.load(key, encoded, loader);
  }

  @Override
  public @Nullable VersionedValue<V> getVersioned(K key) {
    Store store = core.store();
    Scratch scratch = encodeKey(key);
    try {
      V value = readWithVersion(store, scratch.key.array(), scratch.key.length(), scratch);
      return value == null ? null : new VersionedValue<>(value, scratch.expectedVersion);
    } finally {
      scratch.release();
    }
  }

  @Override
  public Map<K, V> getAll(Collection<? extends K> wanted) {
    Store store = core.store();
    Map<K, V> found = HashMap.newHashMap(Arguments.notNull(wanted, "keys").size());
    List<K> some = new ArrayList<>(Scratch.BATCH_KEYS);
    for (K key : wanted) {
      if (packing != null) {
        getEach(key, found);
      } else if (live == null || !getAlone(live, key, found)) {
        some.add(key);
      }
      if (some.size() == Scratch.BATCH_KEYS) {
        getSome(store, some, found);
        some.clear();
      }
    }
    getSome(store, some, found);
    return found;
  }

  /** Gets a key as if alone: a batch does not tell which of its values are compressed. */
  private void getEach(K key, Map<K, V> found) {
    V value = get(key);
    if (value != null) {
      found.put(key, value);
    }
  }

  /**
   * Gets a key apart from the others, if that costs no lookup, or a lookup is to see to its object, which a batch does
   * not; says whether it did. One in some keys has its turn by chance, so that what is read most comes alive.
   */
  private boolean getAlone(LiveObjects<K, V> objects, K key, Map<K, V> found) {
    V value = objects.get(Arguments.notNull(key, "key"));
    if (value == null) {
      if (!objects.knows(key) && ThreadLocalRandom.current().nextInt(KEYS_PER_TURN) != 0) {
        return false;
      }
      value = get(key);
    }
    if (value != null) {
      found.put(key, value);
    }
    return true;
  }

  private void getSome(Store store, List<K> some, Map<K, V> found) {
    Scratch scratch = Scratch.take();
    try {
      int[] ends = new int[some.size()];
      for (int i = 0; i < ends.length; i++) {
        ends[i] = encodeNextKey(some.get(i), scratch);
      }
      io.larder.engine.Batch batch = scratch.batch();
      batch.clear();
      byte[] encoded = scratch.key.array();
      for (int i = 0, begin = 0; i < ends.length; begin = ends[i++]) {
        batch.add(encoded, begin, ends[i] - begin);
      }
      store.getAll(batch);
      if (tiers != null) {
        tiers.getAbsent(store, batch);
      }
      for (int i = 0; i < ends.length; i++) {
        K key = some.get(i);
        int length = batch.length(i);
        @Nullable V value =
            length <= batch.valueBytesMax() ? decode(batch.values(), batch.offset(i), length) : getAgain(key);
        if (value != null) {
          found.put(key, value);
        }
      }
    } finally {
      scratch.release();
    }
  }

  /** The value of a key for which the batch had no room. */
  private @Nullable V getAgain(K key) {
    core.hitsAgain.increment();
    return get(key);
  }

  /** Writes the key behind those that the scratch has already; returns where it ends. */
  private int encodeNextKey(K key, Scratch scratch) {
    int begin = scratch.key.length();
    keys.encode(Arguments.notNull(key, "key"), scratch.key);
    scratch.key.own();
    int end = scratch.key.length();
    Arguments.atMost("key", end - begin, core.store().keyBytesMax());
    return end;
  }

  @Override
  public boolean containsKey(K key) {
    Store store = core.store();
    Scratch scratch = encodeKey(key);
    try {
      byte[] encoded = scratch.key.array();
      int length = scratch.key.length();
      return core.contains(store, encoded, 0, length);
    } finally {
      scratch.release();
    }
  }

  @Override
  public Explanation explain(K key) {
    Store store = core.store();
    Scratch scratch = encodeKey(key);
    try {
      return core.explain(store, scratch.key.array(), scratch.key.length());
    } finally {
      scratch.release();
    }
  }

  /** The value of the scratch's key, and about its entry in the scratch's info. */
  private @Nullable V read(Store store, K asked, Scratch scratch) {
    byte[] key = scratch.key.array();
    int keyLength = scratch.key.length();
    long hash = store.hash(key, 0, keyLength);
    if (live != null) {
      return readAlive(live, store, asked, hash, key, keyLength, scratch);
    }
    if (values == BytesCodec.INSTANCE) {
      @SuppressWarnings("unchecked") // the codec says that values are arrays
      V array =
          (V)
              (packing == null
                  ? store.getBytes(hash, key, 0, keyLength, scratch.info)
                  : packing.getBytes(store, hash, key, 0, keyLength));
      return array == null && tiers != null ? readBelow(tiers, store, hash, key, keyLength, scratch) : array;
    }
    int length = readInto(store, hash, key, keyLength, scratch);
    return length < 0 && tiers != null
        ? readBelow(tiers, store, hash, key, keyLength, scratch)
        : decode(scratch.value.array(), 0, length);
  }

  /** As {@link #read}; the object is kept if it is the second time that it is read. */
  private @Nullable V readAlive(
      LiveObjects<K, V> objects, Store store, K asked, long hash, byte[] key, int keyLength, Scratch scratch) {
    EntryInfo info = scratch.info;
    int length = readInto(store, hash, key, keyLength, scratch);
    if (length < 0) {
      objects.drop(asked);
      return tiers == null ? null : readBelow(tiers, store, hash, key, keyLength, scratch);
    }
    V alive = objects.sameVersion(asked, info);
    if (alive != null) {
      return alive;
    }
    boolean keeps = info.wasHit() || store.isReadOnly() || objects.knows(asked);
    V value = decode(scratch.value.array(), 0, length);
    if (value != null && keeps) {
      objects.keep(asked, value, info);
    }
    return value;
  }

  /** The value of a key that the memory did not have. */
  private @Nullable V readBelow(
      Tiers both, Store store, long hash, byte[] key, int keyLength, Scratch scratch) {
    TierRead read = scratch.tierRead();
    return both.find(store, hash, key, 0, keyLength, read) ? decode(read.array(), 0, read.length) : null;
  }

  /**
   * Puts the value that the memory has at the start of the scratch's, which grows as needed, and tells about its entry
   * there; returns its length.
   */
  private int readInto(Store store, long hash, byte[] key, int keyLength, Scratch scratch) {
    return packing == null
        ? readInto(store, hash, key, keyLength, scratch.value, scratch.info)
        : readUnpacked(packing, store, hash, key, keyLength, scratch);
  }

  /** The value stays where it was decompressed, until the scratch is used for another. */
  private int readUnpacked(Packing packs, Store store, long hash, byte[] key, int keyLength, Scratch scratch) {
    TierRead read = scratch.tierRead();
    if (!packs.find(store, hash, key, 0, keyLength, read, scratch.info)) {
      return Store.ABSENT;
    }
    scratch.value.borrow(read.array());
    return read.length;
  }

  private int readInto(Store store, long hash, byte[] key, int keyLength, ByteOutput target, EntryInfo info) {
    byte[] room = target.array();
    int length = store.get(hash, key, 0, keyLength, room, 0, room.length, info);
    while (length > room.length) {
      room = target.reserve(length);
      length = store.getAgain(hash, key, 0, keyLength, room, 0, room.length, info);
      if (length < 0) {
        core.hitsAgain.increment();
      }
    }
    return length;
  }

  /** The value, or null when there is none or it cannot be decoded, which is counted. */
  @Nullable V decode(byte[] source, int offset, int length) {
    if (length < 0) {
      return null;
    }
    try {
      return values.decode(source, offset, length);
    } catch (RuntimeException undecodable) {
      core.decodeFailures.increment();
      return null;
    }
  }

  private Scratch encodeKey(K key) {
    Arguments.notNull(key, "key");
    Scratch scratch = Scratch.take();
    try {
      keys.encode(key, scratch.key);
      Arguments.atMost("key", scratch.key.length(), core.store().keyBytesMax());
      return scratch;
    } catch (Throwable failure) {
      scratch.release();
      throw failure;
    }
  }

  // ---- writes

  @Override
  public void put(K key, V value) {
    write(Condition.ALWAYS, 0, key, value, Entry.plain());
  }

  @Override
  public void put(K key, V value, Entry entry) {
    write(Condition.ALWAYS, 0, key, value, entry);
  }

  @Override
  public boolean putIfAbsent(K key, V value) {
    return tookEffect(write(Condition.IF_ABSENT, 0, key, value, Entry.plain()));
  }

  @Override
  public boolean putIfAbsent(K key, V value, Entry entry) {
    return tookEffect(write(Condition.IF_ABSENT, 0, key, value, entry));
  }

  @Override
  public boolean replace(K key, V value) {
    return tookEffect(write(Condition.IF_PRESENT, 0, key, value, Entry.plain()));
  }

  @Override
  public boolean replaceIfVersion(K key, long expectedVersion, V value) {
    Arguments.version(expectedVersion);
    return tookEffect(write(Condition.IF_VERSION, expectedVersion, key, value, Entry.plain()));
  }

  private long write(Condition condition, long expectedVersion, K key, V value, Entry entry) {
    Arguments.notNull(value, "value");
    Arguments.notNull(entry, "entry");
    core.store();
    Scratch scratch = encodeKey(key);
    try {
      values.encode(value, scratch.value);
      return write(scratch, condition, expectedVersion, entry);
    } finally {
      scratch.release();
    }
  }

  /** Writes the scratch's value to its key. */
  private long write(Scratch scratch, Condition condition, long expectedVersion, Entry entry) {
    ByteOutput key = scratch.key;
    ByteOutput value = scratch.value;
    return core.put(
        scratch.spec,
        condition,
        expectedVersion,
        entry,
        key.array(),
        0,
        key.length(),
        value.array(),
        0,
        value.length());
  }

  private static boolean tookEffect(long outcome) {
    return outcome > 0 || outcome == Store.REJECTED;
  }

  @Override
  public boolean remove(K key) {
    core.store();
    Scratch scratch = encodeKey(key);
    try {
      return core.remove(scratch.key.array(), 0, scratch.key.length(), 0) > 0;
    } finally {
      scratch.release();
    }
  }

  @Override
  public boolean removeIfVersion(K key, long expectedVersion) {
    Arguments.version(expectedVersion);
    core.store();
    Scratch scratch = encodeKey(key);
    try {
      return core.remove(scratch.key.array(), 0, scratch.key.length(), expectedVersion) > 0;
    } finally {
      scratch.release();
    }
  }

  @Override
  public boolean remove(K key, V expected) {
    Scratch scratch = encodeKey(key);
    try {
      ByteOutput encodedKey = scratch.key;
      while (true) {
        long version = versionIfValueIs(scratch, expected);
        if (version == Store.ABSENT) {
          return false;
        }
        if (core.remove(encodedKey.array(), 0, encodedKey.length(), version) > 0) {
          return true;
        }
      }
    } finally {
      scratch.release();
    }
  }

  @Override
  public boolean replace(K key, V expected, V value) {
    Arguments.notNull(value, "value");
    Scratch scratch = encodeKey(key);
    try {
      while (true) {
        long version = versionIfValueIs(scratch, expected);
        if (version == Store.ABSENT) {
          return false;
        }
        scratch.value.clear();
        values.encode(value, scratch.value);
        if (tookEffect(write(scratch, Condition.IF_VERSION, version, Entry.plain()))) {
          return true;
        }
      }
    } finally {
      scratch.release();
    }
  }

  /** The version of the entry if its value has the bytes of {@code expected}, and {@link Store#ABSENT} otherwise. */
  private long versionIfValueIs(Scratch scratch, V expected) {
    Arguments.notNull(expected, "expected");
    Store store = core.store();
    byte[] key = scratch.key.array();
    int keyLength = scratch.key.length();
    scratch.value.clear();
    values.encode(expected, scratch.value);
    Scratch present = Scratch.take();
    try {
      int length = readInto(store, store.hash(key, 0, keyLength), key, keyLength, present);
      byte[] found = present.value.array();
      long version = present.info.version();
      if (length < 0 && tiers != null) {
        TierRead read = present.tierRead();
        boolean below = tiers.findForVersion(store, store.hash(key, 0, keyLength), key, 0, keyLength, read);
        length = below ? read.length : Store.ABSENT;
        found = read.array();
        version = read.version;
      }
      boolean same =
          length >= 0 && Arrays.equals(found, 0, length, scratch.value.array(), 0, scratch.value.length());
      return same ? version : Store.ABSENT;
    } finally {
      present.release();
    }
  }

  @Override
  public @Nullable V compute(K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    Arguments.notNull(function, "function");
    Scratch scratch = encodeKey(key);
    try {
      while (true) {
        V present = readForUpdate(scratch);
        V value = function.apply(key, present);
        if (update(scratch, value)) {
          return value;
        }
      }
    } finally {
      scratch.release();
    }
  }

  @Override
  public @Nullable V computeIfPresent(K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
    Arguments.notNull(function, "function");
    Scratch scratch = encodeKey(key);
    try {
      while (true) {
        V present = readForUpdate(scratch);
        if (present == null) {
          if (scratch.expectedVersion != 0 || isAbsent(scratch)) {
            return null;
          }
          continue;
        }
        V value = function.apply(key, present);
        if (update(scratch, value)) {
          return value;
        }
      }
    } finally {
      scratch.release();
    }
  }

  @Override
  public @Nullable V merge(K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    Arguments.notNull(value, "value");
    Arguments.notNull(function, "function");
    Scratch scratch = encodeKey(key);
    try {
      while (true) {
        V present = readForUpdate(scratch);
        V merged = present == null ? value : function.apply(present, value);
        if (update(scratch, merged)) {
          return merged;
        }
      }
    } finally {
      scratch.release();
    }
  }

  private @Nullable V readForUpdate(Scratch scratch) {
    scratch.value.clear();
    return readWithVersion(core.store(), scratch.key.array(), scratch.key.length(), scratch);
  }

  /**
   * The present value, and its version in the scratch's {@code expectedVersion}, 0 when there is no entry. One of the
   * second tier is brought into the memory for that.
   */
  @Nullable V readWithVersion(Store store, byte[] key, int keyLength, Scratch scratch) {
    long hash = store.hash(key, 0, keyLength);
    int length = readInto(store, hash, key, keyLength, scratch);
    if (length < 0 && tiers != null) {
      TierRead read = scratch.tierRead();
      boolean found = tiers.findForVersion(store, hash, key, 0, keyLength, read);
      scratch.expectedVersion = found ? read.version : 0;
      return found ? decode(read.array(), 0, read.length) : null;
    }
    scratch.expectedVersion = length < 0 ? 0 : scratch.info.version();
    return decode(scratch.value.array(), 0, length);
  }

  /**
   * Puts the value, or removes the key for null, if nothing was written to it since {@link #readForUpdate}; says
   * whether it did.
   */
  private boolean update(Scratch scratch, @Nullable V value) {
    long version = scratch.expectedVersion;
    if (value == null && version == 0) {
      return isAbsent(scratch);
    }
    if (value == null) {
      return core.remove(scratch.key.array(), 0, scratch.key.length(), version) > 0;
    }
    scratch.value.clear();
    values.encode(value, scratch.value);
    Condition condition = version == 0 ? Condition.IF_ABSENT : Condition.IF_VERSION;
    return tookEffect(write(scratch, condition, version, Entry.plain()));
  }

  /** Whether the scratch's key, which {@link #readForUpdate} has not found, is not there. */
  private boolean isAbsent(Scratch scratch) {
    return core.confirmAbsent(scratch.key.array(), scratch.key.length());
  }

  @Override
  public void clear() {
    core.clear();
    if (live != null) {
      live.clear();
    }
  }

  @Override
  public long resize(long bytes) {
    return core.resize(bytes);
  }

  // ---- the rest

  @Override
  public Iterator<CacheEntry<K, V>> iterator() {
    return new EntryIterator<>(core, core.store(), keys, values, this::remove);
  }

  @Override
  public ConcurrentMap<K, V> asMap() {
    return new MapView<>(this);
  }

  @Override
  public ByteCache bytes() {
    return bytes;
  }

  @Override
  public long estimatedSize() {
    return core.estimatedSize();
  }

  @Override
  public CacheStats stats() {
    return core.stats();
  }

  @Override
  public void cleanUp() {
    core.cleanUp();
  }

  @Override
  public void close() {
    core.close();
    if (live != null) {
      live.clear();
    }
  }
}
