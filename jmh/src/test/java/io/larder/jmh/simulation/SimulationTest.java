package io.larder.jmh.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Short sequences that were worked out by hand: an upper case letter is a hit. */
class SimulationTest {
  private static final int KEYS = 26;

  @Test
  void lruEvictsTheLeastRecent() {
    // a is asked for again, so c evicts b.
    plays(new Lru(KEYS, 2), "abAcAb");
  }

  @Test
  void lruNeverHitsInALoopThatIsTooLong() {
    plays(new Lru(KEYS, 2), "abcabcabc");
  }

  @Test
  void sieveSparesWhatWasHitOnceAndMovesNothing() {
    // d takes the mark from a and evicts b; the hand is at c, which e evicts, although a is older.
    plays(new Sieve(KEYS, 3), "abcAdAebAc");
  }

  @Test
  void sieveGoesRoundWhenAllAreMarked() {
    // c takes both marks and comes back to a.
    plays(new Sieve(KEYS, 2), "abABcBa");
  }

  @Test
  void s3FifoLetsKeysThatComeOncePass() {
    // Small has one place of ten: what was hit twice there goes on, the others leave in their order.
    plays(new S3Fifo(KEYS, 10), "aAAbcdefghijkAlb");
  }

  @Test
  void s3FifoTakesWhatItRemembersIntoTheMainQueue() {
    // a leaves for k and comes back while it is remembered: new keys pass by and a stays.
    plays(new S3Fifo(KEYS, 10), "abcdefghijkalmnopqrstA");
  }

  @Test
  void arcKeepsWhatWasRequestedAgainFromAScan() {
    plays(new Arc(KEYS, 3), "aAbBcdefAB");
  }

  @Test
  void arcLearnsFromWhatItLost() {
    // d loses b, since a was requested again. b is in its ghosts: one more place for those requested once.
    plays(new Arc(KEYS, 3), "aAbcdbAB");
  }

  @Test
  void greedyDualKeepsWhatIsDear() {
    // a costs 10, all others 1: it is evicted when the others have come to be worth 10.
    plays(new GreedyDual(KEYS, 2, key -> key == 0 ? 10 : 1), "abcdefgA");
    plays(new GreedyDual(KEYS, 2, key -> key == 0 ? 3 : 1), "abcdefga");
  }

  @Test
  void greedyDualCountsRequests() {
    plays(new GreedyDual(KEYS, 2, key -> 1), "aAAbcA");
  }

  private static void plays(Simulation simulation, String requests) {
    StringBuilder played = new StringBuilder();
    for (char letter : requests.toLowerCase(Locale.ROOT).toCharArray()) {
      boolean hit = simulation.request(letter - 'a');
      played.append(hit ? Character.toUpperCase(letter) : letter);
    }
    assertThat(played).hasToString(requests);
  }
}
