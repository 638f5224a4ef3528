package io.larder.engine;

/**
 * An estimate of what many threads would do on as many cores, from what an operation does to lines. Each thread does
 * one operation after the other. A read takes its time and meets nobody; a write takes the lock of the partition that
 * its key is in, holds it for a fixed time, and waits before that for those who came earlier, as in a queue with one
 * server and fixed times of service (M/D/1): {@code hold · u / 2(1 − u)} where the lock is held for a share {@code u}
 * of the time.
 *
 * <p>Threads that wait make no requests meanwhile, so the rate of writes is the one at which all of them are busy with
 * reading, holding and waiting. It is found by halving an interval.
 *
 * @param threads how many there are
 * @param partitions over which the keys are spread evenly
 * @param hottest the share of the writes that are for one key; 0 where they are spread evenly, too
 * @param readMicros what a thread does between two writes
 * @param holdMicros how long a write holds the lock
 */
record ScalingModel(int threads, int partitions, double hottest, double readMicros, double holdMicros) {
  private static final int HALVINGS = 100;

  /** The share of the writes that the busiest partition gets. */
  private double busiestShare() {
    return hottest + (1 - hottest) / partitions;
  }

  /** The share that each of the others gets. */
  private double otherShare() {
    return (1 - hottest) / partitions;
  }

  /** Writes of all threads in a microsecond. */
  double writesPerMicro() {
    double least = 0;
    double most = 1 / (busiestShare() * holdMicros);
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (least + most) / 2;
      if (middle * (readMicros + holdMicros + waitMicros(middle)) < threads) {
        least = middle;
      } else {
        most = middle;
      }
    }
    return least;
  }

  /** How long a write waits for the lock on the mean, at a rate of all writes. */
  private double waitMicros(double rate) {
    return busiestShare() * queue(rate * busiestShare() * holdMicros)
        + (partitions - 1) * otherShare() * queue(rate * otherShare() * holdMicros);
  }

  private double queue(double locked) {
    return holdMicros * locked / (2 * (1 - locked));
  }

  /** For what share of the time the lock of the busiest partition is held. */
  double busiestLocked() {
    return writesPerMicro() * busiestShare() * holdMicros;
  }

  /** How many threads are at work and do not wait for a lock. */
  double threadsAtWork() {
    return writesPerMicro() * (readMicros + holdMicros);
  }
}
