package io.larder.jmh;

import io.larder.jmh.trace.Trace;

/** By what law the keys of a trace have costs. */
enum CostLaw {
  UNIFORM("uniform"),
  SIZE("size"),
  HEAVY_TAIL("heavy-tail");

  private final String label;

  CostLaw(String label) {
    this.label = label;
  }

  /** The name in tables and files. */
  String label() {
    return label;
  }

  /** The costs of a trace's keys. */
  Costs of(Trace trace) {
    return switch (this) {
      case UNIFORM -> Costs.uniform(trace);
      case SIZE -> Costs.bySize(trace);
      case HEAVY_TAIL -> Costs.heavyTailed(trace);
    };
  }
}
