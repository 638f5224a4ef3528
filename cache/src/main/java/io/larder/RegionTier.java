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
 * anew: what the lost file had may be out of date by then, as nothing could be discarded from it.
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
  private volatile TierRegion region;

  // The thread's that maintains it.
  private long lastLook = System.nanoTime();
  private long lastRound = System.nanoTime();
  private long lastReopening;
  private boolean toldOfLoss;

  private RegionTier(Path file, long bytes, StoreOptions options, TierRegion region) {
    this.file = file;
    this.bytes = bytes;
    this.options = options;
    this.region = region;
  }

  /**
   * Opens the file, and makes it if need be.
   *
   * @param maximumEntries how many entries there may be; 0 for any number
   * @throws IOException when it is not fit for this, or its place is not
   */
  static RegionTier open(Path file, long bytes, long maximumEntries, StoreClock clock) throws IOException {
    StoreOptions options = StoreOptions.ofExisting(bytes).withClock(clock).withMaximumEntries(maximumEntries);
    return new RegionTier(file, bytes, options, TierRegion.open(file, bytes, options, OPEN_WAIT));
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
      length = store.get(hash, key, keyOffset, keyLength, room, 0, room.length, target.info);
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
    Store store = store();
    Scratch scratch = Scratch.take();
    try {
      long hash = store.hash(key, keyOffset, keyLength);
      return store.discard(hash, key, keyOffset, keyLength, scratch.info) > 0;
    } finally {
      scratch.release();
    }
  }

  @Override
  public void clear() {
    store().clear();
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

  /** Makes a lost file anew; if that cannot be it is tried again later. */
  private void reopen(long now) {
    if (toldOfLoss && now - lastReopening < REOPEN_NANOS) {
      return;
    }
    lastReopening = now;
    if (!toldOfLoss) {
      toldOfLoss = true;
      LOG.log(Level.WARNING, "the second tier {0} is lost: nothing is found there until it can be made anew", file);
      region.close();
      return;
    }
    try {
      region = TierRegion.openAnew(file, bytes, options, REOPEN_WAIT);
      toldOfLoss = false;
      LOG.log(Level.INFO, "the second tier {0} is made anew, and empty", file);
    } catch (IOException unfit) {
      LOG.log(Level.DEBUG, "the second tier " + file + " cannot be made anew yet", unfit);
    }
  }

  @Override
  public void close() {
    region.close();
  }
}
