package io.larder;

import io.larder.allocator.SegmentMemory;
import io.larder.engine.EntryLayout;
import io.larder.engine.PartitionBusyException;
import io.larder.engine.PutSpec;
import io.larder.engine.Store;
import io.larder.engine.StoreClock;
import io.larder.engine.StoreOptions;
import io.larder.engine.StoreStats;
import io.larder.mmap.FileSize;
import io.larder.mmap.ReadOnlyRegion;
import io.larder.mmap.SharedRegion;
import io.larder.nativeaccess.NativeAccess;
import io.larder.nativeaccess.NativeResult;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the typed cache and its byte view share: the store, what runs beside it, and every write to it.
 *
 * <p>A write that takes effect makes the cache forget the flight of its key (after the write: who comes later
 * either finds what was written or begins a load of his own), and then helps to tell of removals if too many wait.
 *
 * <p>A value that the store has no room for, although it is not over the limit, counts as stored and evicted at
 * once: what the key had before goes, so that no read finds it any more.
 */
final class Core {
  /** A walk over all slabs for what has expired takes so long, however often maintenance has its turn. */
  private static final long WALK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** The sizes of which the miss-ratio curve tells. */
  private static final double[] CURVE_FACTORS = {0.125, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4};

  private static final int SLABS_PER_ROUND_MIN = 64;

  /** So often a shared file is looked at, whether it is still what it was. */
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** So long a load waits for the load of the same key in another process; then it goes ahead by itself. */
  private static final long LEASE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long LEASE_PAUSE_NANOS_MIN = 20_000;
  private static final long LEASE_PAUSE_NANOS_MAX = 5_000_000;

  /** How long a writer waits for a partition that another process has locked. */
  private static final Duration LOCK_WAIT = Duration.ofSeconds(5);

  /** How long to wait for other processes that make or open a shared file. */
  private static final Duration OPEN_WAIT = Duration.ofSeconds(30);

  private final Settings settings;
  private final @Nullable SharedRegion region;
  private final @Nullable ReadOnlyRegion reading;
  private final Store store;
  private final StoreClock clock;
  private final @Nullable TickingClock ticking;
  private final @Nullable Removals<?, ?> removals;
  private final Maintenance maintenance;
  private final @Nullable Packing packing;
  private final @Nullable Tiers tiers;
  private final @Nullable TierAgent tierAgent;
  private final @Nullable PutSpec plainSpec;
  private final ReentrantLock maintaining = new ReentrantLock();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Guarded by maintaining. */
  private long lastRound = System.nanoTime();
  private long lastLook = System.nanoTime();

  final Flights flights = new Flights();
  final LongAdder decodeFailures = new LongAdder();

  /** Hits that the store has counted twice, as the value was asked for again with more room. */
  final LongAdder hitsAgain = new LongAdder();

  final LongAdder loads = new LongAdder();
  final LongAdder loadFailures = new LongAdder();
  final LongAdder loadNanos = new LongAdder();

  // The maintenance thread's.
  private long loadsTold;
  private long loadFailuresTold;

  private final LongAdder oversizedLoads = new LongAdder();

  /** Apart, because loggers take long to start: of a shared file the maintenance thread logs what is always logged. */
  private static final class Log {
    static final Logger LOG = System.getLogger(Core.class.getPackageName());
  }

  private Core(Settings settings, @Nullable Removals<?, ?> removals) {
    this.settings = settings;
    this.removals = removals;
    // In a shared file others put entries that expire, of which the ticking clock does not hear.
    this.ticking = settings.clock() == null && settings.sharedFile() == null ? new TickingClock() : null;
    this.clock = ticking != null ? ticking : settings.clock() != null ? settings.clock() : StoreClock.SYSTEM;
    Path file = settings.sharedFile();
    this.reading = file == null || !settings.readOnly() ? null : openReadOnly(file);
    this.region = file == null || settings.readOnly() ? null : openRegion(file);
    Tier below = settings.tier() == null ? null : openTier(settings.tier());
    this.packing = openPacking();
    this.plainSpec =
        packing == null && settings.ttlMillis() == Entry.TTL_NEVER && settings.idleMillis() == Entry.TTL_NEVER
            ? new PutSpec()
            : null;
    this.tiers =
        below == null ? null : new Tiers(below, settings.memoryBytes(), clock, settings.compression(), packing);
    this.tierAgent = tiers == null ? null : new TierAgent(this, tiers);
    this.store = reading != null ? reading.store() : region != null ? region.store() : openMemory();
    this.maintenance = new Maintenance(this, ticking, removals);
  }

