package io.larder.jmh;

import java.util.Locale;

/** What a service keeps its values in, with the memory that each may have. */
enum GcSystem {
  LARDER("off the heap, bytes API"),
  CAFFEINE("on the heap, keeps the arrays"),
  CHRONICLE("off the heap, Chronicle Map"),
  NONE("no cache: the same requests, copies from and to plain memory off the heap");

  /** Each length from the least to the most is as likely as any other. */
  static final int VALUE_BYTES_MIN = 100;

  static final int VALUE_BYTES_MAX = 2_000;
  static final int VALUE_BYTES_MEAN = (VALUE_BYTES_MIN + VALUE_BYTES_MAX) / 2;

  private static final int KEY_BYTES = 24;

  /** Of the live bytes: what an off-heap cache gets, and what the heap beside it gets. Together as much as a heap. */
  private static final double OFF_HEAP = 1.25;

  private static final double HEAP_BESIDE = 0.25;
  private static final long HEAP_BYTES_MIN = 64L << 20;

  private final String description;

  GcSystem(String description) {
    this.description = description;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static GcSystem of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }

  String description() {
    return description;
  }

  /** Whether it is among those that are wanted; requests without a cache always are. */
  boolean isWanted(Arguments arguments) {
    return this == NONE || arguments.only().contains(Implementation.valueOf(name()));
  }

  /** The bytes of all values, about. */
  static long liveBytes(int entries) {
    return (long) entries * VALUE_BYTES_MEAN;
  }

  /** The memory of the cache and of the heap together: the same for all, but for what has no cache. */
  static long budgetBytes(int entries) {
    return offHeapBytes(entries) + heapBeside(entries);
  }

  /** The heap of its JVM. */
  long heapBytes(int entries) {
    return this == CAFFEINE ? budgetBytes(entries) : heapBeside(entries);
  }

  private static long offHeapBytes(int entries) {
    return Math.max((long) (OFF_HEAP * liveBytes(entries)), HEAP_BYTES_MIN);
  }

  private static long heapBeside(int entries) {
    return Math.max((long) (HEAP_BESIDE * liveBytes(entries)), HEAP_BYTES_MIN);
  }

  /** Opens it, empty. */
  Subject<?> open(int entries) {
    Shape shape = new Shape(entries, KEY_BYTES, VALUE_BYTES_MAX, true);
    return switch (this) {
      case LARDER -> new LarderSubject(shape, offHeapBytes(entries));
      case CAFFEINE -> CaffeineSubject.keeping(shape);
      case CHRONICLE -> new ChronicleBufferSubject(shape, VALUE_BYTES_MEAN);
      case NONE -> new NoSubject(shape, VALUE_BYTES_MIN);
    };
  }
}
