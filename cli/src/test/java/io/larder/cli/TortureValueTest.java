package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TortureValueTest {
  private static final long ID = TortureValue.id(TortureValue.writer(3, 1_000), 77);

  @Test
  void knowsItself() {
    for (int length = TortureValue.BYTES_MIN; length < 100; length++) {
      byte[] value = TortureValue.make(5, ID, length);
      assertThat(TortureValue.flaw(value, length, 5)).isNull();
      assertThat(TortureValue.id(value)).isEqualTo(ID);
    }
    assertThat(TortureValue.idName(ID)).isEqualTo("w3.1000#77");
  }

  @Test
  void seesEveryChangedByte() {
    byte[] value = TortureValue.make(5, ID, 75);
    for (int at = 0; at < value.length; at++) {
      byte[] torn = value.clone();
      torn[at] ^= 1;
      assertThat(TortureValue.flaw(torn, torn.length, 5)).as("byte %d", at).isNotNull();
    }
  }

  @Test
  void seesWhatIsCutShortMixedOrAnotherKeys() {
    byte[] value = TortureValue.make(5, ID, 500);
    assertThat(TortureValue.flaw(value, 499, 5)).contains("499 bytes");
    assertThat(TortureValue.flaw(value, 10, 5)).contains("too few");
    assertThat(TortureValue.flaw(value, 500, 6)).contains("of key 5");
    byte[] other = TortureValue.make(5, ID + 1, 500);
    byte[] mixed = Arrays.copyOf(value, 500);
    System.arraycopy(other, 300, mixed, 300, 200);
    assertThat(TortureValue.flaw(mixed, 500, 5)).contains("from byte 296");
  }

  @Test
  void keysDiffer() {
    Set<String> keys = new HashSet<>();
    for (int key = 0; key < 20_000; key++) {
      byte[] bytes = TortureValue.key(key);
      assertThat(bytes.length).isBetween(Integer.BYTES, 1_100);
      keys.add(Arrays.toString(bytes));
    }
    assertThat(keys).hasSize(20_000);
  }
}
