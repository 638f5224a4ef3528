package io.larder.jmh;

import java.io.IOException;

/** A system whose entries expire, as {@link ExpiryBenchmark} sees it. For one thread. */
interface ExpirySubject extends AutoCloseable {
  /** {@link #payloadBytes} of a system that does not say. */
  long UNKNOWN = -1;

  /** Puts the first bytes of {@code value}; it may be done later, with others, but no later than {@link #flush}. */
  void put(byte[] key, byte[] value, int valueBytes, long ttlMillis) throws IOException;

  /** Does what is left to do of the puts. */
  void flush() throws IOException;

  /** Looks how much is there: what the two methods below then return. */
  void look() throws IOException;

  /** How many entries there are, those included whose time is over and whose space is not yet taken back. */
  long entries();

  /** The bytes of their keys and values, exactly, or {@link #UNKNOWN}. */
  long payloadBytes();

  /** All memory in use, in bytes. */
  long usedBytes() throws IOException;

  /** Processor time so far, in nanoseconds, of the thread or process that takes expired entries away. */
  long cpuNanos();

  /** How long that thread or process was ready to run and had no processor. */
  Waiting waiting();

  @Override
  void close() throws IOException;
}
