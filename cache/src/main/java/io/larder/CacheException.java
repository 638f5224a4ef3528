package io.larder;

import org.jspecify.annotations.Nullable;

/**
 * A failure that is neither an expected outcome (those are return values) nor a caller's mistake (those are {@link
 * IllegalArgumentException} and {@link IllegalStateException}).
 */
public class CacheException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Code code;

  /** For the cache itself. */
  CacheException(Code code, String message, @Nullable Throwable cause) {
    super(code + ": " + message, cause);
    this.code = code;
  }

  /** What went wrong, for programs. */
  public Code code() {
    return code;
  }

  /** The kinds of failure. A name never changes its meaning; new ones may be added. */
  public enum Code {
    /** The operating system did not give the memory that was asked for. */
    MEMORY_UNAVAILABLE,
    /** The shared file is not fit for it, or cannot be read or written; the message says what was found. */
    FILE_UNAVAILABLE,
    /**
     * Another process has kept a part of the shared file locked for longer than writers wait: it is stopped, or gets no
     * time. Nothing was written; to be tried again. Reads go on.
     */
    BUSY,
    /** A loader threw a checked exception, which is the cause. */
    LOAD_FAILED
  }
}
