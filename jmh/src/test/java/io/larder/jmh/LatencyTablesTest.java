package io.larder.jmh;

import static io.larder.jmh.Implementation.CHM;
import static io.larder.jmh.Implementation.LARDER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LatencyTablesTest {
  private static final int LARGE = 2_000_000;

  private final Measurements measurements = new Measurements();

  private List<String> text() {
    return new LatencyTables(measurements.outcomes(), each -> each.system().equals("larder")).text("get");
  }

  private static Case get(Implementation implementation, int entries) {
    return Case.of(GetBenchmark.class, "get", implementation, entries, 1);
  }

  @Test
  void countsTheTimeOfLargeSetsInMisses() {
    measurements
        .add(ChaseBenchmark.caseOf(LARGE, 1), 80, 120)
        .add(get(LARDER, LARGE), 200, 300)
        .add(get(CHM, LARGE), 400, 400);

    assertThat(text())
        .contains("get: 2,000,000 entries, 1 thread, nanoseconds per operation and thread")
        .anyMatch(line -> line.matches("miss +100\\.0 .* 1\\.00 +2\\.50 \\[2\\.50\\.\\.2\\.50\\] .*"))
        .anyMatch(line -> line.matches("larder +250\\.0 .* 2\\.50 +bytes API.*"))
        .anyMatch(line -> line.matches("chm +400\\.0 .* 4\\.00 +0\\.63 \\[0\\.50\\.\\.0\\.75\\] .*"))
        .anyMatch(line -> line.startsWith("misses: "));
  }

  @Test
  void doesNotWhereThereIsNoChase() {
    measurements.add(get(LARDER, 1_000), 20).add(get(CHM, 1_000), 10);

    assertThat(text())
        .anyMatch(line -> line.matches("larder +20\\.0 +- +NaN +bytes API.*"))
        .anyMatch(line -> line.matches("chm +10\\.0 +- +NaN +2\\.00 \\[2\\.00\\.\\.2\\.00\\] .*"))
        .noneMatch(line -> line.startsWith("misses: "));
  }

  @Test
  void divideByTheChaseOfAsManyThreads() {
    measurements
        .add(ChaseBenchmark.caseOf(LARGE, 1), 100)
        .add(ChaseBenchmark.caseOf(LARGE, 2), 200)
        .add(Case.of(GetBenchmark.class, "get", LARDER, LARGE, 2), 300);

    assertThat(text()).anyMatch(line -> line.matches("larder +300\\.0 .* 1\\.50 +bytes API.*"));
  }

  @Test
  void namesMethodsOnlyWhereThereAreSeveral() {
    measurements
        .add(ChaseBenchmark.caseOf(LARGE, 1), 100)
        .add(Case.of(PutBenchmark.class, "put", LARDER, LARGE, 1), 300)
        .add(get(LARDER, LARGE), 200);

    assertThat(text())
        .anyMatch(line -> line.startsWith("miss  "))
        .anyMatch(line -> line.matches("larder put +300\\.0 .*"))
        .anyMatch(line -> line.matches("larder get +200\\.0 .* 2\\.00 +1\\.50 .*"));
  }

  @Test
  void saysWhatFailed() {
    Case chm = get(CHM, LARGE);
    measurements.add(ChaseBenchmark.caseOf(LARGE, 1), 100).add(chm);
    measurements.outcomes().of(chm).fail("no memory");

    assertThat(text()).anyMatch(line -> line.matches("chm .*failed, see below"));
    assertThat(measurements.outcomes().failures()).containsExactly("get chm, 2,000,000 entries, 1 thread: no memory");
  }
}
