package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormatTest {
  @Test
  void keysHaveTheWantedLengthAndDiffer() {
    assertThat(new String(Keys.bytes(0x1f, 24), StandardCharsets.US_ASCII)).endsWith("0000001f");
    assertThat(Keys.bytes(1, 24)).hasSize(24).isNotEqualTo(Keys.bytes(2, 24));
    assertThat(Keys.number(Keys.bytes(0x1af3, 24))).isEqualTo(0x1af3);
    assertThat(Keys.string(1, 8)).isEqualTo("00000001").isNotSameAs(Keys.string(1, 8));
  }

  @Test
  void columnsLineUp() {
    Table table = new Table("", "ns", "what");
    table.row("larder", "41.0", "ours");
    table.row("chm", "117.0", "a map");

    assertThat(table.lines()).containsExactly("           ns  what", "larder   41.0  ours", "chm     117.0  a map");
  }

  @Test
  void jsonKeepsOrderAndEscapes() {
    String json =
        Json.write(
            Json.map("b", 1, "a", List.of(Double.NaN, true, "x\"\n"), "raw", new Json.Raw("[1]"), "none", List.of()));

    assertThat(json)
        .isEqualTo(
            """
            {
              "b": 1,
              "a": [
                null,
                true,
                "x\\"\\u000a"
              ],
              "raw": [1],
              "none": []
            }
            """);
  }

  @Test
  void probeTakesItsOwnLinesAlone() {
    assertThat(Probe.parse(Arrays.asList("WARNING: a=b", "residentBytes=1048576", "p99.9=12.5", "x=1.2E-7", "y=z")))
        .containsOnlyKeys("residentBytes", "p99.9", "x")
        .containsEntry("p99.9", 12.5);
  }
}
