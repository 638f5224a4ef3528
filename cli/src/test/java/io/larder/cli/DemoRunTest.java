package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoRunTest {
  private static final DemoPlan PLAN = new DemoPlan(24L << 20, 100, 900, 2, 7);

  private static JdkImage image;

  @BeforeAll
  static void open() throws IOException {
    image = JdkImage.open();
  }

  @ParameterizedTest
  @ValueSource(strings = {DemoWorker.LARDER, DemoWorker.CAFFEINE})
  void readsWhatTheSourceSays(String cache) throws InterruptedException {
    Heard heard = new Heard();
    Map<Measure, Double> results;
    try (Contender contender = DemoWorker.open(cache, image, PLAN.budgetBytes())) {
      results = new DemoRun(image, PLAN, heard).run(contender, DemoRun.liveHeapBytes());
    }

    assertThat(heard.wrong).isEmpty();
    assertThat(heard.progress).isNotEmpty();
    assertThat(results).containsOnlyKeys(Measure.values());
    assertThat(results.get(Measure.WRONG)).isZero();
    assertThat(results.get(Measure.CHECKED)).isPositive();
    assertThat(results.get(Measure.HITS)).isPositive().isLessThanOrEqualTo(results.get(Measure.READS));
    assertThat(results.get(Measure.ACCOUNTED)).isPositive().isLessThanOrEqualTo((double) PLAN.budgetBytes());
  }

  @Test
  void noticesAValueThatIsNotTheSources() throws InterruptedException {
    Heard heard = new Heard();
    Map<Measure, Double> results;
    try (Contender contender = new LyingContender()) {
      results = new DemoRun(image, PLAN, heard).run(contender, 0);
    }

    assertThat(results.get(Measure.WRONG)).isPositive();
    assertThat(heard.wrong).singleElement().asString().contains("the cache gave 9 of another content");
  }

  @Test
  void runsInProcessesOfItsOwn() {
    int exitCode = Main.commandLine().execute("demo", "--seconds", "1", "--budget", "24MiB");

    assertThat(exitCode).isZero();
  }

  private static final class Heard implements DemoRun.Listener {
    private final List<Double> progress = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();

    @Override
    public void progress(double done, long reads, long hits, long wrongSoFar) {
      progress.add(done);
    }

    @Override
    public void wrong(String what) {
      wrong.add(what);
    }
  }

  /** Answers every get with the same ten bytes. */
  private static final class LyingContender implements Contender {
    @Override
    public Session newSession() {
      return new Session() {
        @Override
        public int get(int number) {
          return 10;
        }

        @Override
        public byte[] value() {
          return new byte[10];
        }

        @Override
        public void put(int number, byte[] value, int length) {
          // forgets it
        }
      };
    }

    @Override
    public long entries() {
      return 1;
    }

    @Override
    public long payloadBytes() {
      return 10;
    }

    @Override
    public long accountedBytes() {
      return 10;
    }

    @Override
    public boolean accountsForAll() {
      return true;
    }

    @Override
    public void releaseRequests() {
      // has none
    }

    @Override
    public void close() {
      // holds nothing
    }
  }
}
