package io.larder.jmh;

import java.util.Map;

/**
 * One row of a table: a benchmark's method with its parameters.
 *
 * @param benchmark the class
 * @param method its method
 * @param implementation the system
 * @param entries number of entries
 * @param threads number of threads
 * @param more parameters of this benchmark alone
 */
record Case(
    Class<?> benchmark,
    String method,
    Implementation implementation,
    int entries,
    int threads,
    Map<String, String> more) {

  Case(Class<?> benchmark, String method, Implementation implementation, int entries, int threads) {
    this(benchmark, method, implementation, entries, threads, Map.of());
  }

  /** The expression that selects this method and no other. */
  String include() {
    return "^" + benchmark.getName().replace(".", "\\.") + "\\." + method + "$";
  }

  /** The method of the table this belongs to: what is compared. */
  String group() {
    StringBuilder group =
        new StringBuilder("%,d entries, %d thread%s".formatted(entries, threads, threads == 1 ? "" : "s"));
    more.forEach((name, value) -> group.append(", ").append(value).append(' ').append(name));
    return group.toString();
  }

  /** The name in progress and failures. */
  String label() {
    return "%s %s, %s".formatted(method, implementation.label(), group());
  }
}
