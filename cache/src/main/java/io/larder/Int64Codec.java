package io.larder;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** {@link Codec#int64()}. */
final class Int64Codec implements Codec<Long> {
  static final Int64Codec INSTANCE = new Int64Codec();

  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Int64Codec() {}

  @Override
  public void encode(Long value, ByteOutput target) {
    target.writeLong(value);
  }

  @Override
  public Long decode(byte[] source, int offset, int length) {
    if (length != Long.BYTES) {
      throw new IllegalArgumentException("length=" + length + " bytes is not the " + Long.BYTES + " of a long");
    }
    return (long) LONG.get(source, offset);
  }

  @Override
  public String toString() {
    return "Codec.int64()";
  }
}
