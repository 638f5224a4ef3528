package io.larder;

import org.jspecify.annotations.Nullable;

/** The checks of what a caller passes: each names the argument, its value and the limit. */
final class Arguments {
  private Arguments() {}

  static <T> T notNull(@Nullable T value, String name) {
    if (value == null) {
      throw new NullPointerException(name + " is null");
    }
    return value;
  }

  /**
   * The range of {@code length} bytes from {@code offset} lies within the {@code size} bytes of the array or
   * segment.
   */
  static void range(String name, long offset, long length, long size) {
    if (offset < 0) {
      throw new IllegalArgumentException(name + "Offset=" + offset + " is negative");
    }
    if (length < 0) {
      throw new IllegalArgumentException(name + "Length=" + length + " is negative");
    }
    if (offset > size - length) {
      throw new IllegalArgumentException(
          name + "Offset=" + offset + " and " + name + "Length=" + length + " reach beyond its " + size + " bytes");
    }
  }

  /** A place in an array from which something is written: 0 to its length. */
  static void position(String name, int offset, int size) {
    if (offset < 0 || offset > size) {
      throw new IllegalArgumentException(name + "Offset=" + offset + " is outside 0 to its " + size + " bytes");
    }
  }

  static void atMost(String name, long bytes, long limitBytes) {
    if (bytes > limitBytes) {
      throw new IllegalArgumentException(
          name + " length=" + bytes + " bytes is over the limit of " + limitBytes + " bytes");
    }
  }

  static void version(long expectedVersion) {
    if (expectedVersion <= 0) {
      throw new IllegalArgumentException(
          "expectedVersion=" + expectedVersion + " is not positive, as all versions are");
    }
  }
}
