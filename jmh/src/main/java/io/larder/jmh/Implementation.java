package io.larder.jmh;

import io.larder.jmh.report.Peer;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The systems that can be measured, by the name they have in parameters and tables. */
enum Implementation {
  LARDER(
      "bytes API, copy into a buffer",
      "",
      "byte arrays on both sides; its memory is the payload and 64 bytes for each entry, and a quarter more, so that"
          + " nothing is evicted"),
  LARDER_TYPED("Cache<String, byte[]>, a fresh array per get", "", "the same; encodes each key"),
  CHM(
      "ConcurrentHashMap<String, byte[]> + copy",
      "",
      "the baseline, without bound or eviction; initial capacity for the count; copies on the way in, since it keeps"
          + " the array, and on the way out"),
  CAFFEINE(
      "Cache<String, byte[]> by maximumSize + copy",
      "caffeine",
      "its cheapest bound, a quarter above the count, so that nothing is evicted and its sketch is at work; initial"
          + " capacity; copies as the map does"),
  CHRONICLE(
      "Chronicle Map, getUsing",
      "chronicle-map",
      "private memory, byte arrays of constant sizes, so that it writes no sizes and encodes nothing; putReturnsNull,"
          + " so that it does not read the old value; persisted without checksums, which cost it time"),
  OHC(
      "OHC, linked, getDirect + copy",
      "ohc",
      "its default, linked and LRU; table size for the count; getDirect, so that it copies once and deserialises"
          + " nothing"),
  EHCACHE(
      "Ehcache, off-heap tier + copy",
      "ehcache",
      "an off-heap tier alone, as that is what is compared; its own serialisers of strings and byte arrays"),
  MAPDB(
      "MapDB HTreeMap in direct memory + copy",
      "mapdb",
      "values inline; left out at 2 M entries when quick, since it fills too slowly");

  private final String description;

  /** Its library, as {@link Provenance#version} calls it; empty for what is this project's or the JDK's. */
  private final String library;

  private final String configuration;

  Implementation(String description, String library, String configuration) {
    this.description = description;
    this.library = library;
    this.configuration = configuration;
  }

  /** What a report says of it. */
  Peer peer() {
    String version = library.isEmpty() ? "" : Provenance.version(library);
    return new Peer(label(), version, description, configuration);
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
