package io.larder.chronicle;

import io.larder.TierValue;
import java.util.zip.CRC32C;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.RandomDataInput;
import net.openhft.chronicle.hash.Data;
import net.openhft.chronicle.hash.serialization.SizedReader;
import net.openhft.chronicle.hash.serialization.SizedWriter;
import net.openhft.chronicle.wire.WireIn;
import net.openhft.chronicle.wire.WireOut;
import org.jspecify.annotations.Nullable;

/**
 * How a value lies in the map: when it expires, its cost, its flags, a checksum of all, its bytes. Any thread.
 *
 * <p>The checksum is this class's, since the map's own is looked at under a lock that lets no other reader in.
 */
final class ValueMarshaller implements SizedReader<TierValue>, SizedWriter<TierValue> {
  static final ValueMarshaller INSTANCE = new ValueMarshaller();

  /** What there is before the bytes. */
  static final int HEADER_BYTES = Long.BYTES + Integer.BYTES + Byte.BYTES + Integer.BYTES;

  /** The length of a value that is damaged. */
  static final int DAMAGED = -1;

  private static final long MIXING = 0x9e3779b97f4a7c15L;

  /** For Chronicle Map, which makes one when it opens a file. */
  ValueMarshaller() {}

  @Override
  public long size(TierValue value) {
    return HEADER_BYTES + (long) value.length();
  }

  @Override
  public void write(Bytes<?> target, long size, TierValue value) {
    target.writeLong(value.expiryMillis());
    target.writeInt(value.cost());
    target.writeByte((byte) value.flags());
    target.writeInt(checksum(value.expiryMillis(), value.cost(), value.flags(), value.bytes(), value.length()));
    target.write(value.bytes(), 0, value.length());
  }

  @Override
  public TierValue read(Bytes<?> source, long size, @Nullable TierValue using) {
    TierValue value = using == null ? new TierValue() : using;
    long expiryMillis = source.readLong();
    int cost = source.readInt();
    int flags = source.readByte();
    int checksum = source.readInt();
    int length = (int) (size - HEADER_BYTES);
    byte[] bytes = value.reserve(length);
    source.read(bytes, 0, length);
    boolean whole = checksum == checksum(expiryMillis, cost, flags, bytes, length);
    return value.set(whole ? length : DAMAGED, expiryMillis, cost, flags, false);
  }

  private static int checksum(long expiryMillis, int cost, int flags, byte[] bytes, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, length);
    long terms = (expiryMillis * MIXING + cost) * MIXING + flags;
    return (int) sum.getValue() ^ (int) (terms ^ terms >>> Integer.SIZE);
  }

  /** When an entry expires, without the rest of its value. */
  static long expiryMillis(Data<TierValue> value) {
    RandomDataInput bytes = value.bytes();
    return bytes.readLong(value.offset());
  }

  @Override
  public void readMarshallable(WireIn wire) {
    // It has no state.
  }

  @Override
  public void writeMarshallable(WireOut wire) {
    // It has no state.
  }
}
