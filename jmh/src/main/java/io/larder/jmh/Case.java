package io.larder.jmh;

import java.util.Map;
import java.util.Objects;

/**
 * One row of a table: a benchmark's method with its parameters.
 *
 * @param benchmark the class
 * @param method its method
 * @param system what is measured, by the name that it has in tables
 * @param about what that is, in a few words
 * @param params the benchmark's parameters by name; {@code entries} is one of them
 * @param threads number of threads
 */
record Case(
    Class<?> benchmark, String method, String system, String about, Map<String, String> params, int threads) {
  static final String IMPLEMENTATION = "implementation";
  static final String ENTRIES = "entries";

  Case {
    params = Map.copyOf(params);
  }

  /** A system that holds entries, as {@link Loaded} does. */
  static Case of(Class<?> benchmark, String method, Implementation implementation, int entries, int threads) {
    return of(benchmark, method, implementation.label(), implementation.description(), entries, threads);
  }

  /** Something else whose parameters have the same names. */
  static Case of(Class<?> benchmark, String method, String system, String about, int entries, int threads) {
    return new Case(
        benchmark,
        method,
        system,
        about,
        Map.of(IMPLEMENTATION, system, ENTRIES, Integer.toString(entries)),
        threads);
  }

  /** The expression that selects this method and no other. */
  String include() {
    return "^" + benchmark.getName().replace(".", "\\.") + "\\." + method + "$";
  }

  /** Number of entries. */
  int entries() {
    return Integer.parseInt(Objects.requireNonNull(params.get(ENTRIES)));
  }

  /** The heading of the table this belongs to: what is compared. */
  String group() {
    StringBuilder group = new StringBuilder("%,d entries".formatted(entries()));
    params.entrySet().stream()
        .filter(param -> !param.getKey().equals(IMPLEMENTATION) && !param.getKey().equals(ENTRIES))
        .sorted(Map.Entry.comparingByKey())
        .forEach(param -> group.append(", ").append(param.getKey()).append(": ").append(param.getValue()));
    return group + ", %d thread%s".formatted(threads, threads == 1 ? "" : "s");
  }

  /** The name where there are several methods. */
  String name() {
    return system.equals(method) ? system : system + " " + method;
  }

  /** The name in progress and failures. */
  String label() {
    return (system.equals(method) ? method : method + " " + system) + ", " + group();
  }
}
