package io.larder.nativeaccess;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What can be expected of the machine, and of the flags and libraries that the tests run with. */
final class ThisMachine {
  private ThisMachine() {}

  /** Whether the calls would be made here if they were enabled. */
  static boolean hasNativeCalls() {
    String machine = System.getProperty("os.arch");
    return System.getProperty("os.name").equals("Linux") && (machine.equals("amd64") || machine.equals("aarch64"));
  }

  /** The entries of the class path whose file names match. */
  static List<Path> libraries(String fileNames) {
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getProperty("java.class.path"))
        .map(Path::of)
        .filter(entry -> entry.getFileName().toString().matches(fileNames))
        .toList();
  }

  /** Whether the build gave this JVM the flag that enables them. */
  static boolean isNativeAccessExpected() {
    return hasNativeCalls() && Boolean.getBoolean("larder.test.nativeAccessEnabled");
  }
}
