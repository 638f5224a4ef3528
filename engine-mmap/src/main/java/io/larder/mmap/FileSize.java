package io.larder.mmap;

/**
 * How large a region's file is meant to be.
 *
 * @param bytes the size of one that is made; 0 for none, so that there must be one
 * @param limitBytes up to which size it can be made larger while it is in use; of an existing one it must be this, but
 *     0 is whatever it is
 */
public record FileSize(long bytes, long limitBytes) {
  /** Whatever it is. */
  public static final FileSize ANY = new FileSize(0, 0);

  /**
   * Refuses sizes that cannot be.
   *
   * @throws IllegalArgumentException when one is negative, the size is above the limit, or only one of them is 0
   */
  public FileSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes=" + bytes + " is negative");
    }
    if (bytes > limitBytes || (bytes == 0) != (limitBytes == 0)) {
      throw new IllegalArgumentException("bytes=" + bytes + " is above limitBytes=" + limitBytes + ", or one is 0");
    }
  }

  /** One that cannot become larger than it is made; it can become smaller and as large again. */
  public static FileSize upTo(long bytes) {
    return new FileSize(bytes, bytes);
  }
}