  static Core open(Settings settings, @Nullable Removals<?, ?> removals) {
    if (settings.sharedFile() == null) {
      Log.LOG.log(Level.DEBUG, "{0}", settings);
    }
    Core core = new Core(settings, removals);
    if (settings.readOnly()) {
      return core;
    }
    try {
      core.maintenance.start();
      if (core.tierAgent != null) {
        core.tierAgent.start();
      }
    } catch (Throwable noThread) {
      core.closeStore();
      throw noThread;
    }
    return core;
  }

  private StoreOptions storeOptions() {
    StoreOptions usual =
        settings.sharedFile() == null
            ? StoreOptions.ofMemory(settings.memoryBytes())
            : StoreOptions.ofExisting(settings.memoryBytes()).withLockWait(LOCK_WAIT);
    return usual
        .withVerifyReads(settings.verifyReads())
        .withClock(clock)
        .withMaximumEntries(settings.maximumEntries())
        .withByteHits(settings.byteHits())
        .withSink(removals)
        .withVictims(tiers);
  }

  private SharedRegion openRegion(Path file) {
    FileSize size = new FileSize(settings.bytesAtFirst(), settings.memoryBytes());
    try {
      return SharedRegion.open(file, size, storeOptions(), settings.compressesMemory(), OPEN_WAIT);
    } catch (IOException unfit) {
      throw unavailable(unfit);
    }
  }

  private ReadOnlyRegion openReadOnly(Path file) {
    try {
      return ReadOnlyRegion.open(file, clock, OPEN_WAIT);
    } catch (IOException unfit) {
      throw unavailable(unfit);
    }
  }

  /**
   * What compresses and decompresses the values in the memory, or in a shared file, which says itself whether there are
   * compressed ones. If they do not go together the file is closed.
   */
  private @Nullable Packing openPacking() {
    Path file = settings.sharedFile();
    boolean packed =
        reading != null ? reading.isPacked() : region != null ? region.isPacked() : settings.compressesMemory();
    try {
      if (file != null && settings.compressesMemory() && !packed) {
        throw unfit(
            file + ": found a file without compressed values, expected one with, as compress="
                + settings.compression() + ": who makes the file decides; delete it, or do not compress",
            null);
      }
      if (!packed) {
        return null;
      }
      if (removals != null) {
        removals.takePacked();
      }
      return new Packing(packer(file), hitsAgain);
    } catch (Throwable failure) {
      if (reading != null) {
        reading.close();
      } else if (region != null) {
        region.close();
      }
      throw failure;
    }
  }

  /** How values are compressed that are put; of a cache that only understands those of others, not at all. */
  private @Nullable Compression packer(@Nullable Path file) {
    if (settings.compressesMemory()) {
      return settings.compression();
    }
    try {
      Lz4.load();
    } catch (NoClassDefFoundError absent) {
      throw unfit(
          file + ": its values are compressed, and lz4-java is not there: add at.yawk.lz4:lz4-java to the application",
          absent);
    }
    return null;
  }

  private CacheException unfit(String why, @Nullable Throwable cause) {
    return new CacheException(
        CacheException.Code.FILE_UNAVAILABLE, "cache \"" + settings.name() + "\": " + why, cause);
  }

  private CacheException unavailable(IOException unfit) {
    return new CacheException(
        CacheException.Code.FILE_UNAVAILABLE, "cache \"" + settings.name() + "\": " + unfit.getMessage(), unfit);
  }

  private Tier openTier(TierFactory factory) {
    try {
      return factory.open(clock::now);
    } catch (IOException unfit) {
      throw unavailable(unfit);
    }
  }

