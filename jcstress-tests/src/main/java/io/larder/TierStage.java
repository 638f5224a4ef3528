package io.larder;

import io.larder.engine.EntryInfo;
import io.larder.engine.PutSpec;
import io.larder.engine.Stage;
import io.larder.engine.Store;
import io.larder.jcstress.Regions;
import io.larder.jcstress.Stalls;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Two stores of the smallest size as the tiers of a cache: with the cache's own {@link Tiers}, and so with its words of
 * {@link KeyStamps} and its buffer.
 *
 * <p>The one below is held up now and then: behind the read of a value, and between the question to a guard and what
 * follows it. So are threads that are interrupted at the worst moments.
 *
 * <p>Any thread may call any method where nothing else is said.
 */
public final class TierStage {
  /** What may be wrong with the tier below. */
  public enum Flaw {
    NONE,
    /** It puts whether the guard holds or not. */
    NO_GUARD,
    /** It discards nothing that it does not find, without asking whether a put is under way. */
    NO_TURNS,
    /** What is got from it never expires. */
    NO_EXPIRY
  }

  /** How many moments are let pass: together they take as long as an operation of the other thread. */
  private static final int STALLS = 4;

  /** More than are evicted in one round of a test. */
  private static final int DEMOTIONS_MAX = 1_000;

  private final Stage memory;
  private final Stage below;
  private final Tiers tiers;

  /** A stage with two empty tiers. */
  public TierStage(Flaw flaw) {
    // The memory shows its victims to tiers that know the tier below already.
    this.below = Stage.withVictims(Regions.make(Stage.REGION_BYTES), victim -> {});
    this.tiers = new Tiers(new Below(below.store(), flaw), Stage.REGION_BYTES, below::millis, null, null);
    this.memory = Stage.withVictims(Regions.make(Stage.REGION_BYTES), tiers);
  }

  /** What a thread needs to read with. For one thread. */
  public static final class Hand {
    private final TierRead read = new TierRead();
    private final Stalls stalls = new Stalls();
  }

  /** Drops all entries, those on their way too, and turns the clock back to 0. */
  public void clear() {
    demote();
    tiers.clear(memory.store());
    memory.clear();
    below.clear();
  }

  // ---- the ways of a writer

  /** Puts a value, as a cache does. */
  public void put(byte[] key, byte[] value, PutSpec spec) {
    long hash = hash(key);
    tiers.begin(hash, key, 0, key.length);
    try {
      memory.put(key, value, spec);
    } finally {
      tiers.end(hash);
    }
  }

  /** Removes a key, as a cache does. */
  public void remove(byte[] key) {
    long hash = hash(key);
    tiers.begin(hash, key, 0, key.length);
    try {
      memory.remove(key);
    } finally {
      tiers.end(hash);
    }
  }

  /** Evicts a key from the memory. */
  public void evict(byte[] key) {
    memory.evict(key);
  }

  /** Writes what has been evicted to the tier below. */
  public void demote() {
    tiers.demote(DEMOTIONS_MAX);
  }

  /** Sets the time by which entries expire in both tiers. */
  public void setMillis(long now) {
    below.setMillis(now);
    memory.setMillis(now);
  }

  /** Removes what has expired from both tiers. */
  public void expire() {
    memory.expire();
    below.expire();
  }

  // ---- the ways of a reader

  /** Reads a value into {@code room}, and promotes it if it was below: its length, or {@link Store#ABSENT}. */
  public int get(Hand hand, byte[] key, byte[] room) {
    int length = memory.get(key, room);
    if (length >= 0) {
      return length;
    }
    TierRead read = hand.read;
    if (!tiers.findForVersion(memory.store(), hash(key), key, 0, key.length, read)) {
      return Store.ABSENT;
    }
    System.arraycopy(read.array(), 0, room, 0, Math.min(read.length, room.length));
    return read.length;
  }

