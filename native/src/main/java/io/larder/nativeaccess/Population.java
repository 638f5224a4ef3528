package io.larder.nativeaccess;

/** What became of making pages present; a constant, since the request must not allocate. */
public enum Population {
  /** All of them are present. */
  DONE,
  /** A page has nothing behind it, so that an access to it would raise a signal. */
  NOTHING_BEHIND,
  /** The kernel was asked and said no, for another reason: the pages may be there, and may be not. */
  REFUSED,
  /** The kernel was not asked, or has no such call. */
  UNAVAILABLE
}
