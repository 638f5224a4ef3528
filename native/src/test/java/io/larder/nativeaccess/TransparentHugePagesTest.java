package io.larder.nativeaccess;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransparentHugePagesTest {

  @TempDir
  private Path directory;

  @Test
  void readsSizeAndMode() throws IOException {
    Files.writeString(directory.resolve("hpage_pmd_size"), "2097152\n");
    Files.writeString(directory.resolve("enabled"), "always madvise [never]\n");
    TransparentHugePages pages = TransparentHugePages.of(directory);

    assertThat(pages.pageBytes()).isEqualTo(2 << 20);
    assertThat(pages.isNever()).isTrue();

    Files.writeString(directory.resolve("enabled"), "always [madvise] never\n");
    assertThat(pages.isNever()).isFalse();
  }

  @Test
  void absentFilesMeanNone() {
    TransparentHugePages pages = TransparentHugePages.of(directory.resolve("nowhere"));

    assertThat(pages.pageBytes()).isZero();
    assertThat(pages.isNever()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-4096", "0", "3000000", "many"})
  void anUnlikelySizeMeansNone(String text) throws IOException {
    Files.writeString(directory.resolve("hpage_pmd_size"), text);

    assertThat(TransparentHugePages.of(directory).pageBytes()).isZero();
  }
}