  private void closeStore() {
    if (reading != null) {
      reading.close();
    } else if (region != null) {
      region.close();
    } else {
      store.close();
    }
    if (tiers != null) {
      tiers.close();
    }
  }

  /** The memory; if it cannot be had, what has been opened before is closed. */
  private Store openMemory() {
    try {
      return openStore();
    } catch (Throwable failure) {
      if (tiers != null) {
        tiers.close();
      }
      throw failure;
    }
  }

  private Store openStore() {
    SegmentMemory memory = allocate();
    try {
      askForMemory(memory.segment());
      return Store.open(memory, storeOptions());
    } catch (Throwable failure) {
      memory.close();
      throw failure;
    }
  }

  /**
   * Where memory is overcommitted, asking for more than there is would succeed, and touching it would end the
   * process.
   */
  private SegmentMemory allocate() {
    long there = MachineMemory.bytes();
    if (settings.memoryBytes() > there) {
      throw unavailable("is more than the " + there + " bytes that the machine or container has", null);
    }
    try {
      return SegmentMemory.allocate(settings.memoryBytes());
    } catch (OutOfMemoryError refused) {
      throw unavailable("is more than the operating system gives", refused);
    }
  }

  private CacheException unavailable(String why, @Nullable Throwable cause) {
    return new CacheException(
        CacheException.Code.MEMORY_UNAVAILABLE,
        "cache \"" + settings.name() + "\": memory=" + settings.memoryBytes() + " bytes ("
            + MemorySize.format(settings.memoryBytes()) + ") " + why + ": give the cache less, or those more",
        cause);
  }

  /** What the operating system can do for the memory: asked once, and no matter if it refuses. */
  private void askForMemory(MemorySegment segment) {
    if (settings.hugePages()) {
      NativeAccess system = NativeAccess.available();
      if (settings.memoryBytes() >= 2 * system.hugePageBytes()) {
        note("huge pages", system.collapse(segment));
      }
    }
    if (settings.lockMemory()) {
      note("locking the memory", NativeAccess.available().lock(segment));
    }
  }

  /** What is unavailable altogether has been logged below. */
  private void note(String wish, NativeResult result) {
    boolean news = result.outcome() == NativeResult.Outcome.PARTLY || result.outcome() == NativeResult.Outcome.REFUSED;
    Log.LOG.log(
        news ? Level.INFO : Level.DEBUG,
        () -> "cache \"" + settings.name() + "\": " + wish + ": " + result.outcome() + " for " + result.bytes() + " of "
            + settings.memoryBytes() + " bytes. " + result.detail());
  }

  Settings settings() {
    return settings;
  }

  /** What the memory and the tier below it are together; null when there is no such tier. */
  @Nullable Tiers tiers() {
    return tiers;
  }

  /** What compresses the values in the memory; null when they are not. */
  @Nullable Packing packing() {
    return packing;
  }

  /** The store, if the cache is open. */
  Store store() {
    if (isClosed()) {
      throw new IllegalStateException("cache \"" + settings.name() + "\" is closed");
    }
    return store;
  }

  /** The store, if the cache is open and may be written to. */
  private Store writable() {
    Store open = store();
    if (settings.readOnly()) {
      throw new UnsupportedOperationException(
          "cache \"" + settings.name() + "\" is open read-only: " + settings.sharedFile());
    }
    return open;
  }

  // ---- writes

  /**
   * Puts under a condition; {@code expectedVersion} counts for {@code IF_VERSION} alone. The spec is there to be
   * filled.
   */
  long put(
      PutSpec spec,
      PutSpec.Condition condition,
      long expectedVersion,
      Entry entry,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength) {
    if (packing == null || !packing.takes(valueLength)) {
      return put(
          spec, condition, expectedVersion, entry, key, keyOffset, keyLength, value, valueOffset, valueLength, 0);
    }
    Scratch scratch = Scratch.take();
    try {
      TierValue packed = scratch.tierRead().stored;
      // A compressed one over the limit is refused as it was given.
      boolean saves =
          packing.pack(value, valueOffset, valueLength, packed) && packed.length() <= store.valueBytesMax();
      return put(
          spec,
          condition,
          expectedVersion,
          entry,
          key,
          keyOffset,
          keyLength,
          saves ? packed.bytes() : value,
          saves ? 0 : valueOffset,
          saves ? packed.length() : valueLength,
          saves ? Packing.PACKED : 0);
    } finally {
      scratch.release();
    }
  }

