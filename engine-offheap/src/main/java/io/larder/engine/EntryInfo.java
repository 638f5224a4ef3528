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

  /** All flags, {@link EntryLayout}; of what is hidden from readers, too. */
  int flags = NOTHING;

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

  /** The cost that was given with the entry. */
  public int cost() {
    return EntryLayout.cost(terms);
  }

  /** The user's flags, 0 to {@link EntryLayout#USER_FLAGS_MAX}. */
  public int userFlags() {
    return userFlags;
  }

  /** The bytes of the value. */
  public int valueLength() {
    return valueLength;
  }
}
