package io.larder.cli;

/** Where the answer to a get came from. */
enum Place {
  MEMORY("hits in memory"),
  FILE("hits in file"),
  /** Neither had it. */
  NOWHERE("misses");

  private final String label;

  Place(String label) {
    this.label = label;
  }

  /** What is written beside such gets. */
  String label() {
    return label;
  }
}
