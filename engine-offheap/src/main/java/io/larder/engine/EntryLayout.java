package io.larder.engine;

import io.larder.allocator.FieldOffset;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * An entry in its block: the header, the optional words, the key, the value.
 *
 * <p>The optional words are there when their flag is set, in this order: {@code terms} (cost and expiry) with
 * {@link #TERMS}, {@code idle} (time to idle and idle deadline, {@link IdleTime}) with {@link #IDLE}, {@code chain}
 * (the next block and how many bytes of the value are in this one) with {@link #CHAINED}. The header is 20 bytes, so
 * that an entry of 24 + 100 bytes fills a block of 144 bytes exactly.
 */
public final class EntryLayout {
  /** The header. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("version"),
          ValueLayout.JAVA_INT.withName("checksum"),
          ValueLayout.JAVA_INT.withName("valueLength"),
          ValueLayout.JAVA_SHORT.withName("keyLength"),
          ValueLayout.JAVA_BYTE.withName("flags"),
          ValueLayout.JAVA_BYTE.withName("userFlags"));

  public static final long VERSION_OFFSET = offset("version");
  public static final long CHECKSUM_OFFSET = offset("checksum");
  public static final long VALUE_LENGTH_OFFSET = offset("valueLength");
  public static final long KEY_LENGTH_OFFSET = offset("keyLength");
  public static final long FLAGS_OFFSET = offset("flags");

  /** The bytes of the header. */
  public static final int HEADER_BYTES = (int) LAYOUT.byteSize();

  /** The most bytes between an entry's start and its key. */
  static final int KEY_OFFSET_MAX = HEADER_BYTES + 3 * Long.BYTES;

  /** The bytes of one optional word. */
  public static final int OPTION_BYTES = Long.BYTES;

  /** Flag: the word {@code terms} follows the header. */
  public static final int TERMS = 1;

  /** Flag: the word {@code chain} follows, and the value goes on in further blocks. */
  public static final int CHAINED = 1 << 1;

  /** Flag: a placeholder for a value that is being loaded; readers see nothing. */
  public static final int LEASE = 1 << 2;

  /** Flag: no entry but a further block of a chained value, {@link ContinuationLayout}. */
  public static final int CONTINUATION = 1 << 3;

  /** Flag: a block that a writer is filling and that nothing refers to yet. */
  public static final int BUILDING = 1 << 4;

  /** Flag: a block that failed its checksum; its version is 0, and it is never used again. */
  public static final int QUARANTINED = 1 << 5;

  /** Flag: the word {@code idle} follows the header and {@code terms}. */
  public static final int IDLE = 1 << 6;

  /** Any of the flags of a block that is no complete entry. */
  static final int NO_ENTRY = CONTINUATION | BUILDING | QUARANTINED;

  /** The store's own flags, where those of the user stand above them. */
  static final int FLAGS_MASK = 0xFF;

  /** The bits of both bytes of flags that the codec above the store may use. */
  public static final int USER_FLAGS_SHIFT = Byte.SIZE;

  /** The largest value of the user's flags. */
  public static final int USER_FLAGS_MAX = 3;

  /** The largest cost. */
  public static final int COST_MAX = (1 << 20) - 1;

  private static final int EXPIRY_BITS = 44;
  private static final long EXPIRY_MASK = (1L << EXPIRY_BITS) - 1;

  /** The latest expiry in milliseconds since 1970: the year 2527. Later ones mean never. */
  public static final long EXPIRY_MILLIS_MAX = EXPIRY_MASK;

  static final int KEY_LENGTH_MASK = 0xFFFF;

  /** Any of the flags of an entry that the shortest way to a value does not deal with. */
  static final int UNUSUAL = CHAINED | LEASE | CONTINUATION | BUILDING | QUARANTINED | IDLE;

  private static final int IDLE_SHIFT = Integer.numberOfTrailingZeros(IDLE);

  // Within the word idle.
  static final int IDLE_SPAN_OFFSET = 0;
  static final int IDLE_DEADLINE_OFFSET = Integer.BYTES;

  // Of the word that begins with the key's length.
  static final int INFO_FLAGS_SHIFT = 16;

  /** Of the word that begins with the key's length: all but the user's flags and the flag that nobody has. */
  static final int INFO_MASK = KEY_LENGTH_MASK | (UNUSUAL | TERMS) << INFO_FLAGS_SHIFT;

  private EntryLayout() {}

  private static long offset(String name) {
    return FieldOffset.of(LAYOUT, name);
  }

  /** The word that begins with the key's length; the flags with those of the user. */
  static int info(int keyLength, int flags) {
    return keyLength | flags << INFO_FLAGS_SHIFT;
  }

  /** The bytes between the entry's start and its key. */
  static int keyOffset(int flags) {
    return chainOffset(flags) + ((flags & CHAINED) >>> 1) * OPTION_BYTES;
  }

  /** The bytes between the entry's start and its {@code chain} word. */
  static int chainOffset(int flags) {
    return idleOffset(flags) + ((flags & IDLE) >>> IDLE_SHIFT) * OPTION_BYTES;
  }

  /** The bytes between the entry's start and its {@code idle} word. */
  static int idleOffset(int flags) {
    return HEADER_BYTES + (flags & TERMS) * OPTION_BYTES;
  }

  static long terms(long expiryMillis, int cost) {
    return ((long) cost << EXPIRY_BITS) | expiryMillis;
  }

  static long expiryMillis(long terms) {
    return terms & EXPIRY_MASK;
  }

  static int cost(long terms) {
    return (int) (terms >>> EXPIRY_BITS);
  }
}
