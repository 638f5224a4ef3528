package io.larder.jmh;

import java.util.Locale;

/** What a process does to a file that it shares. */
enum Load {
  READS("gets"),
  WRITES("overwrites"),
  MIXED("90 % gets, 10 % overwrites");

  private final String description;

  Load(String description) {
    this.description = description;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  String description() {
    return description;
  }

  /** Does so many operations. */
  void run(Caller caller, int operations) {
    switch (this) {
      case READS -> read(caller, operations);
      case WRITES -> write(caller, operations);
      case MIXED -> mix(caller, operations);
    }
  }

  private static void read(Caller caller, int operations) {
    for (int i = 0; i < operations; i++) {
      caller.get();
    }
  }

  private static void write(Caller caller, int operations) {
    for (int i = 0; i < operations; i++) {
      caller.put();
    }
  }

  private static void mix(Caller caller, int operations) {
    for (int i = 0; i < operations; i++) {
      if (caller.writeIsNext()) {
        caller.put();
      } else {
        caller.get();
      }
    }
  }
}
