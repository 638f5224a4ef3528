package io.larder.cli;

/** A cache in the demo, keyed by the numbers of objects. Any thread, each through a session of its own. */
interface Contender extends AutoCloseable {
  /** A handle for one thread. */
  Session newSession();

  /** Number of entries. */
  long entries();

  /** Bytes of keys and values. */
  long payloadBytes();

  /** Bytes that the cache counts against its budget. */
  long accountedBytes();

  /** Whether the accounted bytes are all that it takes. If not, the rest is found by looking at the heap. */
  boolean accountsForAll();

  /** Lets go of the keys of the requests, so that what is live is the cache's alone. No session is used afterwards. */
  void releaseRequests();

  @Override
  void close();

  /** One thread's access. */
  interface Session {
    /** The answer of {@link #get} when there is no such entry. */
    int ABSENT = -1;

    /** Looks an object up: the length of its value, or {@link #ABSENT}. */
    int get(int number);

    /**
     * Hears of the last {@link #get}, right after it.
     *
     * @param nanos how long it took
     * @param length what it returned
     * @param measured whether the warm-up is over
     */
    default void took(long nanos, int length, boolean measured) {}

    /** The value that {@link #get} found, from index 0. */
    byte[] value();

    /** Stores the first bytes of an array that the caller goes on using. */
    void put(int number, byte[] value, int length);
  }
}
