package io.larder.jmh;

/**
 * What became of the requests of a trace.
 *
 * @param requests how many there were
 * @param hits how many found their key
 * @param bytes the sizes of what was asked for, together
 * @param hitBytes the sizes of what was found, together
 * @param missCost the costs of the misses, together
 * @param entries how many entries there were at the end; {@link Replay#UNKNOWN} for a simulation
 */
record Tally(long requests, long hits, long bytes, long hitBytes, long missCost, long entries) {

  /** The share of requests that hit, in percent. */
  double hitPercent() {
    return 100.0 * hits / requests;
  }

  /** The share of bytes that hits had, in percent. */
  double bytePercent() {
    return 100.0 * hitBytes / bytes;
  }
}