  /** As above, with the bytes that are kept, of which the flags say what they are. */
  private long put(
      PutSpec spec,
      PutSpec.Condition condition,
      long expectedVersion,
      Entry entry,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength,
      int flags) {
    Store open = writable();
    checkLengths(open, keyLength, valueLength);
    fill(spec, condition, expectedVersion, entry, flags);
    return put(open, spec, condition, expectedVersion, key, keyOffset, keyLength, value, valueOffset, valueLength);
  }

  /**
   * What a put without options says to the store, which nobody changes: there is nothing to be filled in. Null where
   * the cache has a time to live or to idle, or may compress values.
   */
  @Nullable PutSpec plainSpec() {
    return plainSpec;
  }

  /** Puts whatever is there, by the {@link #plainSpec}. */
  long put(PutSpec plain, byte[] key, byte[] value) {
    Store open = writable();
    checkLengths(open, key.length, value.length);
    return put(open, plain, PutSpec.Condition.ALWAYS, 0, key, 0, key.length, value, 0, value.length);
  }

  /** Puts by a spec that says all. */
  private long put(
      Store open,
      PutSpec spec,
      PutSpec.Condition condition,
      long expectedVersion,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength) {
    long hash = open.hash(key, keyOffset, keyLength);
    if (tiers != null) {
      long foreseen = foresee(open, condition, expectedVersion, hash, key, keyOffset, keyLength);
      if (foreseen != 0) {
        return foreseen;
      }
      tiers.begin(hash, key, keyOffset, keyLength);
    }
    try {
      long outcome = open.put(hash, key, keyOffset, keyLength, value, valueOffset, valueLength, spec);
      return written(outcome, condition, expectedVersion, hash, key, keyOffset, keyLength);
    } catch (PartitionBusyException busy) {
      throw busy(busy);
    } finally {
      if (tiers != null) {
        tiers.end(hash);
      }
    }
  }

  /**
   * What will become of a conditional write, if it will fail: then what the second tier has is not to be discarded for
   * it. An entry that is only there is brought into the memory first, so that the condition sees it. 0 when it may
   * succeed.
   */
  private long foresee(
      Store open,
      PutSpec.Condition condition,
      long expectedVersion,
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength) {
    if (condition == PutSpec.Condition.ALWAYS) {
      return 0;
    }
    long version = presentVersion(open, hash, key, keyOffset, keyLength);
    return switch (condition) {
      case IF_ABSENT -> version > 0 ? Store.PRESENT : 0;
      case IF_PRESENT -> version > 0 ? 0 : Store.ABSENT;
      case IF_VERSION -> version == expectedVersion ? 0 : version > 0 ? Store.MISMATCH : Store.ABSENT;
      case ALWAYS, IF_GUARD -> 0;
    };
  }

  /** The version of a key's entry, which is brought into the memory if need be, or {@link Store#ABSENT}; no access. */
  long presentVersion(Store open, long hash, byte[] key, int keyOffset, int keyLength) {
    Scratch scratch = Scratch.take();
    try {
      if (open.find(hash, key, keyOffset, keyLength, scratch.info)) {
        return scratch.info.version();
      }
      TierRead read = scratch.tierRead();
      return tiers != null && tiers.promote(open, hash, key, keyOffset, keyLength, read) ? read.version : Store.ABSENT;
    } finally {
      scratch.release();
    }
  }

