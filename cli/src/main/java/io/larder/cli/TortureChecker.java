package io.larder.cli;

import io.larder.cli.TortureOperation.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Judges the histories of all workers of a round.
 *
 * <p>Versions order the writes to a key, so no search for an order is needed. Each acknowledged operation shows a
 * <i>level</i> of its key: {@code 2v} when it wrote or read version v, {@code 2v + 1} when it removed it. An operation
 * that began after another had ended must not show a lower level, and a write must show a higher one. A value must
 * have been written by the write whose id it bears, with the version under which it is read, by a write that was not
 * refused; a write that was killed may have taken effect or not, with one version. A conditional write must follow the
 * version that it asked for, with no other one between.
 *
 * <p>An operation that saw nothing needs a reason: something that could take away the highest version which was there
 * before it began. Reasons are a removal of that version or of a higher one, an entry of such a version that expires,
 * and a removal that was killed. They count from the moment they begin. Where entries are evicted nothing is asked.
 *
 * <p>All of these are necessary conditions of a correct history: what breaks one is an error in any case.
 */
final class TortureChecker {
  /** An operation must not take longer. */
  static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final int BEFORE = 6;
  private static final int AFTER = 3;

  private final TortureTally tally;
  private final boolean evicts;

  TortureChecker(TortureTally tally, boolean evicts) {
    this.tally = tally;
    this.evicts = evicts;
  }

  /** Counts what is wrong, and brings the state up to the end of the round. */
  void check(List<TortureHistory> histories, TortureState state) {
    Map<Integer, List<TortureOperation>> byKey = new HashMap<>();
    state.there.values().forEach(operation -> add(byKey, operation));
    state.pending.forEach(operation -> add(byKey, operation));
    for (TortureHistory history : histories) {
      for (TortureOperation operation : history.operations()) {
        add(byKey, operation);
        checkAlone(history, operation, tally);
        if (operation.isPending() && !operation.kind().isRead()) {
          state.pending.add(operation);
        }
      }
    }
    byKey.forEach(
        (key, operations) ->
            state.floors.put(key, new Key(operations, state.floors.getOrDefault(key, 0L)).check()));
  }

  /** Counts what is wrong with an operation, whatever the others are. */
  static void checkAlone(TortureHistory history, TortureOperation operation, TortureTally tally) {
    if (operation.torn()) {
      tally.torn(operation.toString());
    }
    if (history.runningNanos(operation) > STUCK_NANOS) {
      tally.stuck(operation + " took longer than 10 s");
    }
  }

  private static void add(Map<Integer, List<TortureOperation>> byKey, TortureOperation operation) {
    byKey.computeIfAbsent(operation.key(), none -> new ArrayList<>()).add(operation);
  }

  /** Numbers at moments, and the highest one up to a moment. */
  private static final class Highest {
    private final long[] times;
    private final long[] highest;

    Highest(List<long[]> points) {
      points.sort(Comparator.comparingLong(point -> point[0]));
      times = new long[points.size()];
      highest = new long[points.size()];
      long most = 0;
      for (int i = 0; i < times.length; i++) {
        times[i] = points.get(i)[0];
        most = Math.max(most, points.get(i)[1]);
        highest[i] = most;
      }
    }

    long before(long time) {
      int at = Arrays.binarySearch(times, time);
      int count = at < 0 ? -at - 1 : at;
      while (count > 0 && times[count - 1] >= time) {
        count--;
      }
      return count == 0 ? 0 : highest[count - 1];
    }
  }

  /** The check of one key. */
  private final class Key {
    private final List<TortureOperation> operations;
    private final long floor;
    private final Map<Long, TortureOperation> writes = new HashMap<>();
    private final Map<Long, Long> versionOfId = new HashMap<>();
    private final NavigableMap<Long, Long> idOfVersion = new TreeMap<>();
    private final Set<Long> removed = new HashSet<>();
    private boolean hasPendingWrites;

    Key(List<TortureOperation> operations, long floor) {
      this.operations = operations;
      this.floor = floor;
    }

    /** Returns the highest level that was shown. */
    long check() {
      operations.sort(Comparator.comparingLong(TortureOperation::begin));
      bindWrites();
      operations.forEach(this::bindRead);
      operations.forEach(this::checkCondition);
      long highest = checkLevels();
      if (!evicts) {
        checkAbsences();
      }
      return highest;
    }

    private void bindWrites() {
      for (TortureOperation operation : operations) {
        if (operation.kind().isThere()) {
          bind(operation, operation.found(), operation.outcome());
        } else if (operation.kind().isWrite()) {
          writes.put(operation.id(), operation);
          hasPendingWrites |= operation.isPending();
        }
      }
      for (TortureOperation operation : operations) {
        if (operation.hasWritten()) {
          bind(operation, operation.id(), operation.outcome());
        }
      }
    }

    private void bind(TortureOperation operation, long id, long version) {
      Long otherVersion = versionOfId.putIfAbsent(id, version);
      Long otherId = idOfVersion.putIfAbsent(version, id);
      if (otherVersion != null && otherVersion != version) {
        stale(operation, "that value has version " + otherVersion);
      } else if (otherId != null && otherId != id) {
        stale(operation, "that version is " + TortureValue.idName(otherId));
      }
    }

