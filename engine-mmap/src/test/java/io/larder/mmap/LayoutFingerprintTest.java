package io.larder.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The fingerprint sees what changes the meaning of bytes. */
class LayoutFingerprintTest {
  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("one"),
          ValueLayout.JAVA_INT.withName("two"),
          ValueLayout.JAVA_INT.withName("three"));

  private static long of(int version, StructLayout... layouts) {
    return LayoutFingerprint.of(version, List.of(layouts));
  }

  /** Files hold this number, so it must not depend on the JDK. */
  @Test
  void isTheHashOfTheDescription() {
    assertThat(LayoutFingerprint.of(7, List.of())).isEqualTo((0xCBF29CE484222325L ^ '7') * 0x100000001B3L);
    assertThat(LayoutFingerprint.current()).isEqualTo(LayoutFingerprint.current()).isNotZero();
  }

  @Test
  void seesVersionsNamesSizesAndOrder() {
    StructLayout renamed =
        MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("one"),
            ValueLayout.JAVA_INT.withName("deux"),
            ValueLayout.JAVA_INT.withName("three"));
    StructLayout swapped =
        MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("one"),
            ValueLayout.JAVA_INT.withName("three"),
            ValueLayout.JAVA_INT.withName("two"));
    StructLayout merged =
        MemoryLayout.structLayout(ValueLayout.JAVA_LONG.withName("one"), ValueLayout.JAVA_LONG.withName("two"));
    StructLayout row = MemoryLayout.structLayout(MemoryLayout.sequenceLayout(2, LAYOUT).withName("row"));
    StructLayout longerRow = MemoryLayout.structLayout(MemoryLayout.sequenceLayout(3, LAYOUT).withName("row"));
    assertThat(
            List.of(
                of(1, LAYOUT),
                of(2, LAYOUT),
                of(1, renamed),
                of(1, swapped),
                of(1, merged),
                of(1, LAYOUT, LAYOUT),
                of(1, row),
                of(1, longerRow)))
        .doesNotHaveDuplicates();
  }
}
