package io.larder.jmh;

import io.larder.FileTiers;
import io.larder.TierFactory;
import io.larder.chronicle.ChronicleTiers;
import java.nio.file.Path;
import java.util.Locale;

/** The second tiers that can be measured. */
enum TierSystem {
  LARDER,
  CHRONICLE;

  /** What an entry of 24 + 100 bytes takes in our file at most, with its part of everything. */
  private static final int ENTRY_BYTES = 224;

  private static final long MIB = 1 << 20;

  /** For what does not grow with the entries. */
  private static final int SPARE_MIB = 4;

  /** What Chronicle Map is told of an entry. */
  private static final int AVERAGE_BYTES = 124;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static TierSystem of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }

  /** The implementation by whose name it is asked for. */
  Implementation implementation() {
    return this == LARDER ? Implementation.LARDER : Implementation.CHRONICLE;
  }

  /** Opens a tier with room for so many entries. */
  TierFactory factory(Path file, int entries) {
    return this == LARDER
        ? FileTiers.file(file, fileBytes(entries))
        : ChronicleTiers.file(file, entries, AVERAGE_BYTES);
  }

  /** How large its file is, about. */
  static long fileBytes(int entries) {
    return ((long) entries * ENTRY_BYTES / MIB + SPARE_MIB) * MIB;
  }
}