  /** As {@link #get}, but what is promoted is put in the memory whatever has been written meanwhile. */
  public int getCarelessly(Hand hand, byte[] key, byte[] room) {
    int length = memory.get(key, room);
    if (length >= 0) {
      return length;
    }
    EntryInfo info = hand.read.stored.info;
    length = below.store().get(hash(key), key, 0, key.length, room, 0, room.length, info);
    if (length >= 0) {
      holdUp(hand.stalls);
      byte[] value = Arrays.copyOf(room, length);
      memory.put(key, value, new PutSpec().ifAbsent().expiryMillis(info.expiryMillis()));
    }
    return length;
  }

  /** Reads a value from the tier below into {@code room}: its length, or {@link Store#ABSENT}. */
  public int getBelow(byte[] key, byte[] room) {
    return below.get(key, room);
  }

  private static void holdUp(Stalls stalls) {
    for (int i = 0; i < STALLS; i++) {
      stalls.stall();
    }
  }

  private long hash(byte[] key) {
    return memory.store().hash(key, 0, key.length);
  }

  /** A store as a tier, in the way of {@link RegionTier}. */
  private static final class Below implements Tier {
    private final Store store;
    private final Flaw flaw;

    // Several threads may use them at once, which makes them no less random.
    private final Stalls ofGets = new Stalls();
    private final Stalls ofPuts = new Stalls();

    Below(Store store, Flaw flaw) {
      this.store = store;
      this.flaw = flaw;
    }

    private long hash(byte[] key, int keyOffset, int keyLength) {
      return store.hash(key, keyOffset, keyLength);
    }

    @Override
    public boolean get(byte[] key, int keyOffset, int keyLength, TierValue target) {
      byte[] room = target.bytes();
      long hash = hash(key, keyOffset, keyLength);
      int length = store.get(hash, key, keyOffset, keyLength, room, 0, room.length, target.info);
      holdUp(ofGets);
      if (length >= 0) {
        long expiryMillis = flaw == Flaw.NO_EXPIRY ? 0 : target.info.expiryMillis();
        target.set(length, expiryMillis, target.info.cost(), target.info.userFlags(), target.info.wasHit());
      }
      return length >= 0;
    }

    @Override
    public boolean touch(byte[] key, int keyOffset, int keyLength) {
      return store.touch(hash(key, keyOffset, keyLength), key, keyOffset, keyLength);
    }

    @Override
    public boolean contains(byte[] key, int keyOffset, int keyLength) {
      return store.find(hash(key, keyOffset, keyLength), key, keyOffset, keyLength, new EntryInfo());
    }

    @Override
    public boolean put(byte[] key, int keyOffset, int keyLength, TierValue value, BooleanSupplier guard) {
      holdUp(ofPuts);
      value.spec.expiryMillis(value.expiryMillis()).cost(value.cost()).userFlags(value.flags());
      value.spec.ifHolds(() -> holds(guard));
      long hash = hash(key, keyOffset, keyLength);
      return store.put(hash, key, keyOffset, keyLength, value.bytes(), 0, value.length(), value.spec) > 0;
    }

    private boolean holds(BooleanSupplier guard) {
      boolean holds = guard.getAsBoolean() || flaw == Flaw.NO_GUARD;
      holdUp(ofPuts);
      return holds;
    }

    @Override
    public boolean discard(byte[] key, int keyOffset, int keyLength) {
      if (flaw == Flaw.NO_TURNS && !contains(key, keyOffset, keyLength)) {
        return false;
      }
      long hash = hash(key, keyOffset, keyLength);
      return store.discard(hash, key, keyOffset, keyLength, new EntryInfo()) > 0;
    }

    @Override
    public void clear() {
      store.clear();
    }

    @Override
    public Cursor cursor() {
      throw new UnsupportedOperationException();
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
      return 0;
    }

    @Override
    public void close() {
      store.close();
    }
  }
}
