package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabPool;
import io.larder.jcstress.Stalls;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A store of the smallest size and one partition, and those steps of its writer that the API hides.
 *
 * <p>The steps go through a partition object of their own: all state is in the region, so it does not matter whose
 * object takes the lock. Reads are the store's, without its counting, and may see the region through another memory
 * than the writer does.
 *
 * <p>Any thread may call any method where nothing else is said.
 */
public final class Stage {
  /** The bytes of the region. */
  public static final int REGION_BYTES = 1 << 20;

  /** Where things lie in the region. */
  public static final RegionGeometry GEOMETRY = RegionGeometry.of(REGION_BYTES, 1, PartitionLayout.BYTES);

  /** How many home buckets the table of an empty store has. */
  public static final int HOME_BUCKETS =
      (GEOMETRY.slabBytes() >>> BucketLayout.BYTES_SHIFT) - HashIndex.SPILL_BUCKETS;

  private static final long SEED = 0x5EED0F1A2DE2L;

  /** Another process than {@link LockOwners#PRIVATE}; both live as long as the test. */
  private static final LockOwners SECOND =
      new LockOwners() {
        @Override
        public long token() {
          return 2;
        }

        @Override
        public boolean isDead(long token) {
          return false;
        }
      };

  private final Store store;
  private final Partition partition;
  private final Entries entries;
  private final Sweeper sweeper;
  private final StoreReader swiftReader;
  private final FastPath swift;
  private final StoreReader eyeReader;
  private final FastPath eye;
  private volatile long millis;

  /** A stage of which a reader may also see what {@code eye} makes of its memory. */
  public Stage(Memory memory, UnaryOperator<Memory> eye) {
    this(memory, eye, Store::open, LockOwners.PRIVATE, null);
  }

  /** A stage whose victims are shown, {@link #evict}. */
  public static Stage withVictims(Memory memory, VictimSink victims) {
    return new Stage(memory, UnaryOperator.identity(), Store::open, LockOwners.PRIVATE, victims);
  }

  /** A second process's view of the stage that another process has made in the same memory. */
  public static Stage attach(Memory memory, UnaryOperator<Memory> eye) {
    return new Stage(memory, eye, Store::attach, SECOND, null);
  }

  private Stage(
      Memory memory,
      UnaryOperator<Memory> eye,
      BiFunction<Memory, StoreOptions, Store> source,
      LockOwners owners,
      @Nullable VictimSink victims) {
    StoreOptions options =
        StoreOptions.ofMemory(REGION_BYTES)
            .withPartitions(1)
            .withHashSeed(SEED)
            .withClock(() -> millis)
            .withVictims(victims)
            .withOwners(owners);
    SizeClasses classes = SizeClasses.of(GEOMETRY.slabBytes(), GEOMETRY.unitShift());
    this.entries = new Entries(memory, GEOMETRY, SEED);
    this.store = source.apply(memory, options);
    SlabPool pool = new SlabPool(memory, GEOMETRY);
    this.partition = new Partition(memory, GEOMETRY, classes, pool, entries, 0, options);
    this.sweeper = new Sweeper(memory, partition, entries, options.clock());
    Partition[] partitions = {partition};
    Policy policy = Policy.of(memory, GEOMETRY, partitions, entries, options);
    this.swiftReader = new StoreReader(memory, GEOMETRY, partitions, entries, policy, options);
    SpaceKeeper space = new SpaceKeeper(pool, partitions, new Sweeper[] {sweeper}, policy);
    StoreWriter writer = new StoreWriter(memory, GEOMETRY, classes, partitions, entries, space, policy, options);
    this.swift = new FastPath(new StoreGate.Parts(swiftReader, writer));
    Memory seen = eye.apply(memory);
    this.eyeReader = new StoreReader(seen, GEOMETRY, partitions, new Entries(seen, GEOMETRY, SEED), policy, options);
    this.eye = new FastPath(new StoreGate.Parts(eyeReader, writer));
  }

  /** Drops all entries and turns the clock back to 0. */
  public void clear() {
    store.clear();
    millis = 0;
  }

  // ---- keys

