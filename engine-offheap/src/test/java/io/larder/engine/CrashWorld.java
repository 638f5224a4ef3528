package io.larder.engine;

import io.larder.allocator.RegionGeometry;
import io.larder.allocator.RegionLayout;
import io.larder.engine.CrashLedger.Known;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * A store as one process has it, and the ledger of what must be in it, which processes that come later go on with.
 * Each operation is entered in the ledger when it begins and when it is complete; whatever is read is compared with it.
 */
final class CrashWorld {
  /** The longest value. */
  static final int VALUE_BYTES_MAX = 1 << 16;

  /** Keys from here on are for those who come after a crash. */
  static final long LATER_NUMBERS = 1L << 40;

  private static final int ASKED_MAX = 100;

  /**
   * A process, and which others live besides. It must not wait for any of those: nobody would let it go on, for all
   * processes are played by one thread.
   */
  static final class Owner implements LockOwners {
    private final long token;
    private final Set<Long> alive;
    private int asked;

    Owner(long token, Long... alive) {
      this.token = token;
      this.alive = Set.of(alive);
    }

    @Override
    public long token() {
      return token;
    }

    @Override
    public boolean isDead(long other) {
      boolean lives = other == token || alive.contains(other);
      if (lives && ++asked > ASKED_MAX) {
        throw new AssertionError("waits for token=" + other + " for ever");
      }
      return !lives;
    }
  }

  /** What can be told of a store at a moment. */
  record Moment(StoreStats stats, boolean resizing, long stores) {}

  /** Before and after a step. */
  record Step(Moment before, Moment after) {
    long stores() {
      return after.stores - before.stores;
    }

    long evictions() {
      return after.stats.evictions() - before.stats.evictions();
    }

    long relocations() {
      return after.stats.relocations() - before.stats.relocations();
    }

    long slabBytes() {
      return after.stats.slabBytes() - before.stats.slabBytes();
    }

    long indexBytes() {
      return after.stats.indexBytes() - before.stats.indexBytes();
    }

    boolean beginsResizing() {
      return !before.resizing && after.resizing;
    }

    boolean endsResizing() {
      return before.resizing && !after.resizing;
    }

    boolean isResizing() {
      return before.resizing && after.resizing;
    }
  }

  /** What is found where there is no space. */
  private static final byte GARBAGE = (byte) 0xDB;

  final Store store;
  final CrashingMemory memory;
  final TestClock clock;
  private final boolean evicts;
  private final RegionSpace space = new Space();
  private final PutSpec spec = new PutSpec();
  private final EntryInfo info = new EntryInfo();
  private final byte[] buffer = new byte[VALUE_BYTES_MAX];
  private CrashLedger ledger;

  /**
   * Goes on with a store.
   *
   * @param evicts whether entries may be evicted: then each may be gone at any time
   */
  CrashWorld(Store store, CrashingMemory memory, TestClock clock, CrashLedger ledger, boolean evicts) {
    this.store = store;
    this.memory = memory;
    this.clock = clock;
    this.ledger = ledger;
    this.evicts = evicts;
  }

  CrashLedger ledger() {
    return ledger;
  }

