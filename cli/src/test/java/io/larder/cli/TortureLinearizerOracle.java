package io.larder.cli;

import io.larder.cli.TortureOperation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Small random histories of a key, and whether they are linearizable, by trying every order. */
final class TortureLinearizerOracle {
  private static final Kind[] KINDS = {
    Kind.READ, Kind.GET, Kind.PUT, Kind.PUT_IF_ABSENT, Kind.REPLACE_IF_VERSION, Kind.REMOVE, Kind.REMOVE_IF_VERSION
  };
  private static final long PRESENT = -2;
  private static final long MISMATCH = -3;

  private final List<TortureOperation> operations;
  private final boolean evicts;
  private final long versionMax;

  private TortureLinearizerOracle(List<TortureOperation> operations, boolean evicts) {
    this.operations = operations;
    this.evicts = evicts;
    this.versionMax =
        operations.stream().mapToLong(o -> Math.max(o.outcome(), o.expected())).max().orElse(0) + operations.size();
  }

  static boolean isLinearizable(List<TortureOperation> operations, boolean evicts) {
    return new TortureLinearizerOracle(operations, evicts).search((1 << operations.size()) - 1, 0, 0, 0);
  }

  /** Whether each version that is asked for is one that another operation shows, as it is with processes. */
  static boolean asksForWhatWasSeen(List<TortureOperation> operations) {
    return operations.stream()
        .filter(o -> o.expectedVersion() > 0)
        .allMatch(o -> operations.stream().anyMatch(seen -> !seen.equals(o) && seen.outcome() == o.expectedVersion()));
  }

  /** Whether those that are left can follow a state: a value's id, or 0, its version, and the highest version. */
  private boolean search(int left, long value, long version, long floor) {
    boolean over = true;
    for (int i = 0; i < operations.size(); i++) {
      over &= (left & 1 << i) == 0 || operations.get(i).isPending();
    }
    if (over || (evicts && value != 0 && search(left, 0, 0, floor))) {
      return true;
    }
    for (int i = 0; i < operations.size(); i++) {
      boolean mayBeNext = (left & 1 << i) != 0 && isFirst(operations.get(i), left);
      if (mayBeNext && apply(i, left & ~(1 << i), value, version, floor)) {
        return true;
      }
    }
    return false;
  }

  private boolean isFirst(TortureOperation operation, int left) {
    for (int i = 0; i < operations.size(); i++) {
      if ((left & 1 << i) != 0 && operations.get(i).end() < operation.begin()) {
        return false;
      }
    }
    return true;
  }

  private boolean apply(int index, int left, long value, long version, long floor) {
    TortureOperation o = operations.get(index);
    boolean there = value != 0;
    if (o.kind().isRead()) {
      boolean explained = o.found() == 0 ? !there : value == o.found() && (o.outcome() <= 0 || o.outcome() == version);
      return !o.isPending() && explained && search(left, value, version, floor);
    }
    boolean holds =
        switch (o.kind()) {
          case PUT_IF_ABSENT -> !there;
          case REMOVE -> there;
          case REPLACE_IF_VERSION, REMOVE_IF_VERSION -> there && version == o.expected();
          default -> true;
        };
    if (!holds) {
      long told = o.kind() == Kind.PUT_IF_ABSENT ? PRESENT : there ? MISMATCH : TortureOperation.ABSENT;
      return !o.isPending() && o.outcome() == told && search(left, value, version, floor);
    }
    if (o.kind().isRemoval()) {
      return (o.isPending() || o.outcome() == version) && search(left, 0, 0, floor);
    }
    if (!o.isPending()) {
      return o.outcome() > floor && search(left, o.id(), o.outcome(), o.outcome());
    }
    for (long any = floor + 1; any <= versionMax; any++) {
      if (search(left, o.id(), any, any)) {
        return true;
      }
    }
    return false;
  }

  /** A history of a register that is right, or was until an outcome was changed. */
  static List<TortureOperation> history(SplittableRandom random, boolean evicts) {
    List<TortureOperation> history = new ArrayList<>();
    int count = random.nextInt(2, 8);
    long value = 0;
    long version = 0;
    long floor = 0;
    for (int i = 0; i < count; i++) {
      if (evicts && random.nextInt(6) == 0) {
        value = 0;
      }
      Kind kind = KINDS[random.nextInt(KINDS.length)];
      boolean conditional = kind == Kind.REPLACE_IF_VERSION || kind == Kind.REMOVE_IF_VERSION;
      long expected = conditional ? Math.max(1, random.nextInt(4) == 0 ? random.nextLong(floor + 2) : version) : 0;
      boolean killed = random.nextInt(5) == 0;
      boolean effective = !killed || random.nextBoolean();
      boolean there = value != 0;
      long id = kind.isWrite() ? 100 + i : 0;
      long outcome;
      long found = 0;
      if (kind.isRead()) {
        outcome = !there ? TortureOperation.ABSENT : kind == Kind.GET ? TortureOperation.FOUND : version;
        found = value;
      } else if (kind == Kind.PUT_IF_ABSENT && there) {
        outcome = PRESENT;
      } else if (kind == Kind.REMOVE && !there) {
        outcome = TortureOperation.ABSENT;
      } else if (conditional && !(there && version == expected)) {
        outcome = there ? MISMATCH : TortureOperation.ABSENT;
      } else if (kind.isRemoval()) {
        outcome = version;
        value = effective ? 0 : value;
      } else {
        outcome = floor + random.nextInt(1, 3);
        if (effective) {
          value = id;
          version = outcome;
          floor = outcome;
        }
      }
      long moment = 100L * i;
      long begin = moment - random.nextInt(220);
      long end = moment + random.nextInt(220);
      TortureOperation done = new TortureOperation(kind, 0, i, begin, end, id, expected, outcome, found, false);
      history.add(killed ? done.unacknowledged() : done);
    }
    if (random.nextBoolean()) {
      change(history, random);
    }
    return history;
  }

  /** Gives one operation the outcome of another, if both are of the same kind of outcome, or moves it. */
  private static void change(List<TortureOperation> history, SplittableRandom random) {
    int index = random.nextInt(history.size());
    TortureOperation o = history.get(index);
    TortureOperation other = history.get(random.nextInt(history.size()));
    if (o.isPending()) {
      return;
    }
    long begin = o.begin();
    long end = o.end();
    long outcome = o.outcome();
    long found = o.found();
    if (random.nextBoolean()) {
      long shift = random.nextInt(-400, 400);
      begin += shift;
      end += shift;
    } else if (o.kind() == other.kind()) {
      outcome = other.outcome() != 0 || o.kind() == Kind.GET ? other.outcome() : outcome;
      found = other.found();
    } else if (o.kind().isWrite() && outcome > 0) {
      outcome++;
    }
    history.set(
        index, new TortureOperation(o.kind(), 0, o.writer(), begin, end, o.id(), o.expected(), outcome, found, false));
  }
}
