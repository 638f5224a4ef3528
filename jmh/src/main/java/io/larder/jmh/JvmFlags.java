package io.larder.jmh;

import java.util.List;
import java.util.stream.Stream;

/**
 * The flags of the JVMs that measure: the same for every system, Larder too, which needs none of them but the heap's.
 */
final class JvmFlags {
  /** What Chronicle Map, OHC and MapDB need on JDK 25, without their warnings. */
  private static final List<String> PEERS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "-Dchronicle.analytics.disable=true",
          "-XX:MaxDirectMemorySize=8g");

  private static final long LATENCY_HEAP_BYTES_MIN = 3L << 30;

  /** Half as much again as an entry and its request take in a heap map. */
  private static final long LATENCY_HEAP_BYTES_PER_ENTRY = 512;

  private JvmFlags() {}

  /** For times per operation: a heap of fixed size in which everybody fits twice, the usual collector. */
  static List<String> forLatency() {
    return forLatency(0);
  }

  /** As {@link #forLatency()}, with a larger heap for sets of many millions of entries. */
  static List<String> forLatency(int entries) {
    String heap = (Math.max(LATENCY_HEAP_BYTES_MIN, entries * LATENCY_HEAP_BYTES_PER_ENTRY) >> 20) + "m";
    return with("-XX:+UseG1GC", "-Xms" + heap, "-Xmx" + heap);
  }

  /** For growth: a heap large enough for the heap maps. */
  static List<String> forGrowth() {
    return with("-XX:+UseG1GC", "-Xms1g", "-Xmx8g");
  }

  /**
   * For opening a file in a fresh JVM: what the system needs, since it is part of what its users wait for. Larder needs
   * nothing. The heap's size does not depend on the machine's.
   */
  static List<String> forRecovery(Implementation implementation) {
    List<String> heap = List.of("-XX:+UseG1GC", "-Xmx1g");
    return implementation == Implementation.LARDER ? heap : with(heap.toArray(String[]::new));
  }

  /** For safepoints: a heap that is large enough never to be collected much. */
  static List<String> forSafepoints() {
    return with("-XX:+UseG1GC", "-Xms1g", "-Xmx1g");
  }

  /** For expiry: the heap has only what is just being put. */
  static List<String> forExpiry() {
    return with("-XX:+UseG1GC", "-Xms512m", "-Xmx512m");
  }

  /**
   * For a service: a collector and a heap of fixed size, all of it resident from the start, so that no request waits
   * for a page.
   */
  static List<String> forService(Collector collector, long heapBytes) {
    String heap = (heapBytes >> 20) + "m";
    return with(collector.flag(), "-Xms" + heap, "-Xmx" + heap, "-XX:+AlwaysPreTouch");
  }

  /** For resident bytes: a heap that gives back what is not live, so that heap systems are not charged for garbage. */
  static List<String> forFootprint() {
    return with(
        "-XX:+UseSerialGC",
        "-Xms8m",
        "-Xmx6g",
        "-XX:MinHeapFreeRatio=1",
        "-XX:MaxHeapFreeRatio=5",
        "-XX:-ShrinkHeapInSteps");
  }

  private static List<String> with(String... flags) {
    return Stream.concat(Stream.of(flags), PEERS.stream()).toList();
  }
}
