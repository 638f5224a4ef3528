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
    int chars = value.length();
    byte[] bytes = target.reserve(chars);
    int at = target.length();
    for (int i = 0; i < chars; i++) {
      char c = value.charAt(i);
      if (c >= 0x80) {
        target.advance(i);
        encodeFrom(value, i, target);
        return;
      }
      bytes[at + i] = (byte) c;
    }
    target.advance(chars);
  }

  /** The rest of a string, from its first character that is not ASCII. */
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