  /** Puts whatever is there, with the value in a segment. */
  long put(
      PutSpec spec,
      Entry entry,
      byte[] key,
      int keyOffset,
      int keyLength,
      MemorySegment value,
      long valueLength) {
    Store open = writable();
    if (packing != null && packing.takes(valueLength)) {
      return putCopy(spec, entry, key, keyOffset, keyLength, value, (int) valueLength);
    }
    checkLengths(open, keyLength, valueLength);
    fill(spec, PutSpec.Condition.ALWAYS, 0, entry, 0);
    long hash = open.hash(key, keyOffset, keyLength);
    if (tiers != null) {
      tiers.begin(hash, key, keyOffset, keyLength);
    }
    try {
      long outcome = open.put(hash, key, keyOffset, keyLength, value, 0, (int) valueLength, spec);
      return written(outcome, PutSpec.Condition.ALWAYS, 0, hash, key, keyOffset, keyLength);
    } catch (PartitionBusyException busy) {
      throw busy(busy);
    } finally {
      if (tiers != null) {
        tiers.end(hash);
      }
    }
  }

  /** Compressing wants an array. */
  private long putCopy(
      PutSpec spec, Entry entry, byte[] key, int keyOffset, int keyLength, MemorySegment value, int valueLength) {
    Scratch scratch = Scratch.take();
    try {
      byte[] bytes = scratch.value.reserve(valueLength);
      MemorySegment.copy(value, ValueLayout.JAVA_BYTE, 0, bytes, 0, valueLength);
      return put(spec, PutSpec.Condition.ALWAYS, 0, entry, key, keyOffset, keyLength, bytes, 0, valueLength);
    } finally {
      scratch.release();
    }
  }

  CacheException busy(PartitionBusyException busy) {
    return new CacheException(
        CacheException.Code.BUSY, "cache \"" + settings.name() + "\": " + busy.getMessage(), busy);
  }

  private static void checkLengths(Store open, int keyLength, long valueLength) {
    Arguments.atMost("key", keyLength, open.keyBytesMax());
    Arguments.atMost("value", valueLength, open.valueBytesMax());
  }

  private long written(
      long outcome,
      PutSpec.Condition condition,
      long expectedVersion,
      long hash,
      byte[] key,
      int keyOffset,
      int keyLength) {
    long effective = outcome;
    if (outcome == Store.REJECTED && condition != PutSpec.Condition.IF_ABSENT) {
      long removed = store.removeRejected(hash, key, keyOffset, keyLength, expectedVersion);
      effective = removed == Store.MISMATCH ? Store.MISMATCH : Store.REJECTED;
    }
    if (effective > 0 || effective == Store.REJECTED) {
      flights.forget(hash, key, keyOffset, keyLength);
    }
    helpWithRemovals();
    return effective;
  }

  /**
   * Publishes what a flight has loaded, if nothing was written to the key since its lease. It says nothing, as
   * nobody could act on it: the value is returned to those who asked for it in any case.
   */
  void publish(PutSpec spec, long lease, Flight flight, int cost, byte[] value, int valueLength) {
    if (lease <= 0 || isClosed()) {
      return;
    }
    if (packing == null || !packing.takes(valueLength)) {
      publish(spec, lease, flight, cost, value, valueLength, 0);
      return;
    }
    Scratch scratch = Scratch.take();
    try {
      TierValue packed = scratch.tierRead().stored;
      if (packing.pack(value, 0, valueLength, packed)) {
        publish(spec, lease, flight, cost, packed.bytes(), packed.length(), Packing.PACKED);
      } else {
        publish(spec, lease, flight, cost, value, valueLength, 0);
      }
    } finally {
      scratch.release();
    }
  }

  private void publish(
      PutSpec spec, long lease, Flight flight, int cost, byte[] value, int valueLength, int flags) {
    if (valueLength > store.valueBytesMax()) {
      oversizedLoads.increment();
      store.noteTooLarge(flight.hash);
      giveBack(lease, flight);
      return;
    }
    fill(spec, PutSpec.Condition.IF_VERSION, lease, cost == 0 ? Entry.plain() : Entry.plain().cost(cost), flags);
    if (tiers != null) {
      tiers.begin(flight.hash, flight.key, 0, flight.key.length);
    }
    try {
      if (store.put(flight.hash, flight.key, 0, flight.key.length, value, 0, valueLength, spec) == Store.REJECTED) {
        giveBack(lease, flight);
      }
    } catch (PartitionBusyException busy) {
      // The lease stays, for the next load of this process to take anew.
      Log.LOG.log(Level.DEBUG, "a loaded value is not stored", busy);
    } finally {
      if (tiers != null) {
        tiers.end(flight.hash);
      }
    }
    helpWithRemovals();
  }

