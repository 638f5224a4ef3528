package io.larder.jmh;

import io.larder.jmh.Probe.Finding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What the rounds of a benchmark have found: each round has one finding for each case. Mutable, one thread.
 *
 * @param <C> what is measured in a round
 */
final class Rounds<C> {
  private final List<Map<C, Finding>> rounds = new ArrayList<>();

  /** Begins the next round. */
  void begin() {
    rounds.add(new LinkedHashMap<>());
  }

  /** Adds to the round that has begun last. */
  void add(C each, Finding finding) {
    rounds.getLast().put(each, finding);
  }

  /** One number of a case, round by round, without the rounds in which the case failed. */
  List<Double> values(C each, String name) {
    return rounds.stream()
        .map(round -> round.get(each))
        .filter(finding -> finding != null && !finding.failed())
        .map(finding -> finding.value(name))
        .toList();
  }

  /** A number of one case over that of another, round by round: both were measured at about the same time. */
  List<Double> ratios(C dividend, C divisor, String name) {
    List<Double> ratios = new ArrayList<>();
    for (Map<C, Finding> round : rounds) {
      Finding above = round.get(dividend);
      Finding below = round.get(divisor);
      if (above != null && below != null && !above.failed() && !below.failed()) {
        ratios.add(above.value(name) / below.value(name));
      }
    }
    return ratios;
  }

  /** The median, of an even number the mean of the two in the middle; NaN of none. */
  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    if (sorted.isEmpty()) {
      return Double.NaN;
    }
    return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** The median, and in brackets the least and the most, in a unit and with so many decimals. */
  static String spread(List<Double> values, double unit, int decimals) {
    List<Double> sorted = values.stream().sorted().toList();
    String number = "%,." + decimals + "f";
    return sorted.isEmpty()
        ? "-"
        : (number + " [" + number + ".." + number + "]")
            .formatted(median(values) / unit, sorted.getFirst() / unit, sorted.getLast() / unit);
  }

  /** All of it, for the raw results. */
  List<Map<String, Object>> toJson(Function<C, String> label) {
    List<Map<String, Object>> json = new ArrayList<>();
    for (Map<C, Finding> round : rounds) {
      Map<String, Object> findings = Json.map();
      round.forEach((each, finding) -> findings.put(label.apply(each), finding.values()));
      json.add(findings);
    }
    return json;
  }
}