  /** The key with a number. */
  public static byte[] key(long number) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
  }

  /** Different keys that have one home bucket, 0 to {@link #HOME_BUCKETS} - 1, and one tag. */
  public static byte[][] neighbours(int count, int home) {
    byte[][] keys = new byte[count][];
    int tag = -1;
    int found = 0;
    for (long number = 0; found < count; number++) {
      byte[] key = key(number);
      long hash = hash(key);
      if (PartitionLayout.home(hash, HOME_BUCKETS) == home && (found == 0 || BucketLayout.tag(hash) == tag)) {
        tag = BucketLayout.tag(hash);
        keys[found++] = key;
      }
    }
    return keys;
  }

  private static long hash(byte[] key) {
    return XxHash64.hash(key, 0, key.length, SEED);
  }

  // ---- the store

  public Store store() {
    return store;
  }

  public long put(byte[] key, byte[] value) {
    return put(key, value, new PutSpec());
  }

  public long put(byte[] key, byte[] value, PutSpec spec) {
    return store.put(hash(key), key, 0, key.length, value, 0, value.length, spec);
  }

  public long remove(byte[] key) {
    return store.remove(hash(key), key, 0, key.length, 0);
  }

  /** Leases a key for ever. */
  public long lease(byte[] key) {
    return store.lease(hash(key), key, 0, key.length, 0);
  }

  /** The version of an entry, or {@link Store#ABSENT}. */
  public long version(byte[] key) {
    EntryInfo info = new EntryInfo();
    return swiftReader.read(hash(key), key, 0, key.length, null, null, 0, -1, info) < 0 ? Store.ABSENT : info.version();
  }

  /** When an entry expires, in milliseconds; 0 for never, or when there is none. It is no access to the entry. */
  public long expiry(byte[] key) {
    EntryInfo info = new EntryInfo();
    boolean there = store.find(hash(key), key, 0, key.length, info);
    return there ? info.expiryMillis() : 0;
  }

  /** Reads a value into {@code room}: its length, or {@link Store#ABSENT}. */
  public int get(byte[] key, byte[] room) {
    return swift.get(hash(key), key, 0, key.length, room, null, 0, room.length, null);
  }

  /** As {@link #get}, through the eye. For one thread. */
  public int getThroughEye(byte[] key, byte[] room) {
    return eye.get(hash(key), key, 0, key.length, room, null, 0, room.length, null);
  }

  /** Reads a value in place, in two halves with a stall between: its length, or {@link Store#ABSENT}. */
  public int view(byte[] key, byte[] room, Stalls stalls) {
    Integer length = store.read(hash(key), key, 0, key.length, stalls, (pause, view) -> copy(view, room, pause));
    return length == null ? Store.ABSENT : length;
  }

  /** As {@link #view}, but whoever looks at the value does not ask whether it was valid all the time. */
  public int viewCarelessly(byte[] key, byte[] room, Stalls stalls) {
    ValueView view = new ValueView(store.memory());
    int length = swiftReader.view(hash(key), key, 0, key.length, view);
    return length < 0 ? length : copy(view, room, stalls);
  }

  /** Reads a value into {@code room}: what tells whether it has changed, or null if it is not there, or not steady. */
  public @Nullable Sighting see(byte[] key, byte[] room) {
    EntryInfo info = new EntryInfo();
    int length = swift.get(hash(key), key, 0, key.length, room, null, 0, room.length, info);
    return length >= 0 && info.isSteady() ? new Seen(info) : null;
  }

  /** As {@link #see}, but the value is read first, and after a stall what tells whether it has changed. */
  public @Nullable Sighting seeCarelessly(byte[] key, byte[] room, Stalls stalls) {
    get(key, room);
    stalls.stall();
    return see(key, new byte[room.length]);
  }

  /** Whether the entry of a sighting is there unchanged. */
  public boolean isUnchanged(Sighting sighting) {
    return swift.isUnchanged(sighting);
  }

  /** As {@link #isUnchanged}, by the stamp of its bucket alone, whatever table is the right one. */
  public boolean isUnchangedByStamp(Sighting sighting) {
    return store.memory().getLongAcquire(sighting.bucket + BucketLayout.STAMP_OFFSET) == sighting.stamp;
  }

  private static final class Seen extends Sighting {
    Seen(EntryInfo info) {
      super(info);
    }
  }

  /** Moves the idle deadline of an entry as an access does, a stall after it was found, and does not find it again. */
  public void prolongCarelessly(byte[] key, Stalls stalls) {
    long entry = entry(key);
    int span = entry == 0 ? 0 : entries.idleSpan(entry);
    stalls.stall();
    if (span != 0) {
      partition.lock();
      entries.prolong(entry, span, millis);
      partition.unlock();
    }
  }

  private static int copy(ValueView view, byte[] room, Stalls stalls) {
    int length = Math.min(view.length(), room.length);
    int half = length / 2;
    view.copyTo(0, room, 0, half);
    stalls.stall();
    view.copyTo(half, room, half, length - half);
    return view.length();
  }

  /** A walk over all entries, through the eye. For one thread. */
  public StoreIterator walk() {
    Partition[] partitions = {partition};
    return new StoreIterator(eyeReader, partitions, new StoreFailures(eyeReader.memory(), partitions, false));
  }

  // ---- the writer's steps

  /** Moves all entries to a larger table, as if there were too many of them for this one. */
  public void grow() {
    resize(Integer.MAX_VALUE);
  }

  /** Moves all entries to the smallest table. */
  public void shrink() {
    resize(0);
  }

  private void resize(long entries) {
    partition.lock();
    try {
      partition.index.considerResizing(entries);
    } finally {
      partition.unlock();
    }
    while (partition.index.isResizing()) {
      store.maintain(0);
    }
  }

  /** Empties the oldest slab: entries that were hit move to another one. */
  public void sweep() {
    partition.lock();
    try {
      sweeper.sweepSlab(false);
    } finally {
      partition.unlock();
    }
  }

  /** Evicts the entry with a key, if there is one, as a writer in need of space does. */
  public void evict(byte[] key) {
    long hash = hash(key);
    partition.lock();
    try {
      long slot = partition.index.find(hash, key, 0, key.length);
      if (slot != HashIndex.NO_SLOT) {
        partition.removeEntry(partition.index.entry(slot), hash, Fate.EVICTED);
      }
    } finally {
      partition.unlock();
    }
  }

  /** The time of the store's clock. */
  public long millis() {
    return millis;
  }

  /** Sets the time of the store's clock. */
  public void setMillis(long now) {
    millis = now;
  }

  /** Removes what has expired, as the maintenance agent does. */
  public void expire() {
    store.maintain(GEOMETRY.slabCount());
  }

  /** The offset of the entry with the key, or 0. */
  public long entry(byte[] key) {
    partition.lock();
    try {
      long slot = partition.index.find(hash(key), key, 0, key.length);
      return slot == HashIndex.NO_SLOT ? 0 : partition.index.entry(slot);
    } finally {
      partition.unlock();
    }
  }
}
