package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.jmh.Probe.Finding;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private final Rounds<String> rounds = new Rounds<>();

  @Test
  void dividesWithinARound() {
    addRound(found(6), found(2));
    addRound(found(40), found(10));
    addRound(found(10), found(2));

    assertThat(rounds.values("larder", "p99")).containsExactly(6.0, 40.0, 10.0);
    assertThat(rounds.ratios("larder", "peer", "p99")).containsExactly(3.0, 4.0, 5.0);
    assertThat(Rounds.median(rounds.ratios("larder", "peer", "p99"))).isEqualTo(4);
  }

  @Test
  void leavesOutWhatFailed() {
    addRound(found(6), new Finding(Map.of(), "out of memory"));
    addRound(found(8), found(2));

    assertThat(rounds.values("peer", "p99")).containsExactly(2.0);
    assertThat(rounds.ratios("larder", "peer", "p99")).containsExactly(4.0);
    assertThat(rounds.values("another", "p99")).isEmpty();
  }

  @Test
  void takesTheMedian() {
    assertThat(Rounds.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2);
    assertThat(Rounds.median(List.of(9.0, 1.0, 4.0, 2.0))).isEqualTo(3);
    assertThat(Rounds.median(List.of())).isNaN();
  }

  @Test
  void writesTheSpread() {
    assertThat(Rounds.spread(List.of(3_000.0, 1_000.0, 2_500_000.0), 1_000, 1)).isEqualTo("3.0 [1.0..2,500.0]");
    assertThat(Rounds.spread(List.of(), 1, 2)).isEqualTo("-");
  }

  private void addRound(Finding larder, Finding peer) {
    rounds.begin();
    rounds.add("larder", larder);
    rounds.add("peer", peer);
  }

  private static Finding found(double value) {
    return new Finding(Map.of("p99", value), "");
  }
}
