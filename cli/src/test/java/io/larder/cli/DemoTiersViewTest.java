package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.larder.cli.TieredContender.Latency;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoTiersViewTest {
  private static final Path PLACE = Path.of("place");
  private static final DemoTiersPlan PLAN =
      new DemoTiersPlan(new DemoPlan(64L << 20, 1_000, 9_000, 2, 1), PLACE, PLACE, 256L << 20, true);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DemoTiersLog log = new DemoTiersLog();

  private DemoTiersView view(boolean isTerminal) {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    Terminal terminal = new Terminal(out, isTerminal, Map.of("TERM", "xterm", "NO_COLOR", "1"));
    return new DemoTiersView(terminal, "memory + file", PLAN, true);
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private void play(DemoTiersView view) {
    Map<TierGauge, Long> values = new EnumMap<>(TierGauge.class);
    for (long i = 1; i <= 50; i++) {
      values.put(TierGauge.AT, 200 * i);
      values.put(TierGauge.MEMORY_USED, Math.min(64, 2 * i) << 20);
      values.put(TierGauge.MEMORY_ENTRIES, 9_876_543L);
      values.put(TierGauge.FILE_USED, (2 * i) << 20);
      values.put(TierGauge.FILE_ENTRIES, 8_765_432L);
      values.put(TierGauge.MEMORY_HITS, 60_000 * i);
      values.put(TierGauge.FILE_HITS, 30_000 * i);
      values.put(TierGauge.MISSES, 10_000 * i);
      values.put(TierGauge.PROMOTIONS, 24_691 * i);
      values.put(TierGauge.DEMOTIONS, 24_691 * i);
      values.put(TierGauge.CLEAN_SKIPS, 24_691 * i);
      values.put(TierGauge.DROPPED, 24_691 * i);
      values.put(TierGauge.GET_P99, 123_456_789L);
      log.take("pause " + (200 * i - 50) + " 123456789");
      log.take("sample " + TierSample.of(values));
      view.show(log);
    }
    view.end(log);
  }

  @Test
  void redrawsItsLinesOnATerminal() {
    play(view(true));

    String[] drawings = printed().split("\r\u001b\\[K(\u001b\\[A\r\u001b\\[K)*", -1);
    // Nothing is before the first, and the last is what stays.
    assertThat(drawings).hasSize(1 + 50 + 1);
    for (int i = 1; i <= 50; i++) {
      assertThat(drawings[i].lines()).hasSize(10).allMatch(line -> line.length() <= 80);
    }
    assertThat(drawings[51]).isEqualTo(drawings[50] + "\n");
    assertThat(drawings[51].lines())
        .anyMatch(line -> line.matches("memory full +━{28} 100 % +64\\.0 MiB +9,876,543 entries"))
        .anyMatch(line -> line.matches("file full +━{11}╌{17} +39 % +100\\.0 MiB +8,765,432 entries"))
        .anyMatch(line -> line.matches("hits in memory ━{17}╌{11} +60 % +300,000/s"))
        .anyMatch(line -> line.matches("hits in file +━{8}╌{20} +30 % +150,000/s"))
        .anyMatch(line -> line.matches("misses +━{3}╌{25} +10 % +50,000/s"))
        .anyMatch(line -> line.matches("GC +50 pauses, .* together, the longest 123\\.5 ms"));
  }

  @Test
  void printsALineAtEachFifthElsewhere() {
    play(view(false));

    assertThat(printed().lines())
        .hasSize(5)
        .allMatch(line -> line.contains("hits in memory 60.0 %  hits in file 30.0 %  misses 10.0 %"));
    assertThat(printed()).doesNotContain("\u001b", "\r");
  }

  @Test
  void tableFits80Columns() {
    play(view(false));
    for (Measure measure : Measure.values()) {
      log.take("result " + measure + " 123456789.0");
    }
    for (Place place : Place.values()) {
      log.take("latency " + place + " 123456789 123456789 123456789 123456789");
      assertThat(log.latency(place)).isEqualTo(new Latency(place, 123456789, 123456789, 123456789, 123456789));
    }

    List<String> names = List.of("memory + file", "memory alone");
    assertThat(new DemoTiersTable(names, List.of(log, new DemoTiersLog()), 5_000).lines())
        .allMatch(line -> line.length() <= 80)
        .anyMatch(line -> line.matches("hit ratio +66\\.7 % .*"))
        .anyMatch(line -> line.matches("GC pauses, together +25, .*"));
  }
}
