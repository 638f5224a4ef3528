package io.larder.jmh;

import java.time.Duration;

/**
 * How much time a run may take.
 *
 * @param rounds number of times that every case is run, each in a JVM of its own
 * @param warmups iterations before measuring
 * @param iterations measured iterations per JVM
 * @param iterationTime length of an iteration
 * @param limit after this time no further round of a case begins
 */
record Effort(int rounds, int warmups, int iterations, Duration iterationTime, Duration limit) {
  private static final Effort QUICK = new Effort(2, 4, 5, Duration.ofMillis(250), Duration.ofSeconds(270));
  private static final Effort FULL = new Effort(5, 5, 5, Duration.ofSeconds(1), Duration.ofHours(6));

  static Effort of(Arguments arguments) {
    Effort usual = arguments.quick() ? QUICK : FULL;
    return arguments.forks() == 0
        ? usual
        : new Effort(arguments.forks(), usual.warmups, usual.iterations, usual.iterationTime, usual.limit);
  }
}
