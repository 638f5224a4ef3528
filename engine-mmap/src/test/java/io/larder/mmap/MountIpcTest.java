package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real file systems that are small, full or read-only, mounted where only the process under test sees them. Skipped,
 * with the reason, where that is not permitted. Each test runs with native access enabled and denied.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MountIpcTest {
  private static final long MIB = 1 << 20;
  private static final String SMALL = "mount -t tmpfs -o size=8m none '%1$s'; ";
  private static final String READ_ONLY = "mount --bind '%1$s' '%1$s'; mount -o remount,bind,ro '%1$s'; ";
  private static final String RUN = "\"$@\"; ";
  private static final String LIST = "echo left: $(ls -A '%1$s')";

  @TempDir private Path temporary;
  private Path directory;
  private Path file;

  @BeforeEach
  void name() throws IOException {
    directory = Files.createDirectory(temporary.toRealPath().resolve("mounted"));
    file = directory.resolve("region.larder");
  }

  private Child start(String script, String what, long bytes, boolean nativeAccess) throws IOException {
    return start(script, what, bytes, nativeAccess, List.of());
  }

  private Child start(String script, String what, long bytes, boolean nativeAccess, List<String> more)
      throws IOException {
    String mounts = script.formatted(directory);
    Namespace.assumePermitted(Namespace.withMounts(mounts, List.of("true")));
    List<String> command = new ArrayList<>(Child.command(what, file, bytes));
    command.addAll(more);
    if (nativeAccess) {
      Collections.replaceAll(command, "--illegal-native-access=deny", "--enable-native-access=ALL-UNNAMED");
    }
    return Child.start(Namespace.withMounts(mounts, command));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void moreThanThereIsSpaceForIsRefusedBeforehand(boolean nativeAccess) throws IOException {
    try (Child child = start(SMALL + RUN + LIST, "serve", 16 * MIB, nativeAccess)) {
      assertThat(child.next())
          .startsWith("refused NO_SPACE " + file)
          .contains("needed " + 16 * MIB, "usable " + 8 * MIB, "tmpfs");
      assertThat(child.next()).isEqualTo("left:");
    }
  }

  /** The one that is refused leaves no file, and all of its space, so that the next one fits. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void spaceThatGoesBetweenTheLookAndTheReservation(boolean nativeAccess) throws IOException {
    try (Child child = start(SMALL + RUN, "crowded", 6 * MIB, nativeAccess)) {
      assertThat(child.next())
          .startsWith("refused NO_SPACE " + file)
          .contains(
              "cannot be reserved: needed " + (6 * MIB - 4096),
              "usable ",
              nativeAccess ? "fallocate failed with ENOSPC" : "No space left");
      assertThat(child.next()).isEqualTo("left false crowded true");
      assertThat(child.opened().created()).isTrue();
      assertThat(child.ask("everywhere")).isEqualTo("stored");
      assertThat(child.ask("valid")).isEqualTo("valid");
    }
  }

  /** Every page of it is used, and none is missing. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fileThatJustFitsCanBeFilled(boolean nativeAccess) throws IOException {
    try (Child child = start(SMALL + RUN, "serve", 7 * MIB, nativeAccess)) {
      assertThat(child.opened().created()).isTrue();
      for (int i = 0; i < 40; i++) {
        assertThat(child.ask("large key-" + i + " 300000")).isEqualTo("stored");
      }
      assertThat(child.ask("valid")).isEqualTo("valid");
    }
  }

  /** The limit is more than the disk has; each page that is used has been reserved. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void growsAsFarAsThereIsSpace(boolean nativeAccess) throws IOException {
    List<String> command = new ArrayList<>(List.of("limit", Long.toString(64 * MIB)));
    try (Child child = start(SMALL + RUN, "serve", 3 * MIB, nativeAccess, command)) {
      assertThat(child.opened().created()).isTrue();
      for (int i = 0; i < 40; i++) {
        assertThat(child.ask("large key-" + i + " 100000")).isEqualTo("stored");
      }
      assertThat(child.ask("resize " + 5 * MIB)).startsWith("size ");
      assertThat(child.ask("resize " + 40 * MIB)).startsWith("refused NO_SPACE " + file);
      for (int i = 0; i < 100; i++) {
        assertThat(child.ask("large key-" + i + " 100000")).isEqualTo("stored");
      }
      assertThat(child.ask("everywhere")).isEqualTo("stored");
      assertThat(child.ask("valid")).isEqualTo("valid");
      assertThat(child.ask("resize " + 3 * MIB)).startsWith("size ");
      assertThat(child.ask("everywhere")).isEqualTo("stored");
      assertThat(child.ask("valid")).isEqualTo("valid");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readOnlyMountsAreRefused(boolean nativeAccess) throws IOException {
    SharedRegion.open(file, MIB, Worker.options(MIB), Duration.ofSeconds(30)).close();
    byte[] before = Files.readAllBytes(file);
    try (Child child = start(READ_ONLY + RUN, "serve", MIB, nativeAccess)) {
      assertThat(child.next()).startsWith("refused READ_ONLY " + file).contains("mounted read-only");
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsMadeOnAReadOnlyMount(boolean nativeAccess) throws IOException {
    try (Child child = start(READ_ONLY + RUN + LIST, "serve", MIB, nativeAccess)) {
      assertThat(child.next()).startsWith("refused READ_ONLY " + file).contains("mounted read-only");
      assertThat(child.next()).isEqualTo("left:");
    }
  }

  /** Some sandboxes hide it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theTableOfMountsIsNotNeeded(boolean nativeAccess) throws IOException {
    String hidden = SMALL + "mount --bind /dev/null /proc/$$/mounts; exec " + RUN;
    try (Child child = start(hidden, "serve", 4 * MIB, nativeAccess)) {
      assertThat(child.opened().created()).isTrue();
      assertThat(child.ask("volume")).isEqualTo(nativeAccess ? "tmpfs false" : "unknown false");
    }
  }
}
