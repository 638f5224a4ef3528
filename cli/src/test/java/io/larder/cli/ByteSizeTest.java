package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({"0B, 0", "17B, 17", "1KiB, 1024", "64 MiB, 67108864", "2gib, 2147483648"})
  void readsSizes(String text, long bytes) {
    assertThat(new ByteSize().convert(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "12", "-1MiB", "1.5GiB", "1MB", "MiB", "9999999999GiB"})
  void refusesWhatIsNoSize(String text) {
    assertThatThrownBy(() -> new ByteSize().convert(text)).isInstanceOf(TypeConversionException.class);
  }

  @Test
  void writesSizes() {
    assertThat(ByteSize.format(512)).isEqualTo("512 B");
    assertThat(ByteSize.format(1536)).isEqualTo("1.5 KiB");
    assertThat(ByteSize.format(-3.5 * (1 << 20))).isEqualTo("-3.5 MiB");
    assertThat(ByteSize.format(5e12)).endsWith(" GiB");
  }
}
