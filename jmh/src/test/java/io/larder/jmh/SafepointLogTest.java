package io.larder.jmh;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafepointLogTest {
  private static final String LINE =
      "Safepoint \"ThreadDump\", Time since last: 5081361 ns, Reaching safepoint: %d ns, At safepoint: 65114 ns,"
          + " Leaving safepoint: 6114 ns, Total: 166834 ns, Threads: 0 runnable, 15 total";

  @Test
  void takesTheTimeToReachAlone() {
    String ofAnother = LINE.formatted(8).replace("ThreadDump", "G1CollectForAllocation");
    assertThat(
            SafepointLog.nanosToReach(
                List.of(LINE.formatted(95_606), "[gc] Pause Young", ofAnother, LINE.formatted(7))))
        .containsExactly(95_606, 7);
  }

  @Test
  void takesThePausesOfEitherCollector() {
    List<String> lines =
        List.of(
            LINE.formatted(1),
            LINE.replace("ThreadDump", "G1CollectForAllocation"),
            LINE.replace("ThreadDump", "ZMarkEndYoung").replace("166834", "17"),
            LINE.replace("ThreadDump", "CleanClassLoaderDataMetaspaces"),
            "GC(3) Pause Young (Normal) (G1 Evacuation Pause) 14M->8M(64M) 1.205ms",
            "Allocation Stall (main) 1.230ms");

    assertThat(SafepointLog.pauseNanos(lines)).containsExactly(166_834, 17);
    assertThat(SafepointLog.stalls(lines)).isEqualTo(1);
  }

  /** What this JVM writes is what is understood. */
  @ParameterizedTest
  @EnumSource
  void understandsWhatTheJvmWrites(Collector collector, @TempDir Path directory)
      throws IOException, InterruptedException {
    Path log = directory.resolve("log");
    List<String> flags = List.of(collector.flag(), "-Xmx64m", SafepointLog.flag(log));
    Process process =
        new ProcessBuilder(Probe.command(Main.class, flags, log.toString()))
            .redirectErrorStream(true)
            .start();
    long before = Long.parseLong(new String(process.getInputStream().readAllBytes(), UTF_8).strip());
    assertThat(process.waitFor()).isZero();
    List<String> lines = SafepointLog.lines(log, before);
    assertThat(SafepointLog.nanosToReach(lines)).hasSizeGreaterThanOrEqualTo(Main.SAFEPOINTS);
    assertThat(SafepointLog.pauseNanos(lines)).isNotEmpty();
    assertThat(SafepointLog.lines(log, Files.size(log))).isEmpty();
  }

  /** A JVM that has safepoints and collects, and says how long its log was before. */
  static final class Main {
    static final int SAFEPOINTS = 10;

    private Main() {}

    public static void main(String[] args) throws IOException {
      System.out.println(Files.size(Path.of(args[0])));
      for (int i = 0; i < SAFEPOINTS; i++) {
        if (Thread.getAllStackTraces().isEmpty()) {
          throw new IllegalStateException("there are no threads");
        }
      }
      System.gc();
    }
  }
}