  /** How many repairs of the first partition were walks over all of it. */
  static long wholeRepairs(Store store) {
    return store.memory().getLong(store.geometry().partitionOffset(0) + PartitionLayout.WHOLE_REPAIRS_OFFSET);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static byte[] key(long number) {
    byte[] key = new byte[Long.BYTES + (int) (number & 3)];
    ByteBuffer.wrap(key).putLong(number);
    return key;
  }

  private long hash(byte[] key) {
    return store.hash(key, 0, key.length);
  }

  /** The partition that a key belongs to. */
  int partitionOf(long number) {
    return (int) hash(key(number)) & (store.geometry().partitionCount() - 1);
  }

  /** A key that is not in use. */
  long fresh() {
    return ledger.fresh(ledger.size(), number -> true);
  }

  /** A key of the first partition that is not in use. */
  long freshInFirst() {
    return ledger.fresh(ledger.size(), number -> partitionOf(number) == 0);
  }

  // ---- operations

  /** A fresh spec of puts, for the next one. */
  PutSpec spec() {
    return spec.reset();
  }

  /** Puts a value without conditions or terms. */
  long put(long number, int length) {
    return put(number, length, spec());
  }

  /** Puts a value that expires so many milliseconds from now. */
  long putExpiring(long number, int length, long millis) {
    return put(number, length, spec().expiryMillis(clock.millis() + millis));
  }

  /** Puts a value that expires when nobody reads it for so many milliseconds. */
  long putIdle(long number, int length, long millis) {
    return put(number, length, spec().timeToIdle(millis, clock.millis()));
  }

  /** Puts a value; where the store is roomy that must succeed if there is no condition. */
  long put(long number, int length, PutSpec how) {
    return put(number, ledger.freshValue(length), how);
  }

  /** Puts a value of blanks: as flags they say that a block is quarantined. */
  void putBlanks(long number, int length) {
    byte[] value = new byte[length];
    Arrays.fill(value, (byte) EntryLayout.QUARANTINED);
    put(number, value, spec());
  }

  private long put(long number, byte[] value, PutSpec how) {
    byte[] key = key(number);
    Known known = new Known(value, how.expiryMillis, IdleTime.millis(how.idleSpan), 0);
    ledger.begin(number, known);
    long outcome = store.put(hash(key), key, 0, key.length, value, 0, value.length, how);
    if (outcome > 0) {
      see(number, outcome);
      ledger.done(number, known.withVersion(outcome));
    } else {
      require(evicts || how.condition != PutSpec.Condition.ALWAYS, "outcome=" + outcome + " of a put");
      ledger.unchanged(number);
    }
    return outcome;
  }

  private void see(long number, long version) {
    long last = ledger.lastVersion(number);
    require(version > last, "key " + number + " has version " + version + " after " + last);
    ledger.seen(number, version);
  }

  /** Begins to put a value whose last bytes are not there. */
  void putUnreadable(long number, int length) {
    byte[] key = key(number);
    try {
      store.put(hash(key), key, 0, key.length, new byte[length - 1], 0, length, spec());
      throw new AssertionError("what is not there has been put");
    } catch (IndexOutOfBoundsException expected) {
      // As it was.
    }
  }

  void remove(long number) {
    byte[] key = key(number);
    ledger.begin(number, Known.NONE);
    store.remove(hash(key), key, 0, key.length, 0);
    ledger.done(number, Known.NONE);
  }

  /** Leases a key; its version, or what else the store says. */
  long lease(long number, long expiryMillis) {
    byte[] key = key(number);
    // What is not visible may be replaced by the lease, which is not visible either.
    ledger.begin(number, ledger.last(number));
    long outcome = store.lease(hash(key), key, 0, key.length, expiryMillis);
    if (outcome > 0) {
      see(number, outcome);
      ledger.done(number, Known.NONE);
    } else {
      ledger.unchanged(number);
    }
    return outcome;
  }

  void clear() {
    ledger.beginClear();
    store.clear();
    ledger.doneClear();
  }

  /** Makes the region larger or smaller. */
  void resize(long bytes) {
    try {
      store.resize(bytes, space);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** Goes on with what a dead process was about in {@link #resize}. */
  void finishResizing() {
    try {
      store.finishResizing(space);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    require(memory.getLong(RegionLayout.RESIZER_OFFSET) == 0, "somebody is still resizing");
  }

  /** Space comes and goes by calls of the system, before which all stores have been made. */
  private final class Space implements RegionSpace {
    @Override
    public void reserve(long from, long to) {
      memory.orderAll();
      Arrays.fill(memory.image(), (int) from, (int) to, (byte) 0);
    }

    @Override
    public void awaitReaders() {}

    @Override
    public void giveBack(long from, long to) {
      memory.orderAll();
      Arrays.fill(memory.image(), (int) from, (int) to, GARBAGE);
    }
  }

  /** A whole round of background work, and another, which finds that nobody has put since. */
  void maintain() {
    store.maintain(Integer.MAX_VALUE);
    store.maintain(1);
  }

  /** Reads an entry. */
  void hit(long number) {
    check(number, true, evicts);
  }

  /** Reads all entries, so that each has been hit. */
  void hitAll() {
    ledger.present().forEach(number -> check(number, true, evicts));
  }

  /** Random operations: mostly with keys that are known, and mostly small ones. */
  void work(SplittableRandom random, int operations, int valueBytesMax) {
    List<Long> numbers = ledger.numbers();
    for (int i = 0; i < operations; i++) {
      switch (random.nextInt(20)) {
        case 0 -> store.maintain(random.nextInt(8));
        case 1 -> clock.advance(random.nextInt(100));
        default -> operate(random, someNumber(random, numbers), valueBytesMax);
      }
    }
  }

  /** Random operations in the partitions that nobody has locked: what is locked stays so. */
  void workElsewhere(SplittableRandom random, int operations, int valueBytesMax) {
    List<Long> numbers = ledger.numbers();
    for (int i = 0; i < operations; i++) {
      long number = someNumber(random, numbers);
      if (memory.getLong(store.geometry().partitionOffset(partitionOf(number)) + PartitionLayout.LOCK_OFFSET) == 0) {
        operate(random, number, valueBytesMax);
      }
    }
  }

  private static long someNumber(SplittableRandom random, List<Long> numbers) {
    boolean other = numbers.isEmpty() || random.nextInt(4) == 0;
    return other ? LATER_NUMBERS + random.nextInt(50) : numbers.get(random.nextInt(numbers.size()));
  }

  private void operate(SplittableRandom random, long number, int valueBytesMax) {
    int any = (int) Math.exp(random.nextDouble() * Math.log(valueBytesMax));
    // Of few size classes, so that there is a slab for each, and nothing is evicted where that must not be.
    int length = Integer.highestOneBit(any) | (any & 3);
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4, 5, 6 -> put(number, length);
      case 7, 8 -> put(number, Math.max(1, ledger.last(number).value.length));
      case 9 -> putExpiring(number, length, 1 + random.nextInt(2_000));
      case 10 -> put(number, length, spec().ifAbsent());
      case 11 -> put(number, length, spec().ifVersion(Math.max(1, ledger.lastVersion(number))));
      case 12, 13, 14, 15 -> remove(number);
      case 16 -> lease(number, random.nextBoolean() ? 0 : clock.millis() + random.nextInt(500));
      default -> check(number, true, evicts);
    }
  }

  // ---- what comes before a crash

  boolean isAnyResizing() {
    RegionGeometry geometry = store.geometry();
    for (int i = 0; i < geometry.partitionCount(); i++) {
      long shape = memory.getLong(geometry.partitionOffset(i) + PartitionLayout.SHAPE_OFFSET);
      if ((shape & PartitionLayout.RESIZING) != 0) {
        return true;
      }
    }
    return false;
  }

  private Moment now() {
    return new Moment(store.stats(), isAnyResizing(), memory.stores());
  }

  private Step tryOut(Consumer<CrashWorld> step) {
    byte[] image = memory.image().clone();
    CrashLedger before = new CrashLedger(ledger);
    Moment moment = now();
    step.accept(this);
    Step done = new Step(moment, now());
    System.arraycopy(image, 0, memory.image(), 0, image.length);
    ledger = before;
    return done;
  }

  /** Does a step again and again, until the next one would be one of interest. */
  void until(Consumer<CrashWorld> step, int stepsMax, Predicate<Step> interest) {
    until(step, step, stepsMax, interest);
  }

  /** Does {@code between} again and again, until {@code step} would be one of interest. */
  void until(Consumer<CrashWorld> step, Consumer<CrashWorld> between, int stepsMax, Predicate<Step> interest) {
    for (int i = 0; i < stepsMax; i++) {
      if (interest.test(tryOut(step))) {
        return;
      }
      between.accept(this);
    }
    throw new AssertionError("nothing of interest in " + stepsMax + " steps");
  }

  /** Chooses the key with which an operation takes most stores. */
  void choose(List<Long> numbers, LongConsumer operation) {
    long most = 0;
    long chosen = 0;
    for (long number : numbers) {
      long stores = tryOut(world -> operation.accept(number)).stores();
      chosen = stores > most ? number : chosen;
      most = Math.max(most, stores);
    }
    ledger.chosen = chosen;
  }

  // ---- what comes after it

  /** Writes into each partition. */
  void writeEverywhere() {
    for (int i = 0; i < store.geometry().partitionCount(); i++) {
      int partition = i;
      put(ledger.fresh(LATER_NUMBERS, number -> partitionOf(number) == partition), 30);
    }
  }

  /** Compares all entries with the ledger; while nothing is repaired, what has begun may still come. */
  void checkAll(boolean repaired) {
    checkAll(repaired, evicts);
  }

  /** As above, where nothing can have been evicted since the last time. */
  void checkAllKept() {
    checkAll(true, false);
  }

  private void checkAll(boolean repaired, boolean mayBeGone) {
    ledger.numbers().forEach(number -> check(number, repaired, mayBeGone));
    require(evicts || store.stats().evictions() == 0, "something has been evicted");
    StoreStats stats = store.stats();
    require(stats.corruptions() == 0 && stats.quarantinedBytes() == 0, "something is quarantined");
  }

  private void check(long number, boolean repaired, boolean mayBeGone) {
    byte[] key = key(number);
    long hash = hash(key);
    int first = store.get(hash, key, 0, key.length, buffer, 0, buffer.length);
    int length = store.get(hash, key, 0, key.length, buffer, 0, buffer.length, info);
    require(first == length, "key " + number + " has " + first + " bytes, and then " + length);
    Known last = ledger.last(number);
    if (isAs(last, number, length)) {
      if (repaired) {
        ledger.settled(number);
      }
      return;
    }
    for (Known outcome : ledger.permitted(number)) {
      if (isAs(outcome, number, length)) {
        if (outcome != Known.NONE && length >= 0) {
          ledger.seen(number, info.version());
          ledger.done(number, outcome.withVersion(info.version()));
        } else {
          ledger.done(number, outcome);
        }
        return;
      }
    }
    String found = length < 0 ? "nothing" : length + " bytes of version " + info.version();
    require(
        mayBeGone && length < 0,
        "key " + number + " has " + found + ", not any of " + ledger.permitted(number) + "; " + store.stats());
    ledger.done(number, Known.NONE);
  }

  private boolean isAs(Known known, long number, int length) {
    if (known == Known.NONE || (known.expiryMillis != 0 && known.expiryMillis <= clock.millis())) {
      return length < 0;
    }
    boolean version =
        known.version == 0 ? info.version() > ledger.lastVersion(number) : info.version() == known.version;
    return length == known.value.length
        && version
        && expiresAs(known)
        && Arrays.equals(buffer, 0, length, known.value, 0, length);
  }

  private boolean expiresAs(Known known) {
    long left = info.expiryMillis() - clock.millis();
    return known.idleMillis == 0
        ? info.expiryMillis() == known.expiryMillis
        : left > 0 && left <= known.idleMillis + known.idleMillis / 8;
  }

  /** Overwrites some entries, and the keys that something had begun with: their versions must grow. */
  void overwriteSome(SplittableRandom random, List<Long> begun) {
    begun.forEach(number -> put(number, 50));
    List<Long> numbers = ledger.numbers();
    for (int i = 0; i < 5 && !numbers.isEmpty(); i++) {
      put(numbers.get(random.nextInt(numbers.size())), 50);
    }
  }

  /** Removes everything, one by one, and then at once: all slabs but one of each index must be free. */
  void removeAll(long seed) {
    List<Long> shuffled = new ArrayList<>(ledger.numbers());
    Collections.shuffle(shuffled, new Random(seed));
    shuffled.forEach(this::remove);
    store.assertValid();
    int slabBytes = store.geometry().slabBytes();
    int partitions = store.geometry().partitionCount();
    StoreStats stats = store.stats();
    require(stats.entries() == 0, "entries=" + stats.entries() + " are left of none");
    // Those that are being drained.
    require(stats.slabBytes() <= (long) partitions * slabBytes, "slabBytes=" + stats.slabBytes() + " of no entries");
    clear();
    store.assertValid();
    stats = store.stats();
    require(stats.slabBytes() == 0, "slabBytes=" + stats.slabBytes() + " after clear");
    long without = store.geometry().regionBytes() - store.bytes();
    long free = (long) (store.geometry().slabCount() - partitions) * slabBytes - without;
    require(stats.freeBytes() == free, "freeBytes=" + stats.freeBytes() + " after clear, not " + free);
  }
}
