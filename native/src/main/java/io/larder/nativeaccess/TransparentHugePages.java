package io.larder.nativeaccess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kernel's settings for transparent huge pages, as its directory in {@code /sys} has them.
 *
 * @param pageBytes size of a huge page, a power of two, or 0 where the kernel has none or does not say
 * @param enabledFile the file with the modes for anonymous memory, the chosen one in brackets
 */
record TransparentHugePages(long pageBytes, Path enabledFile) {
  private static final Path DIRECTORY = Path.of("/sys/kernel/mm/transparent_hugepage");

  static TransparentHugePages ofThisMachine() {
    return of(DIRECTORY);
  }

  static TransparentHugePages of(Path directory) {
    return new TransparentHugePages(pageBytes(read(directory.resolve("hpage_pmd_size"))), directory.resolve("enabled"));
  }

  /**
   * Whether the kernel is set to give none to anonymous memory, whatever it is advised. Asked anew each time: it can
   * change.
   */
  boolean isNever() {
    return read(enabledFile).contains("[never]");
  }

  private static long pageBytes(String text) {
    try {
      long bytes = Long.parseLong(text);
      return Long.bitCount(bytes) == 1 && bytes > 0 ? bytes : 0;
    } catch (NumberFormatException notSaid) {
      return 0;
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException absent) {
      return "";
    }
  }
}
