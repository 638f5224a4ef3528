package io.larder.cli;

import io.larder.cli.TortureOperation.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the history of one key is linearizable.
 *
 * <p><b>What the key is.</b> A register that is absent or has a value with a version. A write raises the version above
 * all that the key had, whether or not it was removed in between; a conditional one takes effect only where its
 * condition holds, and otherwise tells that it does not. A removal that succeeds tells the version that it took. An
 * entry may become absent by itself where entries are evicted. One with a time to live is absent when that is over; as
 * each process goes by a clock of its own, it may be there to one operation and absent to the next from {@link
 * #EARLY_NANOS} before to {@link #LATE_NANOS} after. A put that was rejected may have removed what was there. An
 * operation whose process was killed takes effect once, at any time after its begin, or never. A version that a
 * conditional operation asks for is one that its process has seen, so that another operation of the history shows it,
 * or it is not above the highest of an earlier time.
 *
 * <p><b>How it is decided.</b> Going through begins and ends in the order of time, a set of <i>configurations</i> is
 * kept: the register's state, and which of the operations under way have taken effect already. Operations take effect
 * as late as possible: when one ends that has not taken effect in a configuration, those under way are tried there, one
 * after the other, until it has. One that changes nothing takes effect as soon as it can. Configurations in which it
 * cannot are dropped; when none is left the history is not linearizable. This is the search of Lowe, "Testing for
 * linearizability" (2017), with the order of the changes given by the versions.
 *
 * <p><b>Sound:</b> a history that is accepted is linearizable. Each configuration is reached by applying operations one
 * after the other, each between its begin and its end and each as the register demands; one that is left at the end
 * has applied all that ended.
 *
 * <p><b>Complete:</b> a history that is rejected is not linearizable. Let there be a linearization; the set has, after
 * each event, a configuration from which the rest of it can be done. Moving an operation that changes nothing forward
 * to the first moment after its begin at which the state explains it, and moving the others back until an end demands
 * them or one that follows them in the linearization, leaves the order of the changes, and so all states, as they
 * were; and each operation stays between its begin and its end. What is left is a sequence that the search tries,
 * since it tries all that are under way. Three things that it does not try lose nothing. Writes that are known to have
 * taken effect do so in the order of their versions, as the register demands it. A write of which no version is known
 * gets one that somebody removed and nobody else wrote, or else the lowest that is free, which leaves the most room for
 * the next and is nobody's who asks for one. And a configuration is dropped when another
 * has the same state, lacks no operation that changes nothing, and has spent no operation of a killed process that it
 * has not: what can follow the first can follow the second.
 *
 * <p><b>Cost:</b> where all operations have ended and nothing is evicted, the versions leave one change
 * to try in each configuration: there is one configuration, and after sorting the time is linear. In general it is
 * linear in the operations for a given number of processes and of killed operations of the key; each of the latter may
 * double it.
 */
final class TortureLinearizer {
  /** By so much an entry may expire early: clocks of processes are taken from the wall clock at different times. */
  static final long EARLY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** By so much it may expire late, for the same reason. */
  static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long PRESENT = -2;
  private static final long MISMATCH = -3;
  private static final long UNKNOWN = 0;

  private final @Nullable TortureOperation start;
  private final long floor;
  private final boolean evicts;

  // Of the history that is being decided.
  private final Map<Long, Long> versions = new HashMap<>();
  private final List<Long> order = new ArrayList<>();
  private final Map<Long, TortureOperation> writers = new HashMap<>();
  private final List<@Nullable TortureOperation> open = new ArrayList<>();
  private List<Configuration> configurations = new ArrayList<>();

  /**
   * For a key.
   *
   * @param start what was there at the begin, of the kind {@code THERE}; null for nothing
   * @param floor the highest version that the key has ever had
   * @param evicts whether entries may go at any time
   */
  TortureLinearizer(@Nullable TortureOperation start, long floor, boolean evicts) {
    this.start = start;
    this.floor = start == null ? floor : Math.max(floor, start.outcome());
    this.evicts = evicts;
  }

  /**
   * The state and what has been done.
   *
   * @param next the index in the order of the versions of the next one to be written
   * @param floor no write may get this version or a lower one
   * @param value the write whose value is there; null for none
   * @param version its version
   * @param done which of the operations under way, by their places, have taken effect
   */
  private record Configuration(
      int next, long floor, @Nullable TortureOperation value, long version, BitSet done) {
    /** The operation at a place takes effect, which makes this the state. */
    Configuration with(int place, int newNext, long newFloor, @Nullable TortureOperation newValue, long newVersion) {
      BitSet more = (BitSet) done.clone();
      more.set(place);
      return new Configuration(newNext, newFloor, newValue, newVersion, more);
    }

    Configuration without(int place) {
      BitSet fewer = (BitSet) done.clone();
      fewer.clear(place);
      return new Configuration(next, floor, value, version, fewer);
    }

    Configuration vanished() {
      return new Configuration(next, floor, null, UNKNOWN, (BitSet) done.clone());
    }
  }

  /** A begin or an end. */
  private record Event(long time, boolean isEnd, TortureOperation operation) {}

  /**
   * Decides a history.
   *
   * @param operations of this key, in any order
   * @return null when it is linearizable, or else an operation at whose end it no longer was
   */
  @Nullable TortureOperation decide(List<TortureOperation> operations) {
    prepare(operations);
    Map<TortureOperation, Deque<Integer>> places = new HashMap<>();
    for (Event event : events(operations)) {
      if (!event.isEnd) {
        places.computeIfAbsent(event.operation, none -> new ArrayDeque<>()).add(begin(event.operation));
      } else if (!end(event.operation, Objects.requireNonNull(places.get(event.operation)).remove())) {
        return event.operation;
      }
    }
    return null;
  }

  private void prepare(List<TortureOperation> operations) {
    versions.clear();
    order.clear();
    writers.clear();
    open.clear();
    configurations.clear();
    NavigableMap<Long, Boolean> known = new TreeMap<>();
    Set<Long> written = new HashSet<>();
    for (TortureOperation operation : operations) {
      if (operation.hasWritten()) {
        versions.put(operation.id(), operation.outcome());
      } else if (operation.kind().isWrite() && operation.isPending()) {
        written.add(operation.id());
      }
    }
    for (TortureOperation operation : operations) {
      if (operation.sawValue() && operation.outcome() > 0 && written.contains(operation.found())) {
        versions.putIfAbsent(operation.found(), operation.outcome());
      }
      if (operation.hasRemoved() && operation.outcome() > floor) {
        known.put(operation.outcome(), true);
      }
    }
    versions.values().forEach(version -> known.put(version, true));
    order.addAll(known.keySet());
    for (TortureOperation operation : operations) {
      Long version = versions.get(operation.id());
      if (operation.kind().isWrite() && version != null && (operation.hasWritten() || operation.isPending())) {
        writers.putIfAbsent(version, operation);
      }
    }
    configurations.add(
        new Configuration(0, floor, start, start == null ? UNKNOWN : start.outcome(), new BitSet()));
  }

  private static List<Event> events(List<TortureOperation> operations) {
    List<Event> events = new ArrayList<>();
    for (TortureOperation operation : operations) {
      if (!operation.torn() && !(operation.isPending() && isObserver(operation))) {
        events.add(new Event(operation.begin(), false, operation));
        if (!operation.isPending()) {
          events.add(new Event(operation.end(), true, operation));
        }
      }
    }
    // At the same time begins come first: the operations overlap.
    events.sort((a, b) -> a.time != b.time ? Long.compare(a.time, b.time) : Boolean.compare(a.isEnd, b.isEnd));
    return events;
  }

  /** Whether it changes nothing, or has told that it did not. */
  static boolean isObserver(TortureOperation operation) {
    return operation.kind().isRead() || (!operation.isPending() && operation.outcome() <= 0 && !isRefused(operation));
  }

  /** There was no room: what was there may be gone. */
  private static boolean isRefused(TortureOperation operation) {
    return operation.kind().isWrite() && !operation.isPending() && operation.outcome() == TortureOperation.REJECTED;
  }

  /** Takes an operation in; returns its place among those under way. */
  private int begin(TortureOperation operation) {
    int place = open.indexOf(null);
    if (place < 0) {
      place = open.size();
      open.add(operation);
    } else {
      open.set(place, operation);
    }
    if (isObserver(operation)) {
      for (Configuration configuration : configurations) {
        if (explains(configuration, operation)) {
          configuration.done.set(place);
        }
      }
    }
    return place;
  }

  /** The operation at a place has ended; false when no configuration is left. */
  private boolean end(TortureOperation operation, int place) {
    List<Configuration> left = new ArrayList<>();
    for (Configuration configuration : configurations) {
      extend(configuration, place, left);
      if (isRefused(operation)) {
        addUnlessDominated(configuration.without(place), left);
      }
    }
    open.set(place, null);
    configurations = left;
    return !configurations.isEmpty();
  }

  /** Finds the ways in which the operation at a place may have taken effect by now. */
  private void extend(Configuration first, int place, List<Configuration> found) {
    Deque<Configuration> untried = new ArrayDeque<>(List.of(first));
    List<Configuration> tried = new ArrayList<>();
    while (!untried.isEmpty()) {
      Configuration configuration = untried.remove();
      if (configuration.done.get(place)) {
        addUnlessDominated(configuration.without(place), found);
      } else if (addUnlessDominated(configuration, tried)) {
        for (Configuration next : successors(configuration)) {
          observe(next);
          untried.add(next);
        }
      }
    }
  }

  private void observe(Configuration configuration) {
    for (int place = 0; place < open.size(); place++) {
      TortureOperation operation = open.get(place);
      if (operation != null && isObserver(operation) && explains(configuration, operation)) {
        configuration.done.set(place);
      }
    }
  }

  /** Whether a state is what an operation that changes nothing has told. */
  private static boolean explains(Configuration state, TortureOperation operation) {
    boolean there = mayBeThere(state, operation);
    if (operation.sawValue()) {
      return there
          && id(Objects.requireNonNull(state.value)) == operation.found()
          && (operation.outcome() <= 0 || operation.outcome() == state.version);
    }
    if (operation.outcome() == PRESENT) {
      return there;
    }
    if (operation.outcome() == MISMATCH) {
      return there && state.version != operation.expectedVersion();
    }
    return mayBeAbsent(state, operation);
  }

  private static boolean mayBeThere(Configuration state, TortureOperation operation) {
    return state.value != null && operation.begin() <= expiresUntil(state.value);
  }

  private static boolean mayBeAbsent(Configuration state, TortureOperation operation) {
    return state.value == null || operation.end() >= expiresFrom(state.value);
  }

  private static long id(TortureOperation write) {
    return write.kind().isThere() ? write.found() : write.id();
  }

  /** The states that one more change leads to. */
  private List<Configuration> successors(Configuration from) {
    List<Configuration> successors = new ArrayList<>();
    for (int place = 0; place < open.size(); place++) {
      TortureOperation operation = open.get(place);
      if (operation != null && !from.done.get(place) && !isObserver(operation)) {
        if (operation.kind().isRemoval() || isRefused(operation)) {
          addRemoval(successors, from, operation, place);
        } else {
          addWrite(successors, from, operation, place);
        }
      }
    }
    if (from.value != null && evicts) {
      successors.add(from.vanished());
    }
    return successors;
  }

  private static void addRemoval(
      List<Configuration> successors, Configuration from, TortureOperation operation, int place) {
    long expected = isRefused(operation) ? 0 : operation.expectedVersion();
    boolean asked = expected == 0 || expected == from.version;
    boolean told = !operation.hasRemoved() || operation.outcome() == from.version;
    if (mayBeThere(from, operation) && asked && told) {
      successors.add(from.with(place, from.next, from.floor, null, UNKNOWN));
    }
  }

  private void addWrite(List<Configuration> successors, Configuration from, TortureOperation write, int place) {
    if (write.kind() == Kind.PUT_IF_ABSENT && !mayBeAbsent(from, write)) {
      return;
    }
    boolean hasVersion = mayBeThere(from, write) && from.version == write.expectedVersion();
    if (write.kind() == Kind.REPLACE_IF_VERSION && !hasVersion) {
      return;
    }
    long nextVersion = from.next < order.size() ? order.get(from.next) : Long.MAX_VALUE;
    Long version = versions.get(write.id());
    if (version != null) {
      if (version == nextVersion && version > from.floor && write.equals(writers.get(version))) {
        successors.add(from.with(place, from.next + 1, version, write, version));
      }
      return;
    }
    if (from.next < order.size() && !writers.containsKey(nextVersion) && nextVersion > from.floor) {
      // Somebody removed that version, and nobody has said to have written it.
      successors.add(from.with(place, from.next + 1, nextVersion, write, nextVersion));
    }
    if (from.floor + 1 < nextVersion) {
      successors.add(from.with(place, from.next, from.floor + 1, write, UNKNOWN));
    }
  }

  /** From when on a value may be gone by itself. */
  private static long expiresFrom(TortureOperation write) {
    if (!write.kind().expires()) {
      return Long.MAX_VALUE;
    }
    return write.kind().isThere() ? Long.MIN_VALUE : write.begin() + ttlNanos(write) - EARLY_NANOS;
  }

  /** Until when it may be there. */
  private static long expiresUntil(TortureOperation write) {
    if (!write.kind().expires() || write.isPending()) {
      return Long.MAX_VALUE;
    }
    return write.end() + ttlNanos(write) + LATE_NANOS;
  }

  private static long ttlNanos(TortureOperation write) {
    return TimeUnit.MILLISECONDS.toNanos(write.kind().isThere() ? TorturePlan.TTL_MILLIS_MAX : write.ttlMillis());
  }

  /** Adds a configuration in place of those that it dominates; false when one of them dominates it. */
  private boolean addUnlessDominated(Configuration configuration, List<Configuration> all) {
    for (Configuration other : all) {
      if (dominates(other, configuration)) {
        return false;
      }
    }
    all.removeIf(other -> dominates(configuration, other));
    all.add(configuration);
    return true;
  }

  /** Whether all that may follow one configuration may follow another. */
  private boolean dominates(Configuration strong, Configuration weak) {
    if (strong.next != weak.next
        || strong.floor > weak.floor
        || strong.version != weak.version
        || !Objects.equals(strong.value, weak.value)) {
      return false;
    }
    for (int place = 0; place < open.size(); place++) {
      TortureOperation operation = open.get(place);
      if (operation != null && strong.done.get(place) != weak.done.get(place)) {
        boolean isBetter =
            isObserver(operation) ? strong.done.get(place) : isOptional(operation) && weak.done.get(place);
        if (!isBetter) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether nobody knows that it has taken effect. */
  private boolean isOptional(TortureOperation operation) {
    return isRefused(operation) || (operation.isPending() && !versions.containsKey(operation.id()));
  }
}
