package io.larder.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void numbersAreFlushRight() {
    assertThat(Summary.markdown(List.of(List.of("a", "b", "c"), List.of("1", "2", "3"))))
        .containsExactly("| a | b | c |", "|---|--:|--:|", "| 1 | 2 | 3 |");
  }

  @Test
  void whatIsNotMeasuredHasNoNumber() {
    assertThat(Summary.rows(List.of())).hasSize(6).allMatch(row -> row.size() == 5);
    assertThat(Summary.rows(List.of()).getLast()).containsExactly("Ehcache off-heap", "-", "-", "-", "-");
  }
}
