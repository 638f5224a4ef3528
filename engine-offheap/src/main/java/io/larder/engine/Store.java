package io.larder.engine;

import io.larder.allocator.Memory;
import io.larder.allocator.MemoryFault;
import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.allocator.SegmentMemory;
import io.larder.allocator.SizeClasses;
import io.larder.allocator.SlabLayout;
import io.larder.allocator.SlabPool;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A key-value store of bytes in one region of memory that never grows beyond it: when there is no space,
 * entries are evicted.
 *
 * <p>Keys are up to {@link #keyBytesMax()} bytes, values up to {@link #valueBytesMax()}. Every entry has a
 * version, 1 or more, that grows with each write to its key. All methods may be called by any thread. Reads
 * allocate nothing and take no lock, but for a moment when they move the deadline of an entry with a time to idle;
 * writes to one partition take turns. Arguments are checked by the caller above, but for what would break the store.
 *
 * <p>The fingerprint that each method wants is {@link #hash} of the same key.
 *
 * @see HashIndex the protocols
 */
public final class Store implements AutoCloseable {
  /** Outcome: the condition holds. */
  static final int DONE = 0;

  /** Outcome: there is no such entry. */
  public static final int ABSENT = -1;

  /** Outcome: there is an entry already. */
  public static final int PRESENT = -2;

  /** Outcome: the entry has another version. */
  public static final int MISMATCH = -3;

  /** Outcome: there is no space for the entry, whatever is evicted. */
  public static final int REJECTED = -4;

  /** The outcome of {@link #lease} when another process has the lease. */
  public static final int LEASED = -5;

  /** How often a write is tried again, after what was in its way has been mended. */
  private static final int WRITE_ATTEMPTS = 2;

  private static final int VIEW_ATTEMPTS = 16;
  private static final int EXPIRE_AT_ONCE = 128;

  /** Home buckets that maintenance moves while it holds a lock that a writer may be waiting for. */
  private static final int RESIZE_AT_ONCE = 2;

  /** Fewer entries are not cut up: the policy works the better the more of them it sees. */
  private static final int ENTRIES_PER_PARTITION_MIN = 1 << 14;

  private final Memory memory;
  private final RegionGeometry geometry;
  private final StoreOptions options;
  private final SizeClasses classes;
  private final SlabPool pool;
  private final Entries entries;
  private final Partition[] partitions;
  private final Sweeper[] sweepers;
  private final SpaceKeeper space;
  private final RegionResizer resizer;
  private final StoreReader reader;

  /** For looks that are no accesses. */
  private final StoreReader looker;
  private final StoreWriter writer;
  private final Explainer explainer;
  private final StoreGate gate;
  private final StoreFailures failures;

  /** Whether faults may come late, {@link MemoryFault}: in memory that is nobody else's there are none. */
  private final boolean mapped;
  private final ThreadLocal<ViewStack> views;
  private final ReadCounters counters;
  private final int keyBytesMax;
  private final int valueBytesMax;
  private final boolean readOnly;

  /** The token in the value of a lease. */
  private static final VarHandle HOLDER =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** After so many changes of a lease under the caller's eyes it is somebody else's. */
  private static final int LEASE_ATTEMPTS = 3;

  private final ReentrantLock maintaining = new ReentrantLock();

  // Guarded by maintaining.
  private int expiryScan;
  private final long[] putsSeen;

  private Store(Memory memory, RegionGeometry geometry, StoreOptions options) {
    this.memory = memory;
    this.readOnly = options.isReadOnly();
    this.geometry = geometry;
    this.options = options;
    this.classes = SizeClasses.of(geometry.slabBytes(), geometry.unitShift());
    this.pool = new SlabPool(memory, geometry);
    this.entries = new Entries(memory, geometry, options.hashSeed());
    this.partitions = new Partition[geometry.partitionCount()];
    this.sweepers = new Sweeper[partitions.length];
    this.putsSeen = new long[partitions.length];
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] = new Partition(memory, geometry, classes, pool, entries, i, options);
      sweepers[i] = new Sweeper(memory, partitions[i], entries, options.clock());
    }
    Policy policy = Policy.of(memory, geometry, partitions, entries, options);
    this.space = new SpaceKeeper(pool, partitions, sweepers, policy);
    this.resizer = new RegionResizer(memory, geometry, pool, partitions, sweepers, options);
    this.reader = new StoreReader(memory, geometry, partitions, entries, policy, options);
    this.looker = reader.withoutAccess();
    this.writer = new StoreWriter(memory, geometry, classes, partitions, entries, space, policy, options);
    this.explainer = new Explainer(reader.withoutMarks(), partitions, options.clock(), readOnly);
    this.counters = reader.counters();
    this.gate = StoreGate.of(reader, writer);
    if (!readOnly) {
      policy.selector().join();
    }
    this.failures = new StoreFailures(memory, partitions, readOnly);
    this.mapped = !options.owners().equals(LockOwners.PRIVATE);
    this.views =
        new ThreadLocal<>() {
          @Override
          protected ViewStack initialValue() {
            return new ViewStack(memory);
          }
        };
    this.keyBytesMax =
        Math.min(EntryLayout.KEY_LENGTH_MASK, classes.sharedBytesMax() - EntryLayout.KEY_OFFSET_MAX);
    this.valueBytesMax =
        (int) Math.min(Integer.MAX_VALUE - 64, (long) geometry.slabCount() / 2 * geometry.slabBytes());
  }

  /**
   * Makes an empty store in private memory, all of which is resident at once.
   *
   * @throws IllegalArgumentException when the size is outside {@link RegionGeometry#REGION_BYTES_MIN} to
   *     {@link RegionGeometry#REGION_BYTES_MAX}
   * @throws OutOfMemoryError when the operating system does not give that much
   */
  public static Store open(StoreOptions options) {
    RegionGeometry geometry = geometry(options);
    return create(SegmentMemory.allocate(options.memoryBytes()), geometry, options, geometry.slabCount());
  }

  /** Makes an empty store in memory of {@link StoreOptions#memoryBytes()} zero bytes. */
  public static Store open(Memory memory, StoreOptions options) {
    return open(memory, options, options.memoryBytes());
  }

  /**
   * As {@link #open(Memory, StoreOptions)}, smaller than its memory at first.
   *
   * @param bytes its size; only {@link #spaceOfNew} is touched until it is made larger, {@link #resize}
   */
  public static Store open(Memory memory, StoreOptions options, long bytes) {
    if (memory.bytes() != options.memoryBytes()) {
      throw new IllegalArgumentException(
          "memory of " + memory.bytes() + " bytes for memoryBytes=" + options.memoryBytes());
    }
    RegionGeometry geometry = geometry(options);
    return create(memory, geometry, options, geometry.slabsWithin(bytes));
  }

  /**
   * What has to have space in the memory of a new store of a size.
   *
   * @param bytes its size
   * @throws IllegalArgumentException when there is no store of such a size, or not in such a memory
   */
  public static Extent spaceOfNew(StoreOptions options, long bytes) {
    RegionGeometry geometry = geometry(options);
    return new Extent(geometry.slabOffset(geometry.slabsWithin(bytes)), geometry.slabsEnd());
  }

  /**
   * Parts of a region that have space: from its start to {@code headEnd}, and from {@code tailStart} to its end.
   *
   * @param headEnd behind the last byte of the first part
   * @param tailStart the first byte of the second part
   */
  public record Extent(long headEnd, long tailStart) {}

  private static RegionGeometry geometry(StoreOptions options) {
    if (options.partitions() != 0) {
      return RegionGeometry.of(options.memoryBytes(), options.partitions(), PartitionLayout.BYTES);
    }
    RegionGeometry usual = RegionGeometry.of(options.memoryBytes(), PartitionLayout.BYTES);
    long fewEntries = Long.highestOneBit(Math.max(options.maximumEntries() / ENTRIES_PER_PARTITION_MIN, 1));
    return options.maximumEntries() == 0 || fewEntries >= usual.partitionCount()
        ? usual
        : RegionGeometry.of(options.memoryBytes(), (int) fewEntries, PartitionLayout.BYTES);
  }

  private static Store create(Memory memory, RegionGeometry geometry, StoreOptions options, int slabs) {
    memory.putLong(RegionLayout.REGION_BYTES_OFFSET, geometry.regionBytes());
    memory.putInt(RegionLayout.SLAB_BYTES_OFFSET, geometry.slabBytes());
    memory.putInt(RegionLayout.UNIT_SHIFT_OFFSET, geometry.unitShift());
    memory.putInt(RegionLayout.PARTITION_COUNT_OFFSET, geometry.partitionCount());
    memory.putInt(RegionLayout.PARTITION_BYTES_OFFSET, geometry.partitionBytes());
    memory.putLong(RegionLayout.HASH_SEED_OFFSET, options.hashSeed());
    memory.putLong(RegionLayout.CREATED_MILLIS_OFFSET, options.clock().millis());
    memory.putLong(RegionLayout.SLABS_UNRESERVED_OFFSET, geometry.slabCount() - slabs);
    memory.putInt(RegionLayout.FORMAT_VERSION_OFFSET, RegionLayout.FORMAT_VERSION);
    memory.putLong(RegionLayout.MAGIC_OFFSET, RegionLayout.MAGIC);
    Store store = new Store(memory, geometry, options);
    for (Partition partition : store.partitions) {
      partition.index.create();
    }
    memory.setIntRelease(RegionLayout.READY_OFFSET, RegionLayout.READY);
    return store;
  }

  /**
   * Opens the store that memory holds, which others may be using. Its own parameters count; those of the options that
   * are not in the memory are taken from there. Looks at the superblock only.
   *
   * @throws IllegalArgumentException when the memory holds no store of this format, saying what was found
   */
  public static Store attach(Memory memory, StoreOptions options) {
    return attachAs(memory, options);
  }

  /**
   * As {@link #attach(Memory, StoreOptions)}, in memory that may be read-only: nothing is written to it. Hits leave no
   * mark for the eviction. A key whose bucket somebody is changing all the time that a read tries, for some
   * milliseconds, is a miss, and walks leave it out: so it goes with what a writer was changing who has been killed,
   * until the next writer has repaired it. What would write throws {@link UnsupportedOperationException}.
   */
  public static Store attachReadOnly(Memory memory, StoreOptions options) {
    return attachAs(
        memory, options.withSink(null).withOwners(LockOwners.READER));
  }

  private static Store attachAs(Memory memory, StoreOptions options) {
    expect("magic", RegionLayout.MAGIC, memory.getLong(RegionLayout.MAGIC_OFFSET));
    expect("format version", RegionLayout.FORMAT_VERSION, memory.getInt(RegionLayout.FORMAT_VERSION_OFFSET));
    expect("ready", RegionLayout.READY, memory.getIntAcquire(RegionLayout.READY_OFFSET));
    expect("region bytes", memory.bytes(), memory.getLong(RegionLayout.REGION_BYTES_OFFSET));
    int partitions = memory.getInt(RegionLayout.PARTITION_COUNT_OFFSET);
    RegionGeometry geometry = RegionGeometry.of(memory.bytes(), partitions, PartitionLayout.BYTES);
    expect("slab bytes", geometry.slabBytes(), memory.getInt(RegionLayout.SLAB_BYTES_OFFSET));
    expect("unit shift", geometry.unitShift(), memory.getInt(RegionLayout.UNIT_SHIFT_OFFSET));
    expect("partition bytes", geometry.partitionBytes(), memory.getInt(RegionLayout.PARTITION_BYTES_OFFSET));
    return new Store(memory, geometry, options.withHashSeed(memory.getLong(RegionLayout.HASH_SEED_OFFSET)));
  }

  /** Whether nothing can be written, {@link #attachReadOnly}. */
  public boolean isReadOnly() {
    return readOnly;
  }

  private void requireWritable() {
    if (readOnly) {
      throw readOnly();
    }
  }

  /** What is thrown by all that would write to a read-only store. */
  static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("the region is open read-only");
  }

  private static void expect(String what, long expected, long found) {
    if (expected != found) {
      throw new IllegalArgumentException(what + ": expected " + expected + " but found " + found);
    }
  }

  /**
   * Sees to what a dead process has left: partitions whose lock it held are repaired, blocks that it was building are
   * freed. It locks a partition for moments only.
   *
   * @return how many of both there were
   * @throws PartitionBusyException when a process that lives does not let go of a partition; to be tried again then
   */
  public int releaseOwner(long deadToken) {
    requireWritable();
    int released = 0;
    boolean building = false;
    for (Partition partition : partitions) {
      try {
        released += partition.repairAfter(deadToken) ? 1 : 0;
        building |= partition.get(PartitionLayout.BUILDING_OFFSET) != 0;
        arrive();
      } catch (RuntimeException | InternalError failure) {
        failures.sort(failure, partition);
      }
    }
    return building ? released + freeBuiltBy(deadToken, false) + freeBuiltBy(deadToken, true) : released;
  }

  /** Frees what a dead process was building, slab by slab, so that no writer waits for long. */
  private int freeBuiltBy(long deadToken, boolean heads) {
    int freed = 0;
    for (int slab = 0; slab < geometry.slabCount() && !isLost(); slab++) {
      int owner = partitions[0].slabs.partition(slab);
      int state = partitions[0].slabs.state(slab);
      if (state == SlabLayout.FREE || owner < 0 || owner >= partitions.length) {
        continue;
      }
      Partition partition = partitions[owner];
      try {
        if (partition.get(PartitionLayout.BUILDING_OFFSET) != 0) {
          freed += freeBuiltBy(deadToken, heads, slab, partition);
        }
        arrive();
      } catch (RuntimeException | InternalError failure) {
        failures.sort(failure, partition);
      }
    }
    return freed;
  }

  private static int freeBuiltBy(long deadToken, boolean heads, int slab, Partition partition) {
    if (!partition.lockBriefly()) {
      throw partition.busyBriefly();
    }
    try {
      return partition.freeBuiltBy(deadToken, slab, heads);
    } finally {
      partition.unlock();
    }
  }

  // ---- memory that fails

  /**
   * Says who stands behind the memory; to be called before others use the store.
   *
   * @see #isLost()
   */
  public void setBacking(RegionBacking backing) {
    failures.setBacking(backing);
  }

  /**
   * Whether the store has given its memory up, because there is nothing behind it any more or it is damaged beyond
   * repair. Every operation is a miss then: nothing is found, nothing is stored, nothing is counted but hits, misses
   * and what was not stored.
   */
  public boolean isLost() {
    return failures.isLost();
  }

  /** Gives the memory up; when this returns no thread of this process touches it. Does nothing the second time. */
  public void giveUp(String why) {
    failures.giveUp(why);
  }

  /** Has a fault of the operation's accesses, if there was one, thrown here and not later. */
  private void arrive() {
    if (mapped) {
      MemoryFault.await();
    }
  }

  private int arrived(int outcome) {
    arrive();
    return outcome;
  }

  private Partition partition(long hash) {
    return partitions[(int) hash & (partitions.length - 1)];
  }

  /** Throws a failure that the caller has made, by a range outside of an array or a segment. */
  private static void checkArguments(
      Throwable failure, byte[] key, int keyOffset, int keyLength, long bytes, long at, long length) {
    if (failure instanceof IndexOutOfBoundsException) {
      Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
      Objects.checkFromIndexSize(at, length, bytes);
    }
  }

  /** What a read returns that has failed. */
  private int missed(Throwable failure, long hash) {
    failures.sort(failure, partition(hash));
    counters.count(false);
    return ABSENT;
  }

  /** How many partitions have been repaired since the region was made, by anybody. */
  public long repairs() {
    return counter(PartitionLayout.REPAIRS_OFFSET);
  }

  /** How many partitions there are. */
  public int partitions() {
    return partitions.length;
  }

  /** How often a partition, from 0, has been repaired since the region was made, by anybody. */
  public long repairs(int partition) {
    return partitions[partition].get(PartitionLayout.REPAIRS_OFFSET);
  }

  /**
   * How long the repairs of a partition took in all, in nanoseconds, each by the clock of the process that did it. A
   * repair is counted a moment before its time is added.
   */
  public long repairNanos(int partition) {
    return partitions[partition].get(PartitionLayout.REPAIR_NANOS_OFFSET);
  }

  /** The longest key in bytes. */
  public int keyBytesMax() {
    return keyBytesMax;
  }

  /**
   * The longest value in bytes: half of the region, or what an array can hold. While the region is smaller than its
   * limit, {@link #resize}, values that are larger than half of it are {@link #REJECTED}.
   */
  public int valueBytesMax() {
    return valueBytesMax;
  }

  /** The fingerprint of a key. */
  public long hash(byte[] key, int offset, int length) {
    return XxHash64.hash(key, offset, length, options.hashSeed());
  }

  // ---- reads

  /**
   * Copies a value into an array from {@code at} on, if it is at most {@code room} bytes.
   *
   * @return the value's length in bytes, more than {@code room} when it was not copied, or {@link #ABSENT}
   */
  public int get(long hash, byte[] key, int keyOffset, int keyLength, byte[] target, int at, int room) {
    try {
      return arrived(gate.get(hash, key, keyOffset, keyLength, target, null, at, room, null));
    } catch (RuntimeException | InternalError failure) {
      checkArguments(failure, key, keyOffset, keyLength, target.length, at, room);
      return missed(failure, hash);
    }
  }

  /** As {@link #get(long, byte[], int, int, byte[], int, int)}, of whole arrays: the shortest way there is. */
  public int get(byte[] key, byte[] target) {
    try {
      return arrived(gate.get(key, target));
    } catch (RuntimeException | InternalError failure) {
      checkArguments(failure, key, 0, key.length, target.length, 0, target.length);
      return missed(failure, hash(key, 0, key.length));
    }
  }

  /** As {@link #get(long, byte[], int, int, byte[], int, int)}, and tells about the entry. */
  public int get(
      long hash, byte[] key, int keyOffset, int keyLength, byte[] target, int at, int room, EntryInfo info) {
    try {
      return arrived(gate.get(hash, key, keyOffset, keyLength, target, null, at, room, info));
    } catch (RuntimeException | InternalError failure) {
      checkArguments(failure, key, keyOffset, keyLength, target.length, at, room);
      return missed(failure, hash);
    }
  }

  /**
   * Looks up once more what a get has just found and had no room for: one access and one hit together. What is told
   * about the entry is, while it is the same, what it was for the first.
   *
   * @param info as the first lookup has left it
   * @return as {@link #get}; if there is nothing any more that counts as a miss, beside the hit of the first
   */
  public int getAgain(
      long hash, byte[] key, int keyOffset, int keyLength, byte[] target, int at, int room, EntryInfo info) {
    long version = info.version;
    int policyBits = info.policyBits;
    try {
      int length = arrived(looker.read(hash, key, keyOffset, keyLength, target, null, at, room, info));
      if (length < 0) {
        counters.count(false);
      } else if (info.version == version) {
        info.policyBits = policyBits;
      }
      return length;
    } catch (RuntimeException | InternalError failure) {
      checkArguments(failure, key, keyOffset, keyLength, target.length, at, room);
      return missed(failure, hash);
    }
  }

  /** As {@link #get(long, byte[], int, int, byte[], int, int)}, into a segment. */
  public int get(
      long hash, byte[] key, int keyOffset, int keyLength, MemorySegment target, long at, long room) {
    try {
      return arrived(gate.get(hash, key, keyOffset, keyLength, null, target, at, room, null));
    } catch (RuntimeException | InternalError failure) {
      checkArguments(failure, key, keyOffset, keyLength, target.byteSize(), at, room);
      return missed(failure, hash);
    }
  }

  /** As {@link #get(long, byte[], int, int, MemorySegment, long, long)}, and tells about the entry. */
  public int get(
      long hash, byte[] key, int keyOffset, int keyLength, MemorySegment target, long at, long room, EntryInfo info) {
    try {
      return arrived(gate.get(hash, key, keyOffset, keyLength, null, target, at, room, info));
    } catch (RuntimeException | InternalError failure) {
      checkArguments(failure, key, keyOffset, keyLength, target.byteSize(), at, room);
      return missed(failure, hash);
    }
  }

  /** Whether there is an entry; tells about it. It counts neither as a hit nor as a miss, nor as an access. */
  public boolean find(long hash, byte[] key, int keyOffset, int keyLength, EntryInfo info) {
    try {
      return arrived(looker.read(hash, key, keyOffset, keyLength, null, null, 0, -1, info)) >= 0;
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure, partition(hash));
      return false;
    }
  }

  /**
   * Why there is an entry or there is none. It is no access: nothing is marked or counted, and no lock is taken, unless
   * a writer changes the key's bucket all the time. What became of a key that is not there is known for as many keys of
   * its partition as there is room for in {@link RegionGeometry#fatesBytes}, 8 bytes for each; another key is taken for
   * it with a probability of at most one in 2,048, {@link Fates}.
   */
  public KeyReport explain(long hash, byte[] key, int keyOffset, int keyLength) {
    try {
      KeyReport report = explainer.explain(hash, key, keyOffset, keyLength);
      arrive();
      return report;
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure, partition(hash));
      return KeyReport.UNKNOWN;
    }
  }

  /**
   * Whether the entry of a sighting is still there, unchanged: then it counts as a hit, and one in sixteen times as an
   * access to the entry. Otherwise nothing is counted; that does not mean that it has changed.
   */
  public boolean isUnchanged(Sighting sighting) {
    try {
      boolean unchanged = gate.isUnchanged(sighting);
      arrive();
      return unchanged;
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure, partition(sighting.hash));
      return false;
    }
  }

  /** The value in a new array, or null. */
  public byte @Nullable [] getBytes(long hash, byte[] key, int keyOffset, int keyLength, EntryInfo info) {
    return read(hash, key, keyOffset, keyLength, info, Store::copy);
  }

  private static byte[] copy(EntryInfo info, ValueView view) {
    info.copy(view.infoToFill());
    return view.toArray();
  }

  /**
   * Lets {@code valueReader} look at a value in place.
   *
   * @param context handed through
   * @return its result, or null when there is no entry
   */
  public <C extends @Nullable Object, R extends @Nullable Object> @Nullable R read(
      long hash, byte[] key, int keyOffset, int keyLength, C context, ValueReader<C, R> valueReader) {
    ViewStack stack = views.get();
    ValueView view = stack.push();
    try {
      return read(hash, key, keyOffset, keyLength, context, valueReader, view);
    } catch (RuntimeException | InternalError failure) {
      if (view.isUserRunning() && !failures.isOurs(failure)) {
        throw failure;
      }
      missed(failure, hash);
      return null;
    } finally {
      stack.pop();
    }
  }

  private <C extends @Nullable Object, R extends @Nullable Object> @Nullable R read(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      C context,
      ValueReader<C, R> valueReader,
      ValueView view) {
    for (int attempt = 0; attempt < VIEW_ATTEMPTS; attempt++) {
      if (counted(reader.view(hash, key, keyOffset, keyLength, view)) < 0) {
        return null;
      }
      if (view.isCopy()) {
        return run(valueReader, context, view);
      }
      R result;
      try {
        result = run(valueReader, context, view);
      } catch (RuntimeException | Error failure) {
        view.setUserRunning(false);
        if (isStillValid(view)) {
          view.setUserRunning(true);
          throw failure;
        }
        continue;
      }
      if (isStillValid(view)) {
        return result;
      }
    }
    return copyForView(hash, key, keyOffset, keyLength, view) ? run(valueReader, context, view) : null;
  }

  private boolean isStillValid(ValueView view) {
    boolean valid = reader.stillValid(view);
    arrive();
    return valid;
  }

  /** Calls the user's function; what it throws is the user's. */
  private static <C extends @Nullable Object, R extends @Nullable Object> R run(
      ValueReader<C, R> valueReader, C context, ValueView view) {
    view.setUserRunning(true);
    R result = valueReader.read(context, view);
    view.setUserRunning(false);
    return result;
  }

  /** For a value that changes too often to be looked at in place. */
  private boolean copyForView(long hash, byte[] key, int keyOffset, int keyLength, ValueView view) {
    byte[] room = view.copyRoom(0);
    int length = reader.read(hash, key, keyOffset, keyLength, room, null, 0, room.length, view.infoToFill());
    while (length > room.length) {
      room = view.copyRoom(length);
      length = reader.read(hash, key, keyOffset, keyLength, room, null, 0, room.length, view.infoToFill());
    }
    arrive();
    if (length >= 0) {
      view.bindCopy(length);
    }
    return length >= 0;
  }

  /** Looks up all keys of a batch. Each is read as if alone; the batch is not one moment. */
  public void getAll(Batch batch) {
    try {
      gate.getAll(batch);
      arrive();
    } catch (RuntimeException | InternalError failure) {
      if (failures.sort(failure)) {
        getEach(batch);
      } else {
        Arrays.fill(batch.lengths, 0, batch.count(), ABSENT);
      }
    }
  }

  /** One by one, so that one that cannot be read is one miss. */
  private void getEach(Batch batch) {
    for (int i = 0; i < batch.count(); i++) {
      long hash = hash(batch.keys[i], batch.keyOffsets[i], batch.keyLengths[i]);
      batch.lengths[i] =
          get(
              hash,
              batch.keys[i],
              batch.keyOffsets[i],
              batch.keyLengths[i],
              batch.values,
              batch.offset(i),
              batch.valueBytesMax());
    }
  }

  private int counted(int outcome) {
    arrive();
    counters.count(outcome >= 0);
    return outcome;
  }

  // ---- writes

  /**
   * Stores a value: {@code length} bytes of an array from {@code at} on.
   *
   * @return the entry's new version; or {@link #PRESENT}, {@link #ABSENT}, {@link #MISMATCH} when the
   *     condition of {@code spec} does not hold; or {@link #REJECTED}
   * @throws IllegalArgumentException when the key or the value is longer than the store takes
   * @throws PartitionBusyException when another process does not let go of the partition, as all that write may throw
   */
  public long put(
      long hash, byte[] key, int keyOffset, int keyLength, byte[] value, int at, int length, PutSpec spec) {
    checkLengths(keyLength, length);
    return put(hash, key, keyOffset, keyLength, value, null, at, length, spec);
  }

  /** As {@link #put(long, byte[], int, int, byte[], int, int, PutSpec)}, from a segment. */
  public long put(
      long hash, byte[] key, int keyOffset, int keyLength, MemorySegment value, long at, int length, PutSpec spec) {
    checkLengths(keyLength, length);
    return put(hash, key, keyOffset, keyLength, null, value, at, length, spec);
  }

  private long put(
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte @Nullable [] array,
      @Nullable MemorySegment segment,
      long at,
      int length,
      PutSpec spec) {
    for (int attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
      try {
        long outcome = gate.put(hash, key, keyOffset, keyLength, array, segment, at, length, spec);
        arrive();
        return outcome;
      } catch (RuntimeException | InternalError failure) {
        long bytes = array != null ? array.length : segment != null ? segment.byteSize() : 0;
        checkArguments(failure, key, keyOffset, keyLength, bytes, at, length);
        if (!failures.sort(failure, partition(hash))) {
          break;
        }
      }
    }
    return notStored(spec);
  }

  /** The outcome of a put for which there is no sound memory: there is no entry, and no space for one. */
  private long notStored(PutSpec spec) {
    failures.reject();
    return switch (spec.condition) {
      case ALWAYS, IF_ABSENT, IF_GUARD -> REJECTED;
      case IF_PRESENT, IF_VERSION -> failures.isLost() ? ABSENT : REJECTED;
    };
  }

  private void checkLengths(int keyLength, int valueLength) {
    if (keyLength < 0 || keyLength > keyBytesMax) {
      throw new IllegalArgumentException("keyLength=" + keyLength + " is outside 0 to " + keyBytesMax);
    }
    if (valueLength < 0 || valueLength > valueBytesMax) {
      throw new IllegalArgumentException("valueLength=" + valueLength + " is outside 0 to " + valueBytesMax);
    }
  }

  /** As {@link #lease(long, byte[], int, int, long, boolean)}, not anyway. */
  public long lease(long hash, byte[] key, int keyOffset, int keyLength, long expiryMillis) {
    return lease(hash, key, keyOffset, keyLength, expiryMillis, false);
  }

  /**
   * Leaves a placeholder for a value that is about to be loaded. Readers see nothing. A put with {@link
   * PutSpec#ifVersion} and the lease's version stores the value, unless the key was written or removed, or
   * the lease evicted, in between.
   *
   * <p>A lease names the process that took it. To others it is taken as long as that process lives; the process itself
   * takes it anew.
   *
   * @param expiryMillis when the lease ends by itself, in milliseconds since 1970; 0 for never
   * @param anyway take it from a process that lives as well, which then cannot store what it loads
   * @return the version of the lease, or {@link #PRESENT} when there is an entry, {@link #LEASED}, or {@link #REJECTED}
   */
  public long lease(long hash, byte[] key, int keyOffset, int keyLength, long expiryMillis, boolean anyway) {
    checkLengths(keyLength, 0);
    byte[] holder = new byte[Long.BYTES];
    HOLDER.set(holder, 0, options.owners().token());
    PutSpec spec = new PutSpec().ifAbsent().expiryMillis(expiryMillis).lease();
    try {
      long lease = LEASED;
      for (int attempt = 0; attempt < LEASE_ATTEMPTS && lease == LEASED; attempt++) {
        lease = writer.put(hash, key, keyOffset, keyLength, holder, null, 0, holder.length, spec);
        if (lease == LEASED && !anyway && !options.owners().isDead(spec.holder)) {
          break;
        }
        if (lease == LEASED) {
          PutSpec instead = new PutSpec().ifVersion(spec.holderVersion).expiryMillis(expiryMillis).lease();
          long taken = writer.put(hash, key, keyOffset, keyLength, holder, null, 0, holder.length, instead);
          lease = taken > 0 || taken == REJECTED ? taken : LEASED;
        }
      }
      arrive();
      return lease;
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure, partition(hash));
      return REJECTED;
    }
  }

  /**
   * Removes an entry, or a lease.
   *
   * @param expectedVersion the version that it must have; 0 for any
   * @return the version of the entry removed, or {@link #ABSENT} when there was none, or {@link #MISMATCH}
   */
  public long remove(long hash, byte[] key, int keyOffset, int keyLength, long expectedVersion) {
    return remove(hash, key, keyOffset, keyLength, expectedVersion, false);
  }

  /**
   * As {@link #remove}, whatever the version, for who believes that there is no such entry: then, and if nobody is
   * writing to the partition, it takes no lock, DIS-1.
   *
   * <pre>
   * DIS-1  What is discarded does not come back by a put whose guard has fallen before
   *   Shared     : the partition's lock word; the index; what the guard looks at, G
   *   Invariant  : when this returns there is no entry that was put under a guard which looked at G before X1
   *   Discarder  : X1 change G so that the guard holds no more (the caller, before the call)   X2 full fence
   *                X3 read the lock word, acquire   X4 look the key up without the lock   X5 else remove it under the
   *                lock
   *   Putter     : P1 lock, by CAS   P2 look at G   P3 publish   P4 unlock, release
   *   Argument   : X3 finds the lock free before P1 or after P4. If before P1: X1 comes before X3 and P1 before P2, and
   *                both pairs are kept in order by a full fence, so P2 sees X1, and nothing is published. If after P4:
   *                X3 meets the store of P4, so X4 sees the entry, hidden or not, and goes on to X5. If X3 finds the
   *                lock taken: X5 waits for P4
   *   Checked by : DiscardTest, TierConformance; jcstress PutVersusDemotion
   * </pre>
   *
   * @param info for the look; what it says afterwards means nothing
   * @return as {@link #remove}
   */
  public long discard(long hash, byte[] key, int keyOffset, int keyLength, EntryInfo info) {
    VarHandle.fullFence();
    try {
      boolean absent = partition(hash).isFree() && isNothingThere(hash, key, keyOffset, keyLength, info);
      arrive();
      if (absent) {
        return ABSENT;
      }
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure, partition(hash));
    }
    return remove(hash, key, keyOffset, keyLength, 0);
  }

  /** Whether there is no entry with the key, hidden or not; false too if that cannot be told at once. */
  private boolean isNothingThere(long hash, byte[] key, int keyOffset, int keyLength, EntryInfo info) {
    return looker.glance(hash, key, keyOffset, keyLength, info) == ABSENT && info.flags == EntryInfo.NOTHING;
  }

  /** Counts an access to an entry, if there is one; says whether there is. It is neither a hit nor a miss. */
  public boolean touch(long hash, byte[] key, int keyOffset, int keyLength) {
    try {
      return arrived(reader.read(hash, key, keyOffset, keyLength, null, null, 0, -1, null)) >= 0;
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure, partition(hash));
      return false;
    }
  }

  /**
   * As {@link #remove}, for an entry whose new value was {@link #REJECTED}: that remains what became of the key, {@link
   * #explain}.
   */
  public long removeRejected(long hash, byte[] key, int keyOffset, int keyLength, long expectedVersion) {
    return remove(hash, key, keyOffset, keyLength, expectedVersion, true);
  }

  /**
   * Takes an entry for damaged, as if its checksum were wrong: for who has found that its value cannot be what was put.
   * Nothing happens if the key has another version by now, its partition is locked by others all the time, or the store
   * is read-only.
   */
  public void quarantine(long hash, byte[] key, int keyOffset, int keyLength, long version) {
    if (readOnly) {
      return;
    }
    Partition partition = partition(hash);
    try {
      if (partition.lockBriefly()) {
        try {
          partition.quarantine(hash, key, keyOffset, keyLength, version);
        } finally {
          partition.unlock();
        }
      }
      arrive();
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure, partition);
    }
  }

  /**
   * Writes down that a value is larger than {@link #valueBytesMax()} and was not offered for that, {@link #explain};
   * not when the key's partition is locked by others all the time.
   */
  public void noteTooLarge(long hash) {
    requireWritable();
    Partition partition = partition(hash);
    try {
      if (partition.lockBriefly()) {
        try {
          partition.fates.add(hash, Fate.TOO_LARGE);
        } finally {
          partition.unlock();
        }
      }
      arrive();
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure, partition);
    }
  }

  private long remove(
      long hash, byte[] key, int keyOffset, int keyLength, long expectedVersion, boolean rejected) {
    for (int attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
      try {
        long outcome = writer.remove(hash, key, keyOffset, keyLength, expectedVersion, rejected);
        arrive();
        return outcome;
      } catch (RuntimeException | InternalError failure) {
        if (!failures.sort(failure, partition(hash))) {
          return ABSENT;
        }
      }
    }
    // It cannot be told whether the entry is still there, so nothing of the partition may be.
    clear(partition(hash));
    return ABSENT;
  }

  /** Removes all entries, partition after partition; entries put meanwhile may stay. */
  public void clear() {
    requireWritable();
    for (Partition partition : partitions) {
      clear(partition);
      if (options.sink() != null) {
        options.sink().relieve();
      }
    }
  }

  private void clear(Partition partition) {
    for (int attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
      try {
        partition.lock();
        try {
          partition.clear();
        } finally {
          partition.unlock();
        }
        arrive();
        return;
      } catch (RuntimeException | InternalError failure) {
        if (!failures.sort(failure, partition)) {
          return;
        }
      }
    }
    failures.giveUp("it is damaged and cannot be cleared");
  }

  // ---- the rest

  /**
   * Walks over the entries without a lock. What stays for the whole walk is seen exactly once; other entries
   * once or not at all. It is no access to them.
   */
  public StoreIterator iterator() {
    return new StoreIterator(looker, partitions, failures);
  }

  /** How many entries there are, expired ones that are not removed yet included. */
  public long estimatedSize() {
    return Math.max(0, counter(PartitionLayout.ENTRIES_OFFSET));
  }

  /** Reads of this process that found an entry; a little low when many threads read. */
  public long hits() {
    return counters.hits();
  }

  /** Those of the {@link #hits} that needed no lookup, {@link #isUnchanged}. */
  public long hitsWithoutLookup() {
    return counters.unchanged();
  }

  /** Reads of this process that found none; likewise. */
  public long misses() {
    return counters.misses();
  }

  /**
   * The miss ratio that an LRU cache would have had for the requests of late, by its size: for each factor, of {@code
   * factor} times as many entries as there are room for now. NaN while too little is known, as before the store is half
   * full.
   */
  public double[] missRatios(double... factors) {
    double[] ratios = new double[factors.length];
    Arrays.fill(ratios, Double.NaN);
    try {
      for (int i = 0; i < factors.length && !isLost(); i++) {
        ratios[i] = writer.policy().selector().missRatio(factors[i]);
      }
      arrive();
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure);
      Arrays.fill(ratios, Double.NaN);
    }
    return ratios;
  }

  /** The counters; each is exact when nothing is written meanwhile. Of a store that is lost most are 0. */
  public StoreStats stats() {
    for (int attempt = 0; attempt < WRITE_ATTEMPTS && !isLost(); attempt++) {
      try {
        StoreStats stats = count();
        arrive();
        return stats;
      } catch (RuntimeException | InternalError failure) {
        failures.sort(failure);
      }
    }
    return new StoreStats(
        0, 0, 0, counters.hits(), counters.misses(), 0, 0, 0, 0, 0, failures.rejections(), 0, 0,
        geometry.regionBytes(), 0, 0, 0, 0, 0, 0);
  }

  private StoreStats count() {
    long blockBytes = 0;
    long slabs = 0;
    long tables = 0;
    long indexSlots = 0;
    for (Partition partition : partitions) {
      blockBytes += partition.slabs.blockBytes();
      slabs += partition.slabs.slabCount();
      tables += partition.slabs.tableCount();
      indexSlots += partition.index.slotCount();
    }
    return new StoreStats(
        sum(PartitionLayout.ENTRIES_OFFSET),
        sum(PartitionLayout.PAYLOAD_BYTES_OFFSET),
        blockBytes,
        counters.hits(),
        counters.misses(),
        sum(PartitionLayout.PUTS_OFFSET),
        sum(PartitionLayout.REMOVALS_OFFSET),
        sum(PartitionLayout.EVICTIONS_OFFSET),
        sum(PartitionLayout.EVICTED_BYTES_OFFSET),
        sum(PartitionLayout.EXPIRATIONS_OFFSET),
        sum(PartitionLayout.REJECTIONS_OFFSET) + failures.rejections(),
        sum(PartitionLayout.CORRUPTIONS_OFFSET),
        sum(PartitionLayout.RELOCATIONS_OFFSET),
        geometry.bytesWith(pool.reservedCount()),
        geometry.slabsOffset(),
        tables * geometry.slabBytes(),
        slabs * geometry.slabBytes(),
        (long) pool.freeCount() * geometry.slabBytes(),
        sum(PartitionLayout.QUARANTINED_BYTES_OFFSET),
        indexSlots);
  }

  /** A sum over the partitions; 0 of a store that is lost. */
  private long counter(long field) {
    try {
      long sum = sum(field);
      arrive();
      return sum;
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure);
      return 0;
    }
  }

  private long sum(long field) {
    long sum = 0;
    for (Partition partition : partitions) {
      sum += partition.get(field);
    }
    return sum;
  }

  /**
   * Does a round of background work: removes expired entries, refills the pool of free slabs, begins
   * and goes on resizing. It looks at about {@code slabsMax} slab descriptors and holds a partition's lock for moments
   * only.
   *
   * @return how much was done; 0 when there was nothing to do but what is left to those who put, or another thread is
   *     at it
   */
  public int maintain(int slabsMax) {
    requireWritable();
    if (isLost() || !maintaining.tryLock()) {
      return 0;
    }
    try {
      int work = maintainAlone(slabsMax);
      arrive();
      return work;
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure);
      return 0;
    } finally {
      maintaining.unlock();
    }
  }

  private int maintainAlone(int slabsMax) {
    int work = 0;
    for (int i = 0; i < Math.min(slabsMax, geometry.slabCount()); i++) {
      work += expire(expiryScan);
      expiryScan = expiryScan + 1 == geometry.slabCount() ? 0 : expiryScan + 1;
    }
    for (int i = 0; i < partitions.length; i++) {
      try {
        long puts = partitions[i].get(PartitionLayout.PUTS_OFFSET);
        work += tidy(partitions[i], puts == putsSeen[i]);
        putsSeen[i] = puts;
        arrive();
      } catch (RuntimeException | InternalError failure) {
        failures.sort(failure, partitions[i]);
      }
    }
    return work;
  }

  /**
   * Tidies a partition up, unless a writer is at it.
   *
   * @param resting whether nobody has put there of late; those who put move the index themselves
   */
  private int tidy(Partition partition, boolean resting) {
    if (!partition.tryLockOrTakeOver()) {
      return 0;
    }
    try {
      int work = space.refill(partition) ? 1 : 0;
      if (resting) {
        partition.index.considerResizing(partition.slotsUsed());
        for (int step = 0; step < RESIZE_AT_ONCE && partition.index.isResizing() && partition.index.step(); step++) {
          work++;
        }
      }
      return work;
    } finally {
      partition.unlock();
    }
  }

  private int expire(int slab) {
    int sum = 0;
    while (true) {
      long earliest = partitions[0].slabs.earliestExpiry(slab);
      int state = partitions[0].slabs.state(slab);
      if (earliest == 0
          || earliest > options.clock().millis()
          || (state != SlabLayout.BLOCKS && state != SlabLayout.DRAINING)) {
        return sum;
      }
      int number = partitions[0].slabs.partition(slab);
      if (number >= partitions.length) {
        // Damaged.
        return sum;
      }
      int removed = 0;
      try {
        removed = expire(slab, partitions[number]);
        arrive();
      } catch (RuntimeException | InternalError failure) {
        failures.sort(failure, partitions[number]);
      }
      sum += removed;
      if (removed < EXPIRE_AT_ONCE) {
        return sum;
      }
    }
  }

  private int expire(int slab, Partition owner) {
    if (!owner.tryLockOrTakeOver()) {
      return 0;
    }
    try {
      return sweepers[owner.number].expire(slab, EXPIRE_AT_ONCE);
    } finally {
      owner.unlock();
    }
  }

  /**
   * Walks the whole region, with all partitions locked, and checks that every block is in exactly one state,
   * that index and blocks agree, and that the counters add up.
   *
   * @throws AssertionError naming the first thing that is wrong
   */
  public void assertValid() {
    requireWritable();
    for (Partition partition : partitions) {
      partition.lock();
    }
    try {
      new StoreValidator(memory, geometry, classes, pool, entries, partitions, options.verifyReads()).check();
    } finally {
      for (Partition partition : partitions) {
        partition.unlock();
      }
    }
  }

  /** Takes stock of the region, while others write to it; reads all of the index and the header of each entry. */
  public RegionReport inspect() {
    return new StoreInspector(memory, geometry, classes, pool, partitions, options.clock().millis()).report();
  }

  /**
   * Checks the region without its locks, while others may write to it: what is certainly wrong is told. It takes about
   * as long as reading everything twice, longer when others write.
   */
  public VerifyReport verify() {
    return new StoreVerifier(memory, geometry, classes, pool, entries, partitions, options.verifyReads()).verify();
  }

  // ---- the size

  /** How large the region is, in bytes: what has space, and what else may be without. 0 of a store that is lost. */
  public long bytes() {
    try {
      long bytes = geometry.bytesWith(pool.reservedCount());
      arrive();
      return bytes;
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure);
      return 0;
    }
  }

  /**
   * Makes the region larger or smaller, while it is in use by this and other processes. Entries are evicted as far as
   * need be.
   *
   * @param bytes the size wanted, up to that of the memory
   * @param space gives and takes the space behind the memory
   * @return the size that was reached: at most a slab less than what was wanted; more, if so much cannot be evicted,
   *     because of values that are being written, the size of the index, or partitions that are locked all the time
   * @throws IllegalArgumentException when the size is above that of the memory, or too small for the partitions
   * @throws PartitionBusyException when another process is at this, and does not come to its end
   * @throws IOException when there is no space; the region is as large as it could become then
   */
  public long resize(long bytes, RegionSpace space) throws IOException {
    requireWritable();
    int slabs = geometry.slabsWithin(bytes);
    try {
      resizer.resize(slabs, space);
      arrive();
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure);
    }
    return bytes();
  }

  /**
   * Brings what a process was about that was killed in {@link #resize} to its end.
   *
   * @return whether there was something
   * @throws IOException as there
   */
  public boolean finishResizing(RegionSpace space) throws IOException {
    requireWritable();
    try {
      boolean finished = resizer.finish(space);
      arrive();
      return finished;
    } catch (RuntimeException | InternalError failure) {
      failures.sort(failure);
      return false;
    }
  }

  /** The memory of the region, for operating-system calls on its address range. */
  public Memory memory() {
    return memory;
  }

  /** Where things lie in the region. */
  public RegionGeometry geometry() {
    return geometry;
  }

  /**
   * Gives the memory up. Reads and writes that come later, or are under way, fail with {@link
   * IllegalStateException}, unless the store was lost before.
   */
  @Override
  public void close() {
    if (!isLost()) {
      memory.close();
    }
  }
}
