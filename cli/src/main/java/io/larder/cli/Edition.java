package io.larder.cli;

/**
 * The form in which the demo stores an object: one byte, the edition, then the object's bytes, each combined with the
 * edition. An overwrite stores another edition of the same object, so a value put together from two writes does not
 * decode to the object.
 */
final class Edition {
  /** Bytes that the form adds to an object. */
  static final int EXTRA_BYTES = 1;

  private Edition() {}

  /** Writes an edition of an object and returns its length. */
  static int encode(byte[] object, byte edition, byte[] target) {
    target[0] = edition;
    for (int i = 0; i < object.length; i++) {
      target[i + EXTRA_BYTES] = (byte) (object[i] ^ edition);
    }
    return object.length + EXTRA_BYTES;
  }

  /** Writes the object of a stored value and returns its length, or -1 if this is no edition. */
  static int decode(byte[] value, int length, byte[] target) {
    int objectBytes = length - EXTRA_BYTES;
    if (objectBytes < 0 || objectBytes > target.length) {
      return -1;
    }
    byte edition = value[0];
    for (int i = 0; i < objectBytes; i++) {
      target[i] = (byte) (value[i + EXTRA_BYTES] ^ edition);
    }
    return objectBytes;
  }
}
