package io.larder.jmh.report;

import java.util.List;

/**
 * All that is shown, whatever it is written as.
 *
 * @param machines on what the results were made, each once
 * @param summary the table that the README has, as Markdown rows; heads first
 * @param losses where Larder is slower than a peer, or a goal is short
 * @param absent what was not measured
 * @param peers who was measured, and how configured
 * @param sections the benchmarks
 */
record Page(
    List<String> machines,
    List<List<String>> summary,
    List<String> losses,
    List<String> absent,
    List<Peer> peers,
    List<Section> sections) {
  static final String TITLE = "Larder, measured";

  static final String SUMMARY =
      "Larder's time divided by the peer's: below 1 Larder is faster. 24-byte keys, 100-byte values, one thread.";

  static final List<String> METHOD =
      List.of(
          "Larder and its peers run in the same run, in rounds: each case once in a JVM of its own, then all again."
              + " What counts is Larder's time divided by the peer's, with the least and the most of the rounds. A time"
              + " in nanoseconds is for orientation: the machine is shared, and noisy.",
          "A result that says quick is of fewer and shorter runs, with larger errors.",
          "Keys are equal to the stored ones and not identical; requests follow a Zipf law with exponent 0.99 where"
              + " nothing else is said; all of them hit where hits are measured.",
          "A goal is a bound that we have set ourselves. Its line says ok or short, and short ones stay in the list.");
}
