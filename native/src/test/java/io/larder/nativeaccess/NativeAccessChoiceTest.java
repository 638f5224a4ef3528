package io.larder.nativeaccess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs in two JVMs: one in which native access is denied, and one in which it is enabled. */
class NativeAccessChoiceTest {

  @Test
  void otherSystemsAndMachinesGetTheTwin() {
    assertThat(NativeAccessChoice.choose("Mac OS X", "aarch64")).isInstanceOf(NoNativeAccess.class);
    assertThat(NativeAccessChoice.choose("Windows 11", "amd64").toString()).contains("os.name=Windows 11");
    assertThat(NativeAccessChoice.choose("Linux", "s390x").toString()).contains("os.arch=s390x");
  }

  @Test
  void theTwinIsChosenWithoutTheJnrClasses() throws Exception {
    assumeTrue(ThisMachine.hasNativeCalls());

    assertThat(chosenAmong("no library at all")).contains("no native access", "is not on the class path; add it");
    assertThat(chosenAmong("(jnr-ffi)-.*")).contains("no native access", "is not on the class path; add it");
  }

  @Test
  void theTwinIsChosenWhenTheLibraryCannotBeLoaded() throws Exception {
    assumeTrue(ThisMachine.isNativeAccessExpected());

    assertThat(chosenAmong("(jnr-ffi|jffi)-.*")).contains("no native access", "JNR-FFI could not be loaded", "asm");
  }

  /**
   * What is chosen by a copy of Larder in a class loader of its own, which sees the JDK and those jars of the test's
   * class path that match.
   */
  private static String chosenAmong(String jarNames) throws Exception {
    List<URL> urls = new ArrayList<>();
    urls.add(NativeAccess.class.getProtectionDomain().getCodeSource().getLocation());
    for (Path jar : ThisMachine.libraries(jarNames)) {
      urls.add(jar.toUri().toURL());
    }
    try (URLClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        Arena arena = Arena.ofShared()) {
      Class<?> copy = loader.loadClass(NativeAccess.class.getName());
      assertThat(copy).isNotSameAs(NativeAccess.class);
      Object chosen = copy.getMethod("available").invoke(null);
      Object result = copy.getMethod("lock", MemorySegment.class).invoke(chosen, arena.allocate(100));
      assertThat(result.toString()).contains("UNAVAILABLE");
      return chosen.toString();
    }
  }
}
