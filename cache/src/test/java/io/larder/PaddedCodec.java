package io.larder;

import java.util.Arrays;

/** Strings that are written with much behind them, so that the shortest becomes smaller when it is compressed. */
final class PaddedCodec implements Codec<String> {
  private static final byte[] PADDING = new byte[700];

  static {
    Arrays.fill(PADDING, (byte) 'p');
  }

  @Override
  public void encode(String value, ByteOutput target) {
    Codec.utf8().encode(value, target);
    target.write(PADDING);
  }

  @Override
  public String decode(byte[] source, int offset, int length) {
    int end = offset + length;
    if (!Arrays.equals(source, end - PADDING.length, end, PADDING, 0, PADDING.length)) {
      throw new IllegalArgumentException("the padding is not there");
    }
    return Codec.utf8().decode(source, offset, length - PADDING.length);
  }
}
