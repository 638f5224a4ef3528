package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.cli.DemoTiersLog.Pause;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class GcPausesTest {
  private final List<Pause> heard = new CopyOnWriteArrayList<>();

  @Test
  void hearsOfEachPauseBeforeItStops() {
    try (GcPauses pauses = new GcPauses((at, nanos) -> heard.add(new Pause(at, nanos)))) {
      pauses.begin();
      System.gc();
      long end = pauses.elapsedMillis();
      pauses.stop();

      assertThat(heard).isNotEmpty().allMatch(pause -> pause.atMillis() <= end && pause.nanos() > 0);
    }
  }
}
