package io.larder;

import io.larder.engine.EntryInfo;
import io.larder.engine.Store;
import io.larder.engine.StoreClock;
import io.larder.engine.StoreIterator;
import io.larder.engine.StoreOptions;
import io.larder.mmap.TierRegion;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The usual second tier: a store in a mapped file.
 *
 * <p>When the file is lost, having been cut, deleted or damaged beyond repair, the tier is empty until it can be made
 * anew: what the lost file had may be out of date by then, as nothing could be discarded from it. So a discard that
 * cannot be done has the file spoiled before it returns: nobody finds anything in it any more, whenever this process
 * ends.
 *
 * <pre>
 * LOST-2  What could not be discarded from a lost file is not found in it
 *   Shared     : lost, of the store, on the heap; the word READY of the file
 *   Invariant  : when a discard has returned, who opens the file later does not find what the key had before
 *   Discarder  : X1 discard in the store   X2 lost? READY := 0, in the file itself and not by its name, unless another
 *                thread has done so; if it is at it, wait   X3 return
 *   Opener     : O1 nobody else is attached   O2 READY = 0: the content is given up
 *   Argument   : X1 removes the key, or fails, which it does silently only if the store is lost. A store never comes
 *                back from that, so X2 sees it. O1 comes after the discarder's process has left the file, so O2 after
 *                X2
 *   Killed     : before X2 the discard has not returned, and so no write that begins with it
 *   Not so     : if the file cannot be written to, which the log says
 *   Checked by : RegionTierTest
 * </pre>
 */
final class RegionTier implements Tier {
  private static final Duration OPEN_WAIT = Duration.ofSeconds(30);
  private static final Duration REOPEN_WAIT = Duration.ofMillis(1);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** So often it is tried to make a lost file anew. */
  private static final long REOPEN_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** A walk over all slabs for what has expired takes so long. */
  private static final long WALK_NANOS = TimeUnit.SECONDS.toNanos(4);

  private static final int SLABS_PER_ROUND_MIN = 64;

  private static final Logger LOG = System.getLogger(RegionTier.class.getPackageName());

  private final Path file;
  private final long bytes;
  private final StoreOptions options;
  private final long reopenNanos;
  private volatile TierRegion region;

  // The thread's that maintains it.
  private long lastLook = System.nanoTime();
  private long lastRound = System.nanoTime();
  private long lastReopening;
  private boolean noticedLoss;
  private boolean toldOfFailure;

  private RegionTier(Path file, long bytes, StoreOptions options, long reopenNanos, TierRegion region) {
    this.file = file;
    this.bytes = bytes;
    this.options = options;
    this.reopenNanos = reopenNanos;
    this.region = region;
  }

  /**
   * Opens the file, and makes it if need be.
   *
   * @param maximumEntries how many entries there may be; 0 for any number
   * @throws IOException when it is not fit for this, or its place is not
   */
  static RegionTier open(Path file, long bytes, long maximumEntries, StoreClock clock) throws IOException {
    return open(file, bytes, maximumEntries, clock, REOPEN_NANOS);
  }

  /** As {@link #open(Path, long, long, StoreClock)}; a lost file is tried to be made anew at intervals of one's own. */
  static RegionTier open(Path file, long bytes, long maximumEntries, StoreClock clock, long reopenNanos)
      throws IOException {
    StoreOptions options = StoreOptions.ofExisting(bytes).withClock(clock).withMaximumEntries(maximumEntries);
    return new RegionTier(file, bytes, options, reopenNanos, TierRegion.open(file, bytes, options, OPEN_WAIT));
  }

  /** The store as it is now. An operation that begins after another has ended sees none that is older. */
  private Store store() {
    return region.store();
  }

  @Override
  public boolean get(byte[] key, int keyOffset, int keyLength, TierValue target) {
    Store store = store();
    long hash = store.hash(key, keyOffset, keyLength);
    byte[] room = target.bytes();
    int length = store.get(hash, key, keyOffset, keyLength, room, 0, room.length, target.info);
    while (length > room.length) {
      room = target.reserve(length);
      length = store.getAgain(hash, key, keyOffset, keyLength, room, 0, room.length, target.info);
    }
    if (length < 0) {
      return false;
    }
    target.set(
        length, target.info.expiryMillis(), target.info.cost(), target.info.userFlags(), target.info.wasHit());
    return true;
  }

