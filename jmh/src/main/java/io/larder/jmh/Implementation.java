package io.larder.jmh;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The systems that can be measured, by the name they have in parameters and tables. */
enum Implementation {
  LARDER("bytes API, copy into a buffer"),
  LARDER_TYPED("Cache<String, byte[]>, a fresh array per get"),
  CHM("ConcurrentHashMap<String, byte[]> + copy"),
  CAFFEINE("Cache<String, byte[]> by maximumSize + copy"),
  CHRONICLE("Chronicle Map, getUsing"),
  OHC("OHC, linked, getDirect + copy"),
  EHCACHE("Ehcache, off-heap tier + copy"),
  MAPDB("MapDB HTreeMap in direct memory + copy");

  private final String description;

  Implementation(String description) {
    this.description = description;
  }

  /** The name in parameters, on the command line and in tables. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Which part of the system is measured, in a few words. */
  String description() {
    return description;
  }

  /** Opens the system, empty. */
  Subject<?> open(Shape shape) {
    return switch (this) {
      case LARDER -> new LarderSubject(shape);
      case LARDER_TYPED -> new LarderTypedSubject(shape);
      case CHM -> new ChmSubject(shape);
      case CAFFEINE -> new CaffeineSubject(shape);
      case CHRONICLE -> new ChronicleSubject(shape);
      case OHC -> new OhcSubject(shape);
      case EHCACHE -> new EhcacheSubject(shape);
      case MAPDB -> new MapDbSubject(shape);
    };
  }

  /**
   * @throws IllegalArgumentException if there is no such implementation
   */
  static Implementation of(String label) {
    return Arrays.stream(values())
        .filter(implementation -> implementation.label().equals(label))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("implementation=" + label + ", must be one of " + labels()));
  }

  /** All labels, for messages. */
  static String labels() {
    return Arrays.stream(values()).map(Implementation::label).collect(Collectors.joining(", "));
  }
}
