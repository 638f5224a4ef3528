package io.larder.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes as people write them: {@code 512MiB}, and back. */
final class ByteSize implements ITypeConverter<Long> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9}) ?(B|KiB|MiB|GiB)", Pattern.CASE_INSENSITIVE);
  private static final double KIBIBYTE = 1024;

  @Override
  public Long convert(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new TypeConversionException("'" + text + "' is not a size such as 512MiB");
    }
    int shift =
        switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
          case "kib" -> 10;
          case "mib" -> 20;
          case "gib" -> 30;
          default -> 0;
        };
    return Long.parseLong(matcher.group(1)) << shift;
  }

  /** A size with one digit after the point, such as {@code 68.8 MiB}. */
  static String format(double bytes) {
    double size = Math.abs(bytes);
    String unit = "B";
    for (String next : new String[] {"KiB", "MiB", "GiB"}) {
      if (size < KIBIBYTE) {
        break;
      }
      size /= KIBIBYTE;
      unit = next;
    }
    String number = unit.equals("B") ? "%.0f".formatted(size) : "%.1f".formatted(size);
    return (bytes < 0 ? "-" : "") + number + " " + unit;
  }
}
