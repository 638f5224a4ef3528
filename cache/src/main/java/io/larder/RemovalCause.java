package io.larder;

/** Why an entry is gone. */
public enum RemovalCause {
  /** Someone removed it, or cleared the cache. */
  EXPLICIT,
  /** A write put another value in its place. */
  REPLACED,
  /** Its time was over. */
  EXPIRED,
  /** It made room for others. */
  EVICTED
}
