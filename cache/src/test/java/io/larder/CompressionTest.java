package io.larder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CompressionTest {

  @Test
  void compressesFromHalfAKibibyteOnUnlessToldOtherwise() {
    Compression compression = Compression.lz4();
    assertThat(compression.aboveBytes()).isEqualTo(512);
    assertThat(compression.above(0).aboveBytes()).isZero();
    assertThat(compression.above(Integer.MAX_VALUE).aboveBytes()).isEqualTo(Integer.MAX_VALUE);
    assertThat(compression.aboveBytes()).isEqualTo(512);
  }

  @Test
  void compressesInTheMemoryIfToldSo() {
    assertThat(Compression.lz4().isInMemory()).isFalse();
    Compression compression = Compression.lz4().above(99).inMemory();
    assertThat(compression.isInMemory()).isTrue();
    assertThat(compression.aboveBytes()).isEqualTo(99);
    assertThat(compression.above(7).isInMemory()).isTrue();
  }

  @Test
  void refusesANegativeLength() {
    Compression compression = Compression.lz4();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> compression.above(-1))
        .withMessage("above=-1 is negative");
  }

  @Test
  void saysWhatItIs() {
    assertThat(Compression.lz4().above(100)).hasToString("Compression[lz4, above=100 bytes]");
  }

  @Test
  void saysThatTheLibraryIsMissing() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.contains("lz4-java")) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    try (URLClassLoader without = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> compression = without.loadClass(Compression.class.getName());
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> compression.getMethod("lz4").invoke(null))
            .cause()
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("at.yawk.lz4:lz4-java");
      }
    }
  }
}
