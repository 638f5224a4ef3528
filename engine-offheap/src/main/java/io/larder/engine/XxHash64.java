package io.larder.engine;

import io.larder.allocator.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * xxHash64 with a seed, over arrays and over the region: the fingerprint of a key and the checksum of an
 * entry.
 *
 * <p>It is not a cryptographic hash: who knows the seed can make collisions, so the seed is drawn at random
 * for each region and keys are always compared. Specification: "xxHash fast digest algorithm", version 0.1.1,
 * by Yann Collet.
 *
 * <p>Any thread; allocates nothing.
 */
public final class XxHash64 {
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long PRIME_1 = 0x9E3779B185EBCA87L;
  private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
  private static final long PRIME_3 = 0x165667B19E3779F9L;
  private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
  private static final long PRIME_5 = 0x27D4EB2F165667C5L;
  private static final int STRIPE_BYTES = 32;

  private XxHash64() {}

  /** Hashes {@code length} bytes of {@code bytes} from {@code offset}. */
  public static long hash(byte[] bytes, int offset, int length, long seed) {
    int at = offset;
    int left = length;
    long hash = seed + PRIME_5;
    if (length >= STRIPE_BYTES) {
      at += length & -STRIPE_BYTES;
      left &= STRIPE_BYTES - 1;
      hash = stripes(bytes, offset, at, seed);
    }
    hash += length;
    // Keys are short: steps, not loops, whose frames would cost more than their bodies.
    if (left >= Long.BYTES) {
      hash = mixLong(hash, (long) LONG.get(bytes, at));
      if (left >= 2 * Long.BYTES) {
        hash = mixLong(hash, (long) LONG.get(bytes, at + 8));
        if (left >= 3 * Long.BYTES) {
          hash = mixLong(hash, (long) LONG.get(bytes, at + 16));
        }
      }
      at += left & -Long.BYTES;
    }
    if ((left & 4) != 0) {
      hash = mixInt(hash, (int) INT.get(bytes, at));
      at += Integer.BYTES;
    }
    if ((left & 3) != 0) {
      hash = mixByte(hash, Byte.toUnsignedInt(bytes[at]));
      if ((left & 2) != 0) {
        hash = mixByte(hash, Byte.toUnsignedInt(bytes[at + 1]));
        if ((left & 1) != 0) {
          hash = mixByte(hash, Byte.toUnsignedInt(bytes[at + 2]));
        }
      }
    }
    return avalanche(hash);
  }

  private static long stripes(byte[] bytes, int from, int end, long seed) {
    long a = seed + PRIME_1 + PRIME_2;
    long b = seed + PRIME_2;
    long c = seed;
    long d = seed - PRIME_1;
    for (int at = from; at < end; at += STRIPE_BYTES) {
      a = round(a, (long) LONG.get(bytes, at));
      b = round(b, (long) LONG.get(bytes, at + 8));
      c = round(c, (long) LONG.get(bytes, at + 16));
      d = round(d, (long) LONG.get(bytes, at + 24));
    }
    return converge(a, b, c, d);
  }

  /** Hashes {@code length} bytes of the region from {@code offset}. */
  public static long hash(Memory memory, long offset, long length, long seed) {
    Memory range = memory.forReading(offset, length);
    long at = offset;
    long end = offset + length;
    long hash;
    if (length >= STRIPE_BYTES) {
      long a = seed + PRIME_1 + PRIME_2;
      long b = seed + PRIME_2;
      long c = seed;
      long d = seed - PRIME_1;
      for (; at <= end - STRIPE_BYTES; at += STRIPE_BYTES) {
        a = round(a, range.getLong(at));
        b = round(b, range.getLong(at + 8));
        c = round(c, range.getLong(at + 16));
        d = round(d, range.getLong(at + 24));
      }
      hash = converge(a, b, c, d);
    } else {
      hash = seed + PRIME_5;
    }
    hash += length;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      hash = mixLong(hash, range.getLong(at));
    }
    if (at <= end - Integer.BYTES) {
      hash = mixInt(hash, range.getInt(at));
      at += Integer.BYTES;
    }
    for (; at < end; at++) {
      hash = mixByte(hash, range.getByte(at));
    }
    return avalanche(hash);
  }

  private static long round(long lane, long input) {
    return Long.rotateLeft(lane + input * PRIME_2, 31) * PRIME_1;
  }

  private static long converge(long a, long b, long c, long d) {
    long hash = Long.rotateLeft(a, 1) + Long.rotateLeft(b, 7) + Long.rotateLeft(c, 12) + Long.rotateLeft(d, 18);
    hash = merge(hash, a);
    hash = merge(hash, b);
    hash = merge(hash, c);
    return merge(hash, d);
  }

  private static long merge(long hash, long lane) {
    return (hash ^ round(0, lane)) * PRIME_1 + PRIME_4;
  }

  private static long mixLong(long hash, long input) {
    return Long.rotateLeft(hash ^ round(0, input), 27) * PRIME_1 + PRIME_4;
  }

  private static long mixInt(long hash, int input) {
    return Long.rotateLeft(hash ^ Integer.toUnsignedLong(input) * PRIME_1, 23) * PRIME_2 + PRIME_3;
  }

  private static long mixByte(long hash, int input) {
    return Long.rotateLeft(hash ^ input * PRIME_5, 11) * PRIME_1;
  }

  private static long avalanche(long hash) {
    long mixed = (hash ^ hash >>> 33) * PRIME_2;
    mixed = (mixed ^ mixed >>> 29) * PRIME_3;
    return mixed ^ mixed >>> 32;
  }
}
