package io.larder.cli;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What every {@link TierGauge} said at a moment. Immutable. */
final class TierSample {
  /** Before the beginning. */
  static final TierSample NONE = new TierSample(Map.of());

  private final Map<TierGauge, Long> values;

  private TierSample(Map<TierGauge, Long> values) {
    this.values = values;
  }

  /** Of these values; what is not among them is 0. */
  static TierSample of(Map<TierGauge, Long> values) {
    return new TierSample(new EnumMap<>(values));
  }

  /** The sample that was written as {@link #toString} writes it. */
  static TierSample parse(String text) {
    Map<TierGauge, Long> values = new EnumMap<>(TierGauge.class);
    String[] numbers = text.split(" ", -1);
    int next = 0;
    for (TierGauge gauge : TierGauge.values()) {
      values.put(gauge, Long.valueOf(numbers[next++]));
    }
    return new TierSample(values);
  }

  long get(TierGauge gauge) {
    return values.getOrDefault(gauge, 0L);
  }

  /** Milliseconds since the beginning. */
  long at() {
    return get(TierGauge.AT);
  }

  /** Gets, wherever they were answered. */
  long reads() {
    return get(TierGauge.MEMORY_HITS) + get(TierGauge.FILE_HITS) + get(TierGauge.MISSES);
  }

  /** Gets that were answered there. */
  long reads(Place place) {
    return get(
        switch (place) {
          case MEMORY -> TierGauge.MEMORY_HITS;
          case FILE -> TierGauge.FILE_HITS;
          case NOWHERE -> TierGauge.MISSES;
        });
  }

  /** How fast a gauge has grown since an earlier sample, in a second. */
  double perSecond(TierGauge gauge, TierSample earlier) {
    return rate(get(gauge) - earlier.get(gauge), earlier);
  }

  /** How many gets were answered there in a second since an earlier sample. */
  double readsPerSecond(Place place, TierSample earlier) {
    return rate(reads(place) - earlier.reads(place), earlier);
  }

  private double rate(long growth, TierSample earlier) {
    return 1_000.0 * growth / Math.max(1, at() - earlier.at());
  }

  /** The values in the order of the gauges. */
  @Override
  public String toString() {
    return Arrays.stream(TierGauge.values())
        .map(gauge -> Long.toString(get(gauge)))
        .collect(Collectors.joining(" "));
  }
}
