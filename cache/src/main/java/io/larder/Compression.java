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

  private Compression(int aboveBytes) {
    this.aboveBytes = aboveBytes;
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
    return new Compression(ABOVE_BYTES_DEFAULT);
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
    return new Compression(bytes);
  }

  /** The least length in bytes of a value that is compressed. */
  int aboveBytes() {
    return aboveBytes;
  }

  @Override
  public String toString() {
    return "Compression[lz4, above=" + aboveBytes + " bytes]";
  }
}
