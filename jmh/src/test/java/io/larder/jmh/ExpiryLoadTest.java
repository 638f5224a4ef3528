package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryLoadTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 10, 1_800, 1_801, 3_599, 100_000})
  void marksAsManyAsItSays(int entries) {
    ExpiryLoad load = new ExpiryLoad(entries);

    assertThat(IntStream.range(0, entries).filter(load::isMarked).count()).isEqualTo(load.marks());
  }

  @Test
  void marksGroupsThatAreDueAtOnceAndNotNextToEachOther() {
    int entries = 100_000;
    ExpiryLoad load = new ExpiryLoad(entries);
    int[] marked = IntStream.range(0, entries).filter(load::isMarked).toArray();
    int moment = load.dueMillis(marked[0]);
    int[] group = Arrays.stream(marked).filter(each -> load.dueMillis(each) == moment).toArray();

    assertThat(Arrays.stream(marked).map(load::dueMillis).distinct().count())
        .isEqualTo(ExpiryLoad.WINDOW_MILLIS / ExpiryLoad.GROUP_MILLIS);
    assertThat(group).hasSize(ExpiryLoad.GROUP);
    assertThat(group[ExpiryLoad.GROUP - 1] - group[0]).isGreaterThan(entries / 2);
  }

  @Test
  void isDueAtRandomWithinTheWindow() {
    int entries = 60_000;
    ExpiryLoad load = new ExpiryLoad(entries);
    int[] bySecond = new int[ExpiryLoad.WINDOW_MILLIS / 1000];

    IntStream.range(0, entries).forEach(each -> bySecond[load.dueMillis(each) / 1000]++);

    assertThat(Arrays.stream(bySecond)).allMatch(count -> count > 800 && count < 1_200);
  }

  @Test
  void tellsMarkedOnesFromThePayloadOfAll() {
    int entries = 100_000;
    ExpiryLoad load = new ExpiryLoad(entries);
    int[] unmarked = IntStream.range(0, entries).filter(each -> !load.isMarked(each)).limit(100).toArray();
    int[] marked = IntStream.range(0, entries).filter(load::isMarked).limit(ExpiryLoad.GROUP).toArray();
    long payload = IntStream.range(0, entries).mapToLong(each -> payload(load, each)).sum();

    long without = payload - Arrays.stream(unmarked).mapToLong(each -> payload(load, each)).sum();
    long withoutMarked = without - Arrays.stream(marked).mapToLong(each -> payload(load, each)).sum();

    assertThat(ExpiryLoad.marksGone(payload, without)).isZero();
    assertThat(ExpiryLoad.marksGone(payload, withoutMarked)).isEqualTo(ExpiryLoad.GROUP);
  }

  @Test
  void keepsToTheLengthsOfValues() {
    ExpiryLoad load = new ExpiryLoad(100_000);

    assertThat(IntStream.range(0, 100_000).map(load::valueBytes).distinct().sorted())
        .startsWith(8, 9)
        .endsWith(ExpiryLoad.VALUE_BYTES_MAX)
        .hasSize(12);
  }

  private static long payload(ExpiryLoad load, int number) {
    return (long) ExpiryLoad.KEY_BYTES + load.valueBytes(number);
  }
}
