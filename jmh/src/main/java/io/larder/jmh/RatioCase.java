package io.larder.jmh;

import java.util.List;
import java.util.Map;

/**
 * A trace that was played to several contenders with the same capacity.
 *
 * @param trace the trace's name
 * @param percent the capacity as a share of the trace's keys, or of its bytes
 * @param capacity the capacity, in entries or in bytes
 * @param tallies what each contender made of it, run by run
 */
record RatioCase(String trace, double percent, long capacity, Map<Contender, List<Tally>> tallies) {
  /** Below this a few hits make a point. */
  private static final int SMALL_ENTRIES = 500;

  private static final double TOLERANCE = 1;
  private static final double TOLERANCE_OF_SMALL = 2;

  /** The hit ratio in percent, the mean of the runs. */
  double hitPercent(Contender contender) {
    return runs(contender).stream().mapToDouble(Tally::hitPercent).average().orElse(Double.NaN);
  }

  /** The share of bytes that hits had, in percent, the mean of the runs. */
  double bytePercent(Contender contender) {
    return runs(contender).stream().mapToDouble(Tally::bytePercent).average().orElse(Double.NaN);
  }

  /** How many entries there were at the end, the mean of the runs. */
  double entries(Contender contender) {
    return runs(contender).stream().mapToLong(Tally::entries).average().orElse(Double.NaN);
  }

  private List<Tally> runs(Contender contender) {
    return tallies.getOrDefault(contender, List.of());
  }

  /** How many points a contender is behind the best one that does not know the future and has no more room. */
  double distance(Contender contender) {
    double best =
        Contender.online().stream()
            .filter(other -> other != Contender.LARDER || !exceeded())
            .mapToDouble(this::hitPercent)
            .max()
            .orElse(Double.NaN);
    return best - hitPercent(contender);
  }

  /** By how many points Larder is above Caffeine. */
  double overCaffeine() {
    return hitPercent(Contender.LARDER) - hitPercent(Contender.CAFFEINE);
  }

  /** Whether Larder is further below Caffeine than by chance. */
  boolean belowCaffeine() {
    return overCaffeine() < -(capacity < SMALL_ENTRIES ? TOLERANCE_OF_SMALL : TOLERANCE);
  }

  /** Whether Larder, bounded by entries, held more of them. */
  boolean exceeded() {
    return Capacity.exceeded(entries(Contender.LARDER), capacity);
  }

  /** The trace and the share, for progress and failures. */
  String label() {
    return trace + " " + Capacity.percent(percent) + " %";
  }
}
