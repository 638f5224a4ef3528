package io.larder.engine;

/** What became of a key, {@link Store#explain}. Those with a code are written down when it happens, {@link Fates}. */
public enum Fate {
  /** It was never there, or what became of it has been forgotten. */
  UNKNOWN(0),
  /** It came, lost against the entry that would have had to go for it, and went out of the window. */
  NOT_ADMITTED(1),
  /** Its space was needed. */
  EVICTED(2),
  /** Its time was over. */
  EXPIRED(3),
  /** It was removed by a call. */
  REMOVED(4),
  /** All keys were removed, it among them if it was there, and nothing has been heard of it since. */
  CLEARED(5),
  /** Its value was refused: it is larger than any that the store takes, at the size that it has. */
  TOO_LARGE(6),
  /** Its value was refused: no space was found for it, whatever was evicted. */
  NO_SPACE(7),
  /** Its entry had been damaged: it was quarantined, or will be when it is read. */
  FAILED_CHECKSUM(8),
  /** It is there. */
  PRESENT(Fate.NOT_WRITTEN),
  /** There is a lease for it. */
  BEING_LOADED(Fate.NOT_WRITTEN);

  private static final int NOT_WRITTEN = -1;
  private static final Fate[] ALL = values();

  /** How it is called in a region; negative for what the index tells. */
  final int code;

  Fate(int code) {
    this.code = code;
  }

  /** The fate with a code; {@link #UNKNOWN} for numbers that mean none. */
  static Fate of(int code) {
    return code > 0 && code <= FAILED_CHECKSUM.code ? ALL[code] : UNKNOWN;
  }
}
