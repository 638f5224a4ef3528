package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int execute(String... args) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  @Test
  void helpListsTheCommands() {
    assertThat(execute("--help")).isZero();
    assertThat(out.toString())
        .contains("demo", "torture", "inspect", "verify", "stat", "explain", "bench")
        .doesNotContain("\u001b[");
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "demo shared", "demo tiers", "torture", "inspect", "verify", "stat", "explain"})
  void helpFitsTheTerminal(String command) {
    execute((command + " --help").split(" ", -1));

    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void saysItsVersion() {
    assertThat(execute("--version")).isZero();
    assertThat(out.toString()).startsWith("larder ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "demo --seconds 0     | --seconds=0, must be 1..3600",
        "demo --threads 65    | --threads=65, must be 1..64",
        "demo --budget 12xB   | '12xB' is not a size such as 512MiB",
        "demo --budget        | --budget",
        "demo --slow          | --slow",
        "demo extra           | extra",
        "demo shared --processes 1 | --processes=1, must be 2..8",
        "demo shared --size 1MiB | --size=1048576 bytes, must be 16MiB..64GiB",
        "demo tiers --seconds 0 | --seconds=0, must be 1..3600",
        "demo tiers --threads 65 | --threads=65, must be 1..64",
        "demo tiers --memory 12xB | '12xB' is not a size such as 512MiB",
        "demo tiers --dir no/where | --dir=no/where is not a directory",
        "demo tiers --plot no/where/a.svg | --plot=no/where/a.svg is not a file in a directory that exists",
        "demo tiers --file f  | --file",
        "torture --processes 33 | --processes=33, must be 1..32",
        "torture --seconds 0  | --seconds=0, must be 1..86400",
        "torture --size 1MiB  | --size=1048576 bytes, must be 16MiB..64GiB",
        "stat f --interval 1x  | '1x' is not a time such as 500ms, 1s or 2m",
        "stat f --interval 1ms | --interval=1ms, must be 10ms..1h",
        "stat f --count -1     | --count=-1, must be 0 or more",
        "inspect              | FILE",
        "explain f            | KEY",
        "explain --hex f 0    | '0' is not bytes in hexadecimal",
        "explain --hex f xy   | 'xy' is not bytes in hexadecimal",
        "bench get            | run it by ./larder",
        "cook                 | cook",
      })
  void refusesWithTheReasonAndExitCode2(String line, String reason) {
    assertThat(execute(line.split(" ", -1))).isEqualTo(2);
    assertThat(err.toString()).contains(reason);
  }

  @Test
  void wantsACommand() {
    assertThat(execute()).isEqualTo(2);
    assertThat(err.toString()).contains("a subcommand is missing");
  }
}
