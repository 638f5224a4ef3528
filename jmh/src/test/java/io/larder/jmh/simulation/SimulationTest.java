package io.larder.jmh.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Short sequences that were worked out by hand, an upper case letter is a hit; and loops, whose hits are known. */
class SimulationTest {
  private static final int KEYS = 26;
  private static final int LOOP = 200;
  private static final int ROUNDS = 20;

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
  void fifoEvictsTheOldestThoughItWasHit() {
    plays(new Fifo(KEYS, 2), "abAcaCb");
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
  void lirsKeepsPartOfALoopThatIsTooLong() {
    // a and b are low, the third place is the queue's, through which c and d pass in turn.
    plays(new Lirs(KEYS, 3), "abcdABcdABcdABcd");
  }

  @Test
  void lirsRaisesWhatIsHitInTheStack() {
    // c takes the place of a, which d then evicts.
    plays(new Lirs(KEYS, 3), "abcCdBCa");
  }

  @Test
  void lirsRemembersWhatLeftTheCache() {
    // c leaves for d and comes back while it is in the stack: it is low, and a is in the queue.
    plays(new Lirs(KEYS, 3), "abcdcBCAeBCa");
  }

  @Test
  void lirsForgetsTheFirstOfTooManyThatLeft() {
    // With room for two it remembers four: of b to f, which left for the next, c is known and b is not.
    plays(new Lirs(KEYS, 2), "abcdefgbhA");
    plays(new Lirs(KEYS, 2), "abcdefgchaC");
  }

  @Test
  void windowTinyLfuEvictsACandidateThatIsNotMoreFrequent() {
    // k sends j out of the window, whose count is that of a.
    plays(new WindowTinyLfu(KEYS, 10), "abcdefghijkABCDEFGHIj");
  }

  @Test
  void windowTinyLfuAdmitsACandidateThatIsMoreFrequent() {
    // j was hit in the window: it takes the place of a, the first of those on probation.
    plays(new WindowTinyLfu(KEYS, 10), "abcdefghijJkJBCDEFGHIa");
  }

  @Test
  void windowTinyLfuTakesVictimsFromProbation() {
    // a was hit and is protected: b is the victim.
    plays(new WindowTinyLfu(KEYS, 10), "abcdefghijAJkAJb");
  }

  @Test
  void windowTinyLfuProtectsFourFifthsOfTheMainPart() {
    // Seven of nine are protected: the eighth that is hit sends a back, behind i; j beats i, and k, hit thrice, a.
    plays(new WindowTinyLfu(KEYS, 10), "abcdefghijABCDEFGHJJkKKKlBCDEFGHJKia");
  }

  @Test
  void windowTinyLfuForgetsWhatWasPopular() {
    WindowTinyLfu simulation = new WindowTinyLfu(2 * LOOP, LOOP);
    for (int i = 0; i < ROUNDS * LOOP; i++) {
      simulation.request(i % LOOP);
    }
    int hitsOfLastRound = 0;
    for (int i = 0; i < ROUNDS * LOOP; i++) {
      boolean hit = simulation.request(LOOP + i % LOOP);
      hitsOfLastRound += hit && i >= (ROUNDS - 1) * LOOP ? 1 : 0;
    }

    assertThat(hitsOfLastRound).isEqualTo(LOOP);
  }

  @Test
  void lirsHitsInALoopAsOftenAsItHasLowKeys() {
    // A hundredth of the capacity is the queue's, the others hit in every round but the first.
    assertThat(hitsInLoop(new Lirs(2 * LOOP, LOOP))).isEqualTo((ROUNDS - 1) * (LOOP - LOOP / 100));
  }

  @Test
  void windowTinyLfuHitsInALoopAsOftenAsItsMainPartHasKeys() {
    // All counts are the same, but for the few keys that share all their counters with others.
    int most = (ROUNDS - 1) * (LOOP - LOOP / 100);
    assertThat(hitsInLoop(new WindowTinyLfu(2 * LOOP, LOOP))).isBetween(most * 99 / 100, most);
  }

  @Test
  void fifoNeverHitsInALoopThatIsTooLong() {
    assertThat(hitsInLoop(new Fifo(2 * LOOP, LOOP))).isZero();
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

  private static int hitsInLoop(Simulation simulation) {
    int hits = 0;
    for (int i = 0; i < ROUNDS * 2 * LOOP; i++) {
      hits += simulation.request(i % (2 * LOOP)) ? 1 : 0;
    }
    return hits;
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
