package io.larder.cli;

import io.larder.cli.DemoTiersWorker.Start;
import io.larder.cli.TieredContender.Latency;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a {@link DemoTiersWorker} has said so far. One thread. */
final class DemoTiersLog {
  private final List<TierSample> samples = new ArrayList<>();
  private final List<Pause> pauses = new ArrayList<>();
  private final Map<Place, Latency> latencies = new EnumMap<>(Place.class);
  private final Map<Measure, Double> results = new EnumMap<>(Measure.class);
  private final List<Start> starts = new ArrayList<>();
  private long closedMillis;
  private @Nullable String firstWrong;
  private @Nullable String refusal;

  /**
   * A pause of the garbage collector.
   *
   * @param atMillis when it began, since the beginning of the run
   */
  record Pause(long atMillis, long nanos) {}

  /** Pauses together. */
  record Pauses(int count, long totalNanos, long longestNanos) {}

  /** Takes a line; returns whether it was a sample. */
  boolean take(String line) {
    String[] words = line.split(" ", 2);
    String rest = words.length > 1 ? words[1] : "";
    String[] parts = rest.split(" ", -1);
    switch (words[0]) {
      case DemoTiersWorker.SAMPLE -> samples.add(TierSample.parse(rest));
      case DemoTiersWorker.PAUSE -> pauses.add(new Pause(Long.parseLong(parts[0]), Long.parseLong(parts[1])));
      case DemoTiersWorker.LATENCY -> addLatency(parts);
      case DemoTiersWorker.RESULT -> results.put(Measure.valueOf(parts[0]), Double.valueOf(parts[1]));
      case DemoTiersWorker.CLOSED -> closedMillis = Long.parseLong(rest);
      case DemoTiersWorker.START -> addStart(parts);
      case DemoTiersWorker.WRONG -> firstWrong = rest;
      case DemoTiersWorker.REFUSED -> refusal = rest;
      // What a library says on standard output is not for us.
      default -> {}
    }
    return words[0].equals(DemoTiersWorker.SAMPLE);
  }

  private void addLatency(String[] parts) {
    Place place = Place.valueOf(parts[0]);
    latencies.put(
        place,
        new Latency(
            place,
            Long.parseLong(parts[1]),
            Long.parseLong(parts[2]),
            Long.parseLong(parts[3]),
            Long.parseLong(parts[4])));
  }

  private void addStart(String[] parts) {
    starts.add(
        new Start(
            Boolean.parseBoolean(parts[0]),
            Long.parseLong(parts[1]),
            Long.parseLong(parts[2]),
            Long.parseLong(parts[3]),
            Long.parseLong(parts[4]),
            Long.parseLong(parts[5])));
  }

  /** In the order of time. */
  List<TierSample> samples() {
    return samples;
  }

  /** The latest sample. */
  TierSample last() {
    return samples.isEmpty() ? TierSample.NONE : samples.getLast();
  }

  /** The pauses during the run: none that the worker asked for when it was over. */
  List<Pause> pauses() {
    return pauses.stream().filter(pause -> pause.atMillis() <= last().at()).toList();
  }

  /** The pauses during the run that began at this time or later, together. */
  Pauses pausesFrom(long atMillis) {
    List<Pause> those = pauses().stream().filter(pause -> pause.atMillis() >= atMillis).toList();
    return new Pauses(
        those.size(),
        those.stream().mapToLong(Pause::nanos).sum(),
        those.stream().mapToLong(Pause::nanos).max().orElse(0));
  }

  /** The gets that were answered in a place; null until the run is over. */
  @Nullable Latency latency(Place place) {
    return latencies.get(place);
  }

  /** What the run has measured; nothing until it is over. */
  Map<Measure, Double> results() {
    return results;
  }

  /** The first reads of the caches that were started, the warm one first. */
  List<Start> starts() {
    return starts;
  }

  /** How long closing the cache took. */
  long closedMillis() {
    return closedMillis;
  }

  @Nullable String firstWrong() {
    return firstWrong;
  }

  /** Why the worker did not begin; null if it did. */
  @Nullable String refusal() {
    return refusal;
  }

  /** Values that were compared with the source. */
  long checked() {
    long atStart = starts.stream().mapToLong(start -> start.memoryHits() + start.fileHits()).sum();
    return atStart + results.getOrDefault(Measure.CHECKED, 0.0).longValue();
  }

  /** Values that were not the source's. */
  long wrong() {
    long atStart = starts.stream().mapToLong(Start::wrong).sum();
    return atStart + results.getOrDefault(Measure.WRONG, 0.0).longValue();
  }
}
