package io.larder.allocator;

import java.io.Serial;

/**
 * A structure in the region is not as its protocol leaves it, so its bytes have been changed from outside. Thrown in
 * the midst of a change: what it was about is to be repaired before it is used again.
 */
public final class DamagedRegionException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Damage that was met.
   *
   * @param what was found, and where
   */
  public DamagedRegionException(String what) {
    super(what);
  }
}
