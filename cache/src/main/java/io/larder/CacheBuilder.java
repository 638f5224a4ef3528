package io.larder;

import io.larder.allocator.RegionGeometry;
import io.larder.engine.StoreClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds a cache. Only {@link #memory(String) memory} must be given.
 *
 * <p>Each option may be given once: giving it again throws {@link IllegalStateException} with both values. Nothing
 * is rounded or corrected: what cannot be had is refused. A builder belongs to one thread and builds one cache.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class CacheBuilder<K, V> {
  private static final AtomicInteger UNNAMED = new AtomicInteger();

  private final Codec<K> keys;
  private final Codec<V> values;

  private @Nullable Long memoryBytes;
  private @Nullable Long maximumEntries;
  private @Nullable Boolean byteHits;
  private @Nullable Boolean loadCosts;
  private @Nullable Duration expireAfterWrite;
  private @Nullable Duration expireAfterAccess;
  private @Nullable RemovalListener<? super K, ? super V> removalListener;
  private @Nullable Executor executor;
  private @Nullable Path sharedFile;
  private @Nullable Long bytesAtFirst;
  private @Nullable Path readOnlyFile;
  private @Nullable TierFactory tier;
  private @Nullable Compression compression;
  private @Nullable Boolean flushOnClose;
  private @Nullable Integer liveObjects;
  private @Nullable LongSupplier clock;
  private @Nullable Boolean recordStats;
  private @Nullable Boolean verifyReads;
  private @Nullable Boolean hugePages;
  private @Nullable Boolean lockMemory;
  private @Nullable String name;
  private boolean built;

  CacheBuilder(Codec<K> keys, Codec<V> values) {
    this.keys = keys;
    this.values = values;
  }

  /**
   * All the memory that the cache may occupy off the heap: entries, index and everything else. It is taken when the
   * cache is built and never grows.
   *
   * @param size whole bytes, or a whole number with {@code KiB}, {@code MiB}, {@code GiB} or {@code TiB}: {@code
   *     "512MiB"}; 1 MiB to 4 TiB
   * @throws IllegalArgumentException when it is not a size, or outside the limits
   */
  public CacheBuilder<K, V> memory(String size) {
    return memory(MemorySize.parse(Arguments.notNull(size, "memory")));
  }

  /** As {@link #memory(String)}, in bytes. */
  public CacheBuilder<K, V> memory(long bytes) {
    return size("memory", bytes);
  }

  private CacheBuilder<K, V> size(String option, long bytes) {
    if (bytes < RegionGeometry.REGION_BYTES_MIN || bytes > RegionGeometry.REGION_BYTES_MAX) {
      throw new IllegalArgumentException(
          option + "=" + bytes + " bytes is outside " + RegionGeometry.REGION_BYTES_MIN + " (1MiB) to "
              + RegionGeometry.REGION_BYTES_MAX + " (4TiB)");
    }
    if (readOnlyFile != null) {
      throw new IllegalStateException(
          "sharedFileReadOnly=" + readOnlyFile + " and " + option + "=" + bytes
              + " are both given: a cache has one place");
    }
    String before = sharedFile == null ? "memory" : "sharedFile";
    if (memoryBytes != null && !option.equals(before)) {
      throw new IllegalStateException(
          before + "=" + memoryBytes + " and " + option + "=" + bytes + " are both given: a cache has one place");
    }
    refuseSecond(option, this.memoryBytes, bytes);
    this.memoryBytes = bytes;
    return this;
  }

  /**
   * How many entries there may be, in addition to the limit of {@link #memory}: whichever is reached first counts. For
   * those who want no more, or who compare; a cache that is to use its memory goes without. Values that are being
   * loaded do not count. Not with a shared file.
   *
   * @param entries 1 or more
   * @throws IllegalArgumentException when it is less
   */
  public CacheBuilder<K, V> maximumEntries(long entries) {
    if (entries < 1) {
      throw new IllegalArgumentException("maximumEntries=" + entries + " is less than 1");
    }
    refuseSecond("maximumEntries", this.maximumEntries, entries);
    this.maximumEntries = entries;
    return this;
  }

  /**
   * Keeps what saves the most bytes of misses, where a cache otherwise keeps what saves the most misses: a large entry
   * is then worth as much more than a small one. For caches in front of a network or a disk whose bandwidth is short.
   * Those who share a file should all say it or none.
   */
  public CacheBuilder<K, V> byByteHitRatio() {
    refuseSecond("byByteHitRatio", this.byteHits, true);
    this.byteHits = true;
    return this;
  }

  /**
   * Takes the time that a loader has run, in microseconds, for the cost of the entry, {@link Entry#cost(int)}: what was
   * dear to load is kept longer. Each loaded entry takes 8 bytes more for it.
   */
  public CacheBuilder<K, V> costByLoadTime() {
    refuseSecond("costByLoadTime", this.loadCosts, true);
    this.loadCosts = true;
    return this;
  }

  /**
   * Keeps the entries in a file, which all processes of this host may share that open it with the same size: one copy
   * for all of them. Whoever comes first makes the file, the others join; it stays when they have left, and the next
   * start finds it warm. Any of them may be killed at any instant. Instead of {@link #memory}.
   *
   * <p>Writes, versions, expiry and eviction are common to all, and loads are one at a time for a key: the others wait,
   * until the process that loads has done, or has died, or for ten seconds. A removal listener hears of what this
   * process removes. Two caches of one JVM on the same file have the listener and the clock of the first, and may both
   * load the same key at once. All processes must use the same codecs, and clocks that agree.
   *
   * <p>Nothing is taken from a process that is stopped. If that happens to it in the moment of a write, those who write
   * to the same part of the file wait for five seconds, and then throw {@link CacheException.Code#BUSY}; what was
   * loaded is returned and not stored. Reads go on, but for the entries in the one bucket that it was changing: these
   * are missed.
   *
   * <p>Whether values have checksums is decided by who makes the file; {@link #hugePages} and {@link #lockMemory} have
   * no effect on it. Of {@link Cache#stats} hits, misses and loads are this process's, the rest is of all.
   *
   * @param file best on a file system in memory, such as {@code /dev/shm}; beside it a directory of lock files appears.
   *     Not on a file system that several machines share
   * @param size as {@link #memory(String)} has it; all of it is reserved. It is also the limit of {@link Cache#resize}
   * @throws IllegalArgumentException when it is not a size, or outside the limits
   */
  public CacheBuilder<K, V> sharedFile(Path file, String size) {
    return sharedFile(file, MemorySize.parse(Arguments.notNull(size, "size")));
  }

  /** As {@link #sharedFile(Path, String)}, in bytes. */
  public CacheBuilder<K, V> sharedFile(Path file, long bytes) {
    Arguments.notNull(file, "sharedFile");
    size("sharedFile", bytes);
    this.sharedFile = file;
    return this;
  }

  /**
   * As {@link #sharedFile(Path, String)}, in a file that can grow beyond the size that it is made with, by {@link
   * Cache#resize}.
   *
   * @param size of a file that is made; one that is there has its own
   * @param limit up to where it can grow; the same for all who open the file. What the limit costs before it is used is
   *     about one percent of it for the tables and the policy, and address space
   * @throws IllegalArgumentException when one is not a size, or outside the limits, or the size is above the limit
   */
  public CacheBuilder<K, V> sharedFile(Path file, String size, String limit) {
    return sharedFile(
        file, MemorySize.parse(Arguments.notNull(size, "size")), MemorySize.parse(Arguments.notNull(limit, "limit")));
  }

  /** As {@link #sharedFile(Path, String, String)}, in bytes. */
  public CacheBuilder<K, V> sharedFile(Path file, long bytes, long limitBytes) {
    if (bytes < RegionGeometry.REGION_BYTES_MIN || bytes > limitBytes) {
      throw new IllegalArgumentException(
          "sharedFile=" + bytes + " bytes is outside " + RegionGeometry.REGION_BYTES_MIN + " (1MiB) to its limit, "
              + limitBytes);
    }
    sharedFile(file, limitBytes);
    this.bytesAtFirst = bytes;
    return this;
  }

  /**
   * Only reads the entries of a file that others share by {@link #sharedFile}: permission to read it is enough, and it
   * may be on a file system that is mounted read-only. Nothing is written or locked, and those who write do not notice;
   * there is no maintenance thread. Instead of {@link #memory} and {@link #sharedFile}; no size is given, as the file
   * has one.
   *
   * <p>Writes throw {@link UnsupportedOperationException}. {@link Cache#get(Object, Loader)} returns what the loader
   * finds and does not store it. Hits do not keep entries from being evicted. What a writer was changing when he was
   * killed, a few keys at most, is missed until the next one has repaired it.
   *
   * @param file an existing one; if another process is just making it, it is waited for
   */
  public CacheBuilder<K, V> sharedFileReadOnly(Path file) {
    Arguments.notNull(file, "sharedFileReadOnly");
    refuseSecond("sharedFileReadOnly", readOnlyFile, file);
    if (memoryBytes != null) {
      throw new IllegalStateException(
          (sharedFile == null ? "memory=" : "sharedFile=") + memoryBytes + " and sharedFileReadOnly=" + file
              + " are both given: a cache has one place");
    }
    this.readOnlyFile = file;
    return this;
  }

  /**
   * Puts a second tier below the {@link #memory}: a file, larger than it, to which entries go that the memory evicts,
   * and from which they come back when they are used again. It is for one cache at a time, and outlives it: the next
   * cache on the file finds what is there.
   *
   * <p>Both are one cache: a key never goes back in time, whatever tier its value is in, and after a restart, {@code
   * kill -9} included, a read yields the value last written or none. What is only in the memory is lost with the
   * process, unless {@link #flushOnClose} is given and the cache is closed.
   *
   * <p>Writing to the file is for a thread of its own. When that cannot keep up, entries are dropped, and counted in
   * {@link CacheStats#tier}. An entry with a time to idle is not written. When an entry comes back into the memory its
   * version is another one: {@link Cache#replaceIfVersion} with the version from before fails then. {@link
   * Cache#iterator} goes over both tiers, and may see an entry twice or miss it if it moves meanwhile; {@link
   * Cache#estimatedSize} counts one twice that is in both.
   *
   * @param file on a disk, best a fast one; beside it a directory of lock files appears
   * @param size as {@link #memory(String)} has it; all of it is reserved
   * @throws IllegalArgumentException when it is not a size, or outside the limits
   */
  public CacheBuilder<K, V> file(Path file, String size) {
    return file(file, MemorySize.parse(Arguments.notNull(size, "size")));
  }

  /** As {@link #file(Path, String)}, in bytes. */
  public CacheBuilder<K, V> file(Path file, long bytes) {
    return tier(TierFactory.file(file, bytes));
  }

  /**
   * As {@link #file(Path, String)}, with a limit of entries in addition, as {@link #maximumEntries} is one for the
   * memory: for those who want no more, or who compare.
   *
   * @param entries 1 or more
   */
  public CacheBuilder<K, V> file(Path file, long bytes, long entries) {
    if (entries < 1) {
      throw new IllegalArgumentException("entries=" + entries + " is less than 1");
    }
    return tier(fileTier(file, bytes, entries));
  }

  static TierFactory fileTier(Path file, long bytes, long entries) {
    Arguments.notNull(file, "file");
    if (bytes < RegionGeometry.REGION_BYTES_MIN || bytes > RegionGeometry.REGION_BYTES_MAX) {
      throw new IllegalArgumentException(
          "file=" + bytes + " bytes is outside " + RegionGeometry.REGION_BYTES_MIN + " (1MiB) to "
              + RegionGeometry.REGION_BYTES_MAX + " (4TiB)");
    }
    return new FileTier(file, bytes, entries);
  }

  /** As {@link #file(Path, String)}, with a second tier of another kind. */
  public CacheBuilder<K, V> tier(TierFactory factory) {
    refuseSecond("tier", this.tier, Arguments.notNull(factory, "tier"));
    this.tier = factory;
    return this;
  }

  /**
   * Compresses the values in the second tier; those in the memory, too, if it says {@link Compression#inMemory}, which
   * needs no second tier. Without it they are not compressed.
   *
   * <p>In memory it goes with {@link #sharedFile}, too, if who makes the file says so. Of those who join, the ones that
   * do not say so put their values as they are, and read those of the others, for which they need lz4-java as well; so
   * do those of {@link #sharedFileReadOnly}. Who says so and finds a file that was made without it is refused.
   */
  public CacheBuilder<K, V> compress(Compression compression) {
    refuseSecond("compress", this.compression, Arguments.notNull(compression, "compress"));
    this.compression = compression;
    return this;
  }

  /**
   * Has {@link Cache#close} write to the second tier all that is in the memory, so that the next cache on it finds
   * that, too. It takes as long as writing the memory to the disk does.
   */
  public CacheBuilder<K, V> flushOnClose() {
    refuseSecond("flushOnClose", this.flushOnClose, true);
    this.flushOnClose = true;
    return this;
  }

  /**
   * Keeps decoded values on the heap, so that a hit costs neither a lookup in the memory nor decoding: those of the
   * keys that are read most. Each is checked on every hit against the memory, by reading two words: it is as if it had
   * been decoded just now, whatever thread has written to the key, or process, in a {@link #sharedFile}.
   *
   * <p><b>Reads yield the same object again and again,</b> where they otherwise yield one of their own: to all threads,
   * until the key is written to. So values must not be changed by who gets them; best they are immutable. The keys that
   * reads are called with are kept, too, and compared by {@code equals} and {@code hashCode}, which must say what the
   * bytes of keys say: equal objects have equal bytes. So must they never change.
   *
   * <p>{@code get} and {@code getAll} use them; {@code getVersioned}, {@code compute} and others that are about to
   * write decode a value of their own, and iterating does. An object is not kept the first time that its entry is read,
   * but when it is read again; and not of an entry with a time to idle. What has been removed is not found any more,
   * but may stay on the heap until another object takes its place. With {@link #verifyReads} the checksum is checked
   * when a value is decoded.
   *
   * <p>Each takes about 100 bytes of heap besides key and value; one hit in sixteen counts as an access for what the
   * memory evicts, and {@link CacheStats#missRatioCurve} sees only those.
   *
   * @param entries how many at most, 1 to 16,777,216; best a small part of the entries: they are for the garbage
   *     collector to look at
   * @throws IllegalArgumentException when it is outside of that
   */
  public CacheBuilder<K, V> liveObjects(int entries) {
    if (entries < 1 || entries > LiveObjects.ENTRIES_MAX) {
      throw new IllegalArgumentException(
          "liveObjects=" + entries + " is outside 1 to " + LiveObjects.ENTRIES_MAX);
    }
    refuseSecond("liveObjects", this.liveObjects, entries);
    this.liveObjects = entries;
    return this;
  }

  /**
   * Entries expire when this much time has passed since they were written, unless their write says otherwise.
   * Without it they do not expire.
   *
   * @param ttl positive; rounded up to whole milliseconds
   * @throws IllegalArgumentException when it is zero or negative
   */
  public CacheBuilder<K, V> expireAfterWrite(Duration ttl) {
    Entry.millis("expireAfterWrite", ttl);
    refuseSecond("expireAfterWrite", this.expireAfterWrite, ttl);
    this.expireAfterWrite = ttl;
    return this;
  }

  /**
   * Entries expire when nobody has accessed them for this much time, unless their write says otherwise; together with a
   * time to live, when the first of both has passed. Without it they do not expire by that.
   *
   * <p>With a time T an entry expires between T and T + T / 8 after its last access, never before T, by a clock that
   * ticks about each millisecond. For an access moves the entry's end to T + T / 8 from then, and does so only when
   * less than T is left: most accesses write nothing, and an entry that is read all the time is written to about eight
   * times in T. From its end on the entry is absent at once, for all; its memory is taken back a little later, T / 8 at
   * most or some milliseconds, or when it is needed.
   *
   * <p>Accesses are reads of a value, whether copied, viewed or by {@code getAll}, the reads of {@code compute}, {@code
   * merge} and comparing {@code replace} and {@code remove} included; and writes, which make a new entry. {@code
   * containsKey}, {@code version} and iterating are none, and neither is what reads a shared file by {@link
   * #sharedFileReadOnly}, which cannot write to it. While a process that shares a file is stopped in the moment of a
   * write, {@link #sharedFile}, accesses to the same part of the file may not count.
   *
   * <p>Such an entry takes 8 bytes more, and a get and a put of it somewhat longer.
   *
   * @param idle positive; rounded up to whole milliseconds; more than 139 years is for ever
   * @throws IllegalArgumentException when it is zero or negative
   */
  public CacheBuilder<K, V> expireAfterAccess(Duration idle) {
    Entry.millis("expireAfterAccess", idle);
    refuseSecond("expireAfterAccess", this.expireAfterAccess, idle);
    this.expireAfterAccess = idle;
    return this;
  }

  /** Hears of each entry that leaves the cache. Removed entries are then copied to the heap. */
  public CacheBuilder<K, V> removalListener(RemovalListener<? super K, ? super V> listener) {
    refuseSecond("removalListener", this.removalListener, Arguments.notNull(listener, "removalListener"));
    this.removalListener = listener;
    return this;
  }

  /** Calls the removal listener; without it the cache's maintenance thread does. It needs a removal listener. */
  public CacheBuilder<K, V> executor(Executor executor) {
    refuseSecond("executor", this.executor, Arguments.notNull(executor, "executor"));
    this.executor = executor;
    return this;
  }

  /**
   * The time that expiry goes by, in milliseconds from any origin; for tests. It must be quick, safe for many
   * threads, and not negative. Without it the cache has a clock of its own, which jumps of the wall clock do not
   * disturb.
   */
  public CacheBuilder<K, V> clock(LongSupplier millis) {
    refuseSecond("clock", this.clock, Arguments.notNull(millis, "clock"));
    this.clock = millis;
    return this;
  }

  /** Whether hits, misses and loads are counted; true when not given. */
  public CacheBuilder<K, V> recordStats(boolean record) {
    refuseSecond("recordStats", this.recordStats, record);
    this.recordStats = record;
    return this;
  }

  /**
   * Whether each read checks the value against its checksum, at a cost that grows with the value; false when not
   * given.
   */
  public CacheBuilder<K, V> verifyReads(boolean verify) {
    refuseSecond("verifyReads", this.verifyReads, verify);
    this.verifyReads = verify;
    return this;
  }

  /**
   * Whether to ask the operating system for huge pages, which make lookups in large caches faster, while building
   * takes about twice as long; true when not given. Where they are not to be had the cache works without and says
   * so once in the log.
   */
  public CacheBuilder<K, V> hugePages(boolean ask) {
    refuseSecond("hugePages", this.hugePages, ask);
    this.hugePages = ask;
    return this;
  }

  /**
   * Whether to ask the operating system never to swap the cache's memory out; false when not given. Where that is
   * not permitted the cache works without and says so once in the log.
   */
  public CacheBuilder<K, V> lockMemory(boolean ask) {
    refuseSecond("lockMemory", this.lockMemory, ask);
    this.lockMemory = ask;
    return this;
  }

  /**
   * What the cache is called in messages, in the log, and in its thread's name, {@code larder-} and the name;
   * {@code cache-1}, {@code cache-2} and so on when not given.
   *
   * @throws IllegalArgumentException when it is blank
   */
  public CacheBuilder<K, V> name(String name) {
    if (Arguments.notNull(name, "name").isBlank()) {
      throw new IllegalArgumentException("name=\"" + name + "\" is blank");
    }
    refuseSecond("name", this.name, name);
    this.name = name;
    return this;
  }

  /**
   * Takes the memory and starts the cache.
   *
   * @throws IllegalStateException when memory is not given, or an executor without a removal listener, or with {@link
   *     #sharedFileReadOnly} what is about writing, or this builder has built before
   * @throws CacheException {@link CacheException.Code#MEMORY_UNAVAILABLE} when it is more than the machine or
   *     container has, or than the operating system gives; {@link CacheException.Code#FILE_UNAVAILABLE} when a
   *     file is not fit for this, or its place is not
   */
  public Cache<K, V> build() {
    Settings settings = settings();
    TypedCache<K, V> cache = TypedCache.open(settings, keys, values, removalListener);
    built = true;
    return cache;
  }

  /**
   * As {@link #build()}; the same as {@code build().bytes()}. A removal listener still sees keys and values
   * decoded.
   */
  public ByteCache buildBytes() {
    return build().bytes();
  }

  Settings settings() {
    if (built) {
      throw new IllegalStateException("this builder has built its cache: make another with Larder.builder");
    }
    if (memoryBytes == null && readOnlyFile == null) {
      throw new IllegalStateException(
          "memory is not given: say how much the cache may occupy, such as memory(\"512MiB\"), or sharedFile");
    }
    if (executor != null && removalListener == null) {
      throw new IllegalStateException("executor=" + executor + " has nothing to do: removalListener is not given");
    }
    refuseWithReadOnly("expireAfterWrite", expireAfterWrite);
    refuseWithReadOnly("expireAfterAccess", expireAfterAccess);
    refuseWithReadOnly("byByteHitRatio", byteHits);
    refuseWithReadOnly("costByLoadTime", loadCosts);
    refuseWithReadOnly("removalListener", removalListener);
    refuseWithReadOnly("verifyReads", verifyReads);
    refuseWithReadOnly("compress", compression);
    Path file = readOnlyFile != null ? readOnlyFile : sharedFile;
    if (maximumEntries != null && file != null) {
      throw new IllegalStateException(
          "maximumEntries=" + maximumEntries + " and the shared file " + file
              + " are both given: what is shared is limited in bytes only");
    }
    checkTier(file);
    checkLiveObjects();
    LongSupplier millis = clock;
    return new Settings(
        name != null ? name : "cache-" + UNNAMED.incrementAndGet(),
        memoryBytes == null ? 0 : memoryBytes,
        bytesAtFirst != null ? bytesAtFirst : memoryBytes == null ? 0 : memoryBytes,
        file,
        readOnlyFile != null,
        tier,
        compression,
        flushOnClose != null,
        liveObjects == null ? 0 : liveObjects,
        maximumEntries == null ? 0 : maximumEntries,
        byteHits != null,
        loadCosts != null,
        expireAfterWrite != null ? Entry.millis("expireAfterWrite", expireAfterWrite) : Entry.TTL_NEVER,
        expireAfterAccess != null ? Entry.millis("expireAfterAccess", expireAfterAccess) : Entry.TTL_NEVER,
        recordStats == null || recordStats,
        verifyReads != null && verifyReads,
        hugePages == null || hugePages,
        lockMemory != null && lockMemory,
        executor,
        millis != null ? asStoreClock(millis) : null);
  }

  private void checkTier(@Nullable Path shared) {
    if (tier == null) {
      boolean inMemory = compression != null && compression.isInMemory();
      refuseWithoutTier("compress", inMemory ? null : compression);
      refuseWithoutTier("flushOnClose", flushOnClose);
      return;
    }
    if (shared != null) {
      throw new IllegalStateException(
          "tier=" + tier + " and the shared file " + shared
              + " are both given: a second tier belongs to one process, since what it writes to the one must be ordered"
              + " with what others write to the other");
    }
    if (removalListener != null) {
      throw new IllegalStateException(
          "tier=" + tier
              + " and removalListener are both given: an entry that leaves one tier may be in the other, so nobody"
              + " knows when it leaves the cache");
    }
    if (expireAfterAccess != null) {
      throw new IllegalStateException(
          "tier=" + tier + " and expireAfterAccess=" + expireAfterAccess
              + " are both given: an entry with a time to idle is not written to a second tier, which would have"
              + " nothing to do");
    }
  }

  private void checkLiveObjects() {
    if (liveObjects == null) {
      return;
    }
    if (keys == BytesCodec.INSTANCE) {
      throw new IllegalStateException(
          "liveObjects=" + liveObjects + " and keys of " + keys
              + " are both given: arrays are not equal when their bytes are, so no object would be found by its key");
    }
    if (expireAfterAccess != null) {
      throw new IllegalStateException(
          "liveObjects=" + liveObjects + " and expireAfterAccess=" + expireAfterAccess
              + " are both given: an entry with a time to idle has no live object, as a hit of that would be no access"
              + " to the entry");
    }
  }

  private void refuseWithoutTier(String option, @Nullable Object given) {
    if (given != null) {
      throw new IllegalStateException(
          option + "=" + given + " has nothing to do: there is no second tier, such as file(path, size)");
    }
  }

  private void refuseWithReadOnly(String option, @Nullable Object given) {
    if (readOnlyFile != null && given != null) {
      throw new IllegalStateException(
          option + "=" + given + " has nothing to do: sharedFileReadOnly=" + readOnlyFile + " is not written to");
    }
  }

  private static StoreClock asStoreClock(LongSupplier millis) {
    return millis::getAsLong;
  }

  private static void refuseSecond(String option, @Nullable Object before, Object now) {
    if (before != null) {
      throw new IllegalStateException(option + " is given twice: " + before + " and " + now);
    }
  }
}
