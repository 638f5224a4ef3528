package io.larder;

import java.util.Arrays;

/** {@link Codec#bytes()}. */
final class BytesCodec implements Codec<byte[]> {
  static final BytesCodec INSTANCE = new BytesCodec();

  private BytesCodec() {}

  @Override
  public void encode(byte[] value, ByteOutput target) {
    if (target.length() == 0) {
      target.borrow(value);
    } else {
      target.write(value);
    }
  }

  @Override
  public byte[] decode(byte[] source, int offset, int length) {
    return Arrays.copyOfRange(source, offset, offset + length);
  }

  @Override
  public String toString() {
    return "Codec.bytes()";
  }
}
