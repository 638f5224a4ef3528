package io.larder.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitingTest {
  @Test
  void takesTheSecondNumber() {
    assertThat(Waiting.nanos("5721492773 1813530177 7450")).isEqualTo(1_813_530_177);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1 2", "a b c"})
  void isUnknownWithoutAnAccount(String account) {
    assertThat(Waiting.nanos(account)).isEqualTo(Waiting.UNKNOWN);
  }

  @Test
  void isUnknownOfAThreadThatIsNotThere() {
    assertThat(Waiting.ofThread("no such thread").nanos()).isEqualTo(Waiting.UNKNOWN);
  }
}
