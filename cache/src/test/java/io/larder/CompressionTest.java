package io.larder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  private static URLClassLoader withoutLibrary() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.contains("lz4-java")) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  /** Opens a file for reading only; run by a class loader of its own. */
  public static final class Reader {
    private Reader() {}

    /** Opens and closes it. */
    public static void open(Path file) {
      Larder.builder(Codec.utf8(), Codec.utf8()).sharedFileReadOnly(file).build().close();
    }
  }

  @Test
  void saysThatTheLibraryIsMissingForAFile(@TempDir Path folder) throws Exception {
    Path plain = folder.resolve("plain");
    Path packed = folder.resolve("packed");
    Larder.builder(Codec.utf8(), Codec.utf8()).sharedFile(plain, "1MiB").build().close();
    Larder.builder(Codec.utf8(), Codec.utf8())
        .sharedFile(packed, "1MiB")
        .compress(Compression.lz4().inMemory())
        .build()
        .close();
    try (URLClassLoader without = withoutLibrary()) {
      Method open = without.loadClass(Reader.class.getName()).getMethod("open", Path.class);
      open.invoke(null, plain);
      assertThatThrownBy(() -> open.invoke(null, packed))
          .cause()
          .hasMessageContainingAll("FILE_UNAVAILABLE", packed.toString(), "at.yawk.lz4:lz4-java");
    }
  }

  @Test
  void saysThatTheLibraryIsMissing() throws Exception {
    try (URLClassLoader without = withoutLibrary()) {
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
