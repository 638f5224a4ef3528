package io.larder.jmh;

/**
 * One row of a table: a benchmark's method with its parameters.
 *
 * @param benchmark the class
 * @param method its method
 * @param implementation the system
 * @param entries number of entries
 * @param threads number of threads
 */
record Case(Class<?> benchmark, String method, Implementation implementation, int entries, int threads) {

  /** The expression that selects this method and no other. */
  String include() {
    return "^" + benchmark.getName().replace(".", "\\.") + "\\." + method + "$";
  }

  /** The method of the table this belongs to: what is compared. */
  String group() {
    return "%,d entries, %d thread%s".formatted(entries, threads, threads == 1 ? "" : "s");
  }

  /** The name in progress and failures. */
  String label() {
    return "%s %s, %s".formatted(method, implementation.label(), group());
  }
}
