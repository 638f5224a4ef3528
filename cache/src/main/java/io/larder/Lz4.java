package io.larder;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * {@link Compression#lz4}: the only class that touches lz4-java, so that its absence is noticed where it is asked for
 * and nowhere else.
 *
 * <p>The <b>stored form</b> of a compressed value is its raw length in 4 bytes, the lowest first, and one LZ4 block.
 * Nothing in it says that it is one: who keeps it remembers that. It has no checksum either: damage that leaves a block
 * well-formed yields other bytes of the right length.
 *
 * <p>Of the library it is the part in plain Java with checked bounds: neither native code nor Unsafe, so no flag of the
 * JVM is needed.
 *
 * <p>Any thread may call. A range outside of its array is {@link IllegalArgumentException}; what the bytes in it are
 * never is.
 */
final class Lz4 {
  /** Of {@link #compress}: it saves less than an eighth. */
  static final int LITTLE_SAVED = -1;

  /** Of {@link #rawLength}: no value has it. */
  static final int ABSURD = -1;

  /** The bytes of the raw length before the block. */
  static final int HEADER_BYTES = Integer.BYTES;

  /** The longest value that LZ4 can compress. */
  static final int RAW_BYTES_MAX = 0x7E00_0000 - 1;

  /** One part in so many must be saved. */
  private static final int SAVED_PART = 8;

  /** What a byte of a block can yield: lengths go on in bytes that count up to 255 each. */
  private static final int RAW_PER_BLOCK_BYTE_MAX = 255;

  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final LZ4Compressor COMPRESSOR = LZ4Factory.safeInstance().fastCompressor();
  private static final LZ4SafeDecompressor DECOMPRESSOR = LZ4Factory.safeInstance().safeDecompressor();

  private Lz4() {}

  /** Throws {@link NoClassDefFoundError} when the library is not there, as each method here would. */
  static void load() {}

  /**
   * The bytes that {@link #compress} needs in its target for a value of this length: a little more than the value.
   *
   * @param length 0 to {@link #RAW_BYTES_MAX}
   */
  static int compressedBytesMax(int length) {
    if (length < 0 || length > RAW_BYTES_MAX) {
      throw new IllegalArgumentException("length=" + length + " is outside 0 to " + RAW_BYTES_MAX);
    }
    return HEADER_BYTES + COMPRESSOR.maxCompressedLength(length);
  }

  /**
   * Writes the stored form of a value to the start of the target.
   *
   * <p>The library makes a table of 16 KiB on the heap for each call; nothing else is allocated.
   *
   * @param target at least {@link #compressedBytesMax} long; what it holds behind the stored form, or when little is
   *     saved, is undefined
   * @return the length of the stored form in bytes, or {@link #LITTLE_SAVED} when it is not at least an eighth less
   *     than the value's: then the value is kept as it is, since it would cost more to read than it saves
   */
  static int compress(byte[] source, int offset, int length, byte[] target) {
    Arguments.range("source", offset, length, source.length);
    int roomBytes = compressedBytesMax(length);
    if (target.length < roomBytes) {
      throw new IllegalArgumentException(
          "target length=" + target.length + " bytes is less than the " + roomBytes + " that length=" + length
              + " may need");
    }
    INT.set(target, 0, length);
    int storedBytes =
        HEADER_BYTES
            + COMPRESSOR.compress(source, offset, length, target, HEADER_BYTES, roomBytes - HEADER_BYTES);
    return SAVED_PART * ((long) length - storedBytes) >= length ? storedBytes : LITTLE_SAVED;
  }

  /**
   * The raw length that a stored form names, or {@link #ABSURD}: when it is cut before the block, or the length is
   * negative, over the given limit, or more than such a block can yield. So nobody makes room for what is not there.
   */
  static int rawLength(byte[] source, int offset, int length, int rawBytesMax) {
    Arguments.range("source", offset, length, source.length);
    if (length <= HEADER_BYTES) {
      return ABSURD;
    }
    int rawBytes = (int) INT.get(source, offset);
    long possibleBytes = (long) RAW_PER_BLOCK_BYTE_MAX * (length - HEADER_BYTES);
    return rawBytes >= 0 && rawBytes <= rawBytesMax && rawBytes <= possibleBytes ? rawBytes : ABSURD;
  }

  /**
   * Writes the value of a stored form to the target. Allocates nothing but for corrupt input, which costs an exception
   * that stays inside.
   *
   * @param rawLength what {@link #rawLength} said
   * @return false when the stored form is corrupt, or is not of exactly so many bytes; the target's range is undefined
   *     then. Outside of the ranges nothing is read or written in either case
   */
  static boolean decompress(
      byte[] source, int offset, int length, byte[] target, int targetOffset, int rawLength) {
    Arguments.range("target", targetOffset, rawLength, target.length);
    if (rawLength(source, offset, length, rawLength) != rawLength) {
      return false;
    }
    int blockBytes = length - HEADER_BYTES;
    try {
      return rawLength
          == DECOMPRESSOR.decompress(source, offset + HEADER_BYTES, blockBytes, target, targetOffset, rawLength);
    } catch (LZ4Exception | IndexOutOfBoundsException corrupt) { // the latter from older releases
      return false;
    }
  }
}
