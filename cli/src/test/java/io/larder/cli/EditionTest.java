package io.larder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EditionTest {
  private static final byte[] OBJECT = {1, 2, 3, 4};

  @Test
  void everyEditionDecodesToTheObject() {
    for (int edition = Byte.MIN_VALUE; edition <= Byte.MAX_VALUE; edition++) {
      byte[] stored = new byte[5];
      byte[] object = new byte[4];

      assertThat(Edition.encode(OBJECT, (byte) edition, stored)).isEqualTo(5);
      assertThat(Edition.decode(stored, 5, object)).isEqualTo(4);
      assertThat(object).isEqualTo(OBJECT);
    }
  }

  @Test
  void aMixtureOfTwoEditionsDoesNot() {
    byte[] stored = new byte[5];
    byte[] other = new byte[5];
    Edition.encode(OBJECT, (byte) 7, stored);
    Edition.encode(OBJECT, (byte) 9, other);
    System.arraycopy(other, 3, stored, 3, 2);
    byte[] object = new byte[4];
    Edition.decode(stored, 5, object);

    assertThat(Arrays.equals(object, OBJECT)).isFalse();
  }

  @Test
  void refusesWhatIsTooShortOrTooLong() {
    assertThat(Edition.decode(new byte[0], 0, new byte[4])).isEqualTo(-1);
    assertThat(Edition.decode(new byte[9], 9, new byte[4])).isEqualTo(-1);
  }
}
