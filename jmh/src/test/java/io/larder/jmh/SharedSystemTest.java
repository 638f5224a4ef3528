package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.larder.jmh.Subject.Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class SharedSystemTest {
  private static final int ENTRIES = 500;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(mode = Mode.INCLUDE, names = {"LARDER", "CHRONICLE"})
  void findsWhatItHasLeftInItsFile(SharedSystem system) throws IOException {
    Shape shape = Shape.usual(ENTRIES);
    Path file = folder.resolve("file");
    try (Subject<?> subject = system.open(shape, file)) {
      Loaded loaded = new Loaded();
      loaded.entries = ENTRIES;
      loaded.take(subject, true);
    }
    assertThat(Files.size(file)).isBetween(shape.payloadBytes(), system.fileBytesMax(shape));
    try (Subject<?> subject = system.openAfterKill(shape, file)) {
      assertThat(length(subject, ENTRIES - 1)).isEqualTo(shape.valueBytes());
    }
  }

  @SuppressWarnings("unchecked")
  private static int length(Subject<?> subject, int number) {
    return ((Client<byte[]>) subject.newClient()).get(Keys.bytes(number, 24));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.INCLUDE, names = {"LARDER", "CHRONICLE"})
  void isSharedByTwoProcesses(SharedSystem system) throws IOException {
    String file = folder.resolve("file").toString();
    List<String> flags = JvmFlags.forRecovery(Implementation.CHRONICLE);
    try (Partner first = worker(flags, system, file, "0")) {
      first.await("ready");
      try (Partner second = worker(flags, system, file, "1")) {
        second.await("ready");
        first.tell("1000000");
        second.tell("1000000");
        assertThat(first.await("did")).hasSize(2).doesNotContain(0);
        assertThat(second.await("did")).hasSize(2).doesNotContain(0);
      }
    }
  }

  private static Partner worker(List<String> flags, SharedSystem system, String file, String index)
      throws IOException {
    return Partner.start(SharedWorker.class, flags, LIMIT, system.name(), "MIXED", "500", file, index, "2");
  }

  @Test
  void saysWhyAProcessHasFailed() throws IOException {
    try (Partner partner =
        Partner.start(SharedWorker.class, JvmFlags.forRecovery(Implementation.LARDER), LIMIT, "NO_SUCH_SYSTEM")) {
      assertThatIOException().isThrownBy(() -> partner.await("ready")).withMessageContaining("NO_SUCH_SYSTEM");
    }
  }

  @Test
  void leavesNothingInItsFolder() throws IOException {
    try (BenchFolder made = BenchFolder.make(folder, 1)) {
      Files.createDirectory(made.file("file.locks"));
      Files.createFile(made.file("file.locks").resolve("open"));
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesAPlaceWithoutSpace() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BenchFolder.make(folder, Long.MAX_VALUE))
        .withMessageContaining("--dir=" + folder + " has ");
  }
}
