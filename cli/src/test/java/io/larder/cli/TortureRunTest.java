package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.larder.Cache;
import io.larder.Codec;
import io.larder.Larder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run, with real processes that are killed. */
class TortureRunTest {
  private static final long BYTES = 16L << 20;

  @TempDir private Path folder;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private TortureTally run(Path file, int seconds, String... flags) throws IOException, InterruptedException {
    return run(ScratchFiles.of("torture", file, BYTES), false, seconds, flags);
  }

  private TortureTally runTiers(int seconds, String... flags) throws IOException, InterruptedException {
    return run(ScratchFiles.in(folder, "torture"), true, seconds, flags);
  }

  private TortureTally run(ScratchFiles scratch, boolean tiers, int seconds, String... flags)
      throws IOException, InterruptedException {
    Terminal terminal = new Terminal(new PrintStream(printed, true, StandardCharsets.UTF_8), false, Map.of());
    SplittableRandom random = new SplittableRandom(11);
    try (ScratchFiles files = scratch;
        TortureCrew crew = new TortureCrew(files.logs(), random.split(), List.of(flags))) {
      return new TortureRun(files, BYTES, tiers, crew, random, terminal).run(2, seconds, true);
    }
  }

  @Test
  void findsNothingAndLeavesNothingButTheFile() throws IOException, InterruptedException {
    Path file = folder.resolve("shared.larder");
    TortureTally tally = run(file, 4);

    assertThat(tally.line()).matches("kills=\\d+ repairs=\\d+ torn=0 lost=0 stale=0 stuck=0 verify=ok");
    assertThat(tally.isClean()).as(printed.toString(StandardCharsets.UTF_8)).isTrue();
    assertThat(tally.linearizabilityLine()).matches("linearizable=ok \\([0-9,]+ keys, [0-9,]+ operations\\)");
    assertThat(tally.kills).isPositive();
    assertThat(tally.repairs.line())
        .matches("repair p50=\\S+ p99=\\S+ max=\\S+ \\(\\d+ of " + tally.repairs.repairs() + " timed\\)");
    assertThat(tally.operations).isPositive();
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(path -> path.getFileName().toString()).toList())
          .containsExactlyInAnyOrder("shared.larder", "shared.larder.locks");
    }

    assertThat(run(file, 1).isClean()).as("a second run on the file that is left").isTrue();
  }

  @Test
  void findsThatReadersWhoKeepValuesAreNotLinearizable() throws IOException, InterruptedException {
    TortureTally tally = run(folder.resolve("shared.larder"), 2, "-D" + TortureTwin.PROPERTY + "=true");

    assertThat(tally.linearizabilityLine()).startsWith("linearizable=failed");
    assertThat(tally.isClean()).isFalse();
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("not linearizable: key ", "  > ");
  }

  @Test
  void findsNothingStaleInSecondTiers() throws IOException, InterruptedException {
    TortureTally tally = runTiers(4);

    assertThat(tally.line()).matches("kills=\\d+ repairs=\\d+ torn=0 lost=0 stale=0 stuck=0 verify=ok");
    assertThat(tally.isClean()).as(printed.toString(StandardCharsets.UTF_8)).isTrue();
    assertThat(tally.kills).isPositive();
    assertThat(tally.survivors).isPositive();
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void findsWhatATierDoesNotDiscard() throws IOException, InterruptedException {
    TortureTally tally = runTiers(2, "-D" + TortureTwin.PROPERTY + "=true");

    assertThat(tally.stale).isPositive();
    assertThat(tally.isClean()).isFalse();
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("stale: ", "before that was");
  }

  @Test
  void refusesAFileInUseForOtherThings() throws IOException {
    Path file = folder.resolve("users.larder");
    try (Cache<String, String> cache = Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file, BYTES).build()) {
      cache.put("a", "1");
      assertThatIllegalArgumentException().isThrownBy(() -> run(file, 1)).withMessageContaining("1 entries");
      assertThat(cache.get("a")).isEqualTo("1");
    }
  }

  @Test
  void dividesTheTime() {
    assertThat(List.of(TortureCommand.rounds(1), TortureCommand.rounds(30), TortureCommand.rounds(120)))
        .containsExactly(2, 3, 12);
    assertThat(TortureCommand.isTight(0)).isFalse();
    assertThat(TortureCommand.isTight(1)).isTrue();
  }
}
