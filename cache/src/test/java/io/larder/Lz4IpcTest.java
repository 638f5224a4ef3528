package io.larder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a JVM loads and says that compresses values, with flags that forbid and without any. */
final class Lz4IpcTest {
  private static final int WAIT_SECONDS = 120;
  private static final Pattern RESTRICTED =
      Pattern.compile("net\\.jpountz\\.\\S*(Native|JNI|Unsafe)\\S*|sun\\.misc\\.Unsafe");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", "--illegal-native-access=deny --sun-misc-unsafe-memory-access=deny"})
  void needsNeitherNativeCodeNorUnsafe(String flags) throws Exception {
    assertThat(run(Larders.class, flags)).isEqualTo("came back\n");
    assertThat(loaded()).contains("net.jpountz.lz4.LZ4JavaSafeCompressor").noneMatch(Lz4IpcTest::isRestricted);
  }

  /** Without this the test above could be blind. */
  @Test
  void thatIsSeenOfWhoTakesTheFastestPart() throws Exception {
    run(Fastest.class, "");
    assertThat(loaded()).anyMatch(Lz4IpcTest::isRestricted);
  }

  private static boolean isRestricted(String name) {
    return RESTRICTED.matcher(name).matches();
  }

  /** All that it said, on both channels. */
  private String run(Class<?> main, String flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (!flags.isEmpty()) {
      command.addAll(Arrays.asList(flags.split(" ", -1)));
    }
    command.addAll(List.of("-Xlog:class+load:file=" + classes() + ":none", "-cp"));
    command.addAll(List.of(System.getProperty("java.class.path"), main.getName()));
    Path said = folder.resolve("said.txt");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    Process process = builder.start();
    assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("said: %s", Files.readString(said)).isZero();
    return Files.readString(said);
  }

  private Path classes() {
    return folder.resolve("classes.txt");
  }

  private List<String> loaded() throws IOException {
    return Files.readAllLines(classes()).stream().map(line -> line.split(" ", 2)[0]).toList();
  }

  /** Compresses a value and has it back. */
  static final class Larders {
    private Larders() {}

    public static void main(String[] arguments) {
      byte[] value = new byte[10_000];
      Arrays.fill(value, (byte) 7);
      byte[] stored = new byte[Lz4.compressedBytesMax(value.length)];
      int length = Lz4.compress(value, 0, value.length, stored);
      byte[] target = new byte[value.length];
      boolean whole = Lz4.decompress(stored, 0, length, target, 0, value.length);
      System.out.print(whole && Arrays.equals(target, value) ? "came back\n" : "did not\n");
    }
  }

  /** Takes the part of the library that nobody here does. */
  static final class Fastest {
    private Fastest() {}

    public static void main(String[] arguments) {
      System.out.println(LZ4Factory.fastestInstance().fastCompressor().compress(new byte[1_000]).length);
    }
  }
}
