package io.larder.cli;

import java.util.List;

/**
 * What one worker did between its start and its end.
 *
 * @param writer worker and start
 * @param operations in the order of their beginnings
 * @param ended when it was killed, or had ended
 * @param pauses when it was stopped
 */
record TortureHistory(int writer, List<TortureOperation> operations, long ended, List<Pause> pauses) {
  /** A time in which a worker was stopped. */
  record Pause(long begin, long end) {}

  /** How long an operation took, without the time for which the worker was stopped. */
  long runningNanos(TortureOperation operation) {
    return runningNanos(operation.begin(), operation.isPending() ? ended : operation.end(), pauses);
  }

  static long runningNanos(long begin, long end, List<Pause> pauses) {
    long nanos = end - begin;
    for (Pause pause : pauses) {
      nanos -= Math.max(0, Math.min(end, pause.end) - Math.max(begin, pause.begin));
    }
    return nanos;
  }
}
