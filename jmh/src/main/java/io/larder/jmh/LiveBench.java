package io.larder.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs {@link LiveBenchmark} for live objects and for the map, for each type of keys. */
final class LiveBench {
  private static final int SMALL = 1_000;
  private static final int MEDIUM = 100_000;
  private static final List<String> KEYS = List.of("string", "long");
  private static final double OVER_MAP = 1.5;

  private static final String LIVE = "live";
  private static final String MAP = "map";

  private final Arguments arguments;

  LiveBench(Arguments arguments) {
    this.arguments = arguments;
  }

  Report run(Suite suite) {
    Outcomes outcomes = suite.run(cases());
    List<String> text = new LatencyTables(outcomes, each -> each.method().equals(LIVE)).text("hit of a live object");
    return outcomes.report(text, goals(outcomes));
  }

  private List<Integer> sizes() {
    return arguments.quick() ? arguments.entriesOr(SMALL) : arguments.entriesOr(SMALL, MEDIUM);
  }

  /** All cases. */
  List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int entries : sizes()) {
      for (String keys : KEYS) {
        cases.add(live(entries, keys));
        cases.add(map(entries, keys));
      }
    }
    return cases;
  }

  /** A goal for each size and type of keys. */
  List<Goal> goals(Outcomes outcomes) {
    List<Goal> goals = new ArrayList<>();
    for (int entries : sizes()) {
      for (String keys : KEYS) {
        double ratio = outcomes.ratio(live(entries, keys), map(entries, keys));
        goals.add(Goal.atMost("live/" + entries + "/" + keys, "map+volatile", OVER_MAP, ratio));
      }
    }
    return goals;
  }

  private static Case live(int entries, String keys) {
    return caseOf(LIVE, "Cache<K, byte[]> with live objects", entries, keys);
  }

  private static Case map(int entries, String keys) {
    return caseOf(MAP, "ConcurrentHashMap.get and one volatile read", entries, keys);
  }

  private static Case caseOf(String method, String about, int entries, String keys) {
    return new Case(
        LiveBenchmark.class,
        method,
        method,
        about,
        Map.of(Case.ENTRIES, Integer.toString(entries), "keys", keys),
        1);
  }
}
