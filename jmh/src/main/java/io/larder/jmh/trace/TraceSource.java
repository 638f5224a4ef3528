package io.larder.jmh.trace;

import java.io.IOException;

/** Where a trace comes from. It is loaded when it is wanted, since all of them together may be large. */
public interface TraceSource {
  /** The name of the trace: that of its file without the ending. */
  String name();

  /**
   * Reads or makes the trace, the same one each time.
   *
   * @throws IOException if it cannot be read: the message names the file, what was found and what was expected
   */
  Trace load() throws IOException;
}
