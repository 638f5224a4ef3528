package io.larder.jmh.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where Larder loses: what a peer does in less time, and goals that are short. */
final class Losses {
  private static final String LARDER = "larder";
  private static final String SHORT = " short";

  private Losses() {}

  static List<String> of(List<Result> results) {
    List<String> losses = new ArrayList<>();
    for (Result result : results) {
      Map<String, List<Measured>> groups = new LinkedHashMap<>();
      Measured.of(result).forEach(each -> groups.computeIfAbsent(key(each), key -> new ArrayList<>()).add(each));
      groups.forEach((key, cases) -> addSlower(result.bench() + ", " + key, cases, losses));
    }
    for (Result result : results) {
      result.goals().stream().filter(line -> line.endsWith(SHORT)).forEach(losses::add);
    }
    return losses;
  }

  private static String key(Measured each) {
    return each.method() + ", " + each.group();
  }

  private static void addSlower(String group, List<Measured> cases, List<String> losses) {
    for (Measured larder : cases) {
      if (larder.implementation().equals(LARDER)) {
        cases.stream()
            .filter(peer -> !peer.implementation().startsWith(LARDER) && peer.nanos() < larder.nanos())
            .forEach(
                peer ->
                    losses.add(
                        String.format(
                            Locale.ROOT,
                            "%s: %s takes %.1f ns, larder %.1f",
                            group,
                            peer.implementation(),
                            peer.nanos(),
                            larder.nanos())));
      }
    }
  }
}
