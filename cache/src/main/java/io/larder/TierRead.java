package io.larder;

/**
 * What a read of the second tier has found, and what it needs for that. Reusable, for one thread.
 *
 * <p>The value is the first {@link #length} bytes of {@link #array()}.
 */
final class TierRead {
  private static final int INITIAL_BYTES = 1024;

  /** As the tier has it. */
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

  /** Takes what is stored for the value. */
  void takeStored() {
    isPlain = false;
    length = stored.length();
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
