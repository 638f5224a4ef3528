package io.larder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache that only reads the file that others write. */
class ReadOnlyFileTest {
  private static final String SIZE = "4MiB";

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("shared.larder");
  }

  private Cache<String, String> writer() {
    return Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(file(), SIZE).build();
  }

  private CacheBuilder<String, String> reader() {
    return Larder.builder(Codec.utf8(), Codec.utf8()).sharedFileReadOnly(file());
  }

  @Test
  void readsWhatOthersWrite() {
    try (Cache<String, String> writer = writer();
        Cache<String, String> reader = reader().name("reader").build()) {
      writer.put("a", "1");
      writer.put("b", "2");
      assertThat(reader.get("a")).isEqualTo("1");
      assertThat(reader.getAll(List.of("a", "b", "c"))).isEqualTo(Map.of("a", "1", "b", "2"));
      assertThat(reader.containsKey("b")).isTrue();
      assertThat(Caches.contents(reader)).isEqualTo(Map.of("a", "1", "b", "2"));
      assertThat(reader.estimatedSize()).isEqualTo(2);
      assertThat(reader.stats().hits()).isEqualTo(3);
      assertThat(reader.stats().memoryBytes()).isEqualTo(4 << 20);
      writer.put("a", "3");
      assertThat(reader.get("a")).isEqualTo("3");
      reader.cleanUp();
    }
  }

  @Test
  void refusesToWriteAndLoadsWithoutStoring() {
    try (Cache<String, String> writer = writer();
        Cache<String, String> reader = reader().name("reader").build()) {
      writer.put("a", "1");
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> reader.put("a", "2"))
          .withMessageContainingAll("cache \"reader\" is open read-only", file().toString());
      assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> reader.putIfAbsent("c", "2"));
      assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> reader.remove("a"));
      assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> reader.remove("a", "1"));
      assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(reader::clear);
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> reader.compute("a", (key, value) -> value + "!"));
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> reader.bytes().put(Caches.bytes("a"), Caches.bytes("2")));
      assertThat(reader.get("new", key -> "loaded")).isEqualTo("loaded");
      assertThat(reader.get("new")).isNull();
      assertThat(reader.get("a", key -> "loaded")).isEqualTo("1");
      assertThat(writer.get("a")).isEqualTo("1");
      assertThat(writer.estimatedSize()).isEqualTo(1);
    }
  }

  @Test
  void hasNoThreadAndNeedsPermissionToReadOnly() throws IOException {
    try (Cache<String, String> writer = writer()) {
      writer.put("a", "1");
      writer.put("short", "lived", Entry.ttl(Duration.ofMillis(1)));
    }
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("r--------"));
    }
    byte[] before = Files.readAllBytes(file());
    try (Cache<String, String> reader = reader().name("threadless").build()) {
      assertThat(reader.get("a")).isEqualTo("1");
      assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().contains("threadless"));
    }
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @Test
  void isClosed() {
    writer().close();
    Cache<String, String> reader = reader().build();
    reader.close();
    reader.close();
    assertThatIllegalStateException().isThrownBy(() -> reader.get("a")).withMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(() -> reader.put("a", "1")).withMessageContaining("closed");
  }

  @Test
  void refusesWhatIsNotThere() {
    assertThatExceptionOfType(CacheException.class)
        .isThrownBy(() -> reader().build())
        .withMessageContaining("found no file")
        .satisfies(refused -> assertThat(refused.code()).isEqualTo(CacheException.Code.FILE_UNAVAILABLE));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesOptionsThatDoNotGoTogether() {
    assertThatIllegalStateException().isThrownBy(() -> reader().memory(SIZE)).withMessageContaining("both given");
    assertThatIllegalStateException()
        .isThrownBy(() -> reader().sharedFile(file(), SIZE))
        .withMessageContaining("both given");
    assertThatIllegalStateException()
        .isThrownBy(() -> Caches.strings().sharedFileReadOnly(file()))
        .withMessageContaining("both given");
    assertThatIllegalStateException()
        .isThrownBy(() -> reader().sharedFileReadOnly(file()))
        .withMessageContaining("given twice");
    assertThatIllegalStateException()
        .isThrownBy(() -> reader().expireAfterWrite(Duration.ofSeconds(1)).build())
        .withMessageContaining("expireAfterWrite=PT1S has nothing to do");
    assertThatIllegalStateException()
        .isThrownBy(() -> reader().expireAfterAccess(Duration.ofSeconds(1)).build())
        .withMessageContaining("expireAfterAccess=PT1S has nothing to do");
    assertThatIllegalStateException()
        .isThrownBy(() -> reader().removalListener((key, value, cause) -> {}).build())
        .withMessageContaining("removalListener");
    assertThatIllegalStateException()
        .isThrownBy(() -> reader().verifyReads(true).build())
        .withMessageContaining("verifyReads=true");
  }
}
