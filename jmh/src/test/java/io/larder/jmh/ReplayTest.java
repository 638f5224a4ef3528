package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.Entry;
import io.larder.jmh.trace.Trace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayTest {
  private static final long FAR = 1L << 40;

  @Test
  void everyContenderHitsWhatItHasRoomFor() {
    Trace trace = rounds(100, 3);

    for (Contender contender : Contender.values()) {
      try (Replay replay = contender.open(trace, 100)) {
        Tally tally = Replay.play(trace, replay, Costs.uniform(trace));
        assertThat(tally.hits()).as(contender.label()).isEqualTo(200);
        assertThat(tally.missCost()).as(contender.label()).isEqualTo(100);
      }
    }
  }

  @Test
  void everyPlayerHitsWhatItHasRoomFor() {
    Trace trace = rounds(100, 3);
    Costs costs = Costs.heavyTailed(trace);

    for (CostPlayer player : CostPlayer.values()) {
      try (Replay replay = player.open(trace, 100, costs)) {
        assertThat(Replay.play(trace, replay, costs).hits()).as(player.label()).isEqualTo(200);
      }
    }
  }

  @Test
  void bytesAreThoseOfWhatWasRequested() {
    Trace.Builder builder = new Trace.Builder("sized", true);
    builder.add(FAR, 10_000);
    builder.add(FAR + 1, 500);
    builder.add(FAR, 10_000);
    Trace trace = builder.build();

    try (Replay larder = LarderReplay.ofBytes(trace, LarderReplay.BYTES_MIN);
        Replay caffeine = CaffeineReplay.ofBytes(trace, LarderReplay.BYTES_MIN)) {
      for (Replay replay : new Replay[] {larder, caffeine}) {
        Tally tally = Replay.play(trace, replay, Costs.uniform(trace));
        assertThat(tally.bytes()).isEqualTo(20_500);
        assertThat(tally.hitBytes()).isEqualTo(10_000);
        assertThat(tally.entries()).isEqualTo(2);
      }
    }
  }

  @Test
  void larderStoresLessOfAValueThatItCannotHold() {
    Trace.Builder builder = new Trace.Builder("large", true);
    builder.add(FAR, -1);
    builder.add(FAR + 1, 1);
    Trace trace = builder.build();

    try (Replay larder = LarderReplay.ofBytes(trace, LarderReplay.BYTES_MIN)) {
      assertThat(Replay.play(trace, larder, Costs.uniform(trace)).hits()).isZero();
    }
  }

  @Test
  void eachRunHasItsOwnKeysForTheSameRequests() {
    Trace trace = rounds(100, 3);
    List<Trace> mixed = new ArrayList<>();

    List<Tally> tallies =
        Replay.repeat(
            3,
            trace,
            Costs.uniform(trace),
            each -> {
              mixed.add(each);
              return LarderReplay.ofEntries(each, 100);
            });

    assertThat(tallies).extracting(Tally::hits).containsExactly(200L, 200L, 200L);
    Set<Long> keys = new HashSet<>();
    for (Trace each : mixed) {
      assertThat(each.numbers()).isEqualTo(trace.numbers());
      for (int number = 0; number < each.keyCount(); number++) {
        keys.add(each.key(number));
      }
    }
    assertThat(keys).as("no key twice").hasSize(300);
    assertThat(mixed.getFirst().key(0)).as("run 0 has the trace's own").isEqualTo(trace.key(0));
  }

  @Test
  void costsAreWithinTheLimitsOfAnEntry() {
    Trace trace = rounds(100_000, 1);

    for (CostLaw law : CostLaw.values()) {
      Costs costs = law.of(trace);
      for (int number = 0; number < trace.keyCount(); number++) {
        assertThat(costs.of(number)).isBetween(1, Entry.COST_MAX);
      }
    }
  }

  private static Trace rounds(int keys, int rounds) {
    Trace.Builder trace = new Trace.Builder("rounds", false);
    for (int i = 0; i < keys * rounds; i++) {
      trace.add(FAR + i % keys);
    }
    return trace.build();
  }
}
