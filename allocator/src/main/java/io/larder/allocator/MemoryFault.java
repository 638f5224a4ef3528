package io.larder.allocator;

/**
 * An access to mapped memory that has no page behind it, as when the file was cut.
 *
 * <p>HotSpot makes an {@link InternalError} of the signal, and throws it late when the access was in compiled code: at
 * the thread's next safepoint poll. Until then the access counts as done, and what it has read is anything.
 */
public final class MemoryFault {
  private static final String MESSAGE = "unsafe memory access";

  /** More than one; a volatile read, so that the compiler does not know when the loop ends. */
  private static volatile int pollings = 2;

  private MemoryFault() {}

  /** Whether a failure is such an access. */
  public static boolean is(Throwable failure) {
    return failure instanceof InternalError && String.valueOf(failure.getMessage()).contains(MESSAGE);
  }

  /** The error of an access that is not made, because it is known that there is no page for it. */
  public static InternalError refused(String why) {
    return new InternalError(MESSAGE + " refused: " + why);
  }

  /**
   * Throws the error of a fault before, in this thread, if there was one: the way back in a loop that is not counted is
   * a safepoint poll.
   */
  public static void await() {
    int polled = 0;
    do {
      polled++;
    } while (polled < pollings);
  }

  /** As {@link #await}, and swallows the errors; returns whether there was one. The caller accesses nothing more. */
  public static boolean swallow() {
    boolean any = false;
    while (true) {
      try {
        await();
        return any;
      } catch (InternalError fault) {
        any = true;
      }
    }
  }
}
