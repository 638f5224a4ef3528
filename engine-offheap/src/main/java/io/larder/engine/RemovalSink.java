package io.larder.engine;

/** Learns of every entry that leaves the store. */
@FunctionalInterface
public interface RemovalSink {
  /** Why an entry left. */
  enum Cause {
    /** Removed by its user, or cleared. */
    EXPLICIT,
    /** Another value took its place. */
    REPLACED,
    /** Its time was over. */
    EXPIRED,
    /** The space was needed. */
    EVICTED
  }

  /**
   * Called once per entry, with copies, by the thread that removes it and under the partition's lock: it must
   * only take note, and never call the store.
   *
   * @param userFlags as {@link EntryInfo#userFlags()}
   */
  void removed(Cause cause, byte[] key, byte[] value, int userFlags);

  /** Called now and then by a thread that removes very many, when it holds no lock: it may do here what takes time. */
  default void relieve() {}
}
