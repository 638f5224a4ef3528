package io.larder.jmh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a JVM logs of its safepoints: how long the threads took to come to those at which all are dumped, and how long
 * the collector stopped them.
 */
final class SafepointLog {
  private static final Pattern REACHING = Pattern.compile("\"ThreadDump\".*Reaching safepoint: +([0-9]+) ns");

  /** The safepoints of G1 and of ZGC have names that begin with theirs. */
  private static final Pattern COLLECTING = Pattern.compile("Safepoint \"(?:G1|Z)[A-Z].*Total: +([0-9]+) ns");

  private static final Pattern STALL = Pattern.compile("^Allocation Stall \\(");

  private SafepointLog() {}

  /** The flag that makes a JVM write it, and what it collected. */
  static String flag(Path file) {
    return "-Xlog:safepoint=info,gc=info:file=" + file + ":none:filecount=0";
  }

  /** The lines that the file has behind an offset. */
  static List<String> lines(Path file, long offset) throws IOException {
    byte[] all = Files.readAllBytes(file);
    return new String(all, (int) offset, all.length - (int) offset, StandardCharsets.UTF_8).lines().toList();
  }

  /** How long the threads took to come to a safepoint, in nanoseconds, for each dump of all threads. */
  static long[] nanosToReach(List<String> lines) {
    return nanos(lines, REACHING);
  }

  /** The pauses of the collector, in nanoseconds, each from the request to the moment when all threads go on. */
  static long[] pauseNanos(List<String> lines) {
    return nanos(lines, COLLECTING);
  }

  /** How often a thread had to wait, without a pause, until ZGC had freed memory. */
  static long stalls(List<String> lines) {
    return lines.stream().filter(line -> STALL.matcher(line).find()).count();
  }

  private static long[] nanos(List<String> lines, Pattern pattern) {
    return lines.stream()
        .map(pattern::matcher)
        .filter(Matcher::find)
        .mapToLong(found -> Long.parseLong(found.group(1)))
        .toArray();
  }
}
