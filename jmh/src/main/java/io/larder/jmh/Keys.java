package io.larder.jmh;

import java.nio.charset.StandardCharsets;

/**
 * The keys of numbered entries: the number in eight hexadecimal digits, after a prefix that fills up to the wanted
 * length.
 */
final class Keys {
  private static final int DIGITS = 8;
  private static final byte[] PREFIX =
      "larder:bench:entry:of:the:usual:form:as:services:have:it:key".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private Keys() {}

  /** The key as bytes: a new array. */
  static byte[] bytes(int number, int keyBytes) {
    int prefixBytes = keyBytes - DIGITS;
    if (prefixBytes < 0 || prefixBytes > PREFIX.length) {
      throw new IllegalArgumentException("keyBytes=" + keyBytes + ", must be 8.." + (PREFIX.length + DIGITS));
    }
    byte[] key = new byte[keyBytes];
    System.arraycopy(PREFIX, 0, key, 0, prefixBytes);
    for (int i = keyBytes - 1, rest = number; i >= prefixBytes; i--, rest >>>= 4) {
      key[i] = HEX[rest & 15];
    }
    return key;
  }

  /** The number of a key that {@link #bytes} has made. */
  static int number(byte[] key) {
    int number = 0;
    for (int i = key.length - DIGITS; i < key.length; i++) {
      number = (number << 4) | Character.digit(key[i], 16);
    }
    return number;
  }

  /**
   * The key as a string: a new one whose hash is not computed yet. It is from the first request on, as in the JDK's
   * own.
   */
  static String string(int number, int keyBytes) {
    return new String(bytes(number, keyBytes), StandardCharsets.ISO_8859_1);
  }
}
