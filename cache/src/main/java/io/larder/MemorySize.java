package io.larder;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes as people write it: {@code 512MiB}, {@code 4 GiB}, {@code 1048576}. */
final class MemorySize {
  private static final Pattern FORM = Pattern.compile("(\\d{1,19}) ?(B|KiB|MiB|GiB|TiB)?");
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
  private static final int UNIT_BITS = 10;

  private MemorySize() {}

  static long parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "memory=\"" + text + "\" is not a size: write whole bytes,"
              + " or a whole number with KiB, MiB, GiB or TiB, such as \"512MiB\"");
    }
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift(matcher.group(2)));
    } catch (ArithmeticException | NumberFormatException tooLarge) {
      throw new IllegalArgumentException("memory=\"" + text + "\" is more bytes than a long can count", tooLarge);
    }
  }

  private static int shift(String unit) {
    int shift = 0;
    for (int i = 1; i < UNITS.length; i++) {
      if (UNITS[i].equals(unit)) {
        shift = i * UNIT_BITS;
      }
    }
    return shift;
  }

  /** The bytes in the largest unit that divides them. */
  static String format(long bytes) {
    int unit = bytes == 0 ? 0 : Math.min(Long.numberOfTrailingZeros(bytes) / UNIT_BITS, UNITS.length - 1);
    return (bytes >> (unit * UNIT_BITS)) + UNITS[unit];
  }
}
