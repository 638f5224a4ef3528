package io.larder.jmh;

import java.nio.file.Path;
import java.util.Locale;

/** The systems of the benchmarks on files, and what they are compared with. */
enum SharedSystem {
  LARDER(Implementation.LARDER, "bytes API on a mapped file, copy into a buffer"),
  PRIVATE(Implementation.LARDER, "the same in private memory"),
  PRIVATE_SMALL_PAGES(Implementation.LARDER, "the same without huge pages"),
  CHRONICLE(Implementation.CHRONICLE, "Chronicle Map persisted to a file, getUsing");

  private final Implementation implementation;
  private final String description;

  SharedSystem(Implementation implementation, String description) {
    this.implementation = implementation;
    this.description = description;
  }

  /** The name on the command line of workers and in tables. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What {@code --only} calls it. */
  Implementation implementation() {
    return implementation;
  }

  String description() {
    return description;
  }

  /** Opens it, on a file if it has one: makes that, or joins those who have it open. */
  Subject<?> open(Shape shape, Path file) {
    return switch (this) {
      case LARDER -> LarderSubject.onFile(shape, file);
      case PRIVATE -> new LarderSubject(shape);
      case PRIVATE_SMALL_PAGES -> LarderSubject.onSmallPages(shape);
      case CHRONICLE -> ChronicleSubject.onFile(shape, file);
    };
  }

  /** Opens a file that a process had open which was killed, in the way that the system has for it. */
  Subject<?> openAfterKill(Shape shape, Path file) {
    return this == CHRONICLE ? ChronicleSubject.recovered(shape, file) : open(shape, file);
  }

  /** More bytes than its file has. */
  long fileBytesMax(Shape shape) {
    boolean onFile = this == LARDER || this == CHRONICLE;
    return onFile ? shape.bytesWithHeadroom(LarderSubject.OVERHEAD_BYTES) * 5 / 4 : 0;
  }
}
