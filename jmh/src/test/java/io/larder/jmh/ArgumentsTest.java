package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
  @TempDir Path folder;

  @Test
  void takesNameAndOptionsInAnyOrder() {
    Path file = folder.resolve("get.json");

    Arguments arguments =
        Arguments.parse(
            "--quick", "get", "--json", file.toString(), "--forks", "3", "--only", "larder,chm", "--entries", "10,20",
            "--dir", folder.toString(), "--traces", folder.toString(), "--csv", file.toString(), "--plot",
            folder.toString());

    assertThat(arguments.name()).isEqualTo("get");
    assertThat(arguments.quick()).isTrue();
    assertThat(arguments.json()).isEqualTo(file);
    assertThat(arguments.forks()).isEqualTo(3);
    assertThat(arguments.only()).containsExactly(Implementation.LARDER, Implementation.CHM);
    assertThat(arguments.isUnrestricted()).isFalse();
    assertThat(arguments.entriesOr(1)).containsExactly(10, 20);
    assertThat(arguments.directory()).isEqualTo(folder);
    assertThat(arguments.traces()).isEqualTo(folder);
    assertThat(arguments.csv()).isEqualTo(file);
    assertThat(arguments.plot()).isEqualTo(folder);
  }

  @Test
  void saysHowToDoItAgain() {
    Arguments arguments =
        Arguments.parse("all", "--quick", "--report", folder.toString(), "--forks", "3", "--only", "larder,chm");

    assertThat(arguments.report()).isEqualTo(folder);
    assertThat(arguments.command(Bench.PUT)).isEqualTo("./larder bench put --quick --forks 3 --only larder,chm");
  }

  @Test
  void leavesOutWhatIsUsual() {
    Arguments arguments = Arguments.parse("growth");

    assertThat(arguments.quick()).isFalse();
    assertThat(arguments.json()).isNull();
    assertThat(arguments.directory()).isNull();
    assertThat(arguments.only()).containsExactly(Implementation.values());
    assertThat(arguments.isUnrestricted()).isTrue();
    assertThat(arguments.entriesOr(7)).containsExactly(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scaling", "live"})
  void knowsTheNames(String name) {
    assertThat(Arguments.parse(name, "--quick").name()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--quick             | the name of a benchmark is missing",
        "nothing             | there is no benchmark nothing",
        "get put             | one name at a time",
        "all                 | --report belongs to all and report",
        "get --report .      | --report belongs to all and report",
        "report --report     | --report needs a value",
        "all --report . --json x | --json, --csv and --plot say where one",
        "get --slow          | unknown option --slow",
        "get --forks         | --forks needs a value",
        "get --forks 0       | --forks=0, must be 1..50",
        "get --forks x       | --forks=x, must be a number",
        "get --only redis    | implementation=redis, must be one of larder,",
        "get --json /no/such | --json=/no/such, cannot be written",
        "shared --dir /no/such | --dir=/no/such, must be a directory",
        "hitratio --traces /no/such | --traces=/no/such, must be a directory that can be read",
        "hitratio --plot /no/such | --plot=/no/such, must be a directory that can be written to",
        "hitratio --csv /no/such | --csv=/no/such, cannot be written",
      })
  void refusesWithTheReason(String line, String reason) {
    assertThatThrownBy(() -> Arguments.parse(line.split(" ", -1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }
}
