package io.larder.jmh;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  /** What this JVM writes is what is understood. */
  @Test
  void understandsWhatTheJvmWrites(@TempDir Path directory) throws IOException, InterruptedException {
    Path log = directory.resolve("log");
    Process process =
        new ProcessBuilder(Probe.command(Main.class, List.of(SafepointLog.flag(log)), log.toString()))
            .redirectErrorStream(true)
            .start();
    long before = Long.parseLong(new String(process.getInputStream().readAllBytes(), UTF_8).strip());
    assertThat(process.waitFor()).isZero();
    assertThat(SafepointLog.nanosToReach(log, before)).hasSizeGreaterThanOrEqualTo(Main.SAFEPOINTS);
    assertThat(SafepointLog.nanosToReach(log, Files.size(log))).isEmpty();
  }

  /** A JVM that has safepoints, and says how long its log was before. */
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
    }
  }
}
