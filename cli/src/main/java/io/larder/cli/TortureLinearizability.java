package io.larder.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides for each key of a file whether what all processes did to it in a round is linearizable: whether each
 * operation may have taken effect at one moment between its begin and its end, so that all of them in the order of
 * these moments did what one cache in one process would have done. {@link TortureLinearizer} decides one key; a history
 * is linearizable if it is so for each key alone.
 */
final class TortureLinearizability {
  private final TortureTally tally;
  private final boolean evicts;
  private final Set<Integer> keys = new HashSet<>();

  TortureLinearizability(TortureTally tally, boolean evicts) {
    this.tally = tally;
    this.evicts = evicts;
  }

  /** Judges a round; the state is that of its begin, when nobody was at the file. */
  void check(List<TortureHistory> histories, TortureState state) {
    Map<Integer, List<TortureOperation>> byKey = new HashMap<>();
    for (TortureHistory history : histories) {
      for (TortureOperation operation : history.operations()) {
        byKey.computeIfAbsent(operation.key(), none -> new ArrayList<>()).add(operation);
      }
    }
    byKey.forEach((key, operations) -> check(key, operations, state));
  }

  private void check(int key, List<TortureOperation> operations, TortureState state) {
    long floor = state.floors.getOrDefault(key, 0L) / 2;
    TortureLinearizer linearizer = new TortureLinearizer(state.there.get(key), floor, evicts);
    TortureOperation culprit = linearizer.decide(operations);
    if (culprit != null) {
      tally.notLinearizable(
          "key " + key + (tally.wantsMore() ? ":" + TortureProof.of(linearizer, operations, culprit) : ""));
    }
    tally.judged(keys.add(key) ? 1 : 0, operations.size());
  }
}
