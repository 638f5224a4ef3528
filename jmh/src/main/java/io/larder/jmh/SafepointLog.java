package io.larder.jmh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long the threads of a JVM took to come to the safepoints at which all threads are dumped, from the file that
 * {@code -Xlog:safepoint} writes.
 */
final class SafepointLog {
  private static final Pattern REACHING = Pattern.compile("\"ThreadDump\".*Reaching safepoint: +([0-9]+) ns");

  private SafepointLog() {}

  /** The flag that makes a JVM write it. */
  static String flag(Path file) {
    return "-Xlog:safepoint=info:file=" + file + ":none:filecount=0";
  }

  /** The times, in nanoseconds and in their order, of what the file has behind an offset. */
  static long[] nanosToReach(Path file, long offset) throws IOException {
    byte[] all = Files.readAllBytes(file);
    String text = new String(all, (int) offset, all.length - (int) offset, StandardCharsets.UTF_8);
    return nanosToReach(text.lines().toList());
  }

  static long[] nanosToReach(List<String> lines) {
    return lines.stream()
        .map(REACHING::matcher)
        .filter(Matcher::find)
        .mapToLong(found -> Long.parseLong(found.group(1)))
        .toArray();
  }
}
