package io.larder.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is known of a file's keys when a round begins. */
final class TortureState {
  /** By key: what was there, as operations of the kind {@code THERE}. */
  final Map<Integer, TortureOperation> there = new HashMap<>();

  /** By key: no operation from now on may see less, see {@link TortureChecker}. */
  final Map<Integer, Long> floors = new HashMap<>();

  /** Writes whose worker was killed, whatever has become of them. */
  final List<TortureOperation> pending = new ArrayList<>();
}
