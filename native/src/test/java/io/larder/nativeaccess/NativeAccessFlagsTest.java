package io.larder.nativeaccess;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.larder.nativeaccess.child.Probe;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What other JVMs choose and print, by their flags and by whether Larder and JNR-FFI are on the class or module path.
 */
class NativeAccessFlagsTest {
  private static final String ALL_UNNAMED = "--enable-native-access=ALL-UNNAMED";
  private static final String DENY = "--illegal-native-access=deny";

  @TempDir
  private Path directory;

  @BeforeEach
  void onLinux() {
    assumeTrue(ThisMachine.hasNativeCalls());
  }

  @Test
  void choosingTheTwinPrintsNothing() throws Exception {
    Outcome outcome = run(onClassPath(), "quiet");

    assertThat(outcome.out).containsExactly("available=false");
    assertThat(outcome.err).isEmpty();
  }

  @Test
  void theFirstRefusalIsOneLogRecordThatNamesTheFlag() throws Exception {
    Outcome outcome = run(onClassPath(), "ask");

    assertThat(outcome.out).containsExactly("available=false", "unlock=UNAVAILABLE", "resident=-1");
    // The JDK's default format has a line with time and source before the message.
    assertThat(outcome.err).hasSize(2);
    assertThat(outcome.err.getLast()).startsWith("INFO: ").contains("start the JVM with " + ALL_UNNAMED + ".");
  }

  @Test
  void denialIsNoFailure() throws Exception {
    assertThat(run(onClassPath(DENY), "ask").out).contains("available=false", "unlock=UNAVAILABLE");
  }

  @Test
  void theFlagEnablesTheCallsOnTheClassPath() throws Exception {
    assertCallsWorkSilently(run(onClassPath(ALL_UNNAMED, DENY, "--sun-misc-unsafe-memory-access=deny"), "ask"));
  }

  @Test
  void theFlagsEnableTheCallsOnTheModulePath() throws Exception {
    assertCallsWorkSilently(
        run(onModulePath("--add-modules=ALL-MODULE-PATH", "--enable-native-access=org.jnrproject.jffi", DENY), "ask"));
  }

  @Test
  void aModuleWithoutItsFlagIsNamedInTheLog() throws Exception {
    Outcome outcome = run(onModulePath("--add-modules=ALL-MODULE-PATH", ALL_UNNAMED), "ask");

    assertThat(outcome.out).contains("available=false");
    assertThat(outcome.err).hasSize(2);
    assertThat(outcome.err.getLast()).contains("--enable-native-access=org.jnrproject.jffi");
  }

  @Test
  void unresolvedModulesOfJnrAreNamedInTheLog() throws Exception {
    Outcome outcome = run(onModulePath("--add-modules=io.larder.nativeaccess"), "ask");

    assertThat(outcome.out).contains("available=false");
    assertThat(outcome.err.getLast())
        .contains("--add-modules ALL-MODULE-PATH --enable-native-access=org.jnrproject.jffi");
  }

  @Test
  void theCallsWorkFromTheModulePathWithJnrOnTheClassPath() throws Exception {
    List<String> command = java("--add-modules=io.larder.nativeaccess", ALL_UNNAMED, DENY);
    String classPath = home(Probe.class) + File.pathSeparator + libraries();
    command.addAll(List.of("-p", home(NativeAccess.class), "-cp", classPath));

    assertCallsWorkSilently(run(command, "ask"));
  }

  private static void assertCallsWorkSilently(Outcome outcome) {
    assertThat(outcome.err).isEmpty();
    assertThat(outcome.out).containsExactly("available=true", "unlock=DONE", "resident=1048576");
  }

  private record Outcome(List<String> out, List<String> err) {}

  private Outcome run(List<String> command, String argument) throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    List<String> full = new ArrayList<>(command);
    full.addAll(List.of(Probe.class.getName(), argument));
    ProcessBuilder builder = new ProcessBuilder(full).redirectOutput(out.toFile()).redirectError(err.toFile());
    // The JVM announces options taken from these variables on standard error.
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    int exitCode = builder.start().waitFor();
    assertThat(exitCode).as("exit code of %s, standard error: %s", full, Files.readString(err, UTF_8)).isZero();
    return new Outcome(Files.readAllLines(out, UTF_8), Files.readAllLines(err, UTF_8));
  }

  private static List<String> onClassPath(String... flags) throws URISyntaxException {
    List<String> command = java(flags);
    String classPath = String.join(File.pathSeparator, home(NativeAccess.class), home(Probe.class), libraries());
    command.addAll(List.of("-cp", classPath));
    return command;
  }

  private static List<String> onModulePath(String... flags) throws URISyntaxException {
    List<String> command = java(flags);
    String modulePath = home(NativeAccess.class) + File.pathSeparator + libraries();
    command.addAll(List.of("-p", modulePath, "-cp", home(Probe.class)));
    return command;
  }

  private static List<String> java(String... flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(Arrays.asList(flags));
    return command;
  }

  private static String home(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  /** The jars that JNR-FFI needs, out of all that this test runs with. */
  private static String libraries() {
    return ThisMachine.libraries("(jnr-|jffi-|asm-).*\\.jar").stream()
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }
}
