package io.larder;

/**
 * What a read has found of the second tier, or of a memory whose values are compressed, and what it needs for that.
 * Reusable, for one thread.
 *
 * <p>The value is the first {@link #length} bytes of {@link #array()}.
 */
final class TierRead {
  private static final int INITIAL_BYTES = 1024;

  /** As it is kept there, {@link Tiers#COMPRESSED} or not. */
  final TierValue stored = new TierValue();

  final KeyStamps.Guard guard = new KeyStamps.Guard();

  private byte[] plain = new byte[INITIAL_BYTES];
  private boolean isPlain;

  int length;

  /** The version of the entry in the memory, after it has been promoted or found there; 0 otherwise. */
  long version;

  byte[] array() {
    return isPlain ? plain : stored.bytes();
  }

  /** Takes the first bytes of what is stored for the value. */
  void takeStored(int bytes) {
    isPlain = false;
    length = bytes;
  }

  /**
   * Makes the value of what is stored; false if that is damaged.
   *
   * @param rawBytesMax no compressed value is longer
   * @param room when it is longer only its length is wanted: then the array is not the value
   */
  boolean unpack(int rawBytesMax, long room) {
    if ((stored.flags() & Tiers.COMPRESSED) == 0) {
      takeStored(stored.length());
      return true;
    }
    length = Lz4.rawLength(stored.bytes(), 0, stored.length(), rawBytesMax);
    return length != Lz4.ABSURD
        && (length > room || Lz4.decompress(stored.bytes(), 0, stored.length(), reservePlain(length), 0, length));
  }

  /** An array with so much room, which is the value's from now on. */
  byte[] reservePlain(int bytes) {
    if (plain.length < bytes) {
      plain = new byte[bytes];
    }
    isPlain = true;
    return plain;
  }

  /** Forgets what it refers to, and gives back what has grown large. */
  void reset(int retainedBytesMax) {
    guard.clear();
    stored.trim(retainedBytesMax);
    if (plain.length > retainedBytesMax) {
      plain = new byte[INITIAL_BYTES];
    }
  }
}
