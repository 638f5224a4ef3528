package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** Short runs of {@code demo tiers}, with real processes. */
class DemoTiersTest {
  private static final long MEMORY_BYTES = 4L << 20;
  private static final long FILE_BYTES = 64L << 20;

  private static JdkImage image;

  @TempDir private Path folder;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @BeforeAll
  static void open() throws IOException {
    image = JdkImage.open();
  }

  private Terminal terminal() {
    return new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, Map.of());
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private boolean run(long memoryBytes) throws IOException, InterruptedException {
    Path index = folder.resolve("image");
    image.save(index);
    DemoPlan run = DemoPlan.of(memoryBytes, 1, 2, 7);
    DemoTiersPlan plan = new DemoTiersPlan(run, index, folder.resolve("tier.larder"), FILE_BYTES, true);
    try (DemoTiers demo = new DemoTiers(plan, folder.resolve("tiers.svg"), terminal())) {
      return demo.run();
    }
  }

  private double percentOfFirstReads(String start) {
    Matcher matcher = Pattern.compile(start + ".*: of the first 10,000 reads hit ([0-9.]+) %").matcher(printed());
    assertThat(matcher.find()).as(printed()).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void showsBothTiersAndStartsWarm() throws Exception {
    assertThat(run(MEMORY_BYTES)).as(printed()).isTrue();

    assertThat(printed())
        .containsPattern("(?m)^memory \\+ file +100 % +hits in memory [0-9.]+ % +hits in file [0-9.]+ % +misses ")
        .containsPattern("(?m)^memory alone +100 % +hits in memory [0-9.]+ % +misses ")
        .containsPattern("demoted: written to the file +[0-9,]+ +-")
        .containsPattern("write amplification +(0\\.[0-9]{2}|-) +-")
        .doesNotContainPattern("Started again.*, 0\\.0 % in the file")
        .containsPattern("An empty cache: .*, 0\\.0 % in the file")
        .containsPattern("ok: [1-9][0-9,]* values read, every one was the source's");
    assertThat(printed().lines()).allMatch(line -> line.length() <= 120);
    assertThat(percentOfFirstReads("Started again")).isGreaterThan(percentOfFirstReads("An empty cache"));
    assertIsSvg(folder.resolve("tiers.svg"));
  }

  private static void assertIsSvg(Path file) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    Document svg;
    try (InputStream in = Files.newInputStream(file)) {
      svg = factory.newDocumentBuilder().parse(in);
    }
    assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(svg.getElementsByTagName("path").getLength()).isPositive();
  }

  @Test
  void refusesAMemoryThatIsTooSmall() {
    assertThatIllegalArgumentException().isThrownBy(() -> run(1)).withMessageContaining("memory=1 bytes is outside");
  }

  @Test
  void leavesThePlotAndNothingElse() throws IOException {
    Path plot = folder.resolve("plot.svg");
    String[] command = {
      "demo", "tiers", "--seconds", "1", "--memory", "4MiB", "--no-compress", "--dir", folder.toString(), "--plot",
      plot.toString()
    };
    assertThat(Main.commandLine().execute(command)).isZero();

    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(plot);
    }
  }

  @Test
  void failsWhenAValueWasWrong() {
    DemoTiersLog sound = new DemoTiersLog();
    sound.take("result CHECKED 5.0");
    sound.take("result WRONG 0.0");
    assertThat(DemoTiers.verdict(terminal(), List.of(sound))).isTrue();
    assertThat(printed()).contains("ok: 5 values read");

    DemoTiersLog wrong = new DemoTiersLog();
    wrong.take("start true 10 9 4 3 1");
    wrong.take("wrong /java.base/module-info.class");
    assertThat(DemoTiers.verdict(terminal(), List.of(sound, wrong))).isFalse();
    assertThat(printed())
        .contains("a wrong value: /java.base/module-info.class", "FAILED: 1 of 12 values read were not the source's");
  }
}