  /**
   * Leases the key of a flight; waits while another process that lives loads it, but not for ever. Where nothing may be
   * written there is no room for a lease.
   *
   * @return as {@link Store#lease(long, byte[], int, int, long, boolean)} has it, but never {@code LEASED}
   */
  long lease(Flight flight) {
    Store open = store();
    if (settings.readOnly()) {
      return Store.REJECTED;
    }
    long begin = System.nanoTime();
    long pause = LEASE_PAUSE_NANOS_MIN;
    boolean interrupted = false;
    try {
      while (true) {
        boolean anyway = System.nanoTime() - begin >= LEASE_WAIT_NANOS;
        long lease = tryLease(open, flight, anyway);
        if (lease != Store.LEASED) {
          return lease;
        }
        LockSupport.parkNanos(pause);
        interrupted |= Thread.interrupted();
        pause = Math.min(2 * pause, LEASE_PAUSE_NANOS_MAX);
        store();
      }
    } catch (PartitionBusyException busy) {
      Log.LOG.log(Level.DEBUG, "a value is loaded without a lease", busy);
      return Store.REJECTED;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * A lease is a write to both tiers: what is on its way from one to the other would come back behind the value that is
   * loaded, if that cannot be stored.
   */
  private long tryLease(Store open, Flight flight, boolean anyway) {
    if (tiers == null) {
      return open.lease(flight.hash, flight.key, 0, flight.key.length, 0, anyway);
    }
    tiers.begin(flight.hash, flight.key, 0, flight.key.length);
    try {
      return open.lease(flight.hash, flight.key, 0, flight.key.length, 0, anyway);
    } finally {
      tiers.end(flight.hash);
    }
  }

  /** Takes the lease of a flight back that will not publish. */
  void giveBack(long lease, Flight flight) {
    if (lease > 0 && !isClosed()) {
      try {
        store.remove(flight.hash, flight.key, 0, flight.key.length, lease);
      } catch (PartitionBusyException busy) {
        Log.LOG.log(Level.DEBUG, "a lease is not given back", busy);
      }
    }
  }

  /** Removes the entry if it has that version, or whatever version it has for 0. */
  long remove(byte[] key, int keyOffset, int keyLength, long expectedVersion) {
    Store open = writable();
    long hash = open.hash(key, keyOffset, keyLength);
    long outcome;
    try {
      outcome =
          tiers == null
              ? open.remove(hash, key, keyOffset, keyLength, expectedVersion)
              : removeFromBoth(open, tiers, hash, key, keyOffset, keyLength, expectedVersion);
    } catch (PartitionBusyException busy) {
      throw busy(busy);
    }
    if (outcome > 0 || expectedVersion == 0) {
      flights.forget(hash, key, keyOffset, keyLength);
    }
    helpWithRemovals();
    return outcome;
  }

  private long removeFromBoth(
      Store open, Tiers both, long hash, byte[] key, int keyOffset, int keyLength, long expectedVersion) {
    if (expectedVersion != 0) {
      long version = presentVersion(open, hash, key, keyOffset, keyLength);
      if (version != expectedVersion) {
        return version > 0 ? Store.MISMATCH : Store.ABSENT;
      }
    }
    boolean wasBelow = both.begin(hash, key, keyOffset, keyLength);
    try {
      long outcome = open.remove(hash, key, keyOffset, keyLength, expectedVersion);
      return outcome == Store.ABSENT && wasBelow && expectedVersion == 0 ? Tiers.VERSION_BELOW : outcome;
    } finally {
      both.end(hash);
    }
  }

  /**
   * Whether a key that was not found a moment ago is not in the memory. Then it is nowhere: what was on its way from
   * one tier to the other counts as evicted, and does not come back behind who has taken it for absent.
   */
  boolean confirmAbsent(byte[] key, int keyLength) {
    if (tiers == null) {
      return true;
    }
    Store open = writable();
    long hash = open.hash(key, 0, keyLength);
    Scratch scratch = Scratch.take();
    try {
      tiers.begin(hash, key, 0, keyLength);
      try {
        return !open.find(hash, key, 0, keyLength, scratch.info);
      } finally {
        tiers.end(hash);
      }
    } finally {
      scratch.release();
    }
  }

  void clear() {
    try {
      Store open = writable();
      if (tiers != null) {
        tiers.clear(open);
      } else {
        open.clear();
      }
    } catch (PartitionBusyException busy) {
      throw busy(busy);
    } finally {
      flights.forgetAll();
      helpWithRemovals();
    }
  }

  long resize(long bytes) {
    writable();
    if (region == null) {
      throw new UnsupportedOperationException(
          "cache \"" + settings.name() + "\" is in private memory, which keeps its size; only a sharedFile can change");
    }
    try {
      return region.resize(bytes);
    } catch (PartitionBusyException busy) {
      throw busy(busy);
    } catch (IOException unfit) {
      throw unavailable(unfit);
    } finally {
      helpWithRemovals();
    }
  }

  private void fill(PutSpec spec, PutSpec.Condition condition, long expectedVersion, Entry entry, int flags) {
    spec.cost(entry.cost()).expiryMillis(expiryMillis(entry)).userFlags(flags);
    long idle = entry.idleMillis() == Entry.TTL_OF_CACHE ? settings.idleMillis() : entry.idleMillis();
    if (idle == Entry.TTL_NEVER) {
      spec.timeToIdle(0, 0);
    } else {
      spec.timeToIdle(idle, now());
    }
    switch (condition) {
      case ALWAYS, IF_GUARD -> spec.always();
      case IF_ABSENT -> spec.ifAbsent();
      case IF_PRESENT -> spec.ifPresent();
      case IF_VERSION -> spec.ifVersion(expectedVersion);
    }
  }

  private long expiryMillis(Entry entry) {
    long ttl = entry.ttlMillis() == Entry.TTL_OF_CACHE ? settings.ttlMillis() : entry.ttlMillis();
    if (ttl == Entry.TTL_NEVER) {
      return 0;
    }
    long now = now();
    if (ttl > EntryLayout.EXPIRY_MILLIS_MAX - now) {
      return 0;
    }
    if (ticking != null) {
      ticking.noteDeadline(now + ttl);
    }
    return now + ttl;
  }

  private long now() {
    return Math.max(0, clock.now());
  }

  private void helpWithRemovals() {
    if (removals != null) {
      removals.help();
    }
  }

  // ---- looks that are no accesses

  boolean contains(Store open, byte[] key, int keyOffset, int keyLength) {
    long hash = open.hash(key, keyOffset, keyLength);
    Scratch scratch = Scratch.take();
    try {
      return open.find(hash, key, keyOffset, keyLength, scratch.info)
          || (tiers != null && tiers.contains(hash, key, keyOffset, keyLength));
    } finally {
      scratch.release();
    }
  }

  Explanation explain(Store open, byte[] key, int keyLength) {
    long hash = open.hash(key, 0, keyLength);
    Explanation inMemory = Explanation.of(open.explain(hash, key, 0, keyLength));
    return inMemory.version() == 0 && tiers != null && tiers.contains(hash, key, 0, keyLength)
        ? Explanation.PRESENT_BELOW
        : inMemory;
  }

  // ---- the rest

  long estimatedSize() {
    return store().estimatedSize() + (tiers == null ? 0 : tiers.below().estimatedSize());
  }

  CacheStats stats() {
    StoreStats s = store().stats();
    long undecodable = decodeFailures.sum();
    TierStats tier = tiers == null ? null : tiers.stats();
    long below = tier == null ? 0 : tier.hits();
    long damaged = packing == null ? 0 : packing.damaged.sum();
    return new CacheStats(
        settings.recordStats() ? Math.max(0, s.hits() + below - hitsAgain.sum() - damaged - undecodable) : 0,
        settings.recordStats() ? store.hitsWithoutLookup() : 0,
        settings.recordStats() ? Math.max(0, s.misses() + damaged - below) + undecodable : 0,
        s.puts(),
        s.removals(),
        s.evictions(),
        s.evictedBytes(),
        s.expirations(),
        s.rejections() + oversizedLoads.sum(),
        s.corruptions(),
        undecodable + (removals != null ? removals.decodeFailures.sum() : 0),
        loads.sum(),
        loadFailures.sum(),
        loadNanos.sum(),
        removals != null ? removals.listenerFailures.sum() : 0,
        s.entries(),
        s.payloadBytes(),
        s.regionBytes(),
        s.usedBytes(),
        s.indexBytes(),
        s.metadataBytes(),
        store.isLost(),
        missRatioCurve(s.regionBytes()),
        tier);
  }

  private List<MissRatio> missRatioCurve(long memoryBytes) {
    double[] ratios = store.missRatios(CURVE_FACTORS);
    List<MissRatio> curve = new ArrayList<>(ratios.length);
    for (int i = 0; i < ratios.length; i++) {
      if (!Double.isNaN(ratios[i])) {
        curve.add(new MissRatio(CURVE_FACTORS[i], (long) (memoryBytes * CURVE_FACTORS[i]), ratios[i]));
      }
    }
    return List.copyOf(curve);
  }

  /** For the maintenance thread, once a second: tells who looks into a shared file what this process counts. */
  void publishCounts() {
    if (region != null && settings.recordStats()) {
      long loadsNow = loads.sum();
      long failuresNow = loadFailures.sum();
      region.publish(loadsNow - loadsTold, failuresNow - loadFailuresTold);
      loadsTold = loadsNow;
      loadFailuresTold = failuresNow;
    }
  }

  /** How many reads there have been; more later if there have been any meanwhile. */
  long reads() {
    return store.hits() + store.misses();
  }

  /** One bounded round of the store's background work; 0 when there was none, or another thread is at it. */
  int maintain() {
    if (!maintaining.tryLock()) {
      return 0;
    }
    try {
      lookAtFile();
      long now = System.nanoTime();
      double share = Math.min((double) (now - lastRound) / WALK_NANOS, 1);
      lastRound = now;
      return store.maintain(Math.max(SLABS_PER_ROUND_MIN, (int) (share * store.geometry().slabCount())));
    } finally {
      maintaining.unlock();
    }
  }

  private void lookAtFile() {
    long now = System.nanoTime();
    if (region != null && now - lastLook >= LOOK_NANOS) {
      lastLook = now;
      region.look();
    }
  }

  /** All the background work there is now, in this thread, and what the listener is to be told. */
  void cleanUp() {
    Store open = store();
    if (settings.readOnly()) {
      return;
    }
    maintaining.lock();
    try {
      while (open.maintain(open.geometry().slabCount()) > 0) {
        Thread.onSpinWait();
      }
    } finally {
      maintaining.unlock();
    }
    if (tiers != null) {
      tiers.demoteAll();
    }
    if (removals != null) {
      removals.tellAll();
    }
  }

  /** A plain read: an operation that comes too late for it is stopped by the memory itself. */
  boolean isClosed() {
    return closed.getPlain();
  }

  /** Whether it is about to be closed. */
  boolean isClosing() {
    return closing.get();
  }

  void close() {
    if (closing.compareAndSet(false, true)) {
      if (tierAgent != null) {
        // It still reads the memory, which goes when the maintenance thread finds the cache closed.
        tierAgent.stop();
      }
      closed.set(true);
      maintenance.stop();
      Log.LOG.log(Level.DEBUG, "cache \"{0}\" is closed", settings.name());
    }
  }

  /** For the thread that demotes, when it ends: the tier gets what is in the memory, if that is wanted. */
  void flushToTier() {
    if (tiers != null && settings.flushOnClose()) {
      tiers.flush(store);
    }
  }

  /** For the maintenance thread, which does it last. */
  void releaseMemory() {
    maintaining.lock();
    try {
      closeStore();
    } finally {
      maintaining.unlock();
    }
  }
}
