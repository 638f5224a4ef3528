package io.larder;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * {@link Codec#utf8()}.
 *
 * <p>The encoder of the JDK makes an array for each string and writes a question mark for half of a surrogate pair,
 * which would make two different keys one; so the encoder here is our own. Decoding is the JDK's, and what it
 * replaced is found by encoding again.
 */
final class Utf8Codec implements Codec<String> {
  static final Utf8Codec INSTANCE = new Utf8Codec();

  private static final int BYTES_PER_CHAR_MAX = 3;
  private static final char REPLACEMENT = '\uFFFD';

  private Utf8Codec() {}

  @Override
  public void encode(String value, ByteOutput target) {
    int length = value.length();
    byte[] bytes = target.reserve(length);
    char[] chars = target.chars();
    int at = target.length();
    for (int start = 0; start < length; start += chars.length) {
      int end = Math.min(length, start + chars.length);
      if (!isAscii(value, start, end, chars)) {
        target.advance(start);
        encodeFrom(value, start, target);
        return;
      }
      copyLowBytes(value, start, end, bytes, at + start);
    }
    target.advance(length);
  }

  /** By way of an array: looking at one character after the other in the string itself takes twice as long. */
  private static boolean isAscii(String value, int start, int end, char[] chars) {
    value.getChars(start, end, chars, 0);
    int all = 0;
    for (int i = 0; i < end - start; i++) {
      all |= chars[i];
    }
    return all < 0x80;
  }

  @SuppressWarnings("deprecation") // it drops the high byte of each character, which is 0 here
  private static void copyLowBytes(String value, int start, int end, byte[] bytes, int at) {
    value.getBytes(start, end, bytes, at);
  }

  /** The rest of a string, when not all of it is ASCII. */
  private static void encodeFrom(String value, int start, ByteOutput target) {
    int chars = value.length();
    byte[] bytes = target.reserve((int) Math.min((long) (chars - start) * BYTES_PER_CHAR_MAX, Integer.MAX_VALUE));
    int begin = target.length();
    int at = begin;
    for (int i = start; i < chars; i++) {
      char c = value.charAt(i);
      if (c < 0x80) {
        bytes[at++] = (byte) c;
      } else if (c < 0x800) {
        bytes[at++] = (byte) (0xC0 | (c >> 6));
        bytes[at++] = (byte) (0x80 | (c & 0x3F));
      } else if (!Character.isSurrogate(c)) {
        bytes[at++] = (byte) (0xE0 | (c >> 12));
        bytes[at++] = (byte) (0x80 | ((c >> 6) & 0x3F));
        bytes[at++] = (byte) (0x80 | (c & 0x3F));
      } else {
        int point = codePoint(value, i++);
        bytes[at++] = (byte) (0xF0 | (point >> 18));
        bytes[at++] = (byte) (0x80 | ((point >> 12) & 0x3F));
        bytes[at++] = (byte) (0x80 | ((point >> 6) & 0x3F));
        bytes[at++] = (byte) (0x80 | (point & 0x3F));
      }
    }
    target.advance(at - begin);
  }

  private static int codePoint(String value, int index) {
    int point = value.codePointAt(index);
    if (!Character.isSupplementaryCodePoint(point)) {
      throw new IllegalArgumentException(
          "string has half of a surrogate pair at index=" + index + ": it has no UTF-8 form");
    }
    return point;
  }

  @Override
  public String decode(byte[] source, int offset, int length) {
    String value = new String(source, offset, length, StandardCharsets.UTF_8);
    if (value.indexOf(REPLACEMENT) >= 0 && !isFormOf(value, source, offset, length)) {
      throw new IllegalArgumentException("not UTF-8");
    }
    return value;
  }

  private static boolean isFormOf(String value, byte[] source, int offset, int length) {
    byte[] again = value.getBytes(StandardCharsets.UTF_8);
    return Arrays.equals(again, 0, again.length, source, offset, offset + length);
  }

  @Override
  public String toString() {
    return "Codec.utf8()";
  }
}
