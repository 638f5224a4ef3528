package io.larder.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The few operations that show why a history is not linearizable. Leaving an operation out that changes nothing never
 * breaks a linearizable history, so those are left out as long as the rest is still not one; of the changes those are
 * told that the rest speaks of, and those around the end of the matter.
 */
final class TortureProof {
  private static final int CHANGES_BEFORE = 3;
  private static final int LINES_MAX = 14;

  private TortureProof() {}

  /** The operations in lines of their own, by their begins; the one at whose end it shows has a mark. */
  static String of(TortureLinearizer linearizer, List<TortureOperation> operations, TortureOperation culprit) {
    List<TortureOperation> prefix = until(operations, culprit.end());
    List<TortureOperation> observers = new ArrayList<>(prefix.stream().filter(TortureLinearizer::isObserver).toList());
    List<TortureOperation> changes = prefix.stream().filter(o -> !TortureLinearizer.isObserver(o)).toList();
    for (int chunk = Math.max(1, observers.size() / 2); chunk > 0; chunk /= 2) {
      leaveOut(linearizer, observers, changes, chunk);
    }
    Set<TortureOperation> told = new LinkedHashSet<>(observers);
    told.add(culprit);
    addChanges(told, changes, culprit);
    StringBuilder proof = new StringBuilder();
    told.stream()
        .sorted(Comparator.comparingLong(TortureOperation::begin))
        .limit(LINES_MAX)
        .forEach(o -> proof.append(o.equals(culprit) ? "\n  > " : "\n    ").append(o));
    return proof.toString();
  }

  /** The history as it stood at a time: what ended later had not been acknowledged. */
  private static List<TortureOperation> until(List<TortureOperation> operations, long time) {
    List<TortureOperation> prefix = new ArrayList<>();
    for (TortureOperation operation : operations) {
      if (operation.end() <= time) {
        prefix.add(operation);
      } else if (operation.begin() <= time && !operation.kind().isRead()) {
        prefix.add(operation.unacknowledged());
      }
    }
    return prefix;
  }

  private static void leaveOut(
      TortureLinearizer linearizer, List<TortureOperation> observers, List<TortureOperation> changes, int chunk) {
    for (int at = observers.size() - chunk; at >= 0; at -= chunk) {
      List<TortureOperation> fewer = new ArrayList<>(observers.subList(0, at));
      fewer.addAll(observers.subList(at + chunk, observers.size()));
      List<TortureOperation> history = new ArrayList<>(changes);
      history.addAll(fewer);
      if (linearizer.decide(history) != null) {
        observers.clear();
        observers.addAll(fewer);
      }
    }
  }

  private static void addChanges(
      Set<TortureOperation> told, List<TortureOperation> changes, TortureOperation culprit) {
    Set<Long> ids = new HashSet<>();
    Set<Long> versions = new HashSet<>();
    for (TortureOperation operation : told) {
      ids.add(operation.found());
      versions.add(operation.expectedVersion());
      versions.add(operation.outcome());
    }
    for (TortureOperation change : changes) {
      boolean isRead = change.id() != 0 && ids.contains(change.id());
      if (isRead || (change.outcome() > 0 && versions.contains(change.outcome()))) {
        told.add(change);
      }
    }
    changes.stream()
        .filter(change -> change.end() < culprit.end())
        .sorted(Comparator.comparingLong(TortureOperation::end).reversed())
        .limit(CHANGES_BEFORE)
        .forEach(told::add);
    changes.stream().filter(TortureOperation::isPending).limit(CHANGES_BEFORE).forEach(told::add);
  }
}
