package io.larder.engine;

/** What a lookup tells about an entry besides its value: filled by the store, reusable, for one thread. */
public final class EntryInfo {
  /** The {@link #flags} while nothing has been found. */
  static final int NOTHING = -1;

  long version;
  long terms;
  long idleMillis;
  int userFlags;
  int valueLength;
  int policyBits;

  /** All flags, {@link EntryLayout}; of what is hidden from readers, too. */
  int flags = NOTHING;

  // Where the entry was found, and what has to be as it was for it to be there still.
  long hash;
  long entry;
  long record;
  long shape;
  long oldHome;
  long bucket;
  long stamp;

  /** The version, 1 or more: it grows with every write to the key. */
  public long version() {
    return version;
  }

  /**
   * When the entry expires, in milliseconds since 1970; 0 for never. Where it has a time to idle that is at the latest:
   * an access may move it.
   */
  public long expiryMillis() {
    return IdleTime.earlier(EntryLayout.expiryMillis(terms), idleMillis);
  }

  /** Whether the entry expires by not being accessed. */
  public boolean hasTimeToIdle() {
    return idleMillis != 0;
  }

  /** The cost that was given with the entry. */
  public int cost() {
    return EntryLayout.cost(terms);
  }

  /** The user's flags, 0 to {@link EntryLayout#USER_FLAGS_MAX}. */
  public int userFlags() {
    return userFlags;
  }

  /** Whether it has been hit before, of late: since the hand of CLOCK last came by, or since it was put. */
  public boolean wasHit() {
    return PolicyBits.clock(policyBits) > 0;
  }

  /** The bytes of the value. */
  public int valueLength() {
    return valueLength;
  }

  /**
   * Whether a {@link Sighting} can tell that the entry has not changed: not while its bucket is about to be moved, and
   * not of one whose expiry moves.
   */
  public boolean isSteady() {
    return oldHome == StoreReader.NO_OLD_HOME && (flags & EntryLayout.IDLE) == 0;
  }

  /** Says the same as another. */
  void copy(EntryInfo other) {
    version = other.version;
    terms = other.terms;
    idleMillis = other.idleMillis;
    userFlags = other.userFlags;
    valueLength = other.valueLength;
    policyBits = other.policyBits;
    flags = other.flags;
    hash = other.hash;
    entry = other.entry;
    record = other.record;
    shape = other.shape;
    oldHome = other.oldHome;
    bucket = other.bucket;
    stamp = other.stamp;
  }
}
