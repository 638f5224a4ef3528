package io.larder.nativeaccess;

/**
 * What became of a request to the operating system.
 *
 * @param outcome how it ended
 * @param bytes the bytes for which the request was fulfilled, 0 or more, whatever the outcome; may exceed the segment's
 *     size by less than a page at each end where a request takes covering pages
 * @param detail for an operator: the likely cause of a refusal and its remedy, or a remark on a request that was
 *     fulfilled; empty when there is nothing to say
 */
public record NativeResult(Outcome outcome, long bytes, String detail) {

  /** How a request ended. */
  public enum Outcome {
    /** All that was asked for is done. */
    DONE,
    /** A part is done, of {@link NativeResult#bytes()}; the detail says what stopped the rest. */
    PARTLY,
    /** The operating system was asked and said no. */
    REFUSED,
    /** The operating system was not asked: this platform, JVM, kernel or file system has no such call. */
    UNAVAILABLE
  }

  /**
   * Checks the count.
   *
   * @throws IllegalArgumentException when {@code bytes} is negative
   */
  public NativeResult {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes=" + bytes + " must not be negative");
    }
  }

  static NativeResult done(long bytes) {
    return new NativeResult(Outcome.DONE, bytes, "");
  }

  static NativeResult done(long bytes, String remark) {
    return new NativeResult(Outcome.DONE, bytes, remark);
  }

  /** {@link Outcome#PARTLY} when something was done before the refusal, {@link Outcome#REFUSED} otherwise. */
  static NativeResult stopped(long bytes, String reason) {
    return new NativeResult(bytes > 0 ? Outcome.PARTLY : Outcome.REFUSED, bytes, reason);
  }

  static NativeResult refused(String reason) {
    return new NativeResult(Outcome.REFUSED, 0, reason);
  }

  static NativeResult unavailable(String reason) {
    return new NativeResult(Outcome.UNAVAILABLE, 0, reason);
  }

  /** Whether all that was asked for is done. */
  public boolean isDone() {
    return outcome == Outcome.DONE;
  }
}