  @Override
  public boolean touch(byte[] key, int keyOffset, int keyLength) {
    Store store = store();
    return store.touch(store.hash(key, keyOffset, keyLength), key, keyOffset, keyLength);
  }

  @Override
  public boolean contains(byte[] key, int keyOffset, int keyLength) {
    Store store = store();
    Scratch scratch = Scratch.take();
    try {
      return store.find(store.hash(key, keyOffset, keyLength), key, keyOffset, keyLength, scratch.info);
    } finally {
      scratch.release();
    }
  }

  @Override
  public boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard) {
    Store store = store();
    if (keyLength > store.keyBytesMax() || value.length() > store.valueBytesMax()) {
      return false;
    }
    value.spec.expiryMillis(value.expiryMillis()).cost(value.cost()).userFlags(value.flags()).ifHolds(guard);
    long hash = store.hash(key, keyOffset, keyLength);
    return store.put(hash, key, keyOffset, keyLength, value.bytes(), 0, value.length(), value.spec) > 0;
  }

  @Override
  public boolean discard(byte[] key, int keyOffset, int keyLength) {
    TierRegion present = region;
    Store store = present.store();
    Scratch scratch = Scratch.take();
    try {
      long hash = store.hash(key, keyOffset, keyLength);
      return store.discard(hash, key, keyOffset, keyLength, scratch.info) > 0;
    } finally {
      scratch.release();
      spoilIfLost(present);
    }
  }

  @Override
  public void clear() {
    TierRegion present = region;
    present.store().clear();
    spoilIfLost(present);
  }

  /** What could not be removed from the file must not be found in it by the next one who opens it. */
  private static void spoilIfLost(TierRegion region) {
    if (region.store().isLost()) {
      region.spoil();
    }
  }

  @Override
  public Cursor cursor() {
    Store store = store();
    return new Walk(store.iterator());
  }

  private record Walk(StoreIterator entries) implements Cursor {
    @Override
    public boolean next() {
      return entries.next();
    }

    @Override
    public byte[] key() {
      byte[] key = new byte[entries.keyLength()];
      entries.copyKey(key, 0);
      return key;
    }

    @Override
    public void value(TierValue target) {
      int length = entries.valueLength();
      entries.copyValue(target.reserve(length), 0);
      EntryInfo info = entries.info();
      target.set(length, info.expiryMillis(), info.cost(), info.userFlags(), info.wasHit());
    }
  }

  @Override
  public int valueBytesMax() {
    return store().valueBytesMax();
  }

  @Override
  public long estimatedSize() {
    return store().estimatedSize();
  }

  @Override
  public long usedBytes() {
    return store().stats().usedBytes();
  }

  @Override
  public long evictions() {
    return store().stats().evictions();
  }

  @Override
  public boolean isLost() {
    return store().isLost();
  }

  @Override
  public int maintain() {
    long now = System.nanoTime();
    Store store = store();
    if (store.isLost()) {
      reopen(now);
      return 0;
    }
    if (now - lastLook >= LOOK_NANOS) {
      lastLook = now;
      region.look();
    }
    double share = Math.min((double) (now - lastRound) / WALK_NANOS, 1);
    lastRound = now;
    return store.maintain(Math.max(SLABS_PER_ROUND_MIN, (int) (share * store.geometry().slabCount())));
  }

  @Override
  public void tell(TierStats stats) {
    region.publish(stats.promotions(), stats.cleanSkips(), stats.dropped());
  }

  /** Makes a lost file anew, some time after it was lost; if that cannot be it is tried again later. */
  private void reopen(long now) {
    if (!noticedLoss) {
      noticedLoss = true;
      lastReopening = now;
      region.close();
    }
    if (now - lastReopening < reopenNanos) {
      return;
    }
    lastReopening = now;
    try {
      region = TierRegion.openAnew(file, bytes, options, REOPEN_WAIT);
      noticedLoss = false;
      toldOfFailure = false;
      LOG.log(Level.INFO, "{0}: the second tier is made anew, and empty", file);
    } catch (IOException unfit) {
      LOG.log(
          toldOfFailure ? Level.DEBUG : Level.WARNING,
          file + ": the second tier cannot be made anew, and is tried again: " + unfit.getMessage());
      toldOfFailure = true;
    }
  }

  @Override
  public void close() {
    region.close();
  }
}
