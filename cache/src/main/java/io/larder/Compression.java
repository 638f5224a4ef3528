package io.larder;

/**
 * How values are made smaller where they are kept, and from which length on.
 *
 * <p>Immutable: keep one and use it for many caches. The static method begins one, the others change a copy.
 *
 * <pre>{@code Compression.lz4().above(4_096) }</pre>
 */
public final class Compression {
  private static final int ABOVE_BYTES_DEFAULT = 512;

  private final int aboveBytes;
  private final boolean inMemory;

  private Compression(int aboveBytes, boolean inMemory) {
    this.aboveBytes = aboveBytes;
    this.inMemory = inMemory;
  }

  /**
   * LZ4, which is fast and saves less than others. Values of 512 bytes or more are compressed, and kept as they are
   * when that saves less than an eighth.
   *
   * @throws IllegalStateException when {@code at.yawk.lz4:lz4-java} is not there; it is not a dependency of Larder.
   *     Releases before 1.10.1, and all of {@code org.lz4:lz4-java}, which has classes of the same names, must not take
   *     its place: from damaged bytes they make values with parts of others in them
   */
  public static Compression lz4() {
    try {
      Lz4.load();
    } catch (NoClassDefFoundError absent) {
      throw new IllegalStateException(
          "Compression.lz4 needs lz4-java and it is not there: add at.yawk.lz4:lz4-java to the application", absent);
    }
    return new Compression(ABOVE_BYTES_DEFAULT, false);
  }

  /**
   * The compression for values of at least so many bytes; shorter ones are kept as they are.
   *
   * @param bytes 0 (all values are tried) or more
   * @throws IllegalArgumentException when it is negative
   */
  public Compression above(int bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("above=" + bytes + " is negative");
    }
    return new Compression(bytes, inMemory);
  }

  /**
   * The compression for the values in the memory, too, so that it holds more of them: with a second tier or without.
   * They are the same for who reads them; what {@link CacheStats} tells of bytes is about them as they are kept.
   *
   * <p>Each hit on a compressed value pays for its decompression, with {@link CacheBuilder#liveObjects} only one that
   * finds no object; {@link ByteCache#read} makes a copy of it, and {@link ByteCache#getAll} looks one key up after the
   * other. Each write of one pays for compressing it, before any lock is taken; for that the library makes a table of
   * 16 KiB, which is garbage. Reading allocates nothing, but for values over 256 KiB, which cost an array or two.
   *
   * <p>Values stay as they are that are shorter than {@link #above}, longer than 64 MiB, or would not become smaller by
   * an eighth. {@link ByteCache#valueBytesMax()} is about what is kept: a value over it is taken if it becomes small
   * enough. A compressed value that has been damaged is a miss, and counted in {@link CacheStats#corruptions()}; most
   * damage is only found with {@link CacheBuilder#verifyReads}.
   */
  public Compression inMemory() {
    return new Compression(aboveBytes, true);
  }

  /** The least length in bytes of a value that is compressed. */
  int aboveBytes() {
    return aboveBytes;
  }

  /** Whether the values in the memory are compressed. */
  boolean isInMemory() {
    return inMemory;
  }

  @Override
  public String toString() {
    return "Compression[lz4, above=" + aboveBytes + " bytes" + (inMemory ? ", in memory" : "") + "]";
  }
}
