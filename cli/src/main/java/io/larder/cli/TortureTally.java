package io.larder.cli;

import java.util.ArrayList;
import java.util.List;

/** What a run has counted, and the first few findings in words. */
final class TortureTally {
  private static final int FINDINGS_MAX = 12;

  private final List<String> findings = new ArrayList<>();
  private int told;

  long kills;
  long stops;
  long operations;

  /** The repairs of all files. */
  TortureRepairs repairs = new TortureRepairs();

  long torn;
  long lost;
  long stale;
  long stuck;

  /** Reads of values that an earlier process of the worker had written to its second tier. */
  long survivors;

  /** Keys whose histories were judged, their operations, and those that are not linearizable. */
  private long keys;

  private long judged;
  private long notLinearizable;

  /** Workers that ended by themselves, and rounds whose conditions did not hold. */
  long failures;

  /** Why the validity of a file failed; empty when it held. */
  private String invalid = "";

  void torn(String what) {
    torn++;
    find("torn: " + what);
  }

  void lost(String what) {
    lost++;
    find("lost: " + what);
  }

  void stale(String what) {
    stale++;
    find("stale: " + what);
  }

  void stuck(String what) {
    stuck++;
    find("stuck: " + what);
  }

  void judged(long moreKeys, long moreOperations) {
    keys += moreKeys;
    judged += moreOperations;
  }

  void notLinearizable(String what) {
    notLinearizable++;
    find("not linearizable: " + what);
  }

  void failure(String what) {
    failures++;
    find("failed: " + what);
  }

  void invalid(String what) {
    if (invalid.isEmpty()) {
      invalid = what;
    }
    find("verify: " + what);
  }

  /** What a worker said: of a torn value, or the cache's own log. */
  void said(String line) {
    if (line.contains("maintenance failed")) {
      failure(line);
    } else {
      find("a worker said: " + line);
    }
  }

  private void find(String what) {
    if (wantsMore()) {
      findings.add(what);
    }
  }

  /** Whether another finding would be told. */
  boolean wantsMore() {
    return findings.size() < FINDINGS_MAX;
  }

  /** The findings since the last call. */
  List<String> news() {
    List<String> news = List.copyOf(findings.subList(told, findings.size()));
    told = findings.size();
    return news;
  }

  boolean isClean() {
    long findingsInAll = torn + lost + stale + stuck + notLinearizable + failures;
    return findingsInAll == 0 && invalid.isEmpty();
  }

  /** In one line whether the histories are linearizable: {@code linearizable=ok (998 keys, 123,456 operations)}. */
  String linearizabilityLine() {
    return notLinearizable == 0
        ? "linearizable=ok (%,d keys, %,d operations)".formatted(keys, judged)
        : "linearizable=failed (%,d histories of %,d keys, %,d operations)".formatted(notLinearizable, keys, judged);
  }

  /** The result in one line. */
  String line() {
    return "kills=%d repairs=%d torn=%d lost=%d stale=%d stuck=%d verify=%s"
        .formatted(kills, repairs.repairs(), torn, lost, stale, stuck, invalid.isEmpty() ? "ok" : "failed");
  }
}
