package io.larder.jmh;

import java.util.Locale;
import java.util.Map;

/**
 * A number that a benchmark has to reach.
 *
 * @param caseName the benchmark's name and its case, such as {@code get/1000}
 * @param peer what Larder is divided by: a system, or what else it is compared with
 * @param bound the limit
 * @param atMost whether the value may be at most the bound, or must be at least
 * @param value what was measured; NaN when it could not be
 */
record Goal(String caseName, String peer, double bound, boolean atMost, double value) {

  static Goal atMost(String caseName, String peer, double bound, double value) {
    return new Goal(caseName, peer, bound, true, value);
  }

  static Goal atLeast(String caseName, String peer, double bound, double value) {
    return new Goal(caseName, peer, bound, false, value);
  }

  boolean measured() {
    return !Double.isNaN(value);
  }

  boolean reached() {
    return atMost ? value <= bound : value >= bound;
  }

  /** The line that ends a report: {@code get/1000 larder÷chm 2.31 goal <= 2.50 ok}. */
  String line() {
    String verdict = !measured() ? "not measured" : reached() ? "ok" : "short";
    String number = measured() ? String.format(Locale.ROOT, "%.2f", value) : "-";
    return String.format(
        Locale.ROOT, "%s larder÷%s %s goal %s %.2f %s", caseName, peer, number, atMost ? "<=" : ">=", bound, verdict);
  }

  /** For the raw results. */
  Map<String, Object> toJson() {
    return Json.map(
        "case", caseName,
        "peer", peer,
        "value", value,
        "relation", atMost ? "<=" : ">=",
        "bound", bound,
        "line", line());
  }
}