    private void bindRead(TortureOperation read) {
      if (!read.sawValue()) {
        return;
      }
      TortureOperation write = writes.get(read.found());
      if (write == null && !versionOfId.containsKey(read.found())) {
        stale(read, "nobody has written that value");
      } else if (write != null && !write.isPending() && !write.hasWritten()) {
        stale(read, "that write was refused: " + write);
      } else if (write != null && read.end() < write.begin()) {
        stale(read, "that value was written later: " + write);
      } else if (read.outcome() > 0) {
        bind(read, read.found(), read.outcome());
      }
    }

    /** The version that an operation wrote, read or removed; 0 when that is not known. */
    private long version(TortureOperation operation) {
      if (operation.hasWritten() || operation.hasRemoved() || operation.kind().isThere()) {
        return operation.outcome();
      }
      if (operation.sawValue()) {
        return operation.outcome() > 0 ? operation.outcome() : versionOfId.getOrDefault(operation.found(), 0L);
      }
      return 0;
    }

    private void checkCondition(TortureOperation operation) {
      if (operation.hasRemoved()) {
        if (!removed.add(operation.outcome())) {
          stale(operation, "that version was removed twice");
        }
        if (operation.expected() != 0 && operation.expected() != operation.outcome()) {
          stale(operation, "it removed another version");
        }
        if (!idOfVersion.containsKey(operation.outcome()) && !hasPendingWrites) {
          stale(operation, "nobody has written that version");
        }
      } else if (operation.hasWritten() && operation.kind() == Kind.REPLACE_IF_VERSION) {
        Map.Entry<Long, Long> before = idOfVersion.lowerEntry(operation.outcome());
        if (before != null && before.getKey() > operation.expected()) {
          stale(operation, "version " + before.getKey() + " was between");
        }
      }
    }

    private long checkLevels() {
      List<long[]> levels = new ArrayList<>();
      levels.add(new long[] {Long.MIN_VALUE, floor});
      long highest = floor;
      for (TortureOperation operation : operations) {
        long version = version(operation);
        if (version > 0) {
          long level = level(operation, version);
          levels.add(new long[] {operation.end(), level});
          highest = Math.max(highest, level);
        }
      }
      Highest shown = new Highest(levels);
      for (TortureOperation operation : operations) {
        long version = version(operation);
        // What was there at the round's begin has been compared when it was read.
        if (version > 0 && !operation.kind().isThere()) {
          long before = shown.before(operation.begin());
          long level = level(operation, version);
          if (level < before || (level == before && !operation.sawValue())) {
            stale(operation, "version " + before / 2 + (before % 2 == 1 ? " had been removed" : " had been there"));
          }
        }
      }
      return highest;
    }

    private static long level(TortureOperation operation, long version) {
      return 2 * version + (operation.hasRemoved() ? 1 : 0);
    }

    private void checkAbsences() {
      List<long[]> presences = new ArrayList<>();
      List<long[]> reasons = new ArrayList<>();
      for (TortureOperation operation : operations) {
        long version = version(operation);
        if (version > 0) {
          presences.add(new long[] {operation.end(), version});
        }
        long reach = reach(operation, version);
        if (reach > 0) {
          reasons.add(new long[] {operation.begin(), reach});
        }
      }
      Highest present = new Highest(presences);
      Highest taken = new Highest(reasons);
      Set<Long> reported = new HashSet<>();
      for (TortureOperation operation : operations) {
        if (operation.sawNothing()) {
          long version = present.before(operation.begin());
          if (taken.before(operation.end()) < version && reported.add(version)) {
            tally.lost(
                operation + ": version " + version + " was there, and nothing has removed it" + story(operation));
          }
        }
      }
    }

    /** The highest version that an operation may have taken away; 0 when it takes nothing. */
    private long reach(TortureOperation operation, long version) {
      if (operation.hasRemoved()) {
        return version;
      }
      if (operation.kind().isRemoval()) {
        return !operation.isPending() ? 0 : operation.expected() != 0 ? operation.expected() : Long.MAX_VALUE;
      }
      if (operation.kind().isWrite() && operation.outcome() == TortureOperation.REJECTED) {
        return Long.MAX_VALUE;
      }
      if (operation.kind().expires()) {
        if (operation.isPending()) {
          return versionOfId.getOrDefault(operation.id(), Long.MAX_VALUE);
        }
        return version;
      }
      return 0;
    }

    private void stale(TortureOperation operation, String why) {
      tally.stale(operation + ": " + why + story(operation));
    }

    /** What happened to the key around an operation. */
    private String story(TortureOperation operation) {
      if (!tally.wantsMore()) {
        return "";
      }
      int at = operations.indexOf(operation);
      StringBuilder story = new StringBuilder();
      for (int i = Math.max(0, at - BEFORE); i < Math.min(operations.size(), at + AFTER + 1); i++) {
        story.append(i == at ? "\n  > " : "\n    ").append(operations.get(i));
      }
      return story.toString();
    }
  }
}
