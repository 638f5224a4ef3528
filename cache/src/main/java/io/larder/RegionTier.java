package io.larder;

import io.larder.engine.EntryInfo;
import io.larder.engine.Store;
import io.larder.engine.StoreClock;
import io.larder.engine.StoreIterator;
import io.larder.engine.StoreOptions;
import io.larder.mmap.FileSize;
import io.larder.mmap.SharedRegion;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The usual second tier: a store in a mapped file. */
final class RegionTier implements Tier {
  private static final Duration OPEN_WAIT = Duration.ofSeconds(30);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A walk over all slabs for what has expired takes so long. */
  private static final long WALK_NANOS = TimeUnit.SECONDS.toNanos(4);

  private static final int SLABS_PER_ROUND_MIN = 64;

  private static final Logger LOG = System.getLogger(RegionTier.class.getPackageName());

  private final Path file;
  private final SharedRegion region;
  private final Store store;

  // The thread's that maintains it.
  private long lastLook = System.nanoTime();
  private long lastRound = System.nanoTime();

  private RegionTier(Path file, SharedRegion region) {
    this.file = file;
    this.region = region;
    this.store = region.store();
  }

  /**
   * Opens the file, and makes it if need be.
   *
   * @throws IOException when it is not fit for this, or its place is not
   */
  static RegionTier open(Path file, long bytes, StoreClock clock) throws IOException {
    StoreOptions options = StoreOptions.ofExisting(bytes).withVerifyReads(true).withClock(clock);
    return new RegionTier(file, SharedRegion.open(file, FileSize.upTo(bytes), options, OPEN_WAIT));
  }

  @Override
  public boolean get(byte[] key, int keyOffset, int keyLength, TierValue target) {
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
    return store.touch(store.hash(key, keyOffset, keyLength), key, keyOffset, keyLength);
  }

  @Override
  public boolean contains(byte[] key, int keyOffset, int keyLength) {
    Scratch scratch = Scratch.take();
    try {
      return store.find(store.hash(key, keyOffset, keyLength), key, keyOffset, keyLength, scratch.info);
    } finally {
      scratch.release();
    }
  }

  @Override
  public boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard) {
    if (keyLength > store.keyBytesMax() || value.length() > store.valueBytesMax()) {
      return false;
    }
    value.spec.expiryMillis(value.expiryMillis()).cost(value.cost()).userFlags(value.flags()).ifHolds(guard);
    long hash = store.hash(key, keyOffset, keyLength);
    return store.put(hash, key, keyOffset, keyLength, value.bytes(), 0, value.length(), value.spec) > 0;
  }

  @Override
  public boolean discard(byte[] key, int keyOffset, int keyLength) {
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
    store.clear();
  }

  @Override
  public Cursor cursor() {
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
    return store.valueBytesMax();
  }

  @Override
  public long estimatedSize() {
    return store.estimatedSize();
  }

  @Override
  public long usedBytes() {
    return store.stats().usedBytes();
  }

  @Override
  public long evictions() {
    return store.stats().evictions();
  }

  @Override
  public boolean isLost() {
    return store.isLost();
  }

  @Override
  public int maintain() {
    long now = System.nanoTime();
    if (now - lastLook >= LOOK_NANOS) {
      lastLook = now;
      region.look();
      region.publish(0, 0);
    }
    double share = Math.min((double) (now - lastRound) / WALK_NANOS, 1);
    lastRound = now;
    return store.maintain(Math.max(SLABS_PER_ROUND_MIN, (int) (share * store.geometry().slabCount())));
  }

  @Override
  public void close() {
    region.close();
    LOG.log(Level.DEBUG, "the second tier {0} is closed", file);
  }
}
