package io.larder.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;

/**
 * What must be in a store that a process may have died in: of each key the entry that the last complete operation left,
 * and what an operation that was not complete may have made of it. Keys are numbers here.
 */
final class CrashLedger {
  /** An entry; its version is 0 while nobody has seen it. */
  static final class Known {
    /** No entry. */
    static final Known NONE = new Known(new byte[0], 0, 0, 0);

    final byte[] value;
    final long expiryMillis;
    final long idleMillis;
    final long version;

    /** One that has a time of expiry, or a time to idle, which is not over in the course of a test; 0 for none. */
    Known(byte[] value, long expiryMillis, long idleMillis, long version) {
      this.value = value;
      this.expiryMillis = expiryMillis;
      this.idleMillis = idleMillis;
      this.version = version;
    }

    Known withVersion(long seen) {
      return new Known(value, expiryMillis, idleMillis, seen);
    }

    @Override
    public String toString() {
      return this == NONE ? "nothing" : value.length + " bytes of version " + version + ", expiry " + expiryMillis;
    }
  }

  private final Map<Long, Known> entries = new HashMap<>();
  private final Map<Long, List<Known>> begun = new HashMap<>();
  private final Map<Long, Long> versions = new HashMap<>();
  private long serial;

  /** A number for the scenario to keep. */
  long chosen;

  CrashLedger() {}

  /** A copy, which the changes of either leave as they are. */
  CrashLedger(CrashLedger other) {
    entries.putAll(other.entries);
    other.begun.forEach((number, outcomes) -> begun.put(number, new ArrayList<>(outcomes)));
    versions.putAll(other.versions);
    serial = other.serial;
    chosen = other.chosen;
  }

  /** A value that no other equals, if it is not very short. */
  byte[] freshValue(int length) {
    byte[] value = new byte[length];
    new SplittableRandom(++serial).nextBytes(value);
    return value;
  }

  // ---- operations

  /** An operation begins that may leave something else under a key. */
  void begin(long number, Known outcome) {
    begun.computeIfAbsent(number, any -> new ArrayList<>()).add(outcome);
  }

  /** An operation begins that may remove everything. */
  void beginClear() {
    entries.keySet().forEach(number -> begin(number, Known.NONE));
  }

  /** Whatever has begun with this key is over, and this is there. */
  void done(long number, Known outcome) {
    begun.remove(number);
    if (outcome == Known.NONE) {
      entries.remove(number);
    } else {
      entries.put(number, outcome);
    }
  }

  /** Everything has been removed. */
  void doneClear() {
    begun.clear();
    entries.clear();
  }

  /** The operation that began last has changed nothing. */
  void unchanged(long number) {
    List<Known> outcomes = begun.getOrDefault(number, List.of());
    if (outcomes.size() > 1) {
      outcomes.removeLast();
    } else {
      begun.remove(number);
    }
  }

  /** Whatever has begun with this key will not come any more. */
  void settled(long number) {
    begun.remove(number);
  }

  /** Somebody has seen this version of a key. */
  void seen(long number, long version) {
    versions.merge(number, version, Math::max);
  }

  // ---- what may be there

  /** The highest version that anybody has seen of a key. */
  long lastVersion(long number) {
    return versions.getOrDefault(number, 0L);
  }

  /** What the last complete operation left. */
  Known last(long number) {
    return entries.getOrDefault(number, Known.NONE);
  }

  /** Everything that may be there. */
  List<Known> permitted(long number) {
    List<Known> permitted = new ArrayList<>(begun.getOrDefault(number, List.of()));
    permitted.add(last(number));
    return permitted;
  }

  /** The keys that anything is known about. */
  List<Long> numbers() {
    Set<Long> numbers = new HashSet<>(entries.keySet());
    numbers.addAll(begun.keySet());
    numbers.addAll(versions.keySet());
    return numbers.stream().sorted().toList();
  }

  /** The keys with entries. */
  List<Long> present() {
    return entries.keySet().stream().sorted().toList();
  }

  /** The keys with which operations have begun that are not complete. */
  List<Long> begun() {
    return begun.keySet().stream().sorted().toList();
  }

  /** How many entries there are. */
  int size() {
    return entries.size();
  }

  /** The lowest number from one on that nothing is known about and that fits. */
  long fresh(long from, LongPredicate fits) {
    long number = from;
    while (versions.containsKey(number) || begun.containsKey(number) || !fits.test(number)) {
      number++;
    }
    return number;
  }
}
